"""From bytes to an answer, stage by stage: open → codes → embed → search, at once; then read → decide again.

Every way in (the inference process, the evaluation, the bench) runs these same stages. Each stage is timed, so that
`stages_ms` shows where a photo's time went.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np

from halles.vision.adapters.barcodes import read_codes, read_codes_thoroughly
from halles.vision.adapters.embedder import Embedder
from halles.vision.adapters.nothing import photos_of_nothing
from halles.vision.adapters.ocr import MAX_PICTURE_LINES, PICTURE_PX, READ_SHARE, TextReader
from halles.vision.adapters.photo import open_photo
from halles.vision.adapters.picture_index import PictureIndex
from halles.vision.rules import two
from halles.vision.rules.centring import PhotoMean
from halles.vision.rules.decide import Decision, Found, decide, shares
from halles.vision.rules.fuse import Named, Witnesses, fused
from halles.vision.rules.head import Head, Opinion
from halles.vision.rules.words import WordIndex
from halles.vision.types import Box, Candidate, Code, Outcome, PictureKind, Recognition, Rgb, Vector, Vectors

_Taught = tuple[Opinion, Mapping[UUID, float]]


@dataclass(slots=True)
class Shop:
    """What is known of a seller: the pictures, and whatever else speaks of a photo.

    `head` None: staff have taught nothing. `words` empty: nothing is written about the products. `named` is learned as
    photos come.
    """

    index: PictureIndex
    words: WordIndex = field(default_factory=WordIndex)
    head: Head | None = None
    named: Named = field(default_factory=Named)

    @property
    def products(self) -> int:
        """How many products there are, or a little more: each has a picture or two."""
        return len(self.words) or len(self.index)


class Pipeline:
    """The stages over one model. Not thread-safe; stateless but for the networks.

    `read`: pixels → codes, replaceable where codes are not wanted (the evaluation of the look). `reader`: pixels → text;
    None: nothing is read.
    """

    def __init__(
        self,
        embedder: Embedder,
        read: Callable[[Rgb], tuple[Code, ...]] = read_codes,
        reader: TextReader | None = None,
    ) -> None:
        self._embedder = embedder
        self._read = read
        self._reader = reader
        self.card = embedder.card
        self._nothing: Vectors = np.stack([embedder.embed_photo(photo) for photo in photos_of_nothing()])

    def embed_picture(self, picture: bytes) -> Vector:
        """A catalogue picture's bytes → float32[dim], powered, unit. Raises what open_photo raises."""
        return self._embedder.embed_picture(open_photo(picture))

    def embed_photo(self, photo: bytes) -> Vector:
        """A labelled shop photo's bytes → float32[dim], as a shopper's photo would be seen."""
        return self._embedder.embed_photo(open_photo(photo))

    def embed_timed(self, picture: bytes, kind: PictureKind) -> tuple[Vector, float]:
        """embed_photo or embed_picture, and the CPU milliseconds it took."""
        timer = _Timer()
        vector = self.embed_photo(picture) if kind is PictureKind.SHOP else self.embed_picture(picture)
        return vector, timer.cpu_ms()

    def text_of(self, picture: bytes) -> str:
        """The text in a catalogue picture, a line each. Raises what open_photo raises, ModelMissing or ModelDamaged."""
        if self._reader is None:
            return ""
        lines = self._reader.read(open_photo(picture), side_px=PICTURE_PX, lines_at_most=MAX_PICTURE_LINES)
        return "\n".join(line.text for line in lines)

    def recognise(
        self, photo: bytes, shop: Shop, photos: PhotoMean, *, reads: bool = False, learns: bool = True
    ) -> tuple[Recognition, PhotoMean | None]:
        """The answer, and the photo as a mean of one, to be joined to `photos`, when it belonged to what is known.

        `reads`: the text on the package speaks too; that takes ten times as long. `learns`: the photo counts for which
        products push in. Raises what open_photo raises, with `reads` ModelMissing or ModelDamaged too. CPU: about 40 ms
        for a 12-megapixel JPEG, 30 ms for one of 1,280 px.
        """
        timer = _Timer()
        with timer.stage("open"):
            pixels = open_photo(photo)
        with timer.stage("codes"):
            thoroughly = reads and self._read is read_codes
            codes = read_codes_thoroughly(pixels) if thoroughly else self._read(pixels)
        with timer.stage("embed"):
            vector = self._embedder.embed_photo(pixels)
        with timer.stage("search"):
            found = shop.index.search(vector, photos, self._nothing)
            head = self._taught(vector, shop, photos)
        text: Mapping[UUID, float] = {}
        if reads and self._reader is not None and len(shop.words):
            with timer.stage("read"):
                text = shop.words.match([line.text for line in self._reader.read(pixels, share=READ_SHARE)])
        found = self._heard(found, shop, head, text, learns=learns)
        decision = decide(found, self.card.calibration)
        if reads and not codes and two.may_be_two(decision):
            with timer.stage("halves"):
                decision = self._apart(decision, pixels, shop, photos)
        recognition = Recognition(
            outcome=decision.outcome,
            candidates=decision.candidates,
            gtins=tuple(dict.fromkeys(code.gtin14 for code in codes if code.gtin14)),
            codes=codes,
            model_id=self.card.model_id,
            cpu_ms=timer.cpu_ms(),
            stages_ms=timer.stages_ms,
            more=not reads
            and self._reader is not None
            and len(shop.words) > 0
            and decision.outcome is Outcome.CANDIDATES,
        )
        belongs = (
            decision.outcome is not Outcome.UNKNOWN and not codes
        )  # a label fills a photo with nothing of the goods
        return recognition, PhotoMean(photos=1, mean=vector) if belongs else None

    def _apart(self, whole: Decision, pixels: Rgb, shop: Shop, photos: PhotoMean) -> Decision:
        """The decision, with the parts of two products that lie side by side or one above the other. Two to four looks."""
        for halves in two.PAIRS:
            first = self._half(pixels, halves[0], shop, photos)
            second = first and self._half(pixels, halves[1], shop, photos)
            shown = two.apart(whole.candidates, halves, (first, second)) if first and second else None
            if shown is not None:
                return replace(whole, candidates=shown)
        return whole

    def _half(self, pixels: Rgb, box: Box, shop: Shop, photos: PhotoMean) -> Candidate | None:
        """The product that a part of a photo clearly shows."""
        height, width = pixels.shape[:2]
        left, top = round(box[0] * width), round(box[1] * height)
        part = pixels[top : top + round(box[3] * height), left : left + round(box[2] * width)]
        vector = self._embedder.embed_photo(np.ascontiguousarray(part))
        head = self._taught(vector, shop, photos)
        found = self._heard(shop.index.search(vector, photos, self._nothing), shop, head, {}, learns=False)
        return two.clear(found, self.card.calibration)

    def _taught(self, vector: Vector, shop: Shop, photos: PhotoMean) -> _Taught | None:
        """What the shop's head thinks, and beside it the catalogue's pictures alone; None where nothing was taught."""
        return (shop.head.look(vector), shop.index.like_pictures(vector, photos)) if shop.head else None

    def _heard(
        self, found: Found, shop: Shop, taught: _Taught | None, text: Mapping[UUID, float], *, learns: bool
    ) -> Found:
        """All witnesses fused, and the photo counted for the products that it went to."""
        nobody: tuple[Opinion | None, Mapping[UUID, float]] = (None, {})
        head, pictures = taught or nobody
        products = list(dict.fromkeys([*(one.product_id for one in found.ranked), *text]))
        pushes = shop.named.pushes(products, shop.products) if head is None else {}
        found = fused(
            found, Witnesses(head=head, text=text, pushes=pushes, pictures=pictures), self.card.calibration
        )
        if found.ranked and learns:
            best = shares(found.ranked, self.card.calibration.sharpness)
            shop.named.add({one.product_id: one.score for one in best})
        return found


class _Timer:
    """Wall milliseconds by stage, CPU milliseconds of this thread in all."""

    def __init__(self) -> None:
        self.stages_ms: dict[str, float] = {}
        self._cpu_started = time.thread_time()

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        started = time.perf_counter()
        yield
        self.stages_ms[name] = round((time.perf_counter() - started) * 1000, 2)

    def cpu_ms(self) -> float:
        return round((time.thread_time() - self._cpu_started) * 1000, 2)
