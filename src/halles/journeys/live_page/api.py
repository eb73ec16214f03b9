"""The live page's two sides: what browsers tell, and what head office sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakKeyDictionary

from halles.identity import api as identity
from halles.journeys.live_page import rules
from halles.journeys.live_page.types import LiveNumbers, Tally
from halles.kernel.db import Database, Tx
from halles.orders import api as orders
from halles.places import api as places
from halles.places.types import Touchpoint
from halles.vision import api as vision
from halles.visits import api as visits
from halles.visits.types import VisitEvent, VisitKind

MOST_TOUCHPOINTS = 4
"""Touchpoints that one request may name: a phone is at one, seldom two."""
RECENT = 20
_AT_ONCE = timedelta(minutes=5)
_ANNOUNCE_EVERY = timedelta(seconds=1)
_announced: WeakKeyDictionary[Database, dict[int, datetime]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who is signed in on a browser, a guest too, and by which session."""

    party_id: int
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a browser tells. `touchpoint` None: the web."""

    event_id: UUID
    kind: VisitKind
    touchpoint: str | None
    product_id: UUID | None
    at: datetime


async def record_visits(
    db: Database, told: Sequence[Told], visitor: str | None, now: datetime, session: Signed | None = None
) -> int:
    """Keep what a browser tells of its visit; returns how many events were new. Events at more touchpoints than a phone can be
    at are left out. `session`: who is signed in there; what they did since is tied to them where they agreed to that. A moment
    from before they signed in was perhaps another's."""
    codes = list(dict.fromkeys(one.touchpoint for one in told))[:MOST_TOUCHPOINTS]
    async with db.reading() as tx:
        points = {code: await places.find_touchpoint(tx, code) for code in codes}
        zones = {point.place_id: await _zone(tx, point) for point in points.values() if point is not None}
    events: list[VisitEvent] = []
    for one in told:
        point = points.get(one.touchpoint)
        if point is not None:
            events.append(_event(one, point, zones[point.place_id], visitor, now))
    if not events:
        return 0
    announce = _may_announce(db, {event.seller_id for event in events}, now)
    async with db.transaction() as tx:
        fresh = await visits.record(tx, events, announce=announce)
        if session is not None and visitor is not None:
            moments = await _own(tx, session, [event.at for event in events], now)
            if moments:
                await visits.tie(
                    tx, {event.seller_id for event in events}, session.party_id, visitor, moments
                )
        return fresh


async def _own(tx: Tx, session: Signed, moments: Sequence[datetime], now: datetime) -> list[datetime]:
    """The moments that are of this session: those told at once, and of those told late the ones since it began. One statement
    where any was told late."""
    since = now - _AT_ONCE
    if min(moments) < since:
        began = await identity.session_began(tx, session.party_id, session.session_id, now)
        since = since if began is None else min(since, began)
    return [at for at in moments if at >= since]


async def numbers(
    tx: Tx, seller_id: int, *, place_id: int | None, since: datetime, until: datetime, locale: str
) -> LiveNumbers:
    """The live page of a seller, whole or of one place. Six statements. Raises BadPeriod."""
    by_hour = {hour: Tally() for hour in rules.hours(since, until)}
    found = [place for place in await places.list_places(tx, seller_id) if place_id in {None, place.place_id}]
    whole, by_place = Tally(), {place.place_id: Tally() for place in found}
    names = {place.place_id: place.name for place in found}
    counts = await visits.live(tx, seller_id, place_id=place_id, since=since, until=until)
    rules.add_visits(counts, whole, by_hour, by_place)
    for photo in await vision.photo_counts(tx, seller_id, place_id=place_id, since=since, until=until):
        for tally in (whole, by_hour.get(photo.hour), by_place.get(photo.place_id or 0)):
            if tally is not None:
                tally.photos += photo.photos
                tally.recognised += photo.recognised
    for sale in await orders.sales(tx, seller_id, place_id=place_id, since=since, until=until):
        for tally in (whole, by_hour.get(sale.hour), by_place.get(sale.place_id or 0)):
            if tally is not None:
                tally.orders += sale.orders
                tally.take(sale.currency, sale.total_minor)
    latest = await orders.list_sold(tx, [seller_id], limit=RECENT)
    latest = [one for one in latest if place_id in {None, one.place_id} and since <= one.placed_at < until]
    seen = await visits.recent(tx, seller_id, place_id=place_id, since=since, until=until, limit=RECENT)
    recent = rules.happenings(latest, seen, names, locale, RECENT)
    return LiveNumbers(whole=whole, by_hour=by_hour, by_place=by_place, names=names, recent=recent)


async def first_seller(tx: Tx, seller_ids: frozenset[int], place_id: int | None) -> int | None:
    """The seller to show to who acts for several: the place's own, else the first. At most one statement."""
    if place_id is not None:
        return (await places.place(tx, place_id)).seller_id
    return min(seller_ids, default=None)


def _event(one: Told, point: Touchpoint, zone: str | None, visitor: str | None, now: datetime) -> VisitEvent:
    at = visits.believed(one.at, now)
    return VisitEvent(
        seller_id=point.seller_id,
        event_id=one.event_id,
        kind=one.kind,
        place_id=point.place_id,
        touchpoint_id=point.touchpoint_id,
        visitor=visitor,
        product_id=one.product_id,
        at=at,
        day=visits.local_day(at, zone),
    )


async def _zone(tx: Tx, point: Touchpoint) -> str | None:
    return None if point.place_id is None else (await places.place(tx, point.place_id)).timezone


def _may_announce(db: Database, seller_ids: set[int], now: datetime) -> bool:
    """Whether the live pages are due to hear of these sellers again: a busy hour is announced once a second, not a thousand
    times."""
    last = _announced.setdefault(db, {})
    due = [
        seller
        for seller in seller_ids
        if abs(now - last.get(seller, datetime.min.replace(tzinfo=now.tzinfo))) >= _ANNOUNCE_EVERY
    ]
    last.update(dict.fromkeys(due, now))
    return bool(due)
