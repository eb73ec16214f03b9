"""The door of reservations: each verb is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from halles.catalog import api as catalog
from halles.flash import api as flash
from halles.inventory import api as inventory
from halles.inventory.types import (
    NoSuchReservation,
    NothingToReserve,
    Reservation,
    ReservationIdReused,
    ReservationState,
)
from halles.journeys.reservation import rules
from halles.journeys.reservation.rules import Wanted
from halles.kernel.db import Database, Tx
from halles.kernel.ids import SellerId
from halles.kernel.settings import Settings
from halles.kernel.web import Services
from halles.orders import api as orders
from halles.orders.types import BasketLine

_AT_ONCE = 200
"""Expired reservations that one transaction gives back, so that none keeps stock rows locked for long."""


def limits_of(settings: Settings) -> inventory.ReservationLimits:
    """What the operator allows."""
    return inventory.ReservationLimits(
        lasts=timedelta(minutes=settings.reservation_minutes),
        pieces_per_person=settings.reservation_pieces,
        pieces_per_network=settings.reservation_network_pieces,
    )


async def reserve(
    tx: Tx,
    limits: inventory.ReservationLimits,
    reservation_id: UUID,
    *,
    owner_id: int,
    network: str,
    partial: bool,
    now: datetime,
) -> tuple[list[Reservation], bool]:
    """Set the basket's lines aside, in place of what the shopper had reserved before; whether this made it, or it stood already.

    The same id again gives it as it stands. Fifteen queries for a basket of one seller. Raises NothingToReserve,
    InsufficientStock, TooMuchReserved, ReservationIdReused.
    """
    await inventory.one_at_a_time(tx, owner_id, network)
    before = await inventory.find_reservation(tx, reservation_id)
    if before:
        if any(one.owner_id != owner_id for one in before):
            raise ReservationIdReused("Make a new id for this reservation.")
        return before, False
    wanted = await _wanted(tx, await orders.baskets(tx, owner_id), now)
    if not wanted:
        raise NothingToReserve("The basket is empty.")
    replaced = await inventory.lock_standing(tx, owner_id)
    articles = {(line.seller_id, line.variant_id) for line in wanted}
    articles |= {(one.seller_id, item[1]) for one in replaced for item in one.pieces()}
    await inventory.lock_sellable(tx, sorted(articles))
    await inventory.end_reservations(tx, replaced, ReservationState.RELEASED, by="shopper", at=now)
    sellable = await inventory.lock_sellable(tx, sorted(articles))
    places = await inventory.locations(tx, sorted({line.seller_id for line in wanted}))
    lanes = {(place.seller_id, place.location_id): place.lane for place in places}
    items = rules.plan(wanted, sellable, lanes, partial=partial)
    pieces = sum(item[2] for own in items.values() for item in own)
    await inventory.check_limits(tx, limits, owner_id=owner_id, network=network, pieces=pieces, now=now)
    await inventory.reserve(
        tx,
        reservation_id,
        items,
        owner_id=owner_id,
        network=network,
        at=now,
        expires_at=now + limits.lasts,
    )
    return await inventory.find_reservation(tx, reservation_id), True


async def release(tx: Tx, owner_id: int, reservation_id: UUID, now: datetime) -> list[Reservation]:
    """Free what was set aside; freeing it again changes nothing. At most six queries. Raises NoSuchReservation."""
    found = await inventory.lock_standing(tx, owner_id, reservation_id)
    await inventory.end_reservations(tx, found, ReservationState.RELEASED, by="shopper", at=now)
    after = await inventory.find_reservation(tx, reservation_id)
    mine = [one for one in after if one.owner_id == owner_id]
    if not mine:
        raise NoSuchReservation("You have no such reservation.", reservation_id=str(reservation_id))
    return mine


async def expire_due(db: Database, now: datetime) -> int:
    """Free whatever has expired, in small transactions; how many. Any number of workers may do this at the same time."""
    ended = 0
    while True:
        async with db.transaction() as tx:
            found = await inventory.expire_due(tx, now, _AT_ONCE)
        ended += found
        if found < _AT_ONCE:
            return ended


async def settle_reservations(services: Services) -> None:
    """The worker's task."""
    await expire_due(services.db, services.clock())


async def _wanted(tx: Tx, lines: Sequence[BasketLine], now: datetime) -> list[Wanted]:
    """The lines as `plan` takes them. What is sold in a running flash sale goes to who comes first: it is not set aside."""
    sellers = sorted({line.seller_id for line in lines})
    infos = {
        (seller_id, variant_id): info
        for seller_id in sellers
        for variant_id, info in (
            await catalog.load_variants(
                tx, SellerId(seller_id), [line.variant_id for line in lines if line.seller_id == seller_id]
            )
        ).items()
    }
    running = await flash.running(tx, sellers, now) if sellers else []
    in_sale = {(sale.seller_id, sale.variant_id) for sale in running if sale.starts_at <= now < sale.ends_at}
    return [
        Wanted(
            seller_id=line.seller_id,
            variant_id=line.variant_id,
            quantity=line.quantity,
            lane=infos[key].lane,
            open=infos[key].buyable and key not in in_sale,
        )
        for line in lines
        if (key := (line.seller_id, line.variant_id)) in infos
    ]
