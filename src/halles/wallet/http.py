"""What a shopper sees of their wallet, and head office of accounts that had to do with it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from halles.kernel.caller import Caller, Role
from halles.kernel.ids import parse_uuid
from halles.kernel.language import Language, LanguageDep
from halles.kernel.web import (
    PROBLEM_RESPONSES,
    BadCursor,
    Model,
    MoneyModel,
    Page,
    ServicesDep,
    allow,
    cursor,
    read_cursor,
)
from halles.wallet import api
from halles.wallet.types import Account, AccountKind, NoSuchAccount, Posting

own = APIRouter(prefix="/api/wallet", tags=["wallet"], responses=PROBLEM_RESPONSES)
console = APIRouter(prefix="/api/console/accounts", tags=["console"], responses=PROBLEM_RESPONSES)

_WORDS = {
    "top_up": ("Money added", "Argent ajouté"),
    "card": ("Paid by card", "Payé par carte"),
    "card_refund": ("Refund to your card", "Remboursement sur votre carte"),
    "card_refund_failed": ("Your bank sent a refund back", "Remboursement rejeté par votre banque"),
    "capture": ("Order paid", "Commande payée"),
    "refund": ("Order refunded", "Commande remboursée"),
    "merge": ("Brought from your visit as a guest", "Repris de votre visite en invité"),
}


class AccountModel(Model):
    """`available` = `balance` - `held`; held money waits for orders on their way."""

    account_id: int
    currency: str
    balance: MoneyModel
    held: MoneyModel
    available: MoneyModel


class WalletModel(Model):
    """The shopper's accounts, one a currency."""

    accounts: list[AccountModel]


class PostingModel(Model):
    """One movement of money; `amount` is negative when it left the account."""

    posting_id: UUID
    at: datetime
    kind: str
    amount: MoneyModel
    text: str
    order_id: UUID | None
    topup_id: UUID | None


@own.get("")
async def wallet(services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> WalletModel:
    """What the caller has, and what of it is held."""
    async with services.db.reading() as tx:
        found = await api.accounts(tx, [caller.party()])
    return WalletModel(accounts=[_account(account) for account in found if account.kind == AccountKind.MAIN])


@own.get("/postings")
async def postings(
    services: ServicesDep,
    language: LanguageDep,
    account_id: Annotated[int, Query(ge=1, le=2**62)],
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    caller: Caller = allow(Role.SHOPPER),
) -> Page[PostingModel]:
    """Movements of one account, the latest first."""
    async with services.db.reading() as tx:
        own = await api.accounts(tx, [caller.party()])
        if account_id not in {account.account_id for account in own}:
            raise NoSuchAccount("You have no such account.", account_id=account_id)
        found = await api.postings(tx, caller.party(), account_id, before=_read(cursor), limit=limit + 1)
    return _page(found, limit, language)


@console.get("/{owner_id}/{account_id}/postings")
async def postings_of(
    owner_id: Annotated[int, Path(ge=1, le=2**62)],
    account_id: Annotated[int, Path(ge=1, le=2**62)],
    services: ServicesDep,
    language: LanguageDep,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    caller: Caller = allow(Role.HEAD_OFFICE, Role.OPERATOR),
) -> Page[PostingModel]:
    """Movements of an account, the latest first: all of one's own, of another's those to and from one's own. An operator sees
    all of anybody's. One query."""
    mine = caller.sees()
    parties = None if mine is None or owner_id in mine else mine
    async with services.db.reading() as tx:
        found = await api.postings(
            tx, owner_id, account_id, parties=parties, before=_read(cursor), limit=limit + 1
        )
    return _page(found, limit, language)


def _page(found: list[Posting], limit: int, language: Language) -> Page[PostingModel]:
    """A page of postings, of which one more than `limit` was read."""
    last = found[limit - 1] if len(found) > limit else None
    following = None if last is None else cursor(last.at.isoformat(), str(last.posting_id))
    return Page(items=[_posting(posting, language) for posting in found[:limit]], next=following)


def _posting(posting: Posting, language: Language) -> PostingModel:
    """A posting in words."""
    english, french = _WORDS.get(posting.kind, (posting.kind, posting.kind))
    return PostingModel(
        posting_id=posting.posting_id,
        at=posting.at,
        kind=posting.kind,
        amount=MoneyModel(minor=posting.amount_minor, currency=posting.currency),
        text=french if language == "fr" else english,
        order_id=posting.order_id,
        topup_id=posting.topup_id,
    )


def _read(text: str | None) -> tuple[datetime, UUID] | None:
    """The (moment, id) in a cursor. Raises BadCursor, BadId."""
    if text is None:
        return None
    moment, found = read_cursor(text, (str, str))
    try:
        return datetime.fromisoformat(moment), parse_uuid(found)
    except ValueError as error:
        raise BadCursor("This cursor cannot be read.") from error


def _account(account: Account) -> AccountModel:
    return AccountModel(
        account_id=account.account_id,
        currency=account.currency,
        balance=MoneyModel(minor=account.balance_minor, currency=account.currency),
        held=MoneyModel(minor=account.held_minor, currency=account.currency),
        available=MoneyModel(minor=account.available_minor, currency=account.currency),
    )


router = APIRouter()
router.include_router(own)
router.include_router(console)
