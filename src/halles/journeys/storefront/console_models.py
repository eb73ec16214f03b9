"""What the console is told of products and places."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from halles.journeys.storefront.models import ImageModel, OptionView
from halles.kernel.web import Model, MoneyModel


class Both(Model):
    """A text in both languages of the house."""

    fr: str = Field(max_length=10_000)
    en: str = Field(max_length=10_000)


class ProductRow(Model):
    """A product in the console's list. `price`: its cheapest variant in the home currency; `stock`: sellable pieces."""

    product_id: UUID
    title: Both
    brand: str | None
    category: str
    family: str
    image: ImageModel | None
    variants: int
    price: MoneyModel | None
    stock: int
    state: Literal["active", "hidden"]
    updated_at: datetime


class AttributeEdit(Model):
    """An attribute in the editor's language; `label` is for reading only."""

    name: str = Field(min_length=1, max_length=60)
    label: str | None = None
    value: str = Field(max_length=2000)


class ProductEditModel(Model):
    """What a person edits of a product, in one piece."""

    title: Both
    description: Both
    brand: str | None = Field(None, max_length=200)
    category: str = Field(pattern="^[a-z0-9-]+(/[a-z0-9-]+)*$", max_length=200)
    attributes: list[AttributeEdit] = Field(max_length=50)
    state: Literal["active", "hidden"]


class LocationBrief(Model):
    location_id: int
    name: str
    kind: str


class StockAt(Model):
    """Pieces of a variant at a location."""

    location: LocationBrief
    on_hand: int
    reserved: int
    safety: int
    ring_fenced: int
    sellable: int


class VariantFull(Model):
    variant_id: int
    sku: str
    gtin: str | None
    options: list[OptionView]
    images: list[str]
    prices: list[MoneyModel]
    stock: list[StockAt]


class PlaceName(Model):
    place_id: int
    name: str


class SampleAt(Model):
    sample_id: int
    code: str
    position: str
    place: PlaceName


class ProductFull(Model):
    """A product as head office edits it. Send the answer's ETag back as If-Match."""

    product_id: UUID
    title: Both
    description: Both
    brand: str | None
    category: str
    family: str
    attributes: list[AttributeEdit]
    state: Literal["active", "hidden"]
    images: list[ImageModel]
    updated_at: datetime
    variants: list[VariantFull]
    samples: list[SampleAt]


class NewPrice(Model):
    """The price from now on, gross, in minor units."""

    currency: str = Field(pattern="^[A-Z]{3}$")
    minor: int = Field(gt=0, lt=2**53)


Span = Annotated[list[str], Field(min_length=2, max_length=2, examples=[["10:00", "19:00"]])]
"""Local times of a day: from, until."""


class PlaceEditModel(Model):
    """A place. `opening_hours`: by weekday (mon … sun), spans of local time; an absent day is closed."""

    code: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=120)
    kind: Literal["showroom", "store"]
    line1: str | None = Field(None, max_length=200)
    postcode: str | None = Field(None, max_length=20)
    city: str = Field(min_length=1, max_length=120)
    country: str = Field(pattern="^[A-Z]{2}$")
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    timezone: str = Field(max_length=64, examples=["Europe/Paris"])
    currency: str = Field(pattern="^[A-Z]{3}$")
    label_currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    capacity: int | None = Field(None, gt=0, lt=1_000_000)
    opening_hours: dict[str, list[Span]] = Field(default_factory=dict)


class PlaceModel(PlaceEditModel):
    """A place with how many samples stand in it. Send `etag` back as If-Match."""

    place_id: int
    samples: int
    version: int
    etag: str


class NewSample(Model):
    """What to put on display: a product, or one variant of it."""

    product_id: UUID | None = None
    variant_id: int | None = Field(None, ge=1, le=2**62)
    position: str = Field("", max_length=40)


class SampleModel(Model):
    """A piece on display, with what its label says. `price`: of its variant, else of the product's cheapest."""

    sample_id: int
    code: str
    product_id: UUID
    variant_id: int | None
    position: str
    title: Both
    image: ImageModel | None
    options: list[OptionView]
    price: MoneyModel | None


class TouchpointModel(Model):
    """Where shoppers come from; `url` is what its QR code says."""

    touchpoint_id: int
    code: str
    kind: str
    place: PlaceName | None
    url: str
