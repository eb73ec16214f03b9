"""All that crosses the border of recognition: photos, codes, candidates, matches, errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol, TypeAlias
from uuid import UUID

import numpy as np
import numpy.typing as npt

from halles.kernel.errors import Conflict, Invalid, NotFound, PayloadTooLarge, TooMany, Unavailable

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A barcode found in a photo. `gtin14` is None when its content names no GTIN, or its check digit is wrong."""

    symbology: str
    text: str
    gtin14: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A product that the photo may show. `score` is the centred cosine, −1 to 1, comparable within one photo only.

    `variant_id` is None when the best picture belongs to the product as a whole.
    """

    product_id: UUID
    variant_id: int | None
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """The answer to one photo.

    `gtins` were read from barcodes (GTIN-14, in order of appearance) and outrank the look: a journey asks the catalogue
    for them first. `outcome` and `candidates` speak of the look alone: exactly one candidate for `product`, two to five
    for `candidates`, none for `unknown`. `stages_ms` is wall time by stage; `cpu_ms` the CPU time of all of them.
    """

    outcome: Outcome
    candidates: tuple[Candidate, ...]
    gtins: tuple[str, ...]
    codes: tuple[Code, ...]
    model_id: str
    cpu_ms: float
    stages_ms: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """A picture as the index keeps it: `vector` is float16[d], little-endian, powered, unit length, not centred."""

    model_id: str
    vector: bytes
    cpu_ms: float


class Recogniser(Protocol):
    """Turns untrusted bytes into answers; the one door behind which a photo is decoded.

    Its methods raise the errors of this module: NotAPhoto, PhotoUnsupported, PhotoDamaged, PhotoTooLarge and
    PhotoTooSmall for the photo, InferenceBusy with a time to come back, InferenceUnavailable when nothing answers.
    """

    async def model_id(self) -> str:
        """Which model answers: vectors of another one cannot be compared with its."""
        ...

    async def recognise(self, photo: bytes, *, seller_id: int, place_id: int | None) -> Recognition:
        """What the photo shows among the seller's products; `place_id` None: no particular shop."""
        ...

    async def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        """The vector of a picture for the index; a photo taken in a shop is seen as a shopper's photo would be."""
        ...


class Engine(Protocol):
    """What looks at pixels, for one thread at a time; `api.open_engine` makes one, the inference process owns it."""

    @property
    def model_id(self) -> str: ...

    def states(self) -> Mapping[int, IndexState]:
        """The index state of each seller that was loaded so far."""
        ...

    def recognise(self, photo: bytes, seller_id: int) -> Recognition:
        """What the photo shows; `unknown` for a seller without pictures. Raises what a photo is refused with."""
        ...

    def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        """A picture's vector, as the index stores it. Raises what a photo is refused with."""
        ...

    def apply(self, change: IndexChange) -> None:
        """Takes in what changed in the store."""
        ...

    def learn_photos(self, seller_id: int, stored: PhotoStatistics) -> None:
        """Takes in the mean of photos as the store has it, this process's own contribution included."""
        ...

    def take_fresh_photos(self) -> Mapping[int, PhotoStatistics]:
        """What was learned of photos since the last call, where it is enough to be anonymous; forgets it."""
        ...


# --- errors -----------------------------------------------------------------------------------------------------------


class NotAPhoto(Invalid):
    """The bytes are no JPEG, PNG, WebP or GIF, whatever their name says."""

    code, title = "vision.not_a_photo", "Not a photo"


class PhotoUnsupported(Invalid):
    """A photo in a format Halles does not open (HEIC, AVIF, TIFF …)."""

    code, title = "vision.photo_unsupported", "Photo format not supported"


class PhotoDamaged(Invalid):
    """The photo is cut short or broken inside."""

    code, title = "vision.photo_damaged", "Photo damaged"


class PhotoTooLarge(PayloadTooLarge):
    """More bytes or more pixels than a phone's photo has."""

    code, title = "vision.photo_too_large", "Photo too large"


class PhotoTooSmall(Invalid):
    """Too few pixels to recognise anything by."""

    code, title = "vision.photo_too_small", "Photo too small"


class ModelMissing(Unavailable):
    """A model file or its sidecar is not where the settings say."""

    code, title = "vision.model_missing", "Vision model missing"

    def __init__(self, *, file: str, reason: str) -> None:
        super().__init__(f"the vision model {file} cannot be used: {reason}", retry_after_s=60.0, file=file)


class ModelDamaged(Unavailable):
    """A model file is not the one its sidecar describes."""

    code, title = "vision.model_damaged", "Vision model damaged"

    def __init__(self, *, file: str, reason: str) -> None:
        super().__init__(f"the vision model {file} is damaged: {reason}", retry_after_s=60.0, file=file)


class InferenceBusy(TooMany):
    """More photos wait than the inference process takes."""

    code, title = "vision.busy", "Too many photos at once"


class InferenceUnavailable(Unavailable):
    """The inference process does not answer, or not in time."""

    code, title = "vision.unavailable", "Recognition does not answer"


class FeatureNotAvailable(Invalid):
    """An option of the evaluation that this release does not have yet."""

    code, title = "vision.feature_not_available", "Not available yet"


class EvaluationInput(Invalid):
    """A catalogue or photo list that cannot be evaluated."""

    code, title = "vision.evaluation_input", "Evaluation input unusable"


class MatchNotFound(NotFound):
    """No photo match has this id."""

    code, title = "vision.match_not_found", "Photo match not found"


class MatchConflict(Conflict):
    """The match id is already taken by another photo, or its purchase is already recorded otherwise."""

    code, title = "vision.match_conflict", "Photo match recorded otherwise"


# --- records ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePicture:
    """A picture to index. `media` names it by content, so that the same picture is embedded once.

    `variant_id` None: it shows the product as a whole. `place_id` None: it belongs to no particular shop.
    """

    product_id: UUID
    variant_id: int | None
    media: str
    kind: PictureKind = PictureKind.CATALOGUE
    place_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRow:
    """A picture as the store has it; `vector` is float16[d], little-endian."""

    product_id: UUID
    variant_id: int | None
    media: str
    kind: PictureKind
    vector: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    """How far an index is: a reader whose version is below `rebuilt` must load everything again."""

    version: int
    rebuilt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoStatistics:
    """The mean of `photos` photos as float32[d], little-endian."""

    photos: int
    mean: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChange:
    """What a reader's index lacks: `rows` to put in, `anew` when they are all there is, and the state it then has.

    `photos` None: no mean of photos is stored yet.
    """

    seller_id: int
    state: IndexState
    rows: list[PictureRow]
    anew: bool
    photos: PhotoStatistics | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What indexing did: pictures embedded now, known before, and refused with the error code of each."""

    embedded: int
    known: int
    refused: dict[str, str]


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
