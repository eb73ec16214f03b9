"""A part of an order served by its seller's sourcing rule. Pure: where each line goes, and why, as the console shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from halles.inventory.types import InsufficientStock, Location
from halles.journeys.checkout.geography import Point, distance_km, point_of
from halles.journeys.checkout.sourcing import Portion, Source, Spot, allocate, score
from halles.journeys.checkout.types import Command, Offer, Part, PlaceOrder, SeenPromise, Sourcing, WantedLine
from halles.promises.types import NoLane

_encode = msgspec.json.Encoder().encode


def by_rule(
    part: PlaceOrder | Part,
    command: Command,
    sourcing: Sourcing,
    sellable: Mapping[tuple[int, int], Sequence[Source]],
    offers: Mapping[tuple[int, int, str], Offer],
) -> tuple[list[WantedLine], list[Source], bytes]:
    """The lines with what each location gives of them, those locations, and the explanation as JSON.

    Raises InsufficientStock, NoLane.
    """
    rows = [sellable.get((part.seller_id, line.variant_id), ()) for line in part.lines]
    shopper = shopper_at(command, sourcing)
    spots: dict[int, Spot] = {}
    for place in {source.location_id for row in rows for source in row}:
        offer, location = offers.get((part.seller_id, place, command.country)), sourcing.locations.get(place)
        if offer is not None and location is not None:
            spots[place] = _spot(sourcing, location, _late(offer, part.promise), shopper)
    pieces = [{source.location_id: source.sellable for source in row} for row in rows]
    portions = allocate([line.quantity for line in part.lines], pieces, spots, sourcing.rule.split)
    if portions is None:
        raise _short(part, rows, spots)
    found = [
        next(source for source in rows[portion.line] if source.location_id == portion.location_id)
        for portion in portions
    ]
    lines = [_line(part.lines[portion.line], portion.quantity) for portion in portions]
    return lines, found, _why(part, portions, spots, sourcing)


def shopper_at(command: Command, sourcing: Sourcing) -> Point | None:
    """Where the goods go: the address; without one the place the shopper stands in, else the country."""
    ship_to = command.order.ship_to
    if ship_to is not None:
        return point_of(ship_to.country, ship_to.postcode)
    return sourcing.points.get(command.order.touchpoint or "") or point_of(command.country)


def _spot(sourcing: Sourcing, location: Location, late: bool, shopper: Point | None) -> Spot:
    rule, at = sourcing.rule, point_of(location.country)
    if location.latitude is not None and location.longitude is not None:
        at = (location.latitude, location.longitude)
    packed, most = sourcing.packed.get(location.location_id, 0), location.a_day
    load = 0.0 if most is None else 100.0 if not most else min(100.0, 100.0 * packed / most)
    parcel = rule.hub_parcel_minor if location.lane == "hub" else rule.abroad_parcel_minor
    distance, cost = distance_km(at, shopper), location.handling_minor + parcel
    return Spot(
        location_id=location.location_id,
        late=late,
        full=most is not None and packed >= most,
        distance_km=distance,
        cost_minor=cost,
        load=load,
        score=score(rule, distance, cost, load),
    )


def _late(offer: Offer, seen: SeenPromise) -> bool:
    """Whether checkout would refuse this location's promise for the one that was seen."""
    return offer.date > seen.date or (seen.latest is not None and offer.latest > seen.latest)


def _short(
    part: PlaceOrder | Part, rows: Sequence[Sequence[Source]], spots: Mapping[int, Spot]
) -> InsufficientStock | NoLane:
    """The line that stands most in the way."""
    for line, row in zip(part.lines, rows, strict=True):
        reachable = max((source.sellable for source in row if source.location_id in spots), default=0)
        if reachable < line.quantity:
            if max((source.sellable for source in row), default=0) >= line.quantity:
                return NoLane(
                    "Nothing can be delivered there from where this is.", variant_id=line.variant_id
                )
            return InsufficientStock(variant_id=line.variant_id, sellable=max(0, reachable))
    return InsufficientStock(variant_id=part.lines[0].variant_id, sellable=0)


def _line(line: WantedLine, quantity: int) -> WantedLine:
    return line if quantity == line.quantity else msgspec.structs.replace(line, quantity=quantity)


def _why(
    part: PlaceOrder | Part, portions: Sequence[Portion], spots: Mapping[int, Spot], sourcing: Sourcing
) -> bytes:
    used = {portion.location_id for portion in portions}
    body: dict[str, Any] = {
        "split": sourcing.rule.split.word,
        "weights": {
            "distance": sourcing.rule.distance_weight,
            "cost": sourcing.rule.cost_weight,
            "load": sourcing.rule.load_weight,
        },
        "portions": [
            {
                "variant_id": part.lines[portion.line].variant_id,
                "location_id": portion.location_id,
                "quantity": portion.quantity,
            }
            for portion in portions
        ],
        "locations": [
            {
                "location_id": spot.location_id,
                "chosen": spot.location_id in used,
                "late": spot.late,
                "full": spot.full,
                "distance_km": None if spot.distance_km is None else round(spot.distance_km),
                "cost_minor": spot.cost_minor,
                "load": round(spot.load),
                "score": round(spot.score, 2),
            }
            for spot in sorted(spots.values(), key=lambda spot: spot.rank)
        ],
    }
    return _encode(body)
