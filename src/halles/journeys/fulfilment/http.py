"""A shopper's orders: list, page, live page, cancel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from halles.identity import api as identity
from halles.journeys.fulfilment import models, view
from halles.journeys.fulfilment.standing import standing
from halles.journeys.fulfilment.steps import take_step
from halles.kernel import lanes
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.ids import parse_uuid
from halles.kernel.language import Language, LanguageDep
from halles.kernel.live import LiveHub, frame, sse
from halles.kernel.web import (
    PROBLEM_RESPONSES,
    BadCursor,
    IdempotencyKey,
    Page,
    Services,
    ServicesDep,
    allow,
    answer,
    cursor,
    once,
    read_cursor,
)
from halles.orders import api as orders
from halles.orders.types import NoSuchOrder, Order, Step, WrongState

router = APIRouter(prefix="/api/orders", tags=["orders"], responses=PROBLEM_RESPONSES)
_SELLING = frozenset({Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT})

Cursor = Annotated[str | None, Query(description="`next` of the page before.")]


@router.get("")
async def list_orders(
    services: ServicesDep,
    language: LanguageDep,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    caller: Caller = allow(Role.SHOPPER),
) -> Page[models.OrderLight]:
    """The caller's orders, the latest first."""
    async with services.db.reading() as tx:
        found = await orders.list_orders(tx, caller.party(), before=read_moment(cursor), limit=limit + 1)
        today = services.clock().date()
        watches = await standing(tx, found, today)
    items = [view.light(order, language, today, watches.get(order.order_id)) for order in found[:limit]]
    return Page(items=items, next=moment_cursor(found[limit - 1]) if len(found) > limit else None)


@router.get("/{order_id}", response_model=models.OrderModel)
async def order(
    order_id: UUID,
    request: Request,
    services: ServicesDep,
    language: LanguageDep,
    caller: Caller = allow(Role.SHOPPER, Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> Response:
    """One order, its owner's or its seller's to see."""
    found, tape = await orders.pages(services.db).page(order_id)
    mine = visible(found, caller).owner_id == caller.party_id
    page = await view.order_body(
        lanes.reads(services.db).tx, found, language, services.clock().date(), parts=mine, tape=tape
    )
    return answer(request, page)


@router.get("/{order_id}/events", response_class=StreamingResponse)
async def live_order(
    order_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    caller: Caller = allow(Role.SHOPPER, Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> StreamingResponse:
    """Server-sent events: the whole order at once and after each change, until it is over. No connection is held meanwhile."""
    services.port(LiveHub).admit(caller.watching())
    async with services.db.reading() as tx:
        visible(await orders.load_order(tx, order_id), caller)
    return sse(live_frames(services, order_id, caller, language))


@router.post("/{order_id}/cancel", response_model=models.OrderModel)
async def cancel_order(
    order_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    key: IdempotencyKey,
    caller: Caller = allow(Role.SHOPPER, Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> Response:
    """Give back stock and money of an order that has not left yet. Refused with `orders.wrong_state` once it has."""

    async def work(tx: Tx) -> models.OrderModel:
        found = visible(await orders.load_order(tx, order_id), caller)
        by = "shopper" if found.owner_id == caller.party_id else f"staff:{caller.party()}"
        after = await take_step(tx, found.seller_id, order_id, Step.CANCEL, by=by, at=services.clock())
        mine = found.owner_id == caller.party_id
        return await view.order_page(tx, after, language, services.clock().date(), parts=mine)

    return await once(services, f"orders.cancel:{caller.party()}", key, order_id.bytes, work)


@router.post("/{order_id}/cancel-all", response_model=models.OrderModel)
async def cancel_whole_order(
    order_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    key: IdempotencyKey,
    caller: Caller = allow(Role.SHOPPER),
) -> models.OrderModel:
    """Cancel every part of an order of several sellers that has not left yet, each in a transaction of its own; those that have
    left go on. The same key again changes nothing."""
    party = caller.party()
    async with services.db.reading() as tx:
        asked = await orders.load_order(tx, order_id)
        if asked.owner_id != party:
            raise NoSuchOrder("No such order.", order_id=str(order_id))
        found = await orders.parts(tx, asked)
    for part in found:
        if orders.can(part.state, Step.CANCEL, part.payment):
            with suppress(WrongState):
                await _cancel_part(services, part, key, party, language)
    async with services.db.snapshot() as tx:
        return await _page(tx, services, order_id, caller, language)


async def _cancel_part(services: Services, part: Order, key: str, party: int, language: Language) -> None:
    async def work(tx: Tx) -> models.OrderModel:
        after = await take_step(
            tx, part.seller_id, part.order_id, Step.CANCEL, by="shopper", at=services.clock()
        )
        return await view.order_page(tx, after, language, services.clock().date())

    await once(services, f"orders.cancel:{party}", f"{key}:{part.seller_id}", part.order_id.bytes, work)


async def _page(
    tx: Tx, services: Services, order_id: UUID, caller: Caller, language: Language
) -> models.OrderModel:
    found = visible(await orders.load_order(tx, order_id), caller)
    mine = found.owner_id == caller.party_id
    return await view.order_page(tx, found, language, services.clock().date(), parts=mine)


async def live_frames(
    services: Services, order_id: UUID, caller: Caller, language: Language
) -> AsyncIterator[str]:
    """What a live page of an order is told, its other sellers' parts included. Watches first, then reads: a change between the
    two wakes the watch.

    Ends with the order, and when the caller may not see it any more.
    """
    hub = services.port(LiveHub)
    async with services.db.reading() as tx:
        family = await orders.parts(tx, await orders.load_order(tx, order_id))
    about = [f"order:{part.order_id}" for part in family]
    watch = cast("AsyncGenerator[str]", hub.watch(about, who=caller.watching()))
    async with aclosing(watch) as topics:
        waiting: asyncio.Future[str] = asyncio.ensure_future(anext(topics))
        try:
            while True:
                async with hub.turns, services.db.snapshot() as tx:
                    present = await _present(tx, services, caller)
                    page = await _page(tx, services, order_id, present, language)
                yield frame("changed", page.model_dump_json(by_alias=True))
                if page.state in _OVER and all(part.state in _OVER for part in page.parts):
                    return
                while (topic := await waiting) == "":
                    waiting = asyncio.ensure_future(anext(topics))
                    yield frame("", "")
                assert topic
                waiting = asyncio.ensure_future(anext(topics))
        except (StopAsyncIteration, NoSuchOrder):
            return
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


async def _present(tx: Tx, services: Services, caller: Caller) -> Caller:
    """The caller with the rights they have now: a stream outlives sign-outs and roles that are taken back. Two statements."""
    if caller.session_id is None:
        return caller
    party_id = caller.party()
    sessions = await identity.list_sessions(tx, party_id, services.clock())
    if all(session.session_id != caller.session_id for session in sessions):
        raise NoSuchOrder("This session has ended.")
    return identity.caller_of(party_id, await identity.roles_of(tx, party_id), guest=caller.guest)


_OVER = frozenset(state.word for state in orders.TERMINAL)


def visible(order: Order, caller: Caller) -> Order:
    """The order, when it is the caller's or that of a seller they act for. Raises NoSuchOrder, which tells nothing."""
    if order.owner_id == caller.party_id or (caller.roles & _SELLING and caller.acts_for(order.seller_id)):
        return order
    raise NoSuchOrder("No such order.", order_id=str(order.order_id))


def moment_cursor(order: Order) -> str:
    """The cursor after this order in a list by time."""
    return cursor(order.placed_at.isoformat(), str(order.order_id))


def read_moment(text: str | None) -> tuple[datetime, UUID] | None:
    """The (moment, id) of a cursor made by `moment_cursor`. Raises BadCursor, BadId."""
    if text is None:
        return None
    moment, found = read_cursor(text, (str, str))
    return read_iso(moment), parse_uuid(found)


def read_iso(text: str) -> datetime:
    """A moment in a cursor. Raises BadCursor."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCursor("This cursor cannot be read.") from error
