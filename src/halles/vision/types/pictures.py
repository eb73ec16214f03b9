"""Pictures, the index that finds them, and what phones carry of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from halles.vision.types.answers import PictureKind


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
class IndexSize:
    """How large an index is: `pictures` that can be found, of which `fresh` came after its files were written.

    `generation` names the files; None: it is exact, in memory alone, and all of it is fresh.
    """

    pictures: int
    fresh: int
    generation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedIndex:
    """A large index opened from its files and brought up to `state`; `index` is the adapters' matter."""

    seller_id: int
    generation: str
    state: IndexState
    index: object


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFile:
    """What `halles vision index` tells of a seller's index.

    `version` is the store's; `generation`, `file_version`, `built_at` (UTC) and `disk_bytes` those of the newest files,
    None where there are none: then the index is exact and lives in memory alone. `damaged`: why they cannot be used.
    """

    seller_id: int
    model_id: str
    pictures: int
    version: int
    generation: str | None = None
    file_version: int | None = None
    built_at: datetime | None = None
    disk_bytes: int | None = None
    damaged: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoStatistics:
    """The mean of `photos` photos as float32[d], little-endian."""

    photos: int
    mean: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChange:
    """What a reader's index lacks: `rows` to put in, `anew` when it starts from nothing, and the state it then has.

    `keys`: the keys of all pictures there are (adapters.picture_index), so that the others are forgotten; None: none were
    removed. `photos` None: no mean of photos is stored yet.
    """

    seller_id: int
    state: IndexState
    rows: list[PictureRow]
    anew: bool
    photos: PhotoStatistics | None
    keys: Sequence[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What indexing did: pictures embedded now, known before, and refused with the error code of each."""

    embedded: int
    known: int
    refused: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonePart:
    """A part of the phone's index as it travels: `name` is the hash of `data`."""

    name: str
    data: bytes
    products: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneIndex:
    """All that a phone compares photos with: `name` says it in one word, `left_out` counts products beyond the most.

    `product_ids` are those of the products in it, in their order.
    """

    name: str
    parts: tuple[PhonePart, ...]
    nothing: PhonePart
    product_ids: tuple[UUID, ...]
    pictures: int
    left_out: int

    @property
    def products(self) -> int:
        return len(self.product_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTaught:
    """A sample was taught or retired: what its shop knows must be learned again."""

    kind: ClassVar[str] = "vision.sample_taught"
    seller_id: int
    product_id: UUID
    sample_id: UUID

    def key(self) -> str:
        return f"seller:{self.seller_id}"
