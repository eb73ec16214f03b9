"""Closing accounts: what stands in the way, the closing itself, and forgetting, which a crash cannot stop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog

from halles.flash.api import people as flash
from halles.identity import api as identity
from halles.identity.api import closing
from halles.identity.types import AccountClosed, Closure, NoSuchParty, NotAPerson
from halles.inventory.api import people as inventory
from halles.journeys.leaving import rules
from halles.journeys.leaving.types import Amount, OpenOrder, Standing
from halles.journeys.welcoming.view import here
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal
from halles.kernel.web import Services
from halles.orders import api as orders
from halles.orders.api import people as order_people
from halles.orders.types import OrderState, PaymentState
from halles.payments.api import people as payments
from halles.promises.api import people as promises
from halles.visits import api as visits
from halles.wallet import api as wallet
from halles.wallet.api import people as wallet_people
from halles.wallet.types import Account, TransferKind
from halles.welcome.api import people as welcome

log = structlog.get_logger("halles.leaving")

By = Literal["shopper", "guest", "post"]


async def standing(tx: Tx, party_id: int, now: datetime) -> Standing:
    """What an account has under way. Five statements."""
    family = await closing.family(tx, party_id)
    return await _standing(tx, party_id, family, await wallet.accounts(tx, family), now)


async def close(
    tx: Tx,
    party_id: int,
    *,
    closure_id: UUID,
    given_up: Sequence[Amount],
    by: By,
    now: datetime,
    paid_out: str | None = None,
) -> Closure:
    """Close an account, and every guest that it was, behind its gate: orders that are being placed win, or find it closed. The
    same `closure_id` again gives the closing as it stands. Some twenty-five statements.

    `given_up`: exactly what is in the wallet; nothing when that is empty. `paid_out`: under which reference the shop paid out
    what was left, whatever it was. Raises LastInCharge, OrderOpen, PaymentPending, MoneyLeft, AccountClosed, ClosureIdReused,
    NotAPerson, NoSuchParty.
    """
    asked = rules.fingerprint(given_up)
    found = await closing.find_closure(tx, closure_id=closure_id, fingerprint=asked)
    if found is not None:
        return found
    if (await identity.party(tx, party_id)).kind != "person":
        raise NotAPerson("An organisation cannot be closed.", party_id=party_id)
    family = await _shut(tx, party_id)
    if await closing.find_closure(tx, party_id=party_id) is not None:
        raise AccountClosed("This account is closed.")
    if await identity.current_party(tx, party_id) != party_id:
        raise NoSuchParty("This guest is an account by now.", party_id=party_id)
    accounts = await wallet_people.lock_of(tx, family)
    stands = await _standing(tx, party_id, family, accounts, now)
    refused = rules.refusal(stands, None if paid_out is not None else given_up)
    if refused is not None:
        raise refused
    kind = TransferKind.GIVEN_UP if paid_out is None else TransferKind.PAID_OUT
    await wallet_people.empty(tx, accounts, kind=kind, closure_id=closure_id, at=now)
    await closing.close(
        tx,
        family,
        closure_id=closure_id,
        fingerprint=asked,
        by=by,
        money=rules.entry(stands.money, paid_out=paid_out),
        now=now,
    )
    made = await closing.find_closure(tx, party_id=party_id)
    assert made is not None
    return made


async def _shut(tx: Tx, party_id: int) -> list[int]:
    """The account's family behind its gate. A guest who became the account while we waited is among them."""
    ruling = bool(await identity.roles_of(tx, party_id))
    family = await closing.family(tx, party_id)
    await closing.shut(tx, family, ruling=ruling)
    again = await closing.family(tx, party_id)
    if again != family:
        await closing.shut(tx, again, ruling=ruling)
    return again


async def _standing(
    tx: Tx, party_id: int, family: Sequence[int], accounts: Sequence[Account], now: datetime
) -> Standing:
    rows = await order_people.standing_of(tx, family)
    waiting = [
        OpenOrder(order_id=row.order_id, number=orders.number(row.order_id), placed_at=row.placed_at)
        for row in rows
        if rules.is_open(OrderState(row.state), PaymentState(row.payment), row.placed_at, now)
    ]
    return Standing(
        sellers=await closing.sole(tx, party_id),
        orders=waiting,
        pending=await payments.pending_of(tx, family, [row.order_id for row in rows]),
        money=[Amount(minor=one.balance_minor, currency=one.currency) for one in accounts],
        held=any(one.held_minor for one in accounts),
    )


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def forget(db: Database, closure: Closure, now: datetime) -> None:
    """Make one pass over all that is held of a closed party: a transaction a step, each of which can be repeated."""
    for step in _STEPS:
        async with db.transaction() as tx:
            await step(tx, closure.party_id, now)
    async with db.transaction() as tx:
        await closing.passed(tx, closure, rules.next_pass(closure.passes + 1, now))


async def forget_closure(db: Database, closure_id: UUID, now: datetime) -> None:
    """Make the first pass over an account that was just closed, and over the guests that it was."""
    async with db.reading() as tx:
        found = await closing.closings_of(tx, closure_id)
    for closure in found:
        if closure.passes == 0:
            await forget(db, closure, now)


async def forget_closed(db: Database, now: datetime) -> int:
    """Go on with every closing that is due; how many passes were made. One that fails does not keep the others from it."""
    async with db.reading() as tx:
        found = await closing.due(tx, now)
    made = 0
    for closure in found:
        try:
            await forget(db, closure, now)
            made += 1
        except Refusal as refusal:
            log.warning("leaving.not_forgotten", party_id=closure.party_id, code=refusal.code)
    return made


async def go_on_forgetting(services: Services) -> None:
    """The worker's task."""
    await forget_closed(services.db, services.clock())


async def pay_out(tx: Tx, party_id: int, payment_id: UUID, now: datetime) -> Sequence[Amount]:
    """Book what came into a closed account's wallet later, such as a refund, as paid out by the shop; what it was. Raises
    NoSuchParty when the account is not closed."""
    if await closing.find_closure(tx, party_id=party_id) is None:
        await identity.party(tx, party_id)
        return []
    family = await closing.family(tx, party_id)
    accounts = await wallet_people.lock_of(tx, family)
    await wallet_people.empty(tx, accounts, kind=TransferKind.PAID_OUT, closure_id=payment_id, at=now)
    return [Amount(minor=one.available_minor, currency=one.currency) for one in accounts]


async def _set_aside(tx: Tx, party_id: int, now: datetime) -> None:
    await inventory.forget_person(tx, [party_id], now)


async def _orders(tx: Tx, party_id: int, now: datetime) -> None:
    rows = await order_people.standing_of(tx, [party_id])
    await promises.forget_orders(tx, [(row.seller_id, row.order_id) for row in rows])
    await order_people.forget_person(tx, [party_id])


async def _payments(tx: Tx, party_id: int, now: datetime) -> None:
    await payments.forget_person(tx, [party_id])


async def _sales(tx: Tx, party_id: int, now: datetime) -> None:
    await flash.forget_person(tx, [party_id])


async def _doors(tx: Tx, party_id: int, now: datetime) -> None:
    held = await welcome.own(tx, [party_id])
    for seller_id, place_id in sorted(
        {(one.seller_id, one.place_id) for one in (*held.bookings, *held.tickets) if one.ended_at is None}
    ):
        await welcome.give_back(tx, await here(tx, place_id, seller_id), [party_id], now)
    await welcome.forget_person(tx, [party_id])


async def _visits(tx: Tx, party_id: int, now: datetime) -> None:
    await visits.erase(tx, party_id)


async def _identity(tx: Tx, party_id: int, now: datetime) -> None:
    await closing.forget(tx, [party_id], now)


_STEPS: Sequence[Callable[[Tx, int, datetime], Awaitable[None]]] = (
    _identity,
    _set_aside,
    _orders,
    _payments,
    _sales,
    _doors,
    _visits,
)
