"""What the wallet holds of a person, and what becomes of money that is left when they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx
from halles.kernel.ids import PLATFORM, derived_uuid
from halles.kernel.money import Money
from halles.kernel.personal import Fate, Held
from halles.wallet import store
from halles.wallet.api.reading import postings
from halles.wallet.api.transfers import transfer
from halles.wallet.types import Account, AccountKey, AccountKind, OwnHold, Posting, TransferKind

HELD = (
    Held("wallet.account.owner_id", Fate.KEPT, "the ledger keeps every account and its sum"),
    Held("wallet.transfer.owner_id", Fate.KEPT, "the books keep every posting for ten years"),
    Held("wallet.transfer.credit_owner", Fate.KEPT, "the books keep every posting for ten years"),
    Held("wallet.hold.owner_id", Fate.KEPT, "a refund reverses the split that was stored with it"),
)
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMoney:
    """Accounts of a person, what moved on them, the oldest first, and what was set aside."""

    accounts: list[Account]
    postings: list[Posting]
    holds: list[OwnHold]


async def lock_of(tx: Tx, owners: Sequence[int]) -> list[Account]:
    """Every account of these people, locked in the order of every writer. One query."""
    return await tx.all(store.LOCK_OWNERS, {"owners": list(owners)})


async def empty(
    tx: Tx, accounts: Sequence[Account], *, kind: TransferKind, closure_id: UUID, at: datetime
) -> None:
    """Book what is left on locked accounts of somebody who leaves: given up, it is the platform's; paid out, it left by its bank.
    Five queries an account that has something."""
    to = AccountKind.FEES if kind is TransferKind.GIVEN_UP else AccountKind.CLEARING
    for account in accounts:
        if account.available_minor > 0:
            await transfer(
                tx,
                transfer_id=derived_uuid("wallet.leaving", closure_id, account.account_id),
                debit=AccountKey(account.owner_id, AccountKind(account.kind), account.currency),
                credit=AccountKey(PLATFORM, to, account.currency),
                amount=Money(account.available_minor, account.currency),
                kind=kind,
                at=at,
            )


async def own(tx: Tx, owners: Sequence[int]) -> OwnMoney:
    """All that the wallet holds of these people. Two queries, and one for each account and 500 postings."""
    accounts = await tx.all(store.ACCOUNTS, {"owners": list(owners)})
    found: list[Posting] = []
    for account in accounts:
        page = await postings(tx, account.owner_id, account.account_id, limit=_PAGE)
        while page:
            found += page
            last = (page[-1].at, page[-1].posting_id)
            page = await postings(tx, account.owner_id, account.account_id, before=last, limit=_PAGE)
    return OwnMoney(
        accounts=accounts,
        postings=sorted(found, key=lambda one: (one.at, one.posting_id)),
        holds=await tx.all(store.HOLDS_OF, {"owners": list(owners)}),
    )
