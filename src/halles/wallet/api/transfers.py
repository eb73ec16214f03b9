"""Moving money from one account to another, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx
from halles.kernel.ids import PLATFORM, PartyId, derived_uuid
from halles.kernel.money import CurrencyMismatch, Money
from halles.wallet import store
from halles.wallet.api.accounts import change, ensure_accounts, locked
from halles.wallet.types import (
    Account,
    AccountKey,
    AccountKind,
    BadTransfer,
    InsufficientFunds,
    TransferKind,
    TransferReused,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One row of the ledger to write: both accounts are locked by the caller. `released_minor` leaves the payer's held money."""

    transfer_id: UUID
    debit: Account
    credit: Account
    amount_minor: int
    released_minor: int = 0


async def transfer(
    tx: Tx,
    *,
    transfer_id: UUID,
    debit: AccountKey,
    credit: AccountKey,
    amount: Money,
    kind: TransferKind,
    at: datetime,
    order_id: UUID | None = None,
    topup_id: UUID | None = None,
) -> bool:
    """Move `amount` between two accounts, opened if need be. False when this transfer stands already. Five queries.

    Raises InsufficientFunds (never for a clearing account), TransferReused, BadTransfer, CurrencyMismatch.
    """
    if amount.minor <= 0 or debit == credit:
        raise BadTransfer("A transfer moves a positive amount between two accounts.")
    if {debit.currency, credit.currency} != {amount.currency}:
        raise CurrencyMismatch("A transfer is of one currency.")
    opened = await ensure_accounts(tx, [debit, credit])
    pairs = {key: (account.owner_id, account.account_id) for key, account in opened.items()}
    rows = await locked(tx, pairs.values())
    payer, payee = rows[pairs[debit]], rows[pairs[credit]]
    earlier = await tx.first(store.FIND_TRANSFERS, {"owners": [debit.owner_id], "transfers": [transfer_id]})
    if earlier is not None:
        same = (earlier.debit_account, earlier.credit_account, earlier.amount_minor)
        if same != (payer.account_id, payee.account_id, amount.minor):
            raise TransferReused("A transfer with this id says something else.", transfer_id=str(transfer_id))
        return False
    if debit.kind is not AccountKind.CLEARING:
        need(payer, amount.minor)
    move = Move(transfer_id=transfer_id, debit=payer, credit=payee, amount_minor=amount.minor)
    await post(tx, [move], kind=kind, at=at, order_id=order_id, topup_id=topup_id)
    return True


async def top_up(tx: Tx, *, owner_id: PartyId, topup_id: UUID, amount: Money, at: datetime) -> bool:
    """Money that a provider has collected for `owner_id` arrives in the wallet, once a `topup_id`. Five queries.

    The transfer's id is derived: the client chose the top-up's, and must not name a transfer of another kind or owner with it.
    """
    return await transfer(
        tx,
        transfer_id=derived_uuid("wallet.topup", owner_id, topup_id),
        debit=AccountKey(PLATFORM, AccountKind.CLEARING, amount.currency),
        credit=AccountKey(owner_id, AccountKind.MAIN, amount.currency),
        amount=amount,
        kind=TransferKind.TOP_UP,
        at=at,
        topup_id=topup_id,
    )


def need(account: Account, amount_minor: int) -> None:
    """Raise InsufficientFunds unless the account has this much available."""
    if account.available_minor < amount_minor:
        raise InsufficientFunds(
            missing_minor=amount_minor - account.available_minor,
            available_minor=account.available_minor,
            currency=account.currency,
        )


async def post(
    tx: Tx,
    moves: Sequence[Move],
    *,
    kind: TransferKind,
    at: datetime,
    order_id: UUID | None = None,
    topup_id: UUID | None = None,
) -> None:
    """Write transfers of one currency and what they change: two queries."""
    changes: dict[tuple[int, int], tuple[int, int]] = {}
    for move in moves:
        _add(changes, move.debit, -move.amount_minor, -move.released_minor)
        _add(changes, move.credit, move.amount_minor, 0)
    await change(tx, changes)
    params = {
        "owners": [move.debit.owner_id for move in moves],
        "transfers": [move.transfer_id for move in moves],
        "debits": [move.debit.account_id for move in moves],
        "credit_owners": [move.credit.owner_id for move in moves],
        "credits": [move.credit.account_id for move in moves],
        "amounts": [move.amount_minor for move in moves],
        "currency": moves[0].debit.currency,
        "kind": kind.value,
        "order_id": order_id,
        "topup_id": topup_id,
        "at": at,
    }
    await tx.run(store.TRANSFER, params)


def _add(changes: dict[tuple[int, int], tuple[int, int]], account: Account, balance: int, held: int) -> None:
    pair = (account.owner_id, account.account_id)
    before = changes.get(pair, (0, 0))
    changes[pair] = (before[0] + balance, before[1] + held)
