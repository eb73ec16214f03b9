"""One person, two wallets: what a guest had becomes the party's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx
from halles.kernel.ids import derived_uuid
from halles.wallet import store
from halles.wallet.api.accounts import change, ensure_accounts, locked
from halles.wallet.api.transfers import Move, post
from halles.wallet.types import Account, AccountKey, AccountKind, TransferKind


async def merge(tx: Tx, old_owner: int, new_owner: int, *, merge_id: UUID, at: datetime) -> int:
    """Move every main account of `old_owner` to `new_owner`: its balance by a transfer, its holds with their split as they are.

    Returns how many accounts had something to move; running it again finds nothing. Two queries, and six an account.
    """
    before = await tx.all(store.ACCOUNTS, {"owners": [old_owner]})
    keys = [AccountKey(new_owner, AccountKind(account.kind), account.currency) for account in before]
    opened = await ensure_accounts(tx, keys)
    pairs = [(account.owner_id, account.account_id) for account in (*before, *opened.values())]
    rows = await locked(tx, pairs)
    moved = 0
    for account, key in zip(before, keys, strict=True):
        old = rows[account.owner_id, account.account_id]
        new = rows[new_owner, opened[key].account_id]
        moved += await _move(tx, old, new, merge_id, at)
    return moved


async def _move(tx: Tx, old: Account, new: Account, merge_id: UUID, at: datetime) -> bool:
    params = {
        "old": old.owner_id,
        "old_account": old.account_id,
        "new": new.owner_id,
        "new_account": new.account_id,
    }
    holds = await tx.run(store.MOVE_HOLDS, params)
    if old.balance_minor:
        transfer_id = derived_uuid("wallet.merge", merge_id, old.account_id)
        move = Move(
            transfer_id=transfer_id,
            debit=old,
            credit=new,
            amount_minor=old.balance_minor,
            released_minor=old.held_minor,
        )
        await post(tx, [move], kind=TransferKind.MERGE, at=at)
        await change(tx, {(new.owner_id, new.account_id): (0, old.held_minor)})
    return bool(holds or old.balance_minor)
