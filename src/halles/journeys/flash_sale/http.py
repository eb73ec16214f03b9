"""Flash sales for shoppers: the list, the page, the ticket, the counter."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from halles.catalog import api as catalog
from halles.flash import api as flash
from halles.journeys.flash_sale.models import SaleList, SaleView, TicketAsked, TicketView
from halles.journeys.flash_sale.rooms import FlashRooms, topic
from halles.journeys.flash_sale.tickets import Given, TicketDesk, asking
from halles.journeys.flash_sale.types import Live
from halles.journeys.flash_sale.view import Pages, brief_of, counter_frame, items_view, page_of
from halles.kernel.caller import Caller, Role
from halles.kernel.language import LanguageDep
from halles.kernel.live import LiveHub, frame, sse
from halles.kernel.web import PROBLEM_RESPONSES, Services, ServicesDep, allow

router = APIRouter(prefix="/api/flash", tags=["flash sales"], responses=PROBLEM_RESPONSES)
_COUNTRY = "FR"
_pages = Pages()
_PACE_S = 0.9
"""The counter is told once a second: more often nobody reads it."""


@router.get("", dependencies=[allow()], operation_id="list_flash_sales")
async def list_sales(services: ServicesDep, language: LanguageDep) -> SaleList:
    """Sales that run or are to come, the next first. Three statements and one more a seller."""
    now = services.clock()
    async with services.db.reading() as tx:
        sales = await flash.open_sales(tx, now)
        items = await flash.items_of(tx, sales) if sales else {}
        infos = {
            seller: await catalog.load_variants(
                tx, seller, [i.variant_id for s in sales if s.seller_id == seller for i in items[s.sale_id]]
            )
            for seller in {sale.seller_id for sale in sales}
        }
    briefs = [brief_of(sale, items[sale.sale_id], infos[sale.seller_id], language, now) for sale in sales]
    return SaleList(now=now, items=briefs)


@router.get("/{sale_id}", dependencies=[allow()], operation_id="flash_sale")
async def sale(sale_id: UUID, services: ServicesDep, language: LanguageDep) -> SaleView:
    """A sale with its articles, prices and counter. Kept in the process: most requests ask the database nothing."""
    live = await services.port(FlashRooms).live(sale_id)
    tick = time.monotonic()
    items = _pages.get(live, language, _COUNTRY, tick)
    if items is None:
        async with services.db.reading() as tx:
            items = await items_view(tx, live, language, _COUNTRY, services.clock())
        _pages.put(live, language, _COUNTRY, tick, items)
    return page_of(live, items, language)


@router.get("/{sale_id}/ticket", operation_id="flash_ticket")
async def ticket(
    sale_id: UUID,
    request: Request,
    response: Response,
    services: ServicesDep,
    caller: Caller = allow(Role.SHOPPER),
) -> TicketView:
    """Where my ticket stands: place, people ahead, how long. With its cookie no statement, without it one."""
    live = await services.port(FlashRooms).live(sale_id)
    who = asking(caller, request.scope["halles.client"])
    given = await services.port(TicketDesk).show(live, who, _cookie(request, live), services.clock())
    return _keep(response, services, live, given)


@router.post("/{sale_id}/ticket", operation_id="ask_flash_ticket")
async def ask_ticket(
    sale_id: UUID,
    body: TicketAsked,
    request: Request,
    response: Response,
    services: ServicesDep,
    caller: Caller = allow(Role.SHOPPER),
) -> TicketView:
    """Join the line, or take my turn up: one ticket a person, whoever asks again gets the same. When it is my turn, the answer
    carries `admission`, which goes with the order. The first time answers 403 `flash.proof_needed` with a small computation to
    do: find a `nonce` so that SHA-256 of `challenge:nonce` begins with `bits` zero bits, and ask again with both."""
    live = await services.port(FlashRooms).live(sale_id)
    who = asking(caller, request.scope["halles.client"])
    given = await services.port(TicketDesk).ask(live, who, _cookie(request, live), body, services.clock())
    return _keep(response, services, live, given)


@router.get(
    "/{sale_id}/events",
    operation_id="watch_flash_sale",
    response_class=StreamingResponse,
    dependencies=[allow()],
)
async def watch(sale_id: UUID, request: Request, services: ServicesDep) -> StreamingResponse:
    """A stream of `counter` events, once a second while something changes: left, sold, watchers, phase, and how far the line is.
    Whoever holds a ticket counts their own place from it, without asking."""
    await services.port(FlashRooms).live(sale_id)
    network = str(request.scope["halles.client"])
    services.port(LiveHub).admit("", network)
    return sse(_counter(services, sale_id, network))


async def _counter(services: Services, sale_id: UUID, network: str) -> AsyncIterator[str]:
    rooms, hub = services.port(FlashRooms), services.port(LiveHub)
    rooms.watching(sale_id, 1)
    try:
        yield frame("", "")
        async for text in hub.follow(
            topic(sale_id),
            [topic(sale_id)],
            lambda: _rendered(rooms, sale_id),
            network=network,
            pace_s=_PACE_S,
        ):
            yield text or frame("", "")
    finally:
        rooms.watching(sale_id, -1)


async def _rendered(rooms: FlashRooms, sale_id: UUID) -> str:
    return counter_frame(await rooms.live(sale_id))


def cookie_name(live: Live) -> str:
    """Each sale's ticket in a cookie of its own."""
    return f"halles_ticket_{live.sale.sale_id.hex[-12:]}"


def _cookie(request: Request, live: Live) -> str | None:
    return request.cookies.get(cookie_name(live))


def _keep(response: Response, services: Services, live: Live, given: Given) -> TicketView:
    response.set_cookie(
        cookie_name(live),
        given.cookie,
        max_age=max(60, int((live.sale.ends_at - given.view.now).total_seconds()) + 3600),
        path=f"/api/flash/{live.sale.sale_id}",
        secure=services.settings.https,
        httponly=True,
        samesite="lax",
    )
    return given.view
