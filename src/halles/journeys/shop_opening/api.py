"""The door: open a shop, or change how it is set up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.inventory.types import Lane, LocationKind
from halles.journeys.shop_opening.types import Opened, Warehouse
from halles.kernel.caller import Role
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.places import api as places
from halles.places.types import WEB, TouchpointKind
from halles.promises import api as promises
from halles.promises.types import LaneKind

_CUTOFF = {"hub": time(14), "abroad": time(10)}


async def open_shop(
    tx: Tx,
    *,
    name: str,
    warehouses: Sequence[Warehouse],
    now: datetime,
    currency: str = "EUR",
    timezone: str = "Europe/Paris",
) -> Opened:
    """The shop with the web as its first touchpoint, its warehouses and their lanes; made where it is missing, else changed."""
    web = await places.find_touchpoint(tx, WEB)
    if web is not None:
        seller = SellerId(web.seller_id)
    else:
        seller = await identity.create_organisation(tx, name, now=now, currency=currency)
        await places.add_touchpoint(tx, seller, code=WEB, kind=TouchpointKind.WEB, place_id=None)
    locations: dict[str, int] = {}
    for warehouse in warehouses:
        locations[warehouse.lane] = await _warehouse(tx, seller, warehouse, timezone)
    return Opened(seller_id=seller, locations=locations)


async def _warehouse(tx: Tx, seller: SellerId, warehouse: Warehouse, timezone: str) -> int:
    kind = LocationKind.HUB if warehouse.lane == "hub" else LocationKind.SUPPLIER
    location_id = await inventory.save_location(
        tx, seller, kind=kind, name=warehouse.name, lane=Lane(warehouse.lane), country=warehouse.country
    )
    for country in warehouse.countries:
        await promises.save_lane(
            tx,
            seller,
            lane=LaneKind(warehouse.lane),
            origin=warehouse.name,
            origin_country=warehouse.country,
            location_id=location_id,
            country=country,
            transit_days=warehouse.days,
            spread_days=warehouse.spread_days,
            cutoff=_CUTOFF[warehouse.lane],
            timezone=timezone,
            carrier=warehouse.carrier,
        )
    return location_id


async def invite(
    tx: Tx, seller_id: int, email: str, role: Role, *, now: datetime, name: str | None = None
) -> int:
    """Give a person a role for the shop; makes their account when there is none. Returns the party id."""
    known = await identity.find_by_email(tx, email)
    if known is None:
        return await identity.create_person(
            tx, email, now=now, name=name, roles=[role], seller_ids=[seller_id]
        )
    await identity.give_roles(tx, known, [(role, None if role is Role.OPERATOR else seller_id)])
    return known
