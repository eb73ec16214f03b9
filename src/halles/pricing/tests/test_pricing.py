"""Prices and rates against a real PostgreSQL."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from halles.kernel.db import Database, Tx, counting, query
from halles.kernel.money import Money
from halles.pricing import api
from halles.pricing.cli import seed_rates
from halles.pricing.types import PriceChange, Rate, Wanted

SELLER, NOW = 7, datetime(2026, 11, 21, 10, tzinfo=UTC)
_LISTS = query("select name from pricing.price_list order by name", str)
_ROWS = query("select count(*) from pricing.price", int)


def change(
    variant: int, minor: int, *, days: int = 0, regular: int | None = None, currency: str = "EUR"
) -> PriceChange:
    return PriceChange(
        variant_id=variant,
        currency=currency,
        minor=minor,
        valid_from=NOW + timedelta(days=days),
        regular_minor=regular,
    )


async def test_the_price_in_force_and_its_history(db: Database) -> None:
    async with db.transaction() as tx:
        assert await api.set_prices(tx, SELLER, [change(1, 1000), change(2, 2000)], NOW) == {1, 2}
        assert await api.set_prices(
            tx, SELLER, [change(1, 1000, days=1), change(2, 2500, days=1)], NOW + timedelta(days=1)
        ) == {2}
        assert await tx.one(_ROWS) == 3
        with counting() as counter:
            at_first = await api.prices(tx, SELLER, "EUR", [1, 2, 3], NOW)
        assert counter.statements == 1
        later = await api.prices(tx, SELLER, "EUR", [1, 2, 3], NOW + timedelta(days=2))
        assert await api.prices(tx, SELLER, "EUR", [1], NOW - timedelta(seconds=1)) == {}
        assert await api.prices(tx, SELLER, "USD", [1], NOW) == {}
    assert {v: p.unit.minor for v, p in at_first.items()} == {1: 1000, 2: 2000}
    assert {v: p.unit.minor for v, p in later.items()} == {1: 1000, 2: 2500}
    assert later[1].since == NOW


async def test_a_plan_replaces_what_was_planned_and_never_what_was_charged(db: Database) -> None:
    sale = [change(1, 1000), change(1, 700, days=5, regular=1000), change(1, 1000, days=10)]
    async with db.transaction() as tx:
        await api.set_prices(tx, SELLER, sale, NOW)
        assert await tx.one(_ROWS) == 3
        assert await api.set_prices(tx, SELLER, sale, NOW) == set()
        now = NOW + timedelta(days=6)
        await api.set_prices(tx, SELLER, [change(1, 900, days=6)], now)
        found = [
            (await api.prices(tx, SELLER, "EUR", [1], NOW + timedelta(days=d)))[1].unit.minor
            for d in (1, 5, 6, 20)
        ]
    assert found == [1000, 700, 900, 900]


def shown_to(days: float) -> datetime:
    return NOW + timedelta(days=days)


async def shown(tx: Tx, days: float) -> tuple[int, datetime | None]:
    """What the first variant's price was at a moment, and its end as it was known then."""
    wanted = [Wanted(seller_id=SELLER, variant_id=1, currency="EUR", country="FR")]
    ((_, found),) = (await api.shown(tx, wanted, shown_to(days))).items()
    return found


async def test_an_announced_end_stands_for_whom_it_was_announced_to(db: Database) -> None:
    """Ended early on the second day, planned anew on the third, ended early again on the fourth."""
    async with db.transaction() as tx:
        await api.set_prices(tx, SELLER, [change(1, 1000, days=-1)], shown_to(-1))
        await api.set_prices(tx, SELLER, [change(1, 700), change(1, 1000, days=9)], NOW)
        await api.set_prices(tx, SELLER, [change(1, 1000, days=2)], shown_to(2))
        await api.set_prices(tx, SELLER, [change(1, 800, days=3), change(1, 1000, days=9)], shown_to(3))
        await api.set_prices(tx, SELLER, [change(1, 900, days=4)], shown_to(4))
        found = [await shown(tx, days) for days in (-0.5, 1, 2.5, 3.5, 4.5)]
        now = (await api.prices(tx, SELLER, "EUR", [1], shown_to(20)))[1].unit.minor
        steps = await api.history(tx, SELLER, 1, shown_to(20))
    end = shown_to(9)
    assert found == [(1000, None), (700, end), (1000, None), (800, end), (900, None)]
    assert now == 900
    assert [step.minor for step in steps] == [900, 800, 1000, 700, 1000], "what never began is no history"


async def test_an_end_that_is_announced_again_was_known_since_the_first_time(db: Database) -> None:
    async with db.transaction() as tx:
        await api.set_prices(tx, SELLER, [change(1, 700), change(1, 1000, days=9)], NOW)
        await api.set_prices(tx, SELLER, [change(1, 700), change(1, 1100, days=9)], shown_to(3))
        assert await shown(tx, 1) == (700, shown_to(9))


async def test_a_price_written_down_later_was_shown_to_nobody(db: Database) -> None:
    async with db.transaction() as tx:
        await api.set_prices(tx, SELLER, [change(1, 1000)], NOW)
        await api.set_prices(tx, SELLER, [change(1, 10, days=1)], shown_to(2))
        assert [await shown(tx, days) for days in (1.5, 2)] == [(1000, None), (10, None)]


async def test_withdrawn_plans_are_forgotten_when_no_quote_is_so_old(db: Database) -> None:
    async with db.transaction() as tx:
        for day in (0, 1, 2, 40):
            plan = [change(1, 700 + day, days=day), change(1, 1000, days=day + 100)]
            await api.set_prices(tx, SELLER, plan, shown_to(day))
        lists = await tx.all(_LISTS, {})
    assert [name.split(" ")[0] for name in lists] == ["default", "withdrawn"]


async def test_a_reduction_shows_the_lowest_price_of_the_thirty_days_before(db: Database) -> None:
    steps = [
        change(1, 1200, days=-100),
        change(1, 1000, days=-40),
        change(1, 1500, days=-20),
        change(1, 900, regular=1500),
    ]
    async with db.transaction() as tx:
        for step in steps:
            await api.set_prices(tx, SELLER, [step], step.valid_from)
        price = (await api.prices(tx, SELLER, "EUR", [1], NOW))[1]
        first = [change(2, 900, regular=1500)]
        await api.set_prices(tx, SELLER, first, NOW)
        never_dearer = (await api.prices(tx, SELLER, "EUR", [2], NOW))[2]
    assert price.was == Money(1000, "EUR"), "1000 was still charged 25 days before"
    assert never_dearer.was is None


async def test_vat_by_country_and_category(db: Database) -> None:
    async with db.transaction() as tx:
        await api.set_prices(tx, SELLER, [change(v, 10_000) for v in (1, 2, 3, 4)], NOW)
        assert await api.set_tax_categories(tx, SELLER, {1: "standard", 2: "reduced", 3: "zero"}) == 3
        assert await api.set_tax_categories(tx, SELLER, {1: "standard", 2: "reduced", 3: "zero"}) == 0
        wanted = [
            Wanted(seller_id=SELLER, variant_id=v, currency="EUR", country=c)
            for v in (1, 2, 3, 4)
            for c in ("FR",)
        ]
        french = await api.prices_for(tx, wanted, NOW)
        german = await api.prices(tx, SELLER, "EUR", [1, 2], NOW, country="DE")
        elsewhere = await api.prices(tx, SELLER, "EUR", [1], NOW, country="US")
    assert [french[SELLER, v, "EUR"].tax_bp for v in (1, 2, 3, 4)] == [2000, 550, 0, 2000]
    assert [german[v].tax_bp for v in (1, 2)] == [1900, 700]
    assert elsewhere[1].tax_bp == 0


async def test_rates_with_their_day(db: Database) -> None:
    def rate(day: int, value: str) -> Rate:
        return Rate(currency="USD", day=date(2026, 11, day), rate=Decimal(value))

    async with db.transaction() as tx:
        assert await api.save_rates(tx, [rate(19, "1.1"), rate(20, "1.2"), rate(22, "1.3")], "test", NOW) == 3
        assert await api.save_rates(tx, [rate(19, "1.1")], "test", NOW) == 0
        assert (await api.rates(tx, NOW))["USD"] == rate(20, "1.2")
    assert await seed_rates(db) > 5
    async with db.transaction() as tx:
        assert (await api.rates(tx, NOW))["CNY"].day == date(2026, 11, 20)
        assert await api.currencies(tx, SELLER, NOW) == []


async def test_a_corrected_rate_leaves_what_was_shown_to_be_told(db: Database) -> None:
    def usd(value: str) -> Rate:
        return Rate(currency="USD", day=date(2026, 11, 20), rate=Decimal(value))

    hour = timedelta(hours=1)
    async with db.transaction() as tx:
        assert await api.save_rates(tx, [usd("1.15")], "first", NOW) == 1
        assert await api.save_rates(tx, [usd("1.25")], "second", NOW + 2 * hour) == 1
        assert (await api.rates(tx, NOW + hour))["USD"].rate == Decimal("1.25")
        assert (await api.rates_known(tx, NOW + hour))["USD"].rate == Decimal("1.15")
        assert (await api.rates_known(tx, NOW + 3 * hour))["USD"].rate == Decimal("1.25")
        assert await api.rates_known(tx, NOW - hour) == {}
        kept = await api.rate_history(tx, "USD")
        assert [(one.rate, one.source) for one in kept] == [
            (Decimal("1.25"), "second"),
            (Decimal("1.15"), "first"),
        ]
        assert await api.rates(tx, NOW + timedelta(days=9)) != {}
        assert await api.rates(tx, NOW + timedelta(days=10)) == {}, "too old to be shown"
        assert [one.source for one in await api.latest_rates(tx)] == ["second"]


async def test_setting_prices_tells_whom_it_concerns(db: Database) -> None:
    bodies = query("select events::text from kernel.parcel", str)
    async with db.transaction() as tx:
        await api.set_prices(tx, SELLER, [change(1, 1000), change(2, 500)], NOW)
    async with db.transaction() as tx:
        await api.set_prices(tx, SELLER, [change(1, 1000)], NOW)
        (body,) = await tx.all(bodies)
    assert "pricing.prices_changed" in body
    assert "[1, 2]" in body or "[1,2]" in body


async def test_perishable_goods_and_their_ledger(db: Database) -> None:
    ledger = [change(1, 500, days=-60), change(1, 900, days=-3), change(1, 600, regular=900)]
    async with db.transaction() as tx:
        for step in ledger:
            await api.set_prices(tx, SELLER, [step], step.valid_from)
        assert (await api.prices(tx, SELLER, "EUR", [1], NOW))[1].was is None
        assert await api.set_perishable(tx, SELLER, [1], True) == 1
        assert await api.set_perishable(tx, SELLER, [1], True) == 0
        assert (await api.prices(tx, SELLER, "EUR", [1], NOW))[1].was == Money(900, "EUR")
        steps = await api.history(tx, SELLER, 1, NOW)
    assert [step.minor for step in steps] == [600, 900, 500]
