"""A network that needs no weights: a picture is its colours, cell by cell. For tests and for trying things out."""

from __future__ import annotations

import numpy as np

from halles.vision.adapters.embedder import square
from halles.vision.adapters.model_files import ModelCard
from halles.vision.rules.centring import powered
from halles.vision.rules.decide import Calibration
from halles.vision.types import Rgb, Vector

_CELLS = 4


class ColourEmbedder:
    """An Embedder: the mean colour of 4 × 4 cells, 48 numbers. It knows a red square from a blue one, no more."""

    def __init__(self) -> None:
        self._card = ModelCard(
            model_id="colours",
            sha256="",
            input_px=_CELLS,
            dim=_CELLS * _CELLS * 3,
            mean=(0.0, 0.0, 0.0),
            std=(255.0, 255.0, 255.0),
            photo_crop=1.0,
            calibration=Calibration(belonging_cold=-2.0, belonging_warm=-2.0, lead_over_nothing=-2.0),
        )

    @property
    def card(self) -> ModelCard:
        return self._card

    def embed_photo(self, photo: Rgb) -> Vector:
        return powered(square(photo, 1.0, _CELLS).reshape(-1).astype(np.float32), 1.0)

    def embed_picture(self, picture: Rgb) -> Vector:
        return self.embed_photo(picture)
