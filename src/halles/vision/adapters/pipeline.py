"""From bytes to an answer, stage by stage: open → codes → embed → search → decide.

Every way in (the inference process, the evaluation, the bench) runs these same stages. Each stage is timed, so that
`stages_ms` shows where a photo's time went.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import numpy as np

from halles.vision.adapters.barcodes import read_codes
from halles.vision.adapters.embedder import Embedder
from halles.vision.adapters.exact_index import ExactIndex
from halles.vision.adapters.nothing import photos_of_nothing
from halles.vision.adapters.photo import open_photo
from halles.vision.rules.centring import PhotoMean
from halles.vision.rules.decide import decide
from halles.vision.types import Code, Outcome, PictureKind, Recognition, Rgb, Vector, Vectors


class Pipeline:
    """The stages over one model. Not thread-safe; stateless but for the network.

    `read`: pixels → codes, replaceable where codes are not wanted (the evaluation of the look).
    """

    def __init__(self, embedder: Embedder, read: Callable[[Rgb], tuple[Code, ...]] = read_codes) -> None:
        self._embedder = embedder
        self._read = read
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

    def recognise(
        self, photo: bytes, index: ExactIndex, photos: PhotoMean
    ) -> tuple[Recognition, PhotoMean | None]:
        """The answer, and the photo as a mean of one, to be joined to `photos`, when it belonged to what is known.

        Raises what open_photo raises. CPU: about 40 ms for a 12-megapixel JPEG, 20 ms for one of 1,280 px.
        """
        timer = _Timer()
        with timer.stage("open"):
            pixels = open_photo(photo)
        with timer.stage("codes"):
            codes = self._read(pixels)
        with timer.stage("embed"):
            vector = self._embedder.embed_photo(pixels)
        with timer.stage("search"):
            found = index.search(vector, photos, self._nothing)
        decision = decide(found, self.card.calibration)
        recognition = Recognition(
            outcome=decision.outcome,
            candidates=decision.candidates,
            gtins=tuple(dict.fromkeys(code.gtin14 for code in codes if code.gtin14)),
            codes=codes,
            model_id=self.card.model_id,
            cpu_ms=timer.cpu_ms(),
            stages_ms=timer.stages_ms,
        )
        belongs = (
            decision.outcome is not Outcome.UNKNOWN and not codes
        )  # a label fills a photo with nothing of the goods
        return recognition, PhotoMean(photos=1, mean=vector) if belongs else None


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
