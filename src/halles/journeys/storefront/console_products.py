"""The console's products: search, look, change from the version that was seen, set a price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Response

from halles.catalog import api as catalog
from halles.catalog.types import (
    Card,
    Named,
    Product,
    ProductChangedMeanwhile,
    ProductEdit,
    State,
    Text,
    UnknownProduct,
    UnknownVariant,
    Variant,
    VersionNeeded,
)
from halles.inventory import api as inventory
from halles.inventory.types import Location, StockLevel
from halles.journeys.storefront.console_models import (
    AttributeEdit,
    Both,
    LocationBrief,
    NewPrice,
    PlaceName,
    ProductEditModel,
    ProductFull,
    ProductRow,
    SampleAt,
    StockAt,
    VariantFull,
)
from halles.journeys.storefront.product_page import options_of
from halles.journeys.storefront.view import HOME_COUNTRY, image_of, money, sellable_by_variant
from halles.journeys.storefront.words import name_of
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.kernel.language import LanguageDep
from halles.kernel.web import (
    PROBLEM_RESPONSES,
    VERSIONED_RESPONSES,
    MoneyModel,
    Page,
    Services,
    ServicesDep,
    allow,
    cursor,
    etag,
    read_cursor,
)
from halles.places import api as places
from halles.pricing import api as pricing
from halles.pricing.types import PriceChange, Wanted

router = APIRouter(prefix="/api/console", tags=["console: products"], responses=PROBLEM_RESPONSES)
MANAGERS = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)
SellerQuery = Annotated[int | None, Query(description="Needed only by who acts for several sellers.")]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag of what was seen.")]
_HOUSE = ("fr", "en")


@router.get("/products")
async def list_products(
    services: ServicesDep,
    language: LanguageDep,
    q: Annotated[str | None, Query(max_length=200)] = None,
    state: Literal["active", "hidden"] | None = None,
    category: Annotated[str | None, Query(max_length=200)] = None,
    cursor_: Annotated[str | None, Query(alias="cursor", max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    seller_id: SellerQuery = None,
    caller: Caller = allow(*MANAGERS),
) -> Page[ProductRow]:
    """Products, hidden ones too. Three statements, whatever the page's size."""
    seller = caller.need_seller(seller_id)
    after = read_cursor(cursor_, (int, str)) if cursor_ else None
    states = [State(state)] if state else list(State)
    async with services.db.reading() as tx:
        found = await catalog.search(
            tx, seller, q=q, category=category, states=states, after=after, limit=limit + 1
        )
        more = (
            cursor(found[limit - 1].score, str(found[limit - 1].product_id)) if len(found) > limit else None
        )
        found = found[:limit]
        ids = [variant_id for card in found for variant_id in card.variant_ids]
        prices = await pricing.prices(tx, seller, pricing.HOME, ids, services.clock(), country=HOME_COUNTRY)
        stock = sellable_by_variant(await inventory.levels(tx, seller, ids)) if ids else {}
    minors = {variant_id: price.unit.minor for variant_id, price in prices.items()}
    return Page[ProductRow](items=[_row(card, minors, stock, language) for card in found], next=more)


@router.get("/products/{product_id}")
async def show_product(
    product_id: UUID,
    response: Response,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: SellerQuery = None,
    caller: Caller = allow(*MANAGERS),
) -> ProductFull:
    """A product with prices, stock and samples. Seven statements. Its ETag is what a change must name."""
    async with services.db.snapshot() as tx:
        return await _full(tx, services, caller.need_seller(seller_id), product_id, language, response)


@router.put("/products/{product_id}", responses=VERSIONED_RESPONSES)
async def change_product(
    product_id: UUID,
    body: ProductEditModel,
    response: Response,
    services: ServicesDep,
    language: LanguageDep,
    if_match: IfMatch = None,
    seller_id: SellerQuery = None,
    caller: Caller = allow(*MANAGERS),
) -> ProductFull:
    """Change a product from the version that was seen (`If-Match`); 412 when somebody was faster, 428 without the header."""
    seller = caller.need_seller(seller_id)
    if if_match is None:
        raise VersionNeeded("Send the ETag of the product you changed as If-Match.")
    async with services.db.transaction() as tx:
        now = await _product(tx, seller, product_id)
        if if_match != _tag(now.product_id, now.version):
            raise ProductChangedMeanwhile("Somebody changed this product since you opened it. Load it again.")
        edit = ProductEdit(
            title=_text(body.title, now.title),
            description=_text(body.description, now.description),
            brand=body.brand or None,
            category=body.category,
            attributes=tuple(
                _attribute(attribute, now, language)
                for attribute in body.attributes
                if attribute.value.strip()
            ),
            state=State(body.state),
        )
        await catalog.edit_product(tx, seller, product_id, now.version, edit)
        return await _full(tx, services, seller, product_id, language, response)


@router.put("/variants/{variant_id}/price")
async def set_price(
    variant_id: Annotated[int, Path(ge=1, le=2**62)],
    body: NewPrice,
    services: ServicesDep,
    seller_id: SellerQuery = None,
    caller: Caller = allow(*MANAGERS),
) -> MoneyModel:
    """Set a price from now on; what was charged before is kept. Repeating it changes nothing."""
    seller, now = caller.need_seller(seller_id), services.clock()
    async with services.db.transaction() as tx:
        if variant_id not in await catalog.load_variants(tx, seller, [variant_id]):
            raise UnknownVariant("No variant has this id.", variant_id=variant_id)
        change = PriceChange(variant_id=variant_id, currency=body.currency, minor=body.minor, valid_from=now)
        await pricing.set_prices(tx, seller, [change], now)
    return MoneyModel(minor=body.minor, currency=body.currency)


async def _product(tx: Tx, seller: SellerId, product_id: UUID) -> Product:
    found = (await catalog.load_products(tx, seller, [product_id])).get(product_id)
    if found is None:
        raise UnknownProduct("No product has this id.", product_id=str(product_id))
    return found


async def _full(
    tx: Tx, services: Services, seller: SellerId, product_id: UUID, language: str, response: Response
) -> ProductFull:
    product, now = await _product(tx, seller, product_id), services.clock()
    response.headers["etag"] = _tag(product.product_id, product.version)
    ids = [variant.variant_id for variant in product.variants]
    currencies = await pricing.currencies(tx, seller, now)
    wanted = [
        Wanted(seller_id=seller, variant_id=v, currency=c, country=HOME_COUNTRY)
        for v in ids
        for c in currencies
    ]
    prices = await pricing.prices_for(tx, wanted, now)
    levels = await inventory.levels(tx, seller, ids)
    locations = {place.location_id: place for place in await inventory.locations(tx, [seller])}
    samples = await places.samples_of(tx, seller, [product_id])
    names = {place.place_id: place.name for place in await places.list_places(tx, seller)} if samples else {}
    by_variant = {
        v: [money(prices[seller, v, c].unit) for c in currencies if (seller, v, c) in prices] for v in ids
    }
    return ProductFull(
        product_id=product.product_id,
        title=both(product.title),
        description=both(product.description),
        brand=product.brand,
        category=product.category,
        family=product.family,
        attributes=[
            AttributeEdit(name=a.name, label=name_of(a.name, language), value=catalog.pick(a.value, language))
            for a in product.attributes
        ],
        state=product.state.value,
        images=[image_of(image, catalog.pick(product.title, language), language) for image in product.images],
        updated_at=product.updated_at,
        variants=[
            _variant(v, by_variant[v.variant_id], levels, locations, language) for v in product.variants
        ],
        samples=[
            SampleAt(
                sample_id=s.sample_id,
                code=s.code,
                position=s.position,
                place=PlaceName(place_id=s.place_id, name=names[s.place_id]),
            )
            for s in samples
            if s.place_id in names
        ],
    )


def _variant(
    variant: Variant,
    prices: list[MoneyModel],
    levels: Sequence[StockLevel],
    locations: Mapping[int, Location],
    language: str,
) -> VariantFull:
    own = [
        level for level in levels if level.variant_id == variant.variant_id and level.location_id in locations
    ]
    return VariantFull(
        variant_id=variant.variant_id,
        sku=variant.sku,
        gtin=variant.gtin14,
        options=options_of(variant, language),
        images=list(variant.images),
        prices=prices,
        stock=[
            StockAt(
                location=LocationBrief(
                    location_id=level.location_id,
                    name=locations[level.location_id].name,
                    kind=locations[level.location_id].kind,
                ),
                on_hand=level.on_hand,
                reserved=level.reserved,
                safety=level.safety,
                ring_fenced=level.ring_fenced,
                sellable=level.sellable,
            )
            for level in own
        ],
    )


def _row(card: Card, minors: Mapping[int, int], stock: Mapping[int, int], language: str) -> ProductRow:
    priced = [minors[v] for v in card.variant_ids if v in minors]
    return ProductRow(
        product_id=card.product_id,
        title=both(card.title),
        brand=card.brand,
        category=card.category,
        family=card.family,
        image=None
        if card.image is None
        else image_of(card.image, catalog.pick(card.title, language), language),
        variants=card.variants,
        price=MoneyModel(minor=min(priced), currency=pricing.HOME) if priced else None,
        stock=sum(stock.get(v, 0) for v in card.variant_ids),
        state=card.state.value,
        updated_at=card.updated_at,
    )


def both(text: Text) -> Both:
    """A text in both languages, each the best there is."""
    return Both(fr=catalog.pick(text, "fr"), en=catalog.pick(text, "en"))


def _tag(product_id: UUID, version: int) -> str:
    return etag("catalog.product", str(product_id), version)


def _text(edited: Both, before: Text) -> Text:
    """What was edited, with the other languages there were; a text that is the same in both stays language-neutral if it was."""
    others = {
        language: value
        for language, value in before.items()
        if language not in {*_HOUSE, catalog.UNDETERMINED}
    }
    if edited.fr == edited.en and not set(_HOUSE) & before.keys():
        return {**others, **({catalog.UNDETERMINED: edited.fr} if edited.fr else {})}
    return {
        **others,
        **{language: value for language, value in (("fr", edited.fr), ("en", edited.en)) if value.strip()},
    }


def _attribute(edited: AttributeEdit, before: Product, language: str) -> Named:
    """An attribute changed in the editor's language; its other translations stay."""
    nothing: Text = {}
    known = next((a.value for a in before.attributes if a.name == edited.name), nothing)
    if catalog.pick(known, language) == edited.value:
        return Named(name=edited.name, value=known)
    if not known or catalog.UNDETERMINED in known:
        return Named(name=edited.name, value={catalog.UNDETERMINED: edited.value})
    return Named(name=edited.name, value={**known, language: edited.value})
