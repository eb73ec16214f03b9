"""Trying a rule: from where a basket to a place would leave now, and why, by the functions that place orders. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from halles.catalog import api as catalog
from halles.catalog.types import UnknownVariant
from halles.inventory import api as inventory
from halles.inventory.types import InsufficientStock, Location, SourcingRule
from halles.journeys.checkout.api import Source, promise_body, source
from halles.journeys.checkout.by_rule import by_rule
from halles.journeys.checkout.intake import command_of
from halles.journeys.checkout.types import (
    Command,
    Offer,
    PlaceOrder,
    SeenPromise,
    ShipTo,
    Sourcing,
    WantedLine,
)
from halles.journeys.ring_fence.api import levels_for
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId, uuid7
from halles.places.types import Touchpoint
from halles.promises import api as promises
from halles.promises.types import LaneKind, Line, NoLane


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Pieces of an article from a location."""

    variant_id: int
    location_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What would happen. `compared`: how the rule saw each location; empty for the simple rule. `promise`: what is shown."""

    portions: Sequence[Portion]
    compared: Sequence[Mapping[str, Any]]
    promise: Mapping[str, Any]


async def try_out(
    tx: Tx,
    seller_id: SellerId,
    wanted: Mapping[int, int],
    *,
    country: str,
    postcode: str | None,
    touchpoint: Touchpoint | None,
    rule: SourcingRule | None,
    now: datetime,
) -> Trial:
    """Pieces by variant to a country and postcode, or to whoever stands at a touchpoint. At most nine queries.

    Raises UnknownVariant, InsufficientStock, NoLane.
    """
    infos = await catalog.load_variants(tx, seller_id, list(wanted))
    for variant_id in wanted:
        if variant_id not in infos:
            raise UnknownVariant("No article has this id.", variant_id=variant_id)
    if touchpoint is None:
        levels = await levels_for(tx, seller_id, wanted, now)
    else:
        levels = await levels_for(
            tx, seller_id, wanted, now, kind=touchpoint.kind, touchpoint_id=touchpoint.touchpoint_id
        )
    places = {place.location_id: place for place in await inventory.locations(tx, [seller_id])}
    ways = await promises.load_ways(tx, [seller_id], now)
    stock: dict[tuple[int, int], list[Source]] = {(seller_id, variant_id): [] for variant_id in wanted}
    for level in levels:
        stock[seller_id, level.variant_id].append(
            Source(level.location_id, places[level.location_id].lane, level.sellable)
        )
    holding = {one.location_id for rows in stock.values() for one in rows if one.sellable > 0}
    offers = _offers(ways, seller_id, country, {place: places[place] for place in holding}, now)
    command = _command(seller_id, wanted, country, postcode, touchpoint)
    seen = _seen(command, stock, offers)
    command = _command(seller_id, wanted, country, postcode, touchpoint, seen)
    if rule is None:
        return Trial(portions=_simply(command, stock, offers), compared=(), promise=seen.body)
    point = None
    if touchpoint is not None and touchpoint.latitude is not None and touchpoint.longitude is not None:
        point = (touchpoint.latitude, touchpoint.longitude)
    packed = await inventory.packed_on(tx, seller_id, now.date())
    points = {touchpoint.code: point} if touchpoint is not None and point is not None else {}
    looked = Sourcing(rule=rule, locations=places, packed=packed, points=points)
    lines, sources, why = by_rule(command.order, command, looked, stock, offers)
    portions = [
        Portion(variant_id=line.variant_id, location_id=one.location_id, quantity=line.quantity)
        for line, one in zip(lines, sources, strict=True)
    ]
    return Trial(portions=portions, compared=msgspec.json.decode(why)["locations"], promise=seen.body)


def _command(
    seller_id: int,
    wanted: Mapping[int, int],
    country: str,
    postcode: str | None,
    touchpoint: Touchpoint | None,
    seen: Offer | None = None,
) -> Command:
    """The order that is tried; its prices are nobody's, since sourcing looks at none."""
    lines = tuple(
        WantedLine(variant_id=variant_id, quantity=quantity, unit_price_minor=0)
        for variant_id, quantity in wanted.items()
    )
    promise = SeenPromise(lane="hub", date=date.max)
    if seen is not None:
        promise = SeenPromise(lane=str(seen.body["lane"]), date=seen.date, latest=seen.latest)
    ship_to = ShipTo(name="-", line1="-", postcode=postcode or "-", city="-", country=country)
    order = PlaceOrder(
        order_id=uuid7(),
        seller_id=seller_id,
        currency="EUR",
        lines=lines,
        promise=promise,
        touchpoint=None if touchpoint is None else touchpoint.code,
        ship_to=ship_to if touchpoint is None or postcode else None,
    )
    command = command_of(order, 0)
    command.country = country
    return command


def _offers(
    ways: promises.Ways, seller_id: int, country: str, places: Mapping[int, Location], now: datetime
) -> dict[tuple[int, int, str], Offer]:
    """What each location promises; absent where no lane leads."""
    found: dict[tuple[int, int, str], Offer] = {}
    for place, location in places.items():
        line = Line(variant_id=0, lane=LaneKind(location.lane), locations=(place,))
        try:
            promise = promises.quote_line(line, ways.to(seller_id, country), ways.calendar, now)
        except NoLane:
            continue
        found[seller_id, place, country] = Offer(promise.date, promise.deadline, promise_body(promise), 0)
    return found


def _seen(
    command: Command,
    stock: Mapping[tuple[int, int], Sequence[Source]],
    offers: Mapping[tuple[int, int, str], Offer],
) -> Offer:
    """The promise that the basket would show: each article's best, the slowest of them. Raises InsufficientStock, NoLane."""
    slowest: Offer | None = None
    seller_id = command.order.seller_id
    for line in command.order.lines:
        rows = [one for one in stock[seller_id, line.variant_id] if one.sellable > 0]
        if not rows:
            raise InsufficientStock(variant_id=line.variant_id, sellable=0)
        enough = [one for one in rows if one.sellable >= line.quantity] or rows
        made = [
            offer
            for one in enough
            if (offer := offers.get((seller_id, one.location_id, command.country))) is not None
        ]
        if not made:
            raise NoLane("Nothing can be delivered there from where this is.", variant_id=line.variant_id)
        best = min(made, key=lambda offer: (offer.date, offer.latest))
        if slowest is None or (best.latest, best.date) > (slowest.latest, slowest.date):
            slowest = best
    assert slowest is not None, "a basket has lines"
    return slowest


def _simply(
    command: Command,
    stock: Mapping[tuple[int, int], Sequence[Source]],
    offers: Mapping[tuple[int, int, str], Offer],
) -> list[Portion]:
    """Line by line as the simple rule does. Raises InsufficientStock, NoLane."""
    found: list[Portion] = []
    seller_id = command.order.seller_id
    for line in command.order.lines:
        rows = stock[seller_id, line.variant_id]
        best = source(line.quantity, command.order.promise.lane, rows)
        if best is None:
            most = max((one.sellable for one in rows), default=0)
            raise InsufficientStock(variant_id=line.variant_id, sellable=most)
        if (seller_id, best.location_id, command.country) not in offers:
            raise NoLane("Nothing can be delivered there from where this is.", variant_id=line.variant_id)
        found.append(
            Portion(variant_id=line.variant_id, location_id=best.location_id, quantity=line.quantity)
        )
    return found
