"""Setting pieces aside for a basket, for some minutes: made, renewed, released, expired; taken by orders through statements.

Locks in this order: whoever reserves (a person, then a network), reservations by (seller, id), stock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from halles.inventory import rules, store
from halles.inventory.api.change import move_reserved, release_items
from halles.inventory.rules import ReservationLimits
from halles.inventory.store import Reserved
from halles.inventory.types import (
    Cause,
    NoSuchReservation,
    RenewedEnough,
    Reservation,
    ReservationIdReused,
    ReservationOver,
    ReservationState,
)
from halles.kernel.arrays import Bigints, Uuids
from halles.kernel.db import Tx

KEPT_FOR = timedelta(days=2)
"""How long an ended reservation is remembered, so that a repeat of its command is known."""


_REASON = "reservation"
"""What movements of a reservation say, so that nobody takes its id for an order's."""


async def one_at_a_time(tx: Tx, owner_id: int, network: str) -> None:
    """Until the transaction ends nobody else reserves for this person or from this network. Two queries."""
    await tx.run(store.ONE_RESERVES_AT_A_TIME, {"who": f"owner {owner_id}"})
    await tx.run(store.ONE_RESERVES_AT_A_TIME, {"who": f"network {network}"})


async def find_reservation(tx: Tx, reservation_id: UUID) -> list[Reservation]:
    """What stands or stood under this id, a row a seller; whose it is, is the caller's question. One query."""
    return await tx.all(store.FIND_RESERVATION, {"reservation_id": reservation_id})


async def standing(tx: Tx, owner_id: int) -> list[Reservation]:
    """What is set aside for this person now, a row a seller. One query."""
    return await tx.all(store.STANDING, {"owners": Bigints([owner_id])})


async def lock_standing(tx: Tx, owner_id: int, reservation_id: UUID | None = None) -> list[Reservation]:
    """The same, locked; `reservation_id`: only this one. One query."""
    return await tx.all(store.LOCK_STANDING, {"owner_id": owner_id, "reservation_id": reservation_id})


async def check_limits(
    tx: Tx, limits: ReservationLimits, *, owner_id: int, network: str, pieces: int, now: datetime
) -> None:
    """Whether `pieces` may be set aside, after `one_at_a_time`. Two queries. Raises TooMuchReserved."""
    since = {"owner_id": owner_id, "since": now - rules.AN_HOUR}
    others = {"network": network, "owner_id": owner_id}
    rules.check_reservation(
        limits,
        recent=await tx.one(store.RECENT_OF_OWNER, since),
        pieces=pieces,
        network=await tx.one(store.PIECES_OF_NETWORK, others),
    )


async def lock_sellable(
    tx: Tx, articles: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """(location, sellable) by (seller, variant), locked. One query."""
    wanted = sorted(set(articles))
    lock = {"sellers": Bigints(key[0] for key in wanted), "variants": Bigints(key[1] for key in wanted)}
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for seller_id, location_id, variant_id, sellable in await tx.all(store.LOCK, lock):
        found.setdefault((seller_id, variant_id), []).append((location_id, sellable))
    return found


async def reserve(
    tx: Tx,
    reservation_id: UUID,
    items: Mapping[int, Sequence[tuple[int, int, int]]],
    *,
    owner_id: int,
    network: str,
    at: datetime,
    expires_at: datetime,
) -> None:
    """Set aside (location, variant, quantity) items by seller, of stock that is locked and has them. A query a seller and two.

    Raises ReservationIdReused.
    """
    moved: dict[tuple[int, int, int], list[tuple[UUID, int]]] = {}
    for seller_id in sorted(items):
        own = items[seller_id]
        params = {
            "seller_id": seller_id,
            "reservation_id": reservation_id,
            "owner_id": owner_id,
            "network": network,
            "items": Bigints(number for item in own for number in item),
            "pieces": sum(item[2] for item in own),
            "at": at,
            "expires_at": expires_at,
        }
        if not await tx.run(store.INSERT_RESERVATION, params):
            raise ReservationIdReused("Make a new id for this reservation.")
        for location_id, variant_id, quantity in own:
            moved.setdefault((seller_id, location_id, variant_id), []).append((reservation_id, quantity))
    await move_reserved(tx, Cause.RESERVED, moved, by="shopper", at=at, reason=_REASON)


async def end_reservations(
    tx: Tx, found: Sequence[Reservation], state: ReservationState, *, by: str, at: datetime
) -> None:
    """Give back what locked, standing reservations keep: four queries for any number, none for none."""
    if not found:
        return
    freed: dict[tuple[int, int, int], list[tuple[UUID, int]]] = {}
    for one in found:
        assert one.state == ReservationState.STANDING
        for location_id, variant_id, quantity in one.pieces():
            freed.setdefault((one.seller_id, location_id, variant_id), []).append(
                (one.reservation_id, quantity)
            )
    await release_items(tx, freed, by=by, at=at, reason=_REASON)
    params = {
        "state": state,
        "sellers": Bigints(one.seller_id for one in found),
        "reservation_ids": Uuids(one.reservation_id for one in found),
    }
    await tx.run(store.END_RESERVATIONS, params)


async def renew(
    tx: Tx, owner_id: int, reservation_id: UUID, renewal: int, *, lasts: timedelta, now: datetime
) -> list[Reservation]:
    """Let a reservation last from now on as long as a new one would. `renewal`: which one this is, from 1; a repeat changes
    nothing. Three queries. Raises NoSuchReservation, ReservationOver, RenewedEnough."""
    found = await lock_standing(tx, owner_id, reservation_id)
    if not found:
        before = [one for one in await find_reservation(tx, reservation_id) if one.owner_id == owner_id]
        if not before:
            raise NoSuchReservation("You have no such reservation.", reservation_id=str(reservation_id))
        word = ReservationState(before[0].state).word
        raise ReservationOver("This reservation is over; reserve again.", state=word)
    if found[0].renewed >= renewal:
        return found
    if found[0].expires_at <= now:
        raise ReservationOver("This reservation is over; reserve again.", state="expired")
    if renewal > rules.RENEWALS or renewal != found[0].renewed + 1:
        raise RenewedEnough(
            "A reservation can be renewed twice, one after the other.", renewed=found[0].renewed
        )
    key = {"owner_id": owner_id, "reservation_id": reservation_id}
    await tx.run(store.RENEW, {**key, "renewal": renewal, "expires_at": now + lasts})
    return await find_reservation(tx, reservation_id)


async def expire_due(tx: Tx, now: datetime, limit: int = 500) -> int:
    """Give back what expired reservations keep, those that another worker holds left to it; how many. At most five queries."""
    found = await tx.all(store.LOCK_DUE, {"now": now, "limit": limit})
    await end_reservations(tx, found, ReservationState.EXPIRED, by="system", at=now)
    return len(found)


async def forget_reservations(tx: Tx, now: datetime) -> None:
    """Forget ended reservations after some days. One query."""
    await tx.run(store.FORGET_RESERVATIONS, {"before": now - KEPT_FOR})


async def hand_over(tx: Tx, old_owner: int, owner: int) -> None:
    """A guest turned out to be `owner`: what was set aside for them is this owner's. Idempotent. One query."""
    await tx.run(store.HAND_OVER, {"old_owner": old_owner, "owner": owner})


async def kept(tx: Tx) -> list[Reserved]:
    """What all standing reservations keep, by stock item. One query over everything."""
    return await tx.all(store.KEPT)
