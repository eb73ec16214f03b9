"""Reading what people who agreed did at a place, and what they bought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from halles.catalog import api as catalog
from halles.journeys.measurement.rules.asking import start_of
from halles.journeys.measurement.rules.journeys import Bought, Visited
from halles.journeys.measurement.types import Question
from halles.kernel.db import Tx
from halles.orders import api as orders
from halles.vision.api import touches as vision
from halles.visits import api as visits
from halles.visits.types import RETENTION, Answers, Tie

_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """`firsts`: each person's first known visit to the place. `touches`: person → product → moments, in order. `counted`: visits
    of everybody; `here`: orders sent from the place."""

    visited: list[Visited]
    firsts: dict[int, datetime]
    touches: dict[int, dict[UUID, list[datetime]]]
    orders: dict[int, list[Bought]]
    devices: list[int]
    answers: Answers
    counted: int
    tied: int
    here: int


async def read_people(tx: Tx, seller_id: int, question: Question, zone: ZoneInfo, now: datetime) -> People:
    """Twelve statements: sets over the period's visits at the place and over these people's orders."""
    since, until = start_of(question.since, zone), start_of(question.until, zone)
    place_id, window = question.place_id, timedelta(days=question.window_days)
    tied = await visits.tied(
        tx,
        seller_id,
        place_id,
        since=since,
        until=until,
        known_since=min(since, now - RETENTION),
        zone=str(zone),
    )
    firsts: dict[int, datetime] = {}
    days: dict[int, list[datetime]] = defaultdict(list)
    for one in tied.days:
        firsts.setdefault(one.party_id, one.first_at)
        if one.first_at >= since:
            days[one.party_id].append(one.first_at)
    touches: dict[int, dict[UUID, list[datetime]]] = {}
    for touch in tied.touches:
        touches.setdefault(touch.party_id, {}).setdefault(touch.product_id, []).append(touch.at)
    await _add_photos(tx, seller_id, place_id, (since, until), tied.ties, touches)
    bought = await orders.orders_of_people(tx, seller_id, days, since, min(now, until + window))
    counts = await visits.live(tx, seller_id, place_id=place_id, since=since, until=until)
    sold = await orders.sales(tx, seller_id, place_id=place_id, since=since, until=until)
    return People(
        visited=[Visited(party_id=party, visits=moments) for party, moments in sorted(days.items())],
        firsts=firsts,
        touches=touches,
        orders=await _with_products(tx, seller_id, bought),
        devices=tied.devices,
        answers=await visits.answers(tx, seller_id, since, until),
        counted=sum(one.count for one in counts if one.kind == "visit"),
        tied=tied.visits,
        here=sum(one.orders for one in sold),
    )


async def _add_photos(
    tx: Tx,
    seller_id: int,
    place_id: int,
    span: tuple[datetime, datetime],
    ties: Sequence[Tie],
    touches: dict[int, dict[UUID, list[datetime]]],
) -> None:
    """A photo that was recognised is a look at the product, of whom the browser was then."""
    by_visitor: dict[str, list[Tie]] = defaultdict(list)
    for one in ties:
        by_visitor[one.visitor].append(one)
    photos = await vision.photographed(
        tx, seller_id, place_id=place_id, since=span[0], until=span[1], visitors=by_visitor
    )
    for photo in photos:
        for tie in by_visitor[photo.visitor]:
            if tie.since <= photo.at <= tie.until:
                touches.setdefault(tie.party_id, {}).setdefault(photo.product_id, []).append(photo.at)
    for products in touches.values():
        for moments in products.values():
            moments.sort()


async def _with_products(
    tx: Tx, seller_id: int, rows: Sequence[orders.PersonsOrder]
) -> dict[int, list[Bought]]:
    wanted = sorted({variant for row in rows for variant in row.variants})
    product: dict[int, UUID] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found = await catalog.load_variants(tx, seller_id, wanted[start : start + _AT_ONCE])
        product |= {variant: info.product_id for variant, info in found.items()}
    made: dict[int, list[Bought]] = defaultdict(list)
    for row in rows:
        made[row.owner_id].append(
            Bought(
                party_id=row.owner_id,
                placed_at=row.placed_at,
                first_at=row.first_at,
                products=frozenset(product[one] for one in row.variants if one in product),
            )
        )
    return made


def every(by_person: Mapping[int, Sequence[Bought]]) -> list[Bought]:
    """All orders of all people."""
    return [order for mine in by_person.values() for order in mine]
