"""What passes between reading a file and saving it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from halles.catalog.types import ProductDraft, Text
from halles.kernel.errors import Invalid


class BadFile(Invalid):
    """A file that is no product file, or breaks off; nothing of it was imported."""

    code, title = "product_import.bad_file", "Not a product file"


class PictureRefused(Invalid):
    """A picture that is not imported, and why; its product is, without it."""

    code, title = "product_import.picture_refused", "Picture not imported"


class NoSellerYet(Invalid):
    """No seller was named, and none can be guessed."""

    code, title = "product_import.no_seller", "Name a seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """What is wrong in a line: `field` as the file calls it. `rejected`: the row was left out (False: only this field was).

    `product` and `sku`: whose row it was, where that could be read; what is known of them already stays as it is.
    """

    line: int
    field: str
    reason: str
    rejected: bool = True
    product: str | None = None
    sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a variant costs: `minor`, or `sale_minor` from `sale_from` (None: at once) until `sale_to` (None: until changed)."""

    sku: str
    currency: str
    minor: int
    sale_minor: int | None = None
    sale_from: datetime | None = None
    sale_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStock:
    """Pieces of a variant that lie at a location when it is first imported. `location` None: the import's default."""

    sku: str
    location: str | None
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A product read from a file, from `rows` rows of it. `pictures` and `variant_pictures` (by SKU): sources as
    written, a path or an address."""

    line: int
    draft: ProductDraft
    rows: int = 1
    pictures: tuple[str, ...] = ()
    variant_pictures: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    terms: tuple[Terms, ...] = ()
    stock: tuple[FirstStock, ...] = ()
    category_title: Text = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to read what a file leaves open.

    `language`: of texts without one ("und": the same in all). `currency`: of prices without one. `price_minor`: the price of
    rows that have none (None: such rows are refused). `stock`, `location`: first stock of variants for which the file says
    nothing (None: none). `allow_private`: pictures may come from private network addresses. `encoding`: of a text file that is
    not UTF-8; None: Windows-1252 is tried, and said.
    """

    language: str = "und"
    currency: str = "EUR"
    price_minor: int | None = None
    tax_category: str = "standard"
    lane: str = "hub"
    family: str | None = None
    stock: int | None = None
    location: str | None = None
    allow_private: bool = False
    encoding: str | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """How an import goes. `total`, `rejected`: rows (a variant each in feeds and tables, a product each in JSON Lines);
    `created`, `changed`, `unchanged`: products. `notes`: sentences for a person."""

    total: int = 0
    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    pictures: int = 0
    errors: list[RowError] = field(default_factory=list[RowError])
    notes: list[str] = field(default_factory=list[str])

    def refuse(self, error: RowError) -> None:
        self.errors.append(error)
        self.rejected += error.rejected
