"""How the promises of orders stand, and what carriers told of their parcels: as the pages of an order show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from halles.journeys.checkout.api import promise_body, read_promise
from halles.journeys.fulfilment import models
from halles.kernel.db import Tx
from halles.kernel.language import Language
from halles.orders.types import Order, OrderState, TimelineEntry
from halles.promises import api as promises
from halles.promises.types import Confidence, TrackingCode, TrackingEvent, Watch, WatchState

_OVER = frozenset({OrderState.CANCELLED, OrderState.RETURNED})

PARCEL_WORDS: Mapping[str, tuple[str, str]] = {
    TrackingCode.PACKED: ("The parcel is packed", "Le colis est prêt"),
    TrackingCode.HANDED_OVER: ("Handed to the carrier", "Remis au transporteur"),
    TrackingCode.DEPARTED: ("On its way", "En route"),
    TrackingCode.ARRIVED: ("Arrived in the country", "Arrivé dans le pays"),
    TrackingCode.CUSTOMS_IN: ("At the customs", "À la douane"),
    TrackingCode.CUSTOMS_HELD: ("Held by the customs", "Retenu par la douane"),
    TrackingCode.CUSTOMS_RELEASED: ("Released by the customs", "Libéré par la douane"),
    TrackingCode.AT_HUB: ("At the regional hub", "Au centre régional"),
    TrackingCode.LEFT_HUB: ("Left the regional hub", "Parti du centre régional"),
    TrackingCode.OUT_FOR_DELIVERY: ("Out for delivery", "En cours de livraison"),
    TrackingCode.ATTEMPTED: ("Nobody was at home", "Personne à l’adresse"),
    TrackingCode.DELIVERED: ("The carrier has delivered it", "Livré par le transporteur"),
    TrackingCode.DAMAGED: ("The parcel is damaged", "Le colis est abîmé"),
    TrackingCode.LOST: ("The carrier has lost the parcel", "Le transporteur a perdu le colis"),
    TrackingCode.RETURNED: ("The parcel is on its way back", "Le colis est en retour"),
}


async def standing(tx: Tx, found: Sequence[Order], today: date) -> dict[UUID, Watch]:
    """How these orders' promises stand, by order. At most one query; none for what was placed today and lies untouched, since
    nothing can have happened to it."""
    keys = [(order.seller_id, order.order_id) for order in found if _may_have_moved(order, today)]
    return await promises.watches(tx, keys)


async def parcel_tape(tx: Tx, order: Order, watch: Watch | None) -> list[TrackingEvent]:
    """What carriers told of an order's parcels. One query, none for an order that is not watched."""
    return [] if watch is None else await promises.scans(tx, [(order.seller_id, order.order_id)])


def _may_have_moved(order: Order, today: date) -> bool:
    return order.state is not OrderState.PLACED or order.placed_at.date() != today


def promise_told(
    order: Order, today: date, tape: Sequence[TimelineEntry], watch: Watch | None
) -> dict[str, Any]:
    """A PromiseModel: the promise that was given, as it stands today; an order that is over is judged no more. One that nobody
    watches yet is judged by its dates alone."""
    promise = read_promise(order.promise)
    body = {**promise_body(promise), "expected": None}
    if order.state in _OVER:
        return body
    known = None if watch is None else WatchState(watch.state).confidence
    if watch is not None and known is not None:
        late = watch.expected_on if known is not Confidence.KEPT and watch.delivered_on is None else None
        return {**body, "confidence": known, "expected": late}
    delivered = next((entry.at.date() for entry in tape if entry.code == "orders.delivered"), None)
    if order.state is OrderState.DELIVERED and delivered is None:
        return body
    shipped = order.state >= OrderState.SHIPPED
    judged = promises.judge(promise, today=today, shipped=shipped, delivered_on=delivered)
    return {**body, "confidence": judged}


def scan_lines(
    scans: Sequence[TrackingEvent], language: Language, names: Mapping[int, str]
) -> list[models.TapeModel]:
    """Scans as lines of the tape. What several parcels, or several senders, tell alike is told once."""
    found: dict[tuple[str, Any, str], models.TapeModel] = {}
    for scan in scans:
        english, french = PARCEL_WORDS.get(scan.code, (scan.code, scan.code))
        kind, _, number = scan.source.partition(":")
        line = models.TapeModel(
            at=scan.at,
            code=f"parcel.{scan.code}",
            text=french if language == "fr" else english,
            by=f"staff:{names.get(int(number)) or number}" if kind == "staff" else "carrier",
            detail={"place": scan.place} if scan.place else None,
        )
        found.setdefault((scan.code, scan.at, scan.place), line)
    return list(found.values())
