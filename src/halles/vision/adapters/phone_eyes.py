"""The phone's model on the server: it makes the vectors that phones compare their photos with.

A picture is seen here exactly as a phone sees a photo, by the same file, so that vectors from both may be compared.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import numpy as np

from halles.vision.adapters.embedder import OnnxEmbedder, on_a_shelf, square
from halles.vision.adapters.model_files import ModelCard, sidecar_of
from halles.vision.adapters.nothing import photos_of_nothing
from halles.vision.adapters.phone_model import (
    PHONE_CALIBRATION,
    PHONE_MODEL_FILE,
    PHONE_MODEL_ID,
    SHORT,
    build_phone_model,
)
from halles.vision.adapters.photo import open_photo
from halles.vision.rules.phone_index import PhonePart, nothing_part
from halles.vision.types import Embedding, PictureKind, Rgb, Vector

_NOTHING_FILE = "phone.nothing"


class PhoneEyes:
    """The phone's network. Synchronous, for one thread at a time."""

    def __init__(self, model: Path) -> None:
        """Raises ModelMissing or ModelDamaged."""
        self._embedder = OnnxEmbedder(model)

    @property
    def card(self) -> ModelCard:
        return self._embedder.card

    def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        """A picture's vector as the store keeps it. Raises what open_photo raises."""
        began = time.thread_time()
        pixels = open_photo(picture)
        vector = self._embedder.embed_photo(pixels) if kind is PictureKind.SHOP else self._picture(pixels)
        cpu_ms = round((time.thread_time() - began) * 1000, 2)
        return Embedding(model_id=self.card.model_id, vector=vector.astype("<f2").tobytes(), cpu_ms=cpu_ms)

    def _picture(self, pixels: Rgb) -> Vector:
        """The picture as it is, and beside its like on a shelf: for this network the mean of these two finds most."""
        side_px = self.card.input_px
        return self._embedder.embed_views([square(pixels, 1.0, side_px), on_a_shelf(pixels, side_px)])

    def see(self, photo: bytes) -> Vector:
        """A shopper's photo → float32[dim]. Raises what open_photo raises."""
        return self._embedder.embed_photo(open_photo(photo))

    def nothing(self) -> PhonePart:
        """Photos of nothing as this network sees them."""
        return nothing_part(np.stack([self._embedder.embed_photo(one) for one in photos_of_nothing()]), SHORT)


def build(folder: Path) -> Path:
    """The model, its sidecar and its photos of nothing in `folder`; four seconds, once. As build_phone_model."""
    model = build_phone_model(folder)
    (folder / _NOTHING_FILE).write_bytes(PhoneEyes(model).nothing().data)
    return model


def model_in(folder: Path) -> Path | None:
    """The model of this very version when all of it is there; None when it is not yet, or is an older one.

    A sidecar that cannot be read counts as there, so that whoever opens the model says what is wrong with it.
    """
    model = folder / PHONE_MODEL_FILE
    try:
        card = msgspec.json.decode(sidecar_of(model).read_bytes(), type=ModelCard)
    except OSError:
        return None
    except msgspec.DecodeError:
        card = None
    there = model.exists() and (folder / _NOTHING_FILE).exists()
    return model if there and (card is None or _present(card)) else None


def _present(card: ModelCard) -> bool:
    """Whether these are this version's weights and lines; other lines are written anew around the same file."""
    return (card.model_id, card.calibration) == (PHONE_MODEL_ID, PHONE_CALIBRATION)


def nothing_of(model: Path) -> bytes:
    """The photos of nothing beside a model, as a part of an index."""
    return model.with_name(_NOTHING_FILE).read_bytes()
