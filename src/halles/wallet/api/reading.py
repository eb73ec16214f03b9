"""Postings, and the sums that prove the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx
from halles.wallet import store
from halles.wallet.store import CurrencySum, Difference, OpenHold
from halles.wallet.types import OrderTransfer, Posting


async def postings(
    tx: Tx,
    owner_id: int,
    account_id: int,
    *,
    parties: Sequence[int] | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Posting]:
    """Transfers of one account, the latest first; `before`: (at, posting_id) of the last one seen. `parties`: only those to and
    from accounts of theirs; None: all. One query."""
    params = {
        "parties": None if parties is None else list(parties),
        "owner_id": owner_id,
        "account_id": account_id,
        "before_at": before[0] if before else None,
        "before_id": before[1] if before else None,
        "limit": limit,
    }
    return await tx.all(store.POSTINGS, params)


async def transfers_of_order(tx: Tx, order_id: UUID) -> list[OrderTransfer]:
    """Every transfer that an order caused, in time. One query."""
    return await tx.all(store.TRANSFERS_OF_ORDER, {"order_id": order_id})


async def differences(tx: Tx, limit: int = 100) -> list[Difference]:
    """Accounts whose balance is not the sum of their transfers, or whose held money is not the sum of their open holds."""
    return await tx.all(store.DIFFERENCES, {"limit": limit})


async def sums(tx: Tx) -> list[CurrencySum]:
    """All balances of each currency together. One query over everything."""
    return await tx.all(store.SUMS)


async def open_holds(tx: Tx, buckets: Sequence[int]) -> list[OpenHold]:
    """Holds that wait for their orders, of these buckets. One query over everything."""
    return await tx.all(store.OPEN_HOLDS, {"buckets": list(buckets)})


async def open_digests(tx: Tx) -> dict[int, tuple[int, int]]:
    """How many holds wait for their orders, and a digest of (order, owner, minor), by bucket. One query over everything."""
    return {bucket: (many, digest) for bucket, many, digest in await tx.all(store.OPEN_DIGESTS)}
