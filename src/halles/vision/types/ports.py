"""What recognition asks of the process that sees, and of the engine inside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from halles.vision.types.answers import (
    Embedding,
    PictureKind,
    ProductText,
    Recognition,
)
from halles.vision.types.pictures import (
    IndexChange,
    IndexSize,
    IndexState,
    OpenedIndex,
    PhotoStatistics,
)

if TYPE_CHECKING:
    from halles.vision.rules.samples import Inspected


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


@runtime_checkable
class SecondLook(Protocol):
    """A Recogniser that reads as well: ten times the work, so it comes after the answer and lets shoppers' photos pass."""

    async def look_again(self, photo: bytes, *, seller_id: int) -> Recognition:
        """The refined answer to a photo that was answered already. Raises what a Recogniser raises."""
        ...

    async def read(self, picture: bytes) -> str:
        """The text in a catalogue picture, a line each. Raises what a Recogniser raises."""
        ...


class Engine(Protocol):
    """What looks at pixels, for one thread at a time; `api.open_engine` makes one, the inference process owns it."""

    @property
    def model_id(self) -> str: ...

    def states(self) -> Mapping[int, IndexState]:
        """The index state of each seller that was loaded so far."""
        ...

    def recognise(self, photo: bytes, seller_id: int, *, reads: bool = False) -> Recognition:
        """What the photo shows; `unknown` for a seller without pictures. Raises what a photo is refused with.

        `reads`: the second look, which also reads the text on packages.
        """
        ...

    def read(self, picture: bytes) -> str:
        """The text in a catalogue picture, a line each; empty where nothing can be read."""
        ...

    def put_words(self, seller_id: int, words: Sequence[ProductText]) -> None:
        """What is written about products, new or anew; without any text a product is forgotten."""
        ...

    def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        """A picture's vector, as the index stores it. Raises what a photo is refused with."""
        ...

    def inspect(self, photo: bytes) -> Inspected:
        """A photo that is to be kept, with its quality and vector. Raises what a photo is refused with."""
        ...

    def teach(self, seller_id: int, head: bytes) -> None:
        """Takes the seller's head as the store keeps it; empty: none. What cannot be read leaves the old one."""
        ...

    def apply(self, change: IndexChange) -> None:
        """Takes in what changed in the store."""
        ...

    def sizes(self) -> Mapping[int, IndexSize]:
        """How large the index of each seller is that was loaded so far."""
        ...

    def adopt(self, opened: OpenedIndex) -> None:
        """Searches an index opened from files (`api.open_index`) from now on, in place of what the seller had."""
        ...

    def learn_photos(self, seller_id: int, stored: PhotoStatistics) -> None:
        """Takes in the mean of photos as the store has it, this process's own contribution included."""
        ...

    def take_fresh_photos(self) -> Mapping[int, PhotoStatistics]:
        """What was learned of photos since the last call, where it is enough to be anonymous; forgets it."""
        ...
