"""Accounts with their owners, for head office; and events that wait for a person."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from halles.identity import api as identity
from halles.journeys.back_office import models
from halles.journeys.fulfilment.console import owners_by_email
from halles.journeys.fulfilment.view import owner_of
from halles.kernel import outbox
from halles.kernel.caller import Role
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
from halles.wallet import api as wallet

router = APIRouter(prefix="/api/console", tags=["console"], responses=PROBLEM_RESPONSES)

Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/accounts", dependencies=[allow(Role.HEAD_OFFICE)])
async def accounts(
    services: ServicesDep,
    q: Annotated[str | None, Query(max_length=254, description="An owner's e-mail or party id.")] = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[models.AccountModel]:
    """Every account with its owner. At most three queries."""
    after = (0, 0) if cursor is None else read_cursor(cursor, (int, int))
    async with services.db.reading() as tx:
        owners = await _owners(tx, q)
        found = await wallet.account_page(tx, owner_ids=owners, after=(after[0], after[1]), limit=limit + 1)
        names = await identity.load_names(tx, sorted({account.owner_id for account in found}))
    items = [
        models.AccountModel(
            account_id=account.account_id,
            owner=owner_of(account.owner_id, names),
            kind=account.kind,
            currency=account.currency,
            balance=MoneyModel(minor=account.balance_minor, currency=account.currency),
            held=MoneyModel(minor=account.held_minor, currency=account.currency),
        )
        for account in found[:limit]
    ]
    return Page(items=items, next=_after(items, found_more=len(found) > limit))


@router.get("/events/parked", dependencies=[allow(Role.HEAD_OFFICE)])
async def parked(services: ServicesDep) -> Page[models.ParkedModel]:
    """Events whose reaction failed too often, the latest first. One query."""
    async with services.db.reading() as tx:
        found = await outbox.parked(tx)
    return Page(items=[models.ParkedModel.model_validate(event, from_attributes=True) for event in found])


@router.post("/events/{event_id}/retry", dependencies=[allow(Role.HEAD_OFFICE)], status_code=204)
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


def _after(items: list[models.AccountModel], *, found_more: bool) -> str | None:
    return cursor(items[-1].owner.party_id, items[-1].account_id) if found_more and items else None
