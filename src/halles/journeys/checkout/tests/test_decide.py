"""`decide` hammered with invented worlds: nothing oversold, nothing overdrawn, greedy in arrival order, nothing made or lost."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from halles.inventory.types import InsufficientStock
from halles.journeys.checkout.intake import command_of as command_from
from halles.journeys.checkout.rules import decide
from halles.journeys.checkout.sourcing import Source, source
from halles.journeys.checkout.types import (
    Accepted,
    Article,
    Command,
    Existing,
    Offer,
    Part,
    PlaceOrder,
    Repeated,
    SeenPromise,
    WantedLine,
    World,
)
from halles.kernel.money import included_tax
from halles.orders.types import IdReused
from halles.pricing.types import PriceChanged
from halles.promises.types import NoLane, PromiseChangedMeanwhile
from halles.wallet.types import InsufficientFunds

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SOON, LATE = date(2026, 11, 25), date(2026, 12, 5)
HUB, ABROAD = 10, 20
ARTICLE = Article(True, 1)
ARTICLES = {(seller, variant): ARTICLE for seller in (1, 2) for variant in (1, 2, 3)}


def offer(day: date) -> Offer:
    return Offer(date=day, latest=day, body={"date": day.isoformat()}, kept_id=day.day)


OFFERS = {
    (seller, place, "FR"): offer(SOON if place == HUB else LATE)
    for seller in (1, 2)
    for place in (HUB, ABROAD)
}

Stock = dict[tuple[int, int], list[tuple[int, str, int]]]


Lines = dict[int, int]


def wanted(lines: Lines, wrong: int) -> tuple[WantedLine, ...]:
    return tuple(
        WantedLine(variant_id=variant, quantity=quantity, unit_price_minor=100 * variant + wrong)
        for variant, quantity in lines.items()
    )


def command_of(
    n: int, seller: int, owner: int, lines: Lines, day: date, wrong: int, other: Lines, card: bool
) -> Command:
    """An order; `other` not empty: a part of the other seller too."""
    seen = SeenPromise(lane="hub", date=day)
    also = (Part(seller_id=3 - seller, lines=wanted(other, 0), promise=seen),) if other else ()
    order = PlaceOrder(
        order_id=UUID(int=n),
        seller_id=seller,
        currency="EUR",
        lines=wanted(lines, wrong),
        promise=seen,
        also=also,
        payment="card" if card else "wallet",
    )
    made = command_from(order, owner)
    made.country = "FR"
    return made


def existing(seller: int, owner: int) -> Existing:
    return Existing(
        seller_id=seller,
        owner_id=owner,
        fingerprint=b"before",
        state=2,
        payment=1,
        total_minor=1,
        currency="EUR",
        placed_at=NOW,
        pay_by=None,
    )


def world_of(stock: Stock, funds: dict[int, int], known: dict[int, Existing]) -> World:
    return World(
        now=NOW,
        existing={UUID(int=n).bytes: found for n, found in known.items()},
        stock=stock,
        funds={(owner, "EUR"): (owner + 100, amount) for owner, amount in funds.items()},
        prices={(seller, v, "EUR", "FR"): (100 * v, 2000) for seller in (1, 2) for v in (1, 2, 3)},
        articles=ARTICLES,
        offers=OFFERS,
    )


def both_lanes(left: tuple[int, int]) -> list[tuple[int, str, int]]:
    return [(HUB, "hub", left[0]), (ABROAD, "abroad", left[1])]


orders = st.builds(
    command_of,
    st.integers(1, 12),
    st.integers(1, 2),
    st.integers(1, 3),
    st.dictionaries(st.integers(1, 3), st.integers(1, 4), min_size=1, max_size=3),
    st.sampled_from((SOON, LATE)),
    st.sampled_from((0, 0, 0, 1)),
    st.one_of(st.just({}), st.dictionaries(st.integers(1, 3), st.integers(1, 4), max_size=2)),
    st.booleans(),
)
worlds = st.builds(
    world_of,
    st.dictionaries(
        st.tuples(st.integers(1, 2), st.integers(1, 3)),
        st.tuples(st.integers(-2, 9), st.integers(0, 9)).map(both_lanes),
        max_size=6,
    ),
    st.dictionaries(st.integers(1, 3), st.integers(0, 4000), max_size=3),
    st.dictionaries(st.integers(1, 3), st.builds(existing, st.integers(1, 2), st.integers(1, 3)), max_size=2),
)
sources = st.dictionaries(
    st.integers(1, 9), st.tuples(st.sampled_from(("hub", "abroad")), st.integers(-1, 9)), max_size=5
)


@given(st.lists(orders, max_size=25), worlds)
def test_never_oversells_never_overdraws(commands: list[Command], world: World) -> None:
    answers = decide(commands, world)
    assert len(answers) == len(commands)
    taken: Counter[tuple[int, int, int]] = Counter()
    spent: Counter[tuple[int, str]] = Counter()
    for answer in answers:
        if isinstance(answer, Accepted):
            command = answer.command
            for part, sub in zip(command.parts, answer.subs, strict=True):
                for n, line in zip(range(0, len(sub.numbers), 6), part.lines, strict=True):
                    variant, quantity, unit, _, location, _ = sub.numbers[n : n + 6]
                    assert (variant, quantity, unit) == (
                        line.variant_id,
                        line.quantity,
                        line.unit_price_minor,
                    )
                    taken[sub.seller_id, location, variant] += quantity
                amounts = [line.quantity * 100 * line.variant_id for line in part.lines]
                assert sub.total_minor == sum(amounts)
                assert sub.tax_minor == sum(included_tax(amount, 2000) for amount in amounts)
                assert sub.offer.date <= part.promise.date
            assert answer.total_minor == sum(sub.total_minor for sub in answer.subs)
            assert bool(answer.account_id) == (command.order.payment == "wallet")
            if answer.account_id:
                spent[command.owner_id, command.order.currency] += answer.total_minor
    sellable = {
        (seller, place, variant): left
        for (seller, variant), rows in world.stock.items()
        for place, _, left in rows
    }
    assert all(quantity <= sellable[item] for item, quantity in taken.items())
    assert all(amount <= world.funds[key][1] for key, amount in spent.items())


@given(st.lists(orders, max_size=25), worlds)
def test_is_greedy_in_arrival_order(commands: list[Command], world: World) -> None:
    """Deciding the first n of a batch gives the first n answers: nobody is refused for the sake of somebody later."""
    whole = decide(commands, world)
    for count in range(len(commands)):
        assert [summary(a) for a in decide(commands[:count], world)] == [summary(a) for a in whole[:count]]


@given(st.lists(orders, max_size=25), worlds)
def test_an_id_makes_at_most_one_order(commands: list[Command], world: World) -> None:
    answers = decide(commands, world)
    made = Counter(answer.command.ids[0] for answer in answers if isinstance(answer, Accepted))
    assert all(count == 1 for count in made.values())
    assert not made.keys() & world.existing.keys()
    for command, answer in zip(commands, answers, strict=True):
        known = world.existing.get(command.ids[0])
        if known is not None:
            assert isinstance(answer, IdReused)
        if isinstance(answer, Repeated):
            assert answer.existing.owner_id == command.owner_id
            assert answer.existing.seller_id == command.order.seller_id


@given(st.lists(orders, max_size=25), worlds)
def test_refusals_are_true(commands: list[Command], world: World) -> None:
    """Every refusal names something that really stood in the way."""
    accepted: list[Accepted] = []
    for command, answer in zip(commands, decide(commands, world), strict=True):
        order = command.order
        match answer:
            case Accepted():
                accepted.append(answer)
            case InsufficientFunds():
                total = sum(
                    line.quantity * 100 * line.variant_id for part in command.parts for line in part.lines
                )
                spent = sum(
                    a.total_minor for a in accepted if a.command.owner_id == command.owner_id and a.account_id
                )
                assert total + spent > world.funds.get((command.owner_id, "EUR"), (0, 0))[1] or (
                    (command.owner_id, "EUR") not in world.funds
                )
            case InsufficientStock():
                variant = answer.fields["variant_id"]
                most = max(
                    line.quantity
                    for part in command.parts
                    for line in part.lines
                    if line.variant_id == variant
                )
                assert isinstance(answer.fields["sellable"], int)
                assert answer.fields["sellable"] < most
            case PriceChanged():
                assert any(line.unit_price_minor != 100 * line.variant_id for line in order.lines)
            case PromiseChangedMeanwhile():
                assert order.promise.date == SOON
            case Repeated() | IdReused():
                pass
            case _:
                raise AssertionError(answer)


@given(st.lists(orders, max_size=10), worlds)
def test_touches_nothing(commands: list[Command], world: World) -> None:
    before = repr(world)
    decide(commands, world)
    assert repr(world) == before


def test_a_country_without_a_lane_is_refused() -> None:
    world = World(
        now=NOW,
        existing={},
        stock={(1, 1): [(HUB, "hub", 5)]},
        funds={(1, "EUR"): (7, 1000)},
        prices={(1, 1, "EUR", "JP"): (100, 1000)},
        articles=ARTICLES,
        offers=OFFERS,
    )
    order = PlaceOrder(
        order_id=UUID(int=1),
        seller_id=1,
        currency="EUR",
        lines=(WantedLine(variant_id=1, quantity=1, unit_price_minor=100),),
        promise=SeenPromise(lane="hub", date=LATE),
    )
    command = command_from(order, 1)
    command.country = "JP"
    assert isinstance(decide([command], world)[0], NoLane)


@given(st.integers(1, 5), st.sampled_from(("hub", "abroad")), sources)
def test_sourcing_does_not_depend_on_the_order_of_rows(
    quantity: int, lane: str, found: dict[int, tuple[str, int]]
) -> None:
    rows = [(location, *rest) for location, rest in found.items()]
    forward = source(quantity, lane, [Source(*row) for row in rows])
    backward = source(quantity, lane, [Source(*row) for row in reversed(rows)])
    assert (forward and forward.location_id) == (backward and backward.location_id)
    fitting = [row for row in rows if row[2] >= quantity]
    assert (forward is None) == (not fitting)
    if forward is not None and any(row[1] == lane for row in fitting):
        assert forward.lane == lane


def summary(answer: object) -> object:
    """What is compared of an answer: refusals by type and facts."""
    if isinstance(answer, Exception):
        return type(answer), str(answer), getattr(answer, "fields", None)
    return answer
