"""Accounts: opened on demand, read in sets, locked in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.wallet import store
from halles.wallet.types import Account, AccountKey, AccountKind


async def ensure_accounts(tx: Tx, keys: Iterable[AccountKey]) -> dict[AccountKey, Account]:
    """These accounts, opened where they were not: one query when all are open, three otherwise. Nothing is locked."""
    wanted = sorted(set(keys), key=lambda key: (key.owner_id, key.kind, key.currency))
    found = await _find(tx, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        await tx.run(store.OPEN_ACCOUNTS, _named(missing))
        found |= await _find(tx, missing)
    return found


async def _find(tx: Tx, keys: Sequence[AccountKey]) -> dict[AccountKey, Account]:
    rows = await tx.all(store.FIND_ACCOUNTS, _named(keys))
    return {AccountKey(row.owner_id, AccountKind(row.kind), row.currency): row for row in rows}


def _named(keys: Sequence[AccountKey]) -> dict[str, list[Any]]:
    return {
        "owners": [key.owner_id for key in keys],
        "kinds": [key.kind.value for key in keys],
        "currencies": [key.currency for key in keys],
    }


async def locked(tx: Tx, accounts: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Account]:
    """Lock (owner, account) pairs in the global order and read them. One query."""
    wanted = sorted(set(accounts))
    params = {"owners": [pair[0] for pair in wanted], "accounts": [pair[1] for pair in wanted]}
    return {(row.owner_id, row.account_id): row for row in await tx.all(store.LOCK_ACCOUNTS, params)}


async def change(tx: Tx, changes: Mapping[tuple[int, int], tuple[int, int]]) -> None:
    """Add (balance, held) to locked accounts. One query."""
    params = {
        "owners": [pair[0] for pair in changes],
        "accounts": [pair[1] for pair in changes],
        "balance": [delta[0] for delta in changes.values()],
        "held": [delta[1] for delta in changes.values()],
    }
    await tx.run(store.CHANGE, params)


async def accounts(tx: Tx, owner_ids: Sequence[int]) -> list[Account]:
    """Every account of these owners. One query."""
    return await tx.all(store.ACCOUNTS, {"owners": list(owner_ids)})


async def account_page(
    tx: Tx, *, owner_ids: Sequence[int] | None = None, after: tuple[int, int] = (0, 0), limit: int = 50
) -> list[Account]:
    """Accounts after (owner, account), in that order; of everybody when `owner_ids` is None. One query."""
    owners = None if owner_ids is None else list(owner_ids)
    params = {"owners": owners, "after_owner": after[0], "after_account": after[1], "limit": limit}
    return await tx.all(store.ACCOUNT_PAGE, params)


async def set_terms(tx: Tx, seller_id: SellerId, fee_bp: int) -> None:
    """What the platform keeps of this seller's sales from now on, in basis points of the gross total. One query."""
    await tx.run(store.SET_TERMS, {"seller_id": seller_id, "fee_bp": fee_bp})


async def fees(tx: Tx, seller_ids: Sequence[int]) -> dict[int, int]:
    """What the platform keeps of these sellers' sales, in basis points; absent: nothing. One query."""
    return dict(await tx.all(store.TERMS, {"sellers": list(seller_ids)}))
