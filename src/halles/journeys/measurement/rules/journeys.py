"""From visits and orders of the same people to purchases, customers and what was looked at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from halles.journeys.measurement.rules.shares import HIDDEN, bars, count, share, table
from halles.journeys.measurement.types import Bar, Customers, CustomerWeek, Purchases, Share

DELAYS = ("same_day", "1-3", "4-7", "8-30", "31-90")
_UP_TO = (0, 3, 7, 30, 90)
DEVICES = ("1", "2", "3+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A person's days at a place, in order: the first moment of each."""

    party_id: int
    visits: list[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """An order of a person. `first_at`: their first order ever. `products`: what was in it."""

    party_id: int
    placed_at: datetime
    first_at: datetime
    products: frozenset[UUID]


@dataclass(slots=True, kw_only=True)
class Tied:
    """Orders tied to a visit. `delay`: days between the visit before and the order. `looked`: one of its products was looked at
    within the window before."""

    order: Bought
    delay: int
    looked: bool


@dataclass(slots=True, kw_only=True)
class Told:
    """Everything tied, and by whom."""

    orders: list[Tied] = field(default_factory=list[Tied])
    people: int = 0
    running: int = 0


Touches = Mapping[int, Mapping[UUID, Sequence[datetime]]]
"""Person → product → moments at which they looked at it at the place, in order."""


def tie(
    people: Collection[Visited],
    orders: Iterable[Bought],
    touches: Touches,
    *,
    window: timedelta,
    now: datetime,
) -> Told:
    """Orders with a visit of the same person at most `window` before them. An order is tied once, to the last visit before it."""
    visits = {one.party_id: one.visits for one in people}
    found = Told(people=len(visits))
    found.running = sum(1 for days in visits.values() if days[0] + window > now)
    for order in orders:
        days = visits.get(order.party_id, [])
        at = bisect_right(days, order.placed_at)
        if at == 0 or order.placed_at - days[at - 1] > window:
            continue
        mine = touches.get(order.party_id, {})
        looked = any(_within(mine.get(one, ()), order.placed_at, window) for one in order.products)
        delay = (order.placed_at - days[at - 1]).days
        found.orders.append(Tied(order=order, delay=delay, looked=looked))
    return found


def _within(moments: Sequence[datetime], at: datetime, window: timedelta) -> bool:
    return any(timedelta(0) <= at - moment <= window for moment in moments)


def purchases(told: Told, window_days: int, here: int) -> Purchases:
    """Orders and their people, small cells hidden. A bar of orders is hidden by the people behind it, not by the orders."""
    buyers = len({one.order.party_id for one in told.orders})
    labels = [label for label, most in zip(DELAYS, _UP_TO, strict=True) if most <= max(7, window_days)]
    return Purchases(
        buyers=share(buyers, told.people),
        running=share(told.running, told.people).count,
        orders=len(told.orders) if buyers == 0 or count(buyers) else None,
        touched=_touched(told.orders),
        delays=_delays(told.orders, labels),
        here=here,
    )


def _touched(orders: Sequence[Tied]) -> Share:
    """Of the orders; told when enough people are behind either part."""
    looked = [one for one in orders if one.looked]
    people = len({one.order.party_id for one in looked})
    rest = len({one.order.party_id for one in orders if not one.looked})
    if count(people) is None or count(rest) is None:
        return HIDDEN
    return share(len(looked), len(orders), by_people=False)


def _delays(orders: Sequence[Tied], labels: Sequence[str]) -> list[Bar]:
    by_label: dict[str, list[Tied]] = defaultdict(list)
    for one in orders:
        by_label[next(label for label, most in zip(DELAYS, _UP_TO, strict=True) if one.delay <= most)].append(
            one
        )
    people = [len({one.order.party_id for one in by_label[label]}) for label in labels]
    told = table(people)
    return [
        Bar(label=label, count=None if many is None else len(by_label[label]))
        for label, many in zip(labels, told, strict=True)
    ]


def customers(told: Told, firsts: Mapping[int, datetime], mondays: Mapping[datetime, date]) -> Customers:
    """Buyers who had never ordered before their first visit, and those who had; by the week of their first tied order.

    `firsts`: each person's first known visit to the place. `mondays`: the week of each order's moment.
    """
    earliest: dict[int, Bought] = {}
    for one in told.orders:
        known = earliest.get(one.order.party_id)
        if known is None or one.order.placed_at < known.placed_at:
            earliest[one.order.party_id] = one.order
    new = {who for who, order in earliest.items() if order.first_at >= firsts[who]}
    weeks = Counter((mondays[order.placed_at], who in new) for who, order in earliest.items())
    days = sorted({monday for monday, _ in weeks})
    cells = table([many for day in days for many in (weeks[day, True], weeks[day, False])])
    parts = share(len(new), len(earliest))
    return Customers(
        first_visit=parts,
        existing=None if parts.count is None else len(earliest) - len(new),
        weeks=[
            CustomerWeek(monday=day, first_visit=cells[2 * at], existing=cells[2 * at + 1])
            for at, day in enumerate(days)
        ],
    )


def devices(many: Iterable[int]) -> list[Bar]:
    """People by how many browsers they used."""
    found = Counter(min(one, len(DEVICES)) for one in many)
    return bars(DEVICES, [found[at + 1] for at in range(len(DEVICES))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """People of a sample's time: `looked` at it, of whom `bought` it in the window; who only `came`, of whom `bought_too`."""

    looked: int
    bought: int
    came: int
    bought_too: int


Span = tuple[datetime, datetime]
"""From, and to before."""


class Crowd:
    """People, what they looked at and what they bought, turned round by product, so that each sample costs only its own."""

    def __init__(self, people: Collection[Visited], touches: Touches, orders: Iterable[Bought]) -> None:
        self._visits = {one.party_id: one.visits for one in people}
        self._looked: dict[UUID, dict[int, Sequence[datetime]]] = defaultdict(dict)
        self._bought: dict[UUID, dict[int, list[datetime]]] = defaultdict(dict)
        self._came: dict[Span, frozenset[int]] = {}
        for party, products in touches.items():
            if party in self._visits:
                for product, moments in products.items():
                    self._looked[product][party] = moments
        for order in orders:
            if order.party_id in self._visits:
                for product in order.products:
                    self._bought[product].setdefault(order.party_id, []).append(order.placed_at)

    def arms(self, product: UUID, span: Span, window: timedelta) -> Arms:
        """Who looked at a product while it was shown and who came then and did not, and how many of each bought it within the
        window after they first looked, or first came."""
        seen = {
            party: first
            for party, moments in self._looked.get(product, {}).items()
            if (first := _first(moments, span)) is not None
        }
        bought = bought_too = 0
        for party, moments in self._bought.get(product, {}).items():
            start = seen.get(party) or _first(self._visits[party], span)
            if start is not None and any(start <= at <= start + window for at in moments):
                bought, bought_too = bought + (party in seen), bought_too + (party not in seen)
        came = len(self._in(span).difference(seen))
        return Arms(looked=len(seen), bought=bought, came=came, bought_too=bought_too)

    def _in(self, span: Span) -> frozenset[int]:
        """Who came in a span; most samples share one."""
        if span not in self._came:
            self._came[span] = frozenset(
                party for party, visits in self._visits.items() if _first(visits, span) is not None
            )
        return self._came[span]


def _first(moments: Sequence[datetime], span: Span) -> datetime | None:
    """The first of moments in order that lies in a span."""
    at = bisect_left(moments, span[0])
    return moments[at] if at < len(moments) and moments[at] < span[1] else None
