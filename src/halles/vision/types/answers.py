"""All that crosses the border of recognition: photos, codes, candidates, matches, errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NewType, TypeAlias
from uuid import UUID

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    pass

MatchId = NewType("MatchId", UUID)
"""One photo a shopper took; made by the phone, carried by the order line."""

Rgb: TypeAlias = npt.NDArray[np.uint8]
"""uint8[H, W, 3], RGB, upright, without metadata."""

Vector: TypeAlias = npt.NDArray[np.float32]
"""float32[d], L2-normalised where the text says "unit vector"."""

Vectors: TypeAlias = npt.NDArray[np.float32]
"""float32[n, d]."""

MAX_CANDIDATES = 5
"""A shopper is shown five products at most: what fits on a phone without scrolling."""


class Outcome(StrEnum):
    """What a photo came to. `unknown` is an honest "not recognised", never an empty list of guesses."""

    PRODUCT = "product"
    CANDIDATES = "candidates"
    UNKNOWN = "unknown"


class PictureKind(StrEnum):
    """Where a picture in the index comes from: the clean catalogue picture, or a labelled photo taken in a shop."""

    CATALOGUE = "catalogue"
    SHOP = "shop"


Box: TypeAlias = tuple[float, float, float, float]
"""A part of a photo: left, top, width, height, as shares (0 to 1) of the upright photo's sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A barcode found in a photo. `gtin14` is None when its content names no GTIN, or its check digit is wrong. `box`: where;
    None: it was read in a copy that was turned."""

    symbology: str
    text: str
    gtin14: str | None
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What tells a product from another in the same photo: the code that names it, where it lies; None: not known."""

    gtin: str | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A product that the photo may show. `score` is the centred cosine, −1 to 1, comparable within one photo only.

    `variant_id` is None when the best picture belongs to the product as a whole. `part` is None unless the photo shows
    several products, and this is one of them.
    """

    product_id: UUID
    variant_id: int | None
    score: float
    part: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """The answer to one photo.

    `gtins` were read from barcodes (GTIN-14, in order of appearance) and outrank the look: a journey asks the catalogue
    for them first. `outcome` and `candidates` speak of the look alone: exactly one candidate for `product`, two to five
    for `candidates`, none for `unknown`. `more`: a second look (SecondLook), which reads the package, may tell more.
    `stages_ms` is wall time by stage; `cpu_ms` the CPU time of all of them.
    """

    outcome: Outcome
    candidates: tuple[Candidate, ...]
    gtins: tuple[str, ...]
    codes: tuple[Code, ...]
    model_id: str
    cpu_ms: float
    stages_ms: dict[str, float] = field(default_factory=dict[str, float])
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """A picture as the index keeps it: `vector` is float16[d], little-endian, powered, unit length, not centred."""

    model_id: str
    vector: bytes
    cpu_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductText:
    """What is written about a product, in all languages of the catalogue; `package`: read in its pictures `media`."""

    product_id: UUID
    name: str
    description: str
    package: str
    media: tuple[str, ...]


class FoundBy(StrEnum):
    """What named the product: a barcode in the photo, or its look."""

    BARCODE = "barcode"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoMatch:
    """The record of one photo, never the photo itself.

    `outcome` and `candidates` are what the shopper was shown, after the journey asked the catalogue. `gtin` is the code
    that named the product, None when none did. `visitor` is the browser's anonymous id, None when unknown. UTC.
    """

    match_id: MatchId
    seller_id: int
    place_id: int | None
    touchpoint_id: int | None
    visitor: str | None
    model_id: str
    outcome: Outcome
    found_by: FoundBy
    gtin: str | None
    candidates: tuple[Candidate, ...]
    cpu_ms: float
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A product bought after a photo, as the order line tells it."""

    order_id: UUID
    match_id: MatchId
    product_id: UUID
    variant_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoCount:
    """Photos taken in a UTC hour at a place (None: at none), and how many of them were recognised."""

    hour: datetime
    place_id: int | None
    photos: int
    recognised: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Recognition judged by what was bought after it.

    `photos`, of which `unknown` were not recognised. Of `purchases` that came from a photo, `first` bought the product
    shown first, `shown` one of those shown.
    """

    photos: int
    unknown: int
    purchases: int
    first: int
    shown: int

    @property
    def recall_first(self) -> float | None:
        """Share of purchases, 0 to 1; None without purchases."""
        return self.first / self.purchases if self.purchases else None

    @property
    def recall_shown(self) -> float | None:
        """Share of purchases, 0 to 1; None without purchases."""
        return self.shown / self.purchases if self.purchases else None
