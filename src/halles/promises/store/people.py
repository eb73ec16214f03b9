"""What promises hold of the orders of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from halles.kernel.db import command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPromise:
    """The date that an order was promised for, and how it went. `state`: 1 kept so far, 2 at risk, 3 missed; 4 was kept, 5 was
    missed, 6 ended otherwise. `told`: bits of the warnings that were sent."""

    seller_id: int
    order_id: UUID
    placed_at: datetime
    promised_on: date
    deadline: date
    state: int
    expected_on: date | None
    delivered_on: date | None
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnParcel:
    """A parcel of an order, and what its carrier calls it."""

    seller_id: int
    shipment_id: UUID
    order_id: UUID
    carrier: str
    tracking: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnScan:
    """Where a parcel was seen."""

    order_id: UUID
    shipment_id: UUID
    code: str
    at: datetime
    place: str


_MINE = """in (select * from unnest(%(sellers)s::bigint[], %(orders)s::uuid[]))"""
PROMISES_OF = query(
    f"""select seller_id, order_id, placed_at, promised_on, deadline, state, expected_on, delivered_on, told
    from promises.watch where (seller_id, order_id) {_MINE} order by placed_at, order_id""",
    OwnPromise,
)
PARCELS_OF = query(
    f"""select seller_id, shipment_id, order_id, carrier, tracking, created_at from promises.shipment
    where (seller_id, order_id) {_MINE} order by created_at, shipment_id""",
    OwnParcel,
)
SCANS_OF = query(
    f"""select order_id, shipment_id, code, at, place from promises.scan
    where (seller_id, order_id) {_MINE} order by at, event_id""",
    OwnScan,
)
FORGET_TRACKING = command(
    f"""update promises.shipment set tracking = '' where (seller_id, order_id) {_MINE} and tracking <> ''"""
)
