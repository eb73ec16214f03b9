"""Accounts with their owners, for head office and the operator; and events that wait for a person, for the operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from halles.identity import api as identity
from halles.journeys.back_office import models
from halles.journeys.fulfilment.console import owners_by_email
from halles.journeys.fulfilment.view import owner_of
from halles.kernel import outbox
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.web import (
    PROBLEM_RESPONSES,
    MoneyModel,
    Page,
    ServicesDep,
    allow,
    cursor,
    read_cursor,
)
from halles.orders import api as orders
from halles.wallet import api as wallet
from halles.wallet.types import Account

router = APIRouter(prefix="/api/console", tags=["console"], responses=PROBLEM_RESPONSES)

Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/accounts")
async def accounts(
    services: ServicesDep,
    q: Annotated[str | None, Query(max_length=254, description="An owner's e-mail or party id.")] = None,
    cursor: str | None = None,
    limit: Limit = 50,
    caller: Caller = allow(Role.HEAD_OFFICE, Role.OPERATOR),
) -> models.AccountPage:
    """Accounts with their owners: of one's own sellers and of who ordered from them; an operator sees every account, and on the
    first page what all of them add up to. At most four queries for an operator, mostly five for others."""
    start = (0, 0) if cursor is None else read_cursor(cursor, (int, int))
    after, mine = (start[0], start[1]), caller.sees()
    async with services.db.reading() as tx:
        owners = await _owners(tx, q)
        if mine is None:
            found = await wallet.account_page(tx, owner_ids=owners, after=after, limit=limit + 1)
        else:
            found = await _of_ours(tx, mine, owners, after, limit + 1)
        whole = mine is None and owners is None and cursor is None
        sums = await wallet.sums(tx) if whole else None
        names = await identity.load_names(tx, sorted({account.owner_id for account in found}))
    items = [
        models.LedgerAccountModel(
            account_id=account.account_id,
            owner=owner_of(account.owner_id, names),
            kind=account.kind,
            currency=account.currency,
            balance=MoneyModel(minor=account.balance_minor, currency=account.currency),
            held=MoneyModel(minor=account.held_minor, currency=account.currency),
        )
        for account in found[:limit]
    ]
    return models.AccountPage(
        items=items,
        next=_after(items, found_more=len(found) > limit),
        sums=None
        if sums is None
        else [MoneyModel(minor=row.sum_minor, currency=row.currency) for row in sums],
    )


@router.get("/events/parked", dependencies=[allow(Role.OPERATOR)])
async def parked(services: ServicesDep) -> Page[models.ParkedModel]:
    """Events whose reaction failed too often, the latest first. One query."""
    async with services.db.reading() as tx:
        found = await outbox.parked(tx)
    return Page(items=[models.ParkedModel.model_validate(event, from_attributes=True) for event in found])


@router.post("/events/{event_id}/retry", dependencies=[allow(Role.OPERATOR)], status_code=204)
async def retry(event_id: UUID, services: ServicesDep) -> Response:
    """Try a parked event again from its first attempt."""
    async with services.db.transaction() as tx:
        await outbox.unpark(tx, event_id)
    return Response(status_code=204)


async def _owners(tx: Tx, q: str | None) -> list[int] | None:
    """Whose accounts a search means; None for everybody's."""
    if q is None or not q.strip():
        return None
    text = q.strip()
    return (
        [int(text)]
        if text.isascii() and text.isdigit() and len(text) < 18
        else await owners_by_email(tx, text)
    )


async def _of_ours(
    tx: Tx, sellers: Sequence[int], owners: Sequence[int] | None, after: tuple[int, int], limit: int
) -> list[Account]:
    """Accounts after (owner, account), of these sellers and of their customers; of `owners` among them when given. Two queries
    a turn; a customer without an account makes another turn."""
    own = [seller for seller in sellers if owners is None or seller in owners]
    found: list[Account] = []
    since = after[0]
    while True:
        customers = await orders.customers(tx, sellers, owner_ids=owners, since=since, limit=limit)
        last = customers[-1] if len(customers) == limit else None
        theirs = {
            *customers,
            *(seller for seller in own if seller >= since and (last is None or seller <= last)),
        }
        found += await wallet.account_page(
            tx, owner_ids=sorted(theirs), after=after, limit=limit - len(found)
        )
        if last is None or len(found) >= limit:
            return found
        since = last + 1


def _after(items: list[models.LedgerAccountModel], *, found_more: bool) -> str | None:
    return cursor(items[-1].owner.party_id, items[-1].account_id) if found_more and items else None
