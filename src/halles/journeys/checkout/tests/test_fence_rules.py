"""What ring-fences let an order take, against a shop that keeps every piece by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from halles.inventory.types import InsufficientStock, Location, RingFence, SourcingRule, Split
from halles.journeys.checkout import rules
from halles.journeys.checkout.fences import with_fences
from halles.journeys.checkout.intake import command_of
from halles.journeys.checkout.tests.small_shop import LATE, NOW
from halles.journeys.checkout.types import (
    Accepted,
    Article,
    FenceKept,
    Fences,
    Offer,
    PlaceOrder,
    SeenPromise,
    Sourcing,
    WantedLine,
    World,
)
from halles.kernel.ids import uuid7
from halles.places.types import Touchpoint

SELLER, ARTICLE = 1, 7
CHANNELS = (
    ("touchpoint_kind", "photo"),
    ("touchpoint_kind", "web"),
    ("touchpoint", "5"),
    ("group", str(UUID(int=9))),
)
OFFER = Offer(date=date(2026, 11, 25), latest=date(2026, 11, 26), body={}, kept_id=1)


def fence(
    number: int, channel: tuple[str, str], *, ends_at: int | None = None, starts_at: int = -1
) -> RingFence:
    return RingFence(
        seller_id=SELLER,
        fence_id=UUID(int=number),
        channel=channel[0],
        channel_key=channel[1],
        variant_id=ARTICLE,
        location_id=None,
        quantity=99,
        starts_at=NOW + timedelta(hours=starts_at),
        ends_at=None if ends_at is None else NOW + timedelta(hours=ends_at),
        note=None,
        made_by="system",
        made_at=NOW,
    )


def touchpoint(touchpoint_id: int, code: str, seller_id: int = SELLER) -> Touchpoint:
    return Touchpoint(
        seller_id=seller_id, touchpoint_id=touchpoint_id, code=code, kind="photo", place_id=None, place_code=None,
        place_name=None, place_kind=None, city=None, country=None, currency=None, label_currency=None,
    )  # fmt: skip


POINTS = {
    "five": touchpoint(5, "five"),
    "six": touchpoint(6, "six"),
    "theirs": touchpoint(8, "theirs", seller_id=2),
}


def order(quantity: int, code: str | None) -> PlaceOrder:
    line = WantedLine(variant_id=ARTICLE, quantity=quantity, unit_price_minor=100)
    promise = SeenPromise(lane="hub", date=LATE)
    return PlaceOrder(
        order_id=uuid7(), seller_id=SELLER, currency="EUR", lines=(line,), promise=promise, touchpoint=code
    )


@dataclass
class Pile:
    """A location where every piece lies on the heap of its fence, or on the common one."""

    free: int
    kept: dict[int, int] = field(default_factory=dict[int, int])


@st.composite
def shops(draw: st.DrawFn) -> tuple[dict[int, Pile], list[RingFence]]:
    fences = [
        fence(
            n + 1,
            draw(st.sampled_from(CHANNELS)),
            ends_at=draw(st.sampled_from([None, 1, 2])),
            starts_at=draw(st.sampled_from([-1, -1, 1])),
        )
        for n in range(draw(st.integers(1, 4)))
    ]
    piles = {
        place: Pile(draw(st.integers(0, 5)), {n: draw(st.integers(0, 4)) for n in range(len(fences))})
        for place in range(1, draw(st.integers(1, 3)) + 1)
    }
    return piles, fences


orders = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.sampled_from([None, "five", "six", "theirs", "nowhere"]),
        st.sampled_from([11, 12]),
    ),
    min_size=1,
    max_size=8,
)


def through(code: str | None, owner: int) -> set[tuple[str, str]]:
    point = POINTS.get(code or "")
    own = point is not None and point.seller_id == SELLER
    found = {("touchpoint_kind", "photo" if own else "web")}
    if own and point is not None:
        found.add(("touchpoint", str(point.touchpoint_id)))
    return found | ({("group", str(UUID(int=9)))} if owner == 12 else set())


def expected(
    piles: dict[int, Pile], fences: list[RingFence], quantity: int, code: str | None, owner: int
) -> tuple[int, dict[int, int]] | None:
    """(location, pieces by fence) by taking pieces one by one from heaps; None: nowhere enough."""
    order_of = {"group": 0, "touchpoint": 1, "touchpoint_kind": 2}
    mine = [
        n
        for n, one in enumerate(fences)
        if (one.channel, one.channel_key) in through(code, owner) and one.starts_at <= NOW
    ]
    mine.sort(key=lambda n: (order_of[fences[n].channel], fences[n].ends_at or NOW.replace(year=9999), n))
    best = max(piles, key=lambda place: (piles[place].free + sum(piles[place].kept[n] for n in mine), -place))
    pile, used = piles[best], dict[int, int]()
    if pile.free + sum(pile.kept[n] for n in mine) < quantity:
        return None
    for _ in range(quantity):
        heap = next((n for n in mine if pile.kept[n]), None)
        if heap is None:
            pile.free -= 1
        else:
            pile.kept[heap] -= 1
            used[heap] = used.get(heap, 0) + 1
    return best, used


@given(shops(), orders)
def test_a_batch_takes_as_if_every_piece_lay_on_its_heap(
    shop: tuple[dict[int, Pile], list[RingFence]], wanted: list[tuple[int, str | None, int]]
) -> None:
    piles, fences = shop
    commands = [command_of(order(quantity, code), owner) for quantity, code, owner in wanted]
    for command in commands:
        command.country = "FR"
    kept = [
        FenceKept(one, place, pile.kept[n])
        for n, one in enumerate(fences)
        for place, pile in piles.items()
        if pile.kept[n]
    ]
    kept.sort(key=lambda one: (one.fence.rank, one.location_id))
    world = World(
        now=NOW,
        existing={},
        stock={(SELLER, ARTICLE): [(place, "hub", pile.free) for place, pile in piles.items()]},
        funds={(owner, "EUR"): (1, 10**9) for owner in (11, 12)},
        prices={(SELLER, ARTICLE, "EUR", "FR"): (100, 2000)},
        articles={(SELLER, ARTICLE): Article(True, 1)},
        offers={(SELLER, place, "FR"): OFFER for place in piles},
        fences=Fences({(SELLER, ARTICLE): kept}, {(SELLER, 12): [UUID(int=9)]}, POINTS),
    )
    for (quantity, code, owner), answer in zip(wanted, rules.decide(commands, world), strict=True):
        right = expected(piles, fences, quantity, code, owner)
        if right is None:
            assert isinstance(answer, InsufficientStock)
            continue
        assert isinstance(answer, Accepted)
        place, used = right
        assert answer.subs[0].numbers[4] == place
        assert {UUID(bytes=use.fence_id).int - 1: use.quantity for use in answer.fenced} == used


@given(st.integers(0, 20), st.lists(st.integers(0, 10), min_size=1, max_size=4), st.data())
def test_of_too_little_nobody_takes_what_is_not_there(
    there: int, kept: list[int], data: st.DataObject
) -> None:
    """Somebody counted fewer than is kept: whatever the channels take, one after the other, is there."""
    sellable = there - sum(kept)
    for _ in range(6):
        mine = data.draw(st.integers(0, len(kept) - 1))
        most = with_fences(sellable, kept[mine], sum(kept))
        assert most <= there
        if there >= sum(kept):
            assert most == max(0, sellable) + kept[mine] or not kept[mine]
        elif kept[mine]:
            assert most == min(kept[mine], there)
        if most <= 0:
            continue
        took = data.draw(st.integers(1, most))
        used = min(took, kept[mine])
        kept[mine] -= used
        there, sellable = there - took, sellable - took + used
        assert sellable == there - sum(kept)


def test_a_rule_of_sourcing_sees_what_is_kept_too() -> None:
    """Two locations give what one could not, one of them out of a fence."""
    rule = SourcingRule(
        seller_id=SELLER, split=Split.PIECES, distance_weight=1, cost_weight=1, load_weight=1, hub_parcel_minor=0,
        abroad_parcel_minor=0,
    )  # fmt: skip
    places = {
        place: Location(
            seller_id=SELLER,
            location_id=place,
            kind="hub",
            name=str(place),
            lane="hub",
            country="FR",
            place_id=None,
        )
        for place in (1, 2)
    }
    one = fence(1, CHANNELS[0])
    command = command_of(order(5, "five"), 11)
    command.country = "FR"
    world = World(
        now=NOW,
        existing={},
        stock={(SELLER, ARTICLE): [(1, "hub", 2), (2, "hub", 0)]},
        funds={(11, "EUR"): (1, 10**9)},
        prices={(SELLER, ARTICLE, "EUR", "FR"): (100, 2000)},
        articles={(SELLER, ARTICLE): Article(True, 1)},
        offers={(SELLER, place, "FR"): OFFER for place in (1, 2)},
        sourcing={SELLER: Sourcing(rule=rule, locations=places, packed={}, points={})},
        fences=Fences({(SELLER, ARTICLE): [FenceKept(one, 2, 3)]}, {}, POINTS),
    )
    (answer,) = rules.decide([command], world)
    assert isinstance(answer, Accepted)
    assert [(use.location_id, use.quantity) for use in answer.fenced] == [(2, 3)]
