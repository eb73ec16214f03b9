"""A shopper's basket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from halles.journeys.basket_view import models, view
from halles.kernel.caller import Caller, Role
from halles.kernel.language import LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, ServicesDep, allow

router = APIRouter(prefix="/api/basket", tags=["basket"], responses=PROBLEM_RESPONSES)

Currency = Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="Absent: that of the touchpoint.")]
Country = Annotated[
    str | None,
    Query(pattern="^[A-Z]{2}$", description="Where it would be sent; absent: where the shopper is."),
]
Touchpoint = Annotated[
    str | None, Query(max_length=100, description="Where the shopper is; absent: the web.")
]
Seller = Annotated[
    int | None, Query(ge=1, le=2**62, description="Whose article it is; absent: the touchpoint's seller's.")
]
VariantId = Annotated[int, Path(ge=1, le=2**62)]


@router.get("")
async def basket(
    services: ServicesDep,
    language: LanguageDep,
    currency: Currency = None,
    country: Country = None,
    touchpoint: Touchpoint = None,
    caller: Caller = allow(Role.SHOPPER),
) -> models.BasketModel:
    """The basket at today's prices, with what can be had and when."""
    async with services.db.snapshot() as tx:
        context = await view.context_of(tx, touchpoint, country=country, currency=currency)
        return await view.basket_page(tx, context, caller.party(), language, services.clock())


@router.put("/lines/{variant_id}")
async def put_line(
    variant_id: VariantId,
    body: models.PutLine,
    services: ServicesDep,
    language: LanguageDep,
    currency: Currency = None,
    country: Country = None,
    caller: Caller = allow(Role.SHOPPER),
) -> models.BasketModel:
    """Set how many pieces of an article the basket holds; 0 takes it out. Repeating it changes nothing."""
    now = services.clock()
    async with services.db.transaction() as tx:
        context = await view.context_of(tx, body.touchpoint, country=country, currency=currency)
        await view.put_line(tx, context, caller.party(), variant_id, body, now)
        return await view.basket_page(tx, context, caller.party(), language, now)


@router.delete("/lines/{variant_id}")
async def remove_line(
    variant_id: VariantId,
    services: ServicesDep,
    language: LanguageDep,
    currency: Currency = None,
    country: Country = None,
    touchpoint: Touchpoint = None,
    seller_id: Seller = None,
    caller: Caller = allow(Role.SHOPPER),
) -> models.BasketModel:
    """Take an article out."""
    now = services.clock()
    async with services.db.transaction() as tx:
        context = await view.context_of(tx, touchpoint, country=country, currency=currency)
        await view.put_line(
            tx,
            context,
            caller.party(),
            variant_id,
            models.PutLine(quantity=0, touchpoint=touchpoint, seller_id=seller_id),
            now,
        )
        return await view.basket_page(tx, context, caller.party(), language, now)
