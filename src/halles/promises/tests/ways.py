"""Lanes, calendars and moments for tests, and strategies that draw any of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from hypothesis import strategies as st

from halles.promises.rules.days import holidays_of
from halles.promises.rules.transit import prior
from halles.promises.types import Calendar, Lane, LaneKind, Leg, LegKind

CALENDAR = Calendar(
    holidays={
        country: frozenset(day for year in range(2023, 2034) for day in holidays_of(country, year))
        for country in ("FR", "CN", "US", "NZ")
    },
    rests={7: frozenset({date(2026, 12, 24), date(2026, 12, 31), date(2028, 2, 29)})},
)
ZONES = (
    "Europe/Paris", "Asia/Shanghai", "America/New_York", "Pacific/Auckland", "Pacific/Apia", "Pacific/Kiritimati",
    "Pacific/Honolulu", "America/St_Johns", "Asia/Kathmandu", "Africa/Casablanca", "UTC",
)  # fmt: skip
moments = st.datetimes(datetime(2023, 12, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  Hypothesis wants naive bounds


def plain(
    kind: LaneKind,
    days: int,
    *,
    spread: int = 0,
    location: int | None = None,
    lane_id: int = 1,
    cutoff: time = time(14),
) -> Lane:
    """A lane that says only how many days it takes."""
    abroad = kind == LaneKind.ABROAD
    return Lane(
        lane_id=lane_id, seller_id=1, lane=kind, origin="Hangzhou warehouse" if abroad else "Roissy hub",
        origin_country="CN" if abroad else "FR", location_id=location, country="FR", transit_days=days, spread_days=spread,
        cutoff=cutoff, timezone="Asia/Shanghai" if abroad else "Europe/Paris", carrier="",
    )  # fmt: skip


def of_legs(*legs: Leg, quantile: float = 0.9, country: str = "FR") -> Lane:
    """A lane of these legs."""
    return Lane(
        lane_id=3, seller_id=1, lane="abroad", origin="Hangzhou warehouse", origin_country="CN", location_id=20,
        country=country, transit_days=0, spread_days=0, cutoff=time(16), timezone="Asia/Shanghai", carrier="Fil de Soie",
        legs=legs, quantile=quantile,
    )  # fmt: skip


CROSS_BORDER = of_legs(
    Leg(kind=LegKind.PICK_PACK, days=prior(0, 1, 2), likely=1, timezone="Asia/Shanghai", countries=("CN",), cutoff=time(16),
        owner="Hangzhou warehouse"),
    Leg(kind=LegKind.LINE_HAUL, days=prior(3, 4, 6), likely=4, timezone="Asia/Shanghai", countries=("CN", "FR"),
        owner="Fil de Soie"),
    Leg(kind=LegKind.CUSTOMS, days=prior(1, 2, 4), likely=2, timezone="Europe/Paris", countries=("FR",), owner="customs FR"),
    Leg(kind=LegKind.HUB, days=prior(0, 1, 2), likely=1, timezone="Europe/Paris", countries=("FR",), owner="Roissy hub"),
    Leg(kind=LegKind.LAST_MILE, days=prior(1, 1, 3), likely=1, timezone="Europe/Paris", countries=("FR",), weekdays=0b111111,
        carrier_id=7, owner="Colis du Marché"),
)  # fmt: skip


@st.composite
def legs(draw: st.DrawFn, kind: LegKind) -> Leg:
    """Any leg of a kind."""
    low, more, most = draw(st.integers(0, 6)), draw(st.integers(0, 4)), draw(st.integers(0, 5))
    cutoff = draw(st.none() | st.times()) if kind != LegKind.PICK_PACK else draw(st.times())
    return Leg(
        kind=kind, days=prior(low, low + more, low + more + most), likely=low + more, timezone=draw(st.sampled_from(ZONES)),
        countries=draw(st.sampled_from([(), ("FR",), ("CN",), ("CN", "FR"), ("US",)])), weekdays=draw(st.integers(1, 127)),
        carrier_id=draw(st.sampled_from([0, 7])), owner=str(kind), cutoff=cutoff,
    )  # fmt: skip


@st.composite
def lanes(draw: st.DrawFn) -> Lane:
    """Any lane of legs."""
    between = draw(st.lists(st.sampled_from([LegKind.LINE_HAUL, LegKind.CUSTOMS, LegKind.HUB]), unique=True))
    kinds = [kind for kind in LegKind if kind in {LegKind.PICK_PACK, *between, LegKind.LAST_MILE}]
    return of_legs(
        *(draw(legs(kind)) for kind in kinds), quantile=draw(st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]))
    )
