"""Two-phase payment: hold, then capture or void; refunds undo the stored split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx
from halles.kernel.errors import Invalid
from halles.kernel.ids import derived_uuid
from halles.kernel.money import Money
from halles.wallet import rules, store
from halles.wallet.api.accounts import change, ensure_accounts, locked
from halles.wallet.api.transfers import Move, need, post
from halles.wallet.types import (
    Account,
    AccountKey,
    AccountKind,
    Hold,
    HoldIsSpent,
    HoldState,
    Leg,
    NoSuchHold,
    TransferKind,
)


async def hold(
    tx: Tx, *, owner_id: int, hold_id: UUID, amount: Money, legs: Sequence[Leg], at: datetime
) -> None:
    """Set money of the owner's main account aside for the order `hold_id`, one order at a time (checkout does it by the batch).

    Four queries. Raises InsufficientFunds.
    """
    if sum(leg.amount_minor for leg in legs) != amount.minor:
        raise Invalid("The parts of a payment add up to it.")
    key = AccountKey(owner_id, AccountKind.MAIN, amount.currency)
    main = (await ensure_accounts(tx, [key]))[key]
    pair = (owner_id, main.account_id)
    need((await locked(tx, [pair]))[pair], amount.minor)
    await change(tx, {pair: (0, amount.minor)})
    params = {
        "owner_id": owner_id,
        "hold_id": hold_id,
        "account_id": main.account_id,
        "amount_minor": amount.minor,
        "legs": rules.leg_numbers(legs),
        "at": at,
    }
    await tx.run(store.HOLD_ONE, params)


async def capture(tx: Tx, owner_id: int, hold_id: UUID, at: datetime) -> Hold:
    """Pay the legs of a hold. Six queries. Raises NoSuchHold, HoldIsSpent."""
    found = await _locked_hold(tx, owner_id, hold_id, HoldState.HELD)
    if found.legs:
        payer, payees = await _parties(tx, found)
        moves = [
            Move(
                transfer_id=derived_uuid("wallet.capture", hold_id, number),
                debit=payer,
                credit=payee,
                amount_minor=leg.amount_minor,
                released_minor=leg.amount_minor,
            )
            for number, (leg, payee) in enumerate(zip(found.legs, payees, strict=True))
        ]
        await post(tx, moves, kind=TransferKind.CAPTURE, at=at, order_id=found.order_id)
    return await _mark(tx, replace(found, state=HoldState.CAPTURED))


async def void(tx: Tx, owner_id: int, hold_id: UUID) -> Hold:
    """Let go of what was held. Four queries. Raises NoSuchHold, HoldIsSpent."""
    found = await _locked_hold(tx, owner_id, hold_id, HoldState.HELD)
    pair = (owner_id, found.account_id)
    await locked(tx, [pair])
    await change(tx, {pair: (0, -found.amount_minor)})
    return await _mark(tx, replace(found, state=HoldState.VOIDED))


async def refund(
    tx: Tx, owner_id: int, hold_id: UUID, *, refund_id: UUID, at: datetime, amount_minor: int | None = None
) -> Hold:
    """Give back part of a captured hold, or all that is left, by the split that was stored with it. Seven queries.

    A repeat of `refund_id` changes nothing. Raises NoSuchHold, HoldIsSpent (not captured), RefundTooLarge, and InsufficientFunds
    when a party has already taken its part out.
    """
    found = await _locked_hold(tx, owner_id, hold_id, HoldState.CAPTURED)
    ids = [derived_uuid("wallet.refund", refund_id, number) for number in range(len(found.legs))]
    owners = [leg.owner_id for leg in found.legs]
    if await tx.all(store.FIND_TRANSFERS, {"owners": owners, "transfers": ids}):
        return found
    left_minor = sum(leg.left_minor for leg in found.legs)
    if amount_minor is None and left_minor == 0:
        return found
    parts = rules.unwind(found.legs, left_minor if amount_minor is None else amount_minor)
    payer, payees = await _parties(tx, found)
    moves: list[Move] = []
    for transfer_id, part, payee in zip(ids, parts, payees, strict=True):
        if part:
            need(payee, part)
            moves.append(Move(transfer_id=transfer_id, debit=payee, credit=payer, amount_minor=part))
    await post(tx, moves, kind=TransferKind.REFUND, at=at, order_id=found.order_id)
    legs = tuple(
        replace(leg, refunded_minor=leg.refunded_minor + part)
        for leg, part in zip(found.legs, parts, strict=True)
    )
    return await _mark(tx, replace(found, legs=legs))


async def _locked_hold(tx: Tx, owner_id: int, hold_id: UUID, state: HoldState) -> Hold:
    row = await tx.first(store.LOCK_HOLD, {"owner_id": owner_id, "hold_id": hold_id})
    if row is None:
        raise NoSuchHold("Nothing is held under this id.", hold_id=str(hold_id))
    if row.state != state:
        raise HoldIsSpent(
            f"This payment is {HoldState(row.state).name.lower()}.", state=HoldState(row.state).name.lower()
        )
    return Hold(
        owner_id=row.owner_id,
        hold_id=row.hold_id,
        account_id=row.account_id,
        currency=row.currency,
        amount_minor=row.amount_minor,
        state=HoldState(row.state),
        order_id=row.order_id,
        legs=rules.read_legs(row.legs),
    )


async def _parties(tx: Tx, found: Hold) -> tuple[Account, list[Account]]:
    """The payer's account and each leg's, all locked in order."""
    keys = [AccountKey(leg.owner_id, leg.kind, found.currency) for leg in found.legs]
    opened = await ensure_accounts(tx, keys)
    pairs = [(opened[key].owner_id, opened[key].account_id) for key in keys]
    rows = await locked(tx, [*pairs, (found.owner_id, found.account_id)])
    return rows[found.owner_id, found.account_id], [rows[pair] for pair in pairs]


async def _mark(tx: Tx, found: Hold) -> Hold:
    params = {
        "owner_id": found.owner_id,
        "hold_id": found.hold_id,
        "state": found.state,
        "legs": rules.leg_numbers(found.legs),
    }
    await tx.run(store.MARK_HOLD, params)
    return found
