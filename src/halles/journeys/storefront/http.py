"""The shop's pages as data."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, TypeAdapter

import halles
from halles.catalog import api as catalog
from halles.identity import api as identity
from halles.journeys.storefront import codes
from halles.journeys.storefront.console_places import router as console_places
from halles.journeys.storefront.console_products import router as console_products
from halles.journeys.storefront.models import (
    Bootstrap,
    CategoryView,
    MeView,
    PaymentsView,
    PlaceBrief,
    ProductCard,
    ProductView,
    Scanned,
    SellerView,
    TouchpointBrief,
)
from halles.journeys.storefront.product_page import product_page
from halles.journeys.storefront.view import cards_of, view_of
from halles.journeys.storefront.words import category_name
from halles.kernel.caller import Caller
from halles.kernel.db import Tx
from halles.kernel.language import LanguageDep
from halles.kernel.web import (
    PROBLEM_RESPONSES,
    Page,
    Services,
    ServicesDep,
    allow,
    cursor,
    etag,
    not_modified,
    read_cursor,
)
from halles.places import api as places
from halles.places.types import UnknownTouchpoint
from halles.pricing import api as pricing

router = APIRouter(tags=["storefront"], responses=PROBLEM_RESPONSES)
Currency = Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="Absent: the place's.")]
PlaceId = Annotated[
    int | None,
    Query(
        alias="place",
        ge=1,
        le=2**62,
        description="Look from this place: its currencies, what it has on display.",
    ),
]
_CATEGORIES = TypeAdapter(list[CategoryView])


@router.get("/api/bootstrap", response_model=Bootstrap)
async def bootstrap(
    services: ServicesDep,
    language: LanguageDep,
    touchpoint: Annotated[str | None, Query(max_length=100)] = None,
    caller: Caller = allow(),
) -> Bootstrap:
    """What a page needs before anything else: whose shop, which place, which currencies, who the caller is. Four statements."""
    async with services.db.reading() as tx:
        point = await places.find_touchpoint(tx, touchpoint)
        if point is None:
            raise UnknownTouchpoint("There is no shop here yet: import products, or start the demo.")
        names = await identity.load_names(tx, [point.seller_id])
        currencies = await pricing.currencies(tx, point.seller_id, services.clock())
        me = await _me(tx, caller, language)
    place = None
    if point.place_id is not None:
        place = PlaceBrief(
            place_id=point.place_id,
            code=point.place_code or "",
            name=point.place_name or "",
            city=point.city or "",
            country=point.country or "",
        )
    home = point.currency or pricing.HOME
    return Bootstrap(
        seller=SellerView(seller_id=point.seller_id, name=names.get(point.seller_id, "")),
        place=place,
        touchpoint=TouchpointBrief(code=point.code, kind=point.kind),
        currencies=currencies or [home],
        currency=home,
        label_currency=point.label_currency,
        languages=["fr", "en"],
        demo=services.settings.demo,
        me=me,
        payments=_payments(services),
        version=halles.__version__,
    )


@router.get("/api/products", response_model=Page[ProductCard], dependencies=[allow()])
async def list_products(
    request: Request,
    services: ServicesDep,
    language: LanguageDep,
    q: Annotated[str | None, Query(max_length=200)] = None,
    category: Annotated[
        str | None, Query(max_length=200, description="A category path; what lies below it is included.")
    ] = None,
    family: Annotated[str | None, Query(max_length=200)] = None,
    place: PlaceId = None,
    cursor_: Annotated[str | None, Query(alias="cursor", max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    currency: Currency = None,
) -> Response:
    """Products, the best matches first when something is asked. At most six statements, whatever the page's size."""
    after = read_cursor(cursor_, (int, str)) if cursor_ else None
    async with services.db.lagging() as tx:
        view = await view_of(tx, place_id=place, currency=currency, language=language, now=services.clock())
        found = await catalog.search(
            tx, view.seller_id, q=q, category=category, family=family, after=after, limit=limit + 1
        )
        more = len(found) > limit
        found = found[:limit]
        cards = await cards_of(tx, view, found) if found else []
    next_ = cursor(found[-1].score, str(found[-1].product_id)) if more else None
    return validated(request, Page[ProductCard](items=cards, next=next_))


@router.get("/api/categories", response_model=list[CategoryView], dependencies=[allow()])
async def list_categories(
    request: Request, services: ServicesDep, language: LanguageDep, place: PlaceId = None
) -> Response:
    """Categories that have products, with how many. Two statements."""
    async with services.db.lagging() as tx:
        view = await view_of(tx, place_id=place, language=language, now=services.clock())
        found = await catalog.categories(tx, view.seller_id)
    shown = [
        CategoryView(
            category=c.category,
            family=c.family,
            title=category_name(c.category, c.title, language),
            count=c.count,
        )
        for c in found
    ]
    return answer(request, _CATEGORIES.dump_json(shown))


@router.get(
    "/api/products/{product_id}",
    response_model=ProductView,
    response_model_by_alias=True,
    dependencies=[allow()],
)
async def show_product(
    product_id: UUID,
    request: Request,
    services: ServicesDep,
    language: LanguageDep,
    place: PlaceId = None,
    currency: Currency = None,
) -> Response:
    """A product with its variants, prices, taxes, stock and promises. At most nine statements."""
    async with services.db.snapshot() as tx:
        view = await view_of(tx, place_id=place, currency=currency, language=language, now=services.clock())
        page = await product_page(tx, view, product_id, public_url=services.settings.public_url)
    return validated(request, page)


@router.get("/api/scan/{code:path}", response_model=Scanned, dependencies=[allow()])
async def scan(code: str, services: ServicesDep, request: Request) -> Scanned:
    """Where a code leads: a GTIN in any form, a GS1 Digital Link (URL-encoded), an element string, a sample's code."""
    query = request.url.query
    async with services.db.reading() as tx:
        return await codes.resolve(tx, f"{code}?{query}" if query else code)


@router.get("/01/{rest:path}", dependencies=[allow()], response_class=RedirectResponse, status_code=302)
async def digital_link(rest: str, request: Request, services: ServicesDep, language: LanguageDep) -> Response:
    """GS1 Digital Link resolver: to the product's page, or the link set for whoever accepts `application/linkset+json`."""
    query = f"?{request.url.query}" if request.url.query else ""
    (item,) = catalog.readings(f"/01/{rest}{query}")
    async with services.db.reading() as tx:
        found = await codes.resolve_items(tx, (item,))
        if (
            codes.LINK_SET not in request.headers.get("accept", "")
            and request.query_params.get("linkType") != "linkset"
        ):
            return RedirectResponse(codes.page_path(found, request.query_params.get("t")), status_code=302)
        cards = await catalog.load_cards(
            tx, (await view_of(tx, language=language, now=services.clock())).seller_id, [found.product_id]
        )
    card = cards.get(found.product_id)
    title = catalog.pick(card.title, language) if card else item.gtin14
    body = codes.link_set(item, found, title=title, public_url=services.settings.public_url)
    return JSONResponse(body, media_type=codes.LINK_SET, headers={"vary": "accept, accept-language"})


@router.get("/s/{sample_code}", dependencies=[allow()], response_class=RedirectResponse, status_code=302)
async def sample(sample_code: str, services: ServicesDep) -> Response:
    """A sample's QR code: to its product's page, with the place's touchpoint."""
    async with services.db.reading() as tx:
        found = await places.find_sample(tx, sample_code)
        if found is None:
            raise codes.UnknownCode("No sample has this code.")
        points = await places.list_touchpoints(tx, found.seller_id)
    here = sorted((p.kind != "qr", p.code) for p in points if p.place_id == found.place_id)
    scanned = Scanned(
        product_id=found.product_id, variant_id=found.variant_id, gtin=None, sample_id=found.sample_id
    )
    return RedirectResponse(codes.page_path(scanned, here[0][1] if here else None), status_code=302)


def validated(request: Request, body: BaseModel) -> Response:
    """A body with its validator, or 304 when the caller has it."""
    return answer(request, body.model_dump_json(by_alias=True).encode())


def answer(request: Request, body: bytes) -> Response:
    response = Response(
        body,
        media_type="application/json",
        headers={"cache-control": "private, no-cache", "vary": "accept-language"},
    )
    if not_modified(request, response, etag(body)):
        return Response(
            status_code=304,
            headers={
                "etag": response.headers["etag"],
                "cache-control": "private, no-cache",
                "vary": "accept-language",
            },
        )
    return response


def _payments(services: Services) -> PaymentsView:
    settings = services.settings
    if settings.stripe_secret_key is not None:
        return PaymentsView(provider="stripe", publishable_key=settings.stripe_publishable_key)
    return PaymentsView(provider="demo" if settings.demo else None, publishable_key=None)


async def _me(tx: Tx, caller: Caller, language: str) -> MeView:
    if caller.party_id is None:
        return MeView(
            signed_in=False, guest=False, party_id=None, name=None, email=None, locale=language, roles=[], seller_ids=[],
            has_passkey=False, currency=pricing.HOME,
        )  # fmt: skip
    party = await identity.party(tx, caller.party_id)
    return MeView(
        signed_in=not party.guest,
        guest=party.guest,
        party_id=party.party_id,
        name=party.name,
        email=party.email,
        locale=party.locale,
        roles=sorted(caller.roles),
        seller_ids=sorted(caller.seller_ids),
        has_passkey=party.passkeys > 0,
        currency=party.currency,
    )


router.include_router(console_products)
router.include_router(console_places)
