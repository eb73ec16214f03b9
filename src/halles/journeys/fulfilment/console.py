"""Orders in the console: list, page, and the steps that staff take."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from halles.identity import api as identity
from halles.identity.types import BadEmail
from halles.journeys.fulfilment import models, view
from halles.journeys.fulfilment.http import moment_cursor, read_moment, visible
from halles.journeys.fulfilment.standing import standing
from halles.journeys.fulfilment.steps import take_step
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.language import Language, LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, IdempotencyKey, Page, Services, ServicesDep, allow, once
from halles.orders import api as orders
from halles.orders.types import OrderState, Step

router = APIRouter(prefix="/api/console/orders", tags=["console"], responses=PROBLEM_RESPONSES)


@router.get("")
async def list_sold(
    services: ServicesDep,
    language: LanguageDep,
    state: models.State | None = None,
    q: Annotated[
        str | None, Query(max_length=100, description="An order number, a shopper's e-mail or party id.")
    ] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> Page[models.ConsoleOrderLight]:
    """What the caller's sellers sold, the latest first. At most four queries."""
    async with services.db.reading() as tx:
        tail, owners = await _asked(tx, q)
        found = await orders.list_sold(
            tx,
            sorted(caller.seller_ids),
            state=None if state is None else OrderState[state.upper()],
            tail=tail,
            owner_ids=owners,
            before=read_moment(cursor),
            limit=limit + 1,
        )
        names = await identity.load_names(tx, sorted({order.owner_id for order in found}))
        today = services.clock().date()
        watches = await standing(tx, found, today)
    items = [
        view.console_light(order, language, today, names, watches.get(order.order_id))
        for order in found[:limit]
    ]
    return Page(items=items, next=moment_cursor(found[limit - 1]) if len(found) > limit else None)


@router.get("/{order_id}")
async def sold(
    order_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> models.ConsoleOrder:
    """One order with its owner, postings, stock movements, and why it leaves from where it does. At most eleven queries."""
    async with services.db.snapshot() as tx:
        found = visible(await orders.load_order(tx, order_id), caller)
        return await view.console_page(tx, found, language, services.clock().date())


@router.post("/{order_id}/pack", response_model=models.ConsoleOrder)
async def pack(
    order_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    key: IdempotencyKey,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> Response:
    """The order is packed."""
    return await _step(services, order_id, Step.PACK, key, caller, language)


@router.post("/{order_id}/ship", response_model=models.ConsoleOrder)
async def ship(
    order_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    key: IdempotencyKey,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> Response:
    """The order has left: its stock is gone, its payment is captured."""
    return await _step(services, order_id, Step.SHIP, key, caller, language)


@router.post("/{order_id}/deliver", response_model=models.ConsoleOrder)
async def deliver(
    order_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    key: IdempotencyKey,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> Response:
    """The shopper has it."""
    return await _step(services, order_id, Step.DELIVER, key, caller, language)


@router.post("/{order_id}/cancel", response_model=models.ConsoleOrder)
async def cancel(
    order_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    key: IdempotencyKey,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> Response:
    """The order will not be sent: stock and money are free again."""
    return await _step(services, order_id, Step.CANCEL, key, caller, language)


@router.post("/{order_id}/take-back", response_model=models.ConsoleOrder)
async def take_back(
    order_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    key: IdempotencyKey,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> Response:
    """A delivered order came back whole: its stock is on hand again, its payment is refunded."""
    return await _step(services, order_id, Step.TAKE_BACK, key, caller, language)


async def _step(
    services: Services, order_id: UUID, step: Step, key: str, caller: Caller, language: Language
) -> Response:
    async def work(tx: Tx) -> models.ConsoleOrder:
        found = visible(await orders.load_order(tx, order_id), caller)
        by = f"staff:{caller.party()}"
        after = await take_step(tx, found.seller_id, order_id, step, by=by, at=services.clock())
        return await view.console_page(tx, after, language, services.clock().date())

    return await once(services, f"console.orders.{step}:{caller.party()}", key, order_id.bytes, work)


async def _asked(tx: Tx, q: str | None) -> tuple[str | None, list[int] | None]:
    """What a search means: the tail of order ids, or owners. What means nothing finds nothing."""
    if q is None or not q.strip():
        return None, None
    text = q.strip()
    if "@" in text:
        return None, await owners_by_email(tx, text)
    if text.isascii() and text.isdigit() and len(text) < 8:
        return None, [int(text)]
    tail = orders.read_number(text)
    return (tail, None) if tail is not None else (None, [])


async def owners_by_email(tx: Tx, text: str) -> list[int]:
    """Who has this address: one party or none. One query."""
    try:
        found = await identity.find_by_email(tx, text)
    except BadEmail:
        return []
    return [] if found is None else [found]
