"""What the shopper's pages are told. Amounts are gross; absent is null."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from halles.kernel.web import Model, MoneyModel


class ImageModel(Model):
    """A picture; `/media/{name}`, and for lists its copies of 640 and 320 px, `/media/{hash}-320.webp`."""

    name: str = Field(examples=["5f1c0c1f0a9a1b7f0e2ddc0f8b7a6c5d4e3f2a1b.webp"])
    width: int
    height: int
    alt: str


class ProductCard(Model):
    """A product in a list. `from_price`: its cheapest variant; `one_price`: no variant costs more. `label_price`: the same in the
    label's currency, for information. `on_display`: a sample stands in the place that was asked about."""

    product_id: UUID
    seller_id: int
    title: str
    brand: str | None
    category: str
    family: str
    image: ImageModel | None
    from_price: MoneyModel | None
    label_price: MoneyModel | None
    variant_count: int
    one_price: bool
    on_display: bool
    sellable: bool


class OptionView(Model):
    """An option of a variant in the reader's language."""

    name: str = Field(examples=["colour"])
    label: str = Field(examples=["Colour"])
    value: str = Field(examples=["Sand"])


class UnitPriceView(Model):
    """The price of one kilogram, litre or piece."""

    money: MoneyModel
    per: Literal["kg", "l", "m", "m2", "piece"]


class TaxView(Model):
    """VAT contained in the price. `rate_bp`: basis points (2000 = 20 %)."""

    included_minor: int
    rate_bp: int


class PromiseView(Model):
    """When and how the goods arrive. `date`: the earliest day; `likely`: by which day half of such orders are there; `latest`:
    the day by which they are there."""

    kind: Literal["delivery", "pickup"]
    date: dt.date
    likely: dt.date | None = None
    latest: dt.date | None
    lane: Literal["hub", "abroad"]
    from_: str = Field(serialization_alias="from", alias="from")
    days: int
    confidence: Literal["kept", "at_risk", "missed"]
    text_key: str = Field(examples=["promise.hub"])


class VariantView(Model):
    """What is put in a basket. `price` is charged; `label_price` beside it is information, with the date of its rate unless the
    seller has set it. `was_price`: the lowest of the thirty days before a reduction, to cross out. `left`: told when few are."""

    variant_id: int
    sku: str
    gtin: str | None
    options: list[OptionView]
    images: list[str]
    price: MoneyModel | None
    was_price: MoneyModel | None
    label_price: MoneyModel | None
    rate_date: dt.date | None
    unit_price: UnitPriceView | None
    tax: TaxView | None
    available: Literal["yes", "few", "no"]
    left: int | None
    promise: PromiseView | None


class AttributeView(Model):
    """Something to know of a product, in the reader's language."""

    name: str
    label: str
    value: str


class ProductView(ProductCard):
    """A product page. `json_ld`: schema.org, for search engines and readers."""

    description: str
    origin: str | None
    attributes: list[AttributeView]
    images: list[ImageModel]
    variants: list[VariantView]
    json_ld: dict[str, Any]


class CategoryView(Model):
    """A category that has products."""

    category: str
    family: str
    title: str
    count: int


class Scanned(Model):
    """Where a code leads. `variant_id` is null when it stands for the product in every variant."""

    product_id: UUID
    variant_id: int | None
    gtin: str | None
    sample_id: int | None


class SellerView(Model):
    seller_id: int
    name: str


class PlaceBrief(Model):
    place_id: int
    code: str
    name: str
    city: str
    country: str


class TouchpointBrief(Model):
    code: str
    kind: str


class PaymentsView(Model):
    """Who takes cards here; `provider` null: nobody, and wallets cannot be topped up."""

    provider: Literal["stripe", "demo"] | None
    publishable_key: str | None


class MeView(Model):
    """Who the caller is; `party_id` is null for a visitor without a session."""

    signed_in: bool
    guest: bool
    party_id: int | None
    name: str | None
    email: str | None
    locale: str
    roles: list[str]
    seller_ids: list[int]
    has_passkey: bool
    currency: str


class Bootstrap(Model):
    """What a page needs before anything else. `currency`: what the shopper pays in here; `label_currency`: shown beside it."""

    seller: SellerView
    place: PlaceBrief | None
    touchpoint: TouchpointBrief | None
    currencies: list[str]
    currency: str
    label_currency: str | None
    languages: list[str]
    demo: bool
    me: MeView
    payments: PaymentsView
    version: str
