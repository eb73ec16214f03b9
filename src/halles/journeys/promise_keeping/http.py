"""What carriers, programs and staff tell of parcels."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Response

from halles.journeys.fulfilment.http import visible
from halles.journeys.promise_keeping import epcis, models
from halles.journeys.promise_keeping.parcels import Heard, find_parcel, hear, own_parcel
from halles.kernel.caller import Caller, Role, Use
from halles.kernel.db import Tx
from halles.kernel.web import PROBLEM_RESPONSES, Services, ServicesDep, allow
from halles.orders import api as orders
from halles.orders.types import Order
from halles.promises import api as promises
from halles.promises.types import Shipment, TrackingCode, TrackingEvent, Watch, WatchState

carriers = APIRouter(prefix="/api/shipments", tags=["parcels"], responses=PROBLEM_RESPONSES)
console = APIRouter(prefix="/api/console/orders", tags=["console"], responses=PROBLEM_RESPONSES)
TELLS = (Role.SERVICE, Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)

_EPCIS_EXAMPLE: dict[str, Any] = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-11-21T10:05:00Z",
    "epcisBody": {
        "eventList": [
            {
                "type": "ObjectEvent",
                "eventID": "urn:uuid:0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10",
                "eventTime": "2026-11-21T10:00:00Z",
                "eventTimeZoneOffset": "+00:00",
                "action": "OBSERVE",
                "bizStep": "shipping",
                "disposition": "in_transit",
                "readPoint": {"id": "https://id.gs1.org/414/9521321000010"},
            }
        ]
    },
}


@carriers.post("/{shipment_id}/events", operation_id="tell_parcel")
async def tell_parcel(
    shipment_id: UUID,
    body: models.EventsModel,
    services: ServicesDep,
    caller: Caller = allow(*TELLS, use=Use.PARCELS),
) -> models.HeardModel:
    """Tell what happened to a parcel; its id may be its order's. Told twice, late or out of order, it leaves the same state. The
    promise is looked at again at once, and a shipped order whose last parcel is there is delivered. Refused with
    `promises.no_such_shipment`, `promises.bad_tracking`, `promises.id_reused`."""
    told = [
        promises.Told(event_id=one.event_id, code=one.code, at=one.at, place=one.place.strip())
        for one in body.events
    ]
    return await _hear(services, shipment_id, told, caller)


@carriers.post("/{shipment_id}/epcis", operation_id="tell_parcel_epcis")
async def tell_parcel_epcis(
    shipment_id: UUID,
    body: Annotated[dict[str, Any], Body(examples=[_EPCIS_EXAMPLE])],
    services: ServicesDep,
    caller: Caller = allow(*TELLS, use=Use.PARCELS),
) -> models.HeardModel:
    """As `events`, as a GS1 EPCIS 2.0 document: the business step and the disposition of each event say what happened."""
    return await _hear(services, shipment_id, epcis.read_document(body), caller)


@carriers.get("/{shipment_id}", operation_id="parcel")
async def parcel(
    shipment_id: UUID, services: ServicesDep, caller: Caller = allow(*TELLS, use=Use.PARCELS)
) -> models.ParcelModel:
    """A parcel and what was told of it."""
    async with services.db.snapshot() as tx:
        found, order = await find_parcel(tx, shipment_id, caller.seller_ids)
        told = await promises.scans(tx, [(order.seller_id, order.order_id)])
    return parcel_model(found, told)


@console.get("/{order_id}/shipments", operation_id="parcels_of_order")
async def parcels_of_order(
    order_id: UUID, services: ServicesDep, caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)
) -> list[models.ParcelModel]:
    """The parcels of an order and what was told of them. Three queries."""
    async with services.db.snapshot() as tx:
        return await _parcels(tx, visible(await orders.load_order(tx, order_id), caller))


@console.put("/{order_id}/shipments/{shipment_id}", operation_id="add_parcel")
async def add_parcel(
    order_id: UUID,
    shipment_id: UUID,
    body: models.ParcelAsked,
    services: ServicesDep,
    response: Response,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> list[models.ParcelModel]:
    """Another parcel of an order, under an id of its maker: sent again it changes nothing, with another content it is refused
    with `promises.id_reused`. The promise is kept when the last parcel is there."""
    async with services.db.transaction() as tx:
        order = visible(await orders.load_order(tx, order_id), caller)
        made = Shipment(
            seller_id=order.seller_id,
            shipment_id=shipment_id,
            order_id=order_id,
            carrier=body.carrier.strip(),
            tracking=body.tracking.strip(),
            created_at=services.clock(),
        )
        await promises.add_shipment(tx, made)
        return await _parcels(tx, order)


async def _parcels(tx: Tx, order: Order) -> list[models.ParcelModel]:
    key = [(order.seller_id, order.order_id)]
    told, made = await promises.scans(tx, key), await promises.shipments(tx, key)
    own = own_parcel(order)
    if not made or any(event.shipment_id == order.order_id for event in told):
        made = [own, *(one for one in made if one.shipment_id != own.shipment_id)]
    return [parcel_model(one, told) for one in made]


async def _hear(
    services: Services, shipment_id: UUID, told: list[promises.Told], caller: Caller
) -> models.HeardModel:
    kind = "service" if Role.SERVICE in caller.roles else "staff"
    async with services.db.transaction() as tx:
        heard = await hear(
            tx,
            shipment_id,
            told,
            seller_ids=caller.seller_ids,
            source=f"{kind}:{caller.party()}",
            now=services.clock(),
        )
    return _heard(heard)


def _heard(heard: Heard) -> models.HeardModel:
    watch: Watch | None = heard.watch
    return models.HeardModel(
        shipment_id=heard.parcel.shipment_id,
        order_id=heard.order.order_id,
        recorded=heard.recorded,
        repeated=heard.repeated,
        state=heard.order.state.word,
        confidence=None if watch is None else confidence(watch),
        chance=None if watch is None else watch.chance,
        deadline=None if watch is None else watch.deadline,
        expected=None if watch is None else watch.expected_on,
    )


def confidence(watch: Watch) -> models.Confidence | None:
    """How a watch is shown."""
    found = WatchState(watch.state).confidence
    return None if found is None else found.value


def parcel_model(found: Shipment, told: list[TrackingEvent]) -> models.ParcelModel:
    return models.ParcelModel(
        shipment_id=found.shipment_id,
        order_id=found.order_id,
        carrier=found.carrier,
        tracking=found.tracking,
        events=[
            models.EventModel(event_id=x.event_id, code=TrackingCode(x.code), at=x.at, place=x.place)
            for x in told
            if x.shipment_id == found.shipment_id
        ],
    )
