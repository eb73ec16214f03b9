"""The console's places: shops, their touchpoints, the samples on display."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from halles.catalog import api as catalog
from halles.catalog.types import Product, UnknownProduct, UnknownVariant, Variant, VersionNeeded
from halles.journeys.storefront.console_models import (
    NewSample,
    PlaceEditModel,
    PlaceModel,
    PlaceName,
    SampleModel,
    TouchpointModel,
)
from halles.journeys.storefront.console_products import MANAGERS, IfMatch, SellerQuery, both
from halles.journeys.storefront.product_page import options_of
from halles.journeys.storefront.view import image_of, money
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.kernel.language import LanguageDep
from halles.kernel.money import Money
from halles.kernel.web import PROBLEM_RESPONSES, VERSIONED_RESPONSES, ServicesDep, allow, etag
from halles.places import api as places
from halles.places.types import Place, PlaceChangedMeanwhile, PlaceDraft, Sample
from halles.pricing import api as pricing

router = APIRouter(prefix="/api/console", tags=["console: places"], responses=PROBLEM_RESPONSES)
PlaceId = Annotated[int, Path(ge=1, le=2**62)]


@router.get("/places")
async def list_places(
    services: ServicesDep, seller_id: SellerQuery = None, caller: Caller = allow(*MANAGERS)
) -> list[PlaceModel]:
    """Places by name, each with its ETag. Two statements."""
    seller = caller.need_seller(seller_id)
    async with services.db.reading() as tx:
        found = await places.list_places(tx, seller)
        counts = await places.count_samples(tx, seller)
    return [_place(place, counts.get(place.place_id, 0)) for place in found]


@router.post("/places", status_code=201)
async def add_place(
    body: PlaceEditModel,
    services: ServicesDep,
    seller_id: SellerQuery = None,
    caller: Caller = allow(Role.HEAD_OFFICE),
) -> PlaceModel:
    """Open a place."""
    async with services.db.transaction() as tx:
        made = await places.add_place(tx, caller.need_seller(seller_id), _draft(body))
    return _place(made, 0)


@router.put("/places/{place_id}", responses=VERSIONED_RESPONSES)
async def change_place(
    place_id: PlaceId,
    body: PlaceEditModel,
    services: ServicesDep,
    if_match: IfMatch = None,
    seller_id: SellerQuery = None,
    caller: Caller = allow(Role.HEAD_OFFICE),
) -> PlaceModel:
    """Change a place from the version that was seen (`If-Match`); 412 when somebody was faster, 428 without the header."""
    seller = caller.need_seller(seller_id)
    if if_match is None:
        raise VersionNeeded("Send the ETag of the place you changed as If-Match.")
    async with services.db.transaction() as tx:
        now = await places.place(tx, place_id, seller)
        if if_match != _tag(now):
            raise PlaceChangedMeanwhile("Somebody changed this place since you opened it. Load it again.")
        made = await places.change_place(tx, seller, place_id, now.version, _draft(body))
        counts = await places.count_samples(tx, seller)
    return _place(made, counts.get(place_id, 0))


@router.get("/places/{place_id}/samples")
async def list_samples(
    place_id: PlaceId,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: SellerQuery = None,
    caller: Caller = allow(*MANAGERS),
) -> list[SampleModel]:
    """What is on display, with its price in the place's currency. Four statements."""
    seller = caller.need_seller(seller_id)
    async with services.db.reading() as tx:
        place = await places.place(tx, place_id, seller)
        found = await places.samples(tx, seller, place_id)
        return await _samples(tx, place, found, language, services.clock())


@router.post("/places/{place_id}/samples", status_code=201)
async def add_sample(
    place_id: PlaceId,
    body: NewSample,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: SellerQuery = None,
    caller: Caller = allow(*MANAGERS),
) -> SampleModel:
    """Put a product, or one variant of it, on display; its code is made and never given again."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        place = await places.place(tx, place_id, seller)
        product_id = await _sampled(tx, seller, body)
        made = await places.add_sample(
            tx,
            seller,
            place_id,
            product_id=product_id,
            variant_id=body.variant_id,
            position=body.position.strip(),
        )
        return (await _samples(tx, place, [made], language, services.clock()))[0]


@router.delete("/places/{place_id}/samples/{sample_id}", status_code=204)
async def remove_sample(
    place_id: PlaceId,
    sample_id: Annotated[int, Path(ge=1, le=2**62)],
    services: ServicesDep,
    seller_id: SellerQuery = None,
    caller: Caller = allow(*MANAGERS),
) -> Response:
    """Take a sample off display."""
    async with services.db.transaction() as tx:
        await places.remove_sample(tx, caller.need_seller(seller_id), place_id, sample_id)
    return Response(status_code=204)


@router.get("/touchpoints")
async def list_touchpoints(
    services: ServicesDep, seller_id: SellerQuery = None, caller: Caller = allow(*MANAGERS)
) -> list[TouchpointModel]:
    """Touchpoints with the address their QR code says. One statement."""
    async with services.db.reading() as tx:
        found = await places.list_touchpoints(tx, caller.need_seller(seller_id))
    base = services.settings.public_url.rstrip("/")
    return [
        TouchpointModel(
            touchpoint_id=point.touchpoint_id,
            code=point.code,
            kind=point.kind,
            place=None
            if point.place_id is None
            else PlaceName(place_id=point.place_id, name=point.place_name or ""),
            url=f"{base}/?t={point.code}",
        )
        for point in found
    ]


async def _sampled(tx: Tx, seller: SellerId, body: NewSample) -> UUID:
    """The product of a new sample. Raises UnknownVariant, UnknownProduct."""
    if body.variant_id is not None:
        variant = (await catalog.load_variants(tx, seller, [body.variant_id])).get(body.variant_id)
        if variant is None or body.product_id not in {None, variant.product_id}:
            raise UnknownVariant("This product has no such variant.", variant_id=body.variant_id)
        return variant.product_id
    if body.product_id is None or body.product_id not in await catalog.load_products(
        tx, seller, [body.product_id]
    ):
        raise UnknownProduct("No product has this id.", product_id=str(body.product_id))
    return body.product_id


async def _samples(
    tx: Tx, place: Place, found: Sequence[Sample], language: str, now: datetime
) -> list[SampleModel]:
    products = await catalog.load_products(tx, place.seller_id, {sample.product_id for sample in found})
    ids = [variant.variant_id for product in products.values() for variant in product.variants]
    prices = await pricing.prices(tx, place.seller_id, place.currency, ids, now, country=place.country)
    units = {variant_id: price.unit for variant_id, price in prices.items()}
    return [
        _sample(sample, products[sample.product_id], units, language)
        for sample in found
        if sample.product_id in products
    ]


def _sample(sample: Sample, product: Product, units: Mapping[int, Money], language: str) -> SampleModel:
    variants: list[Variant] = [v for v in product.variants if sample.variant_id in {None, v.variant_id}]
    priced = [units[v.variant_id] for v in variants if v.variant_id in units]
    price = min(priced, key=lambda unit: unit.minor, default=None)
    own = variants[0] if sample.variant_id is not None and variants else None
    image = next(
        (i for i in product.images if own is not None and i.name in own.images),
        next(iter(product.images), None),
    )
    return SampleModel(
        sample_id=sample.sample_id,
        code=sample.code,
        product_id=sample.product_id,
        variant_id=sample.variant_id,
        position=sample.position,
        title=both(product.title),
        image=None if image is None else image_of(image, catalog.pick(product.title, language), language),
        options=[] if own is None else options_of(own, language),
        price=None if price is None else money(price),
    )


def _draft(body: PlaceEditModel) -> PlaceDraft:
    fields = body.model_dump()
    fields["opening_hours"] = {
        day: [list(span) for span in spans] for day, spans in body.opening_hours.items() if spans
    }
    return PlaceDraft(**fields)


def _place(place: Place, samples: int) -> PlaceModel:
    fields = {name: value for name, value in asdict(place).items() if name not in {"seller_id", "updated_at"}}
    return PlaceModel(**fields, samples=samples, etag=_tag(place))


def _tag(place: Place) -> str:
    return etag("places.place", place.place_id, place.version)
