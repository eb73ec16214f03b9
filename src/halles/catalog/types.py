"""All that crosses the border of the catalogue: products, variants, drafts, codes, import runs, events, errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, NewType, TypeAlias
from uuid import UUID

from halles.kernel.errors import Conflict, Invalid, NotFound

Gtin14 = NewType("Gtin14", str)
"""Fourteen digits, the last a right check digit; shorter GTINs are filled with zeros on the left."""

Text: TypeAlias = dict[str, str]
"""A text by language (`{"en": "Coat", "fr": "Manteau"}`); "und" holds one that is the same in every language."""


class Lane(StrEnum):
    """Where a product usually leaves from: the regional hub, or a warehouse abroad."""

    HUB = "hub"
    ABROAD = "abroad"


class State(StrEnum):
    """Whether shoppers see a product."""

    ACTIVE = "active"
    HIDDEN = "hidden"


class OfferState(StrEnum):
    """`paused`: out for now (a feed's "out of stock"); `ended`: the seller no longer lists it, orders may still name it."""

    ON_SALE = "on_sale"
    PAUSED = "paused"
    ENDED = "ended"


class Condition(StrEnum):
    """A good's condition, in the words of the Google product feed."""

    NEW = "new"
    REFURBISHED = "refurbished"
    USED = "used"


TAX_CATEGORIES = ("standard", "intermediate", "reduced", "super_reduced", "zero")
"""The categories that pricing has rates for, by country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture in the media store: WebP, longest side at most 1600 px; `-640` and `-320` copies beside it."""

    name: str
    width: int
    height: int
    alt: Text = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An option of a variant (`colour`: Sand) or an attribute of a product (`material`: Wool)."""

    name: str
    value: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one piece contains, for the unit price: `amount` > 0 of `unit` (g, kg, ml, cl, l, piece …)."""

    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What is put in a basket: one product in one size and colour. `images`: names among its product's pictures."""

    variant_id: int
    sku: str
    gtin14: Gtin14 | None
    options: tuple[Named, ...]
    images: tuple[str, ...]
    content: Content | None
    weight_g: int | None
    offer: OfferState
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product with everything that belongs to it. `version` grows with each change; pictures in their order."""

    seller_id: int
    product_id: UUID
    external_id: str
    brand: str | None
    family: str
    category: str
    title: Text
    description: Text
    attributes: tuple[Named, ...]
    origin: str | None
    tax_category: str
    lane: Lane
    state: State
    version: int
    updated_at: datetime
    images: tuple[Image, ...]
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A product in a list. `variant_ids`: those on sale, in order. `score` is the search rank, 0 when nothing was asked."""

    seller_id: int
    product_id: UUID
    title: Text
    brand: str | None
    category: str
    family: str
    state: State
    lane: Lane
    image: Image | None
    variant_ids: tuple[int, ...]
    variants: int
    updated_at: datetime
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantInfo:
    """A variant with what baskets, orders and promises show of its product. `image`: its own, else its product's first."""

    seller_id: int
    variant_id: int
    product_id: UUID
    sku: str
    gtin14: Gtin14 | None
    title: Text
    brand: str | None
    family: str
    options: tuple[Named, ...]
    image: str | None
    content: Content | None
    tax_category: str
    lane: Lane
    weight_g: int | None
    offer: OfferState
    condition: Condition
    state: State

    @property
    def buyable(self) -> bool:
        return self.offer == OfferState.ON_SALE and self.state == State.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRef:
    """Where a GTIN leads."""

    seller_id: int
    product_id: UUID
    variant_id: int
    gtin14: Gtin14


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCount:
    """A category that has active products. `title` is empty when nobody has named it."""

    category: str
    family: str
    title: Text
    count: int


# --- drafts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """A variant as a seller describes it."""

    sku: str
    gtin14: Gtin14 | None = None
    options: tuple[Named, ...] = ()
    images: tuple[str, ...] = ()
    content: Content | None = None
    weight_g: int | None = None
    offer: OfferState = OfferState.ON_SALE
    condition: Condition = Condition.NEW


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """A product as a seller describes it; `external_id` is the seller's own name for it, and decides what is a re-import.

    `terms` stands for what the seller said with it and others keep (its prices), so that a change of those counts too.
    """

    external_id: str
    title: Text
    variants: tuple[VariantDraft, ...]
    brand: str | None = None
    family: str = "general"
    category: str = "other"
    description: Text = field(default_factory=dict[str, str])
    attributes: tuple[Named, ...] = ()
    origin: str | None = None
    tax_category: str = "standard"
    lane: Lane = Lane.HUB
    images: tuple[Image, ...] = ()
    terms: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveReport:
    """What saving drafts did. `variant_ids`: by SKU, every draft's; `new_variant_ids`: those this save made; `touched`: the
    external ids of products that were made or changed."""

    created: int
    changed: int
    unchanged: int
    touched: frozenset[str]
    variant_ids: dict[str, int]
    new_variant_ids: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEdit:
    """What the console may change of a product, all of it at once."""

    title: Text
    description: Text
    brand: str | None
    category: str
    attributes: tuple[Named, ...]
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture source that was read once: "file:<hash of its bytes>" or its URL, and what it became."""

    source: str
    name: str
    width: int
    height: int


# --- codes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeItem:
    """What a GS1 code says: the GTIN, and where present batch (AI 10), serial (21) and expiry (17, as YYMMDD)."""

    gtin14: Gtin14
    batch: str | None = None
    serial: str | None = None
    expiry: str | None = None


# --- import runs ------------------------------------------------------------------------------------------------------


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """One import, remembered. `stored`: the uploaded file's name in the imports folder. `errors`: the first of them, each
    `{"line", "field", "reason"}`. `state`: a RunState. `heartbeat` stops moving when the process that runs it died."""

    seller_id: int
    import_id: UUID
    source: str
    stored: str | None
    options: dict[str, Any]
    state: str
    total: int
    created: int
    changed: int
    unchanged: int
    rejected: int
    errors: list[dict[str, Any]]
    failure: str | None
    started_at: datetime
    heartbeat: datetime
    finished_at: datetime | None


# --- events -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanged:
    """A product was made, or anything of it changed."""

    kind: ClassVar[str] = "catalog.product_changed"
    seller_id: int
    product_id: UUID

    def key(self) -> str:
        return f"product:{self.product_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAdvanced:
    """A run of an import got on, or ended."""

    kind: ClassVar[str] = "catalog.import_advanced"
    seller_id: int
    import_id: UUID

    def key(self) -> str:
        return f"import:{self.import_id}"


# --- errors -----------------------------------------------------------------------------------------------------------


class BadGtin(Invalid):
    """Not 8, 12, 13 or 14 digits, or the check digit is wrong."""

    code, title = "catalog.bad_gtin", "Not a GTIN"


class BadCode(Invalid):
    """A text that is neither a GTIN, a GS1 Digital Link nor a GS1 element string."""

    code, title = "catalog.bad_code", "Not a product code"


class UnknownCode(NotFound):
    """A well-formed code that leads to nothing here."""

    code, title = "catalog.unknown_code", "Nothing is known under this code"


class UnknownProduct(NotFound):
    """No product has this id, or shoppers may not see it."""

    code, title = "catalog.unknown_product", "No such product"


class UnknownVariant(NotFound):
    """No variant has this id."""

    code, title = "catalog.unknown_variant", "No such variant"


class UnknownImport(NotFound):
    """No import run has this id."""

    code, title = "catalog.unknown_import", "No such import"


class ProductChangedMeanwhile(Conflict):
    """Somebody else changed the product since it was read."""

    status = 412
    code, title = "catalog.product_changed_meanwhile", "Changed meanwhile"


class VersionNeeded(Invalid):
    """A change must say which version it was made from, in `If-Match`."""

    status = 428
    code, title = "catalog.version_needed", "Say which version you changed"
