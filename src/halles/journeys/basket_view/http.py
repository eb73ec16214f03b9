"""A shopper's basket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from halles.journeys.basket_view import models
from halles.journeys.basket_view.service import Baskets
from halles.kernel.caller import Caller, Role
from halles.kernel.language import LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, ServicesDep, allow, plainly

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


@router.get("", response_model=models.BasketModel)
async def basket(
    services: ServicesDep,
    language: LanguageDep,
    currency: Currency = None,
    country: Country = None,
    touchpoint: Touchpoint = None,
    caller: Caller = allow(Role.SHOPPER),
) -> Response:
    """The basket at today's prices, with what can be had and when."""
    baskets = services.port(Baskets)
    context = await baskets.context(touchpoint, country=country, currency=currency)
    return plainly(await baskets.page(context, caller.party(), language))


@router.put("/lines/{variant_id}", response_model=models.BasketModel)
async def put_line(
    variant_id: VariantId,
    body: models.PutLine,
    services: ServicesDep,
    language: LanguageDep,
    currency: Currency = None,
    country: Country = None,
    caller: Caller = allow(Role.SHOPPER),
) -> Response:
    """Set how many pieces of an article the basket holds; 0 takes it out. Repeating it changes nothing."""
    baskets = services.port(Baskets)
    context = await baskets.context(body.touchpoint, country=country, currency=currency)
    return plainly(await baskets.put(context, caller.party(), variant_id, body, language))


@router.delete("/lines/{variant_id}", response_model=models.BasketModel)
async def remove_line(
    variant_id: VariantId,
    services: ServicesDep,
    language: LanguageDep,
    currency: Currency = None,
    country: Country = None,
    touchpoint: Touchpoint = None,
    seller_id: Seller = None,
    caller: Caller = allow(Role.SHOPPER),
) -> Response:
    """Take an article out."""
    baskets = services.port(Baskets)
    context = await baskets.context(touchpoint, country=country, currency=currency)
    body = models.PutLine(quantity=0, touchpoint=touchpoint, seller_id=seller_id)
    return plainly(await baskets.put(context, caller.party(), variant_id, body, language))
