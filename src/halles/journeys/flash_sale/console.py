"""Flash sales in the console: plan, change, stop, watch."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from halles.catalog import api as catalog
from halles.catalog.types import UnknownVariant
from halles.flash import api as flash
from halles.flash.types import NoSuchSale, Sale, SaleDraft, SaleItem, Standing
from halles.inventory import api as inventory
from halles.inventory.types import NoSuchLocation
from halles.journeys.flash_sale import planning
from halles.journeys.flash_sale.models import (
    ConsoleBrief,
    ConsoleSale,
    ConsoleSales,
    NewSale,
    SaleEdit,
    SalePlan,
)
from halles.journeys.flash_sale.rooms import FlashRooms
from halles.journeys.flash_sale.view import console_view, title_of
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.kernel.language import LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, Model, Seller, Services, ServicesDep, allow, once

router = APIRouter(prefix="/api/console/flash", tags=["console"], responses=PROBLEM_RESPONSES)
MANAGERS = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)


class Planned(Model):
    """The sale that was made."""

    sale_id: UUID


@router.get("", operation_id="console_flash_sales")
async def list_sales(
    services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*MANAGERS)
) -> ConsoleSales:
    """A seller's sales, the one that starts last first. Two statements."""
    seller, now = caller.need_seller(seller_id), services.clock()
    async with services.db.reading() as tx:
        sales = await flash.sales_of(tx, [seller])
        standing = await flash.standing(tx, sales, now) if sales else {}
    return ConsoleSales(now=now, items=[_brief(one, standing[one.sale_id], services) for one in sales])


@router.post("", status_code=201, response_model=Planned, operation_id="plan_flash_sale")
async def plan(
    body: NewSale, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*MANAGERS)
) -> Response:
    """Plan a sale: its articles, their prices in it, what is fenced off for it, and how people are let in."""
    seller = caller.need_seller(seller_id)

    async def work(tx: Tx) -> Planned:
        await _check_items(tx, seller, body)
        await planning.plan(tx, seller, body.sale_id, _draft(body), services.clock())
        planning.check_in_time(_draft(body), services.clock())
        return Planned(sale_id=body.sale_id)

    sent = body.model_dump_json().encode()
    return await once(services, f"flash.plan:{seller}", str(body.sale_id), sent, work, 201)


@router.get("/{sale_id}", operation_id="console_flash_sale")
async def sale(
    sale_id: UUID, services: ServicesDep, language: LanguageDep, caller: Caller = allow(*MANAGERS)
) -> ConsoleSale:
    """A sale with what it took, who waits, and what was refused, as of the last second."""
    return await _shown(services, caller, sale_id, language)


@router.put("/{sale_id}", operation_id="change_flash_sale")
async def change(
    sale_id: UUID,
    body: SaleEdit,
    services: ServicesDep,
    language: LanguageDep,
    caller: Caller = allow(*MANAGERS),
) -> ConsoleSale:
    """Change a sale before its start, from the version that was seen."""
    seller = await _seller_of(services, caller, sale_id)
    async with services.db.transaction() as tx:
        await _check_items(tx, seller, body)
        await planning.change(tx, seller, sale_id, _draft(body), version=body.version, now=services.clock())
        planning.check_in_time(_draft(body), services.clock())
    await services.port(FlashRooms).refresh()
    return await _shown(services, caller, sale_id, language)


@router.post("/{sale_id}/stop", operation_id="stop_flash_sale")
async def stop(
    sale_id: UUID, services: ServicesDep, language: LanguageDep, caller: Caller = allow(*MANAGERS)
) -> ConsoleSale:
    """End a sale now, or call off one that has not started: prices go back, fences fall, orders that were taken stand."""
    seller = await _seller_of(services, caller, sale_id)
    await planning.stop(services.db, seller, sale_id, services.clock())
    await services.port(FlashRooms).refresh()
    return await _shown(services, caller, sale_id, language)


async def _shown(services: Services, caller: Caller, sale_id: UUID, language: str) -> ConsoleSale:
    live = await services.port(FlashRooms).live(sale_id)
    if not caller.acts_for(live.sale.seller_id):
        raise NoSuchSale("There is no such sale.", sale_id=str(sale_id))
    async with services.db.reading() as tx:
        return await console_view(tx, live, language)


async def _seller_of(services: Services, caller: Caller, sale_id: UUID) -> SellerId:
    """Whose sale it is, if the caller acts for them; else there is no such sale."""
    async with services.db.reading() as tx:
        for found in await flash.sales_by_id(tx, [sale_id]):
            if caller.acts_for(found.seller_id):
                return SellerId(found.seller_id)
    raise NoSuchSale("There is no such sale.", sale_id=str(sale_id))


async def _check_items(tx: Tx, seller_id: SellerId, plan: SalePlan) -> None:
    ids = [item.variant_id for item in plan.items]
    known = await catalog.load_variants(tx, seller_id, ids)
    for variant_id in ids:
        if variant_id not in known:
            raise UnknownVariant("This seller has no such article.", variant_id=variant_id)
    fenced = {item.location_id for item in plan.items if item.location_id is not None}
    places: set[int] = (
        {place.location_id for place in await inventory.locations(tx, [seller_id])} if fenced else set()
    )
    for location_id in fenced - places:
        raise NoSuchLocation("This seller has no such location.", location_id=location_id)


def _draft(plan: SalePlan) -> SaleDraft:
    return SaleDraft(
        title={"fr": plan.title.fr.strip(), "en": plan.title.en.strip()},
        currency=plan.currency,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        quantity=plan.quantity,
        per_customer=plan.per_customer,
        waiting_room=plan.waiting_room,
        prequeue_s=plan.prequeue_s if plan.waiting_room else 0,
        admit_per_s=plan.admit_per_s,
        hold_s=plan.hold_s,
        items=tuple(
            SaleItem(
                variant_id=item.variant_id,
                price_minor=item.price_minor,
                location_id=item.location_id if item.fenced else None,
                fenced=item.fenced,
            )
            for item in plan.items
        ),
    )


def _brief(sale: Sale, standing: Standing, services: Services) -> ConsoleBrief:
    left = sale.quantity - standing.taken
    return ConsoleBrief(
        sale_id=sale.sale_id,
        title=title_of(sale.title),
        phase=flash.phase_of(sale, left=left, now=services.clock()).value,
        starts_at=sale.starts_at,
        ends_at=sale.ends_at,
        stopped_at=sale.stopped_at,
        quantity=sale.quantity,
        taken=standing.taken,
    )
