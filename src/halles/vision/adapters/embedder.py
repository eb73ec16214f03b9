"""Turns pictures into vectors with an ONNX network, on one thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from PIL import Image

from halles.vision.adapters.model_files import ModelCard, read_model
from halles.vision.rules.centring import powered, unit
from halles.vision.types import ModelDamaged, Rgb, Vector

_MIDDLE = 0.7
"""What a shopper's photo shows of a product that was too near."""


class Embedder(Protocol):
    """A network: pixels in, unit vectors out. `card` says which vectors may be compared."""

    @property
    def card(self) -> ModelCard: ...

    def embed_photo(self, photo: Rgb) -> Vector:
        """The centre of a shopper's photo → float32[dim], powered, unit length, not centred."""
        ...

    def embed_picture(self, picture: Rgb) -> Vector:
        """A catalogue picture → float32[dim], likewise."""
        ...


class OnnxEmbedder:
    """An Embedder over any ONNX file with a sidecar. One thread: the machine's other cores serve other requests."""

    def __init__(self, model: Path) -> None:
        """Loads and checks the model; raises ModelMissing or ModelDamaged."""
        self._card, data = read_model(model)
        options = cast("Any", ort.SessionOptions())  # pyright: ignore[reportUnknownMemberType]
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as reason:  # ONNX Runtime raises its own undocumented classes
            raise ModelDamaged(file=model.name, reason="ONNX Runtime cannot load it") from reason
        self._input = str(self._session.get_inputs()[0].name)
        names = [str(one.name) for one in self._session.get_outputs()]
        self._output = self._card.output or names[0]
        if len(self._session.get_inputs()) != 1 or self._output not in names:
            raise ModelDamaged(file=model.name, reason=f"it must have one input and an output {self._output}")
        self._mean = np.array(self._card.mean, np.float32)[:, None, None]
        self._std = np.array(self._card.std, np.float32)[:, None, None]
        if self._run(np.zeros((self._card.input_px, self._card.input_px, 3), np.uint8)).shape != (
            self._card.dim,
        ):
            raise ModelDamaged(
                file=model.name, reason=f"it does not answer {self._card.dim} numbers a picture"
            )

    @property
    def card(self) -> ModelCard:
        return self._card

    def embed_photo(self, photo: Rgb) -> Vector:
        return powered(self._run(square(photo, self._card.photo_crop, self._card.input_px)), self._card.power)

    def embed_picture(self, picture: Rgb) -> Vector:
        """The mean over the picture as it is, beside its like on a shelf, without its margins, and its middle alone."""
        side_px, tight = self._card.input_px, without_margins(picture)
        views = (square(picture, 1.0, side_px), on_a_shelf(picture, side_px),
                 square(tight, 1.0, side_px), square(tight, _MIDDLE, side_px))  # fmt: skip
        return self.embed_views(views)

    def embed_views(self, views: Sequence[Rgb]) -> Vector:
        """The mean over several views of one picture, each uint8[input_px, input_px, 3]."""
        seen = [powered(self._run(view), self._card.power) for view in views]
        return unit(np.asarray(np.stack(seen).mean(axis=0), np.float32))

    def _run(self, pixels: Rgb) -> Vector:
        batch = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]).astype(np.float32)
        batch -= self._mean
        batch /= self._std
        answer = cast(
            "list[npt.NDArray[np.float32]]", self._session.run([self._output], {self._input: batch})
        )
        return _features(np.asarray(answer[0][0], np.float32))


def _features(answer: npt.NDArray[np.float32]) -> Vector:
    """One picture's answer as a vector: of tokens the first (a transformer's class token), of a map its mean."""
    if answer.ndim == 2:
        return np.asarray(answer[0], np.float32)
    return np.asarray(answer.mean(axis=(1, 2)), np.float32) if answer.ndim == 3 else answer


def square(picture: Rgb, crop: float, side_px: int) -> Rgb:
    """The central `crop` share of each side, stretched to uint8[side_px, side_px, 3] with an antialiased bilinear filter."""
    height, width = picture.shape[:2]
    margin_x, margin_y = width * (1 - crop) / 2, height * (1 - crop) / 2
    box = (margin_x, margin_y, width - margin_x, height - margin_y)
    size = (side_px, side_px)
    return np.asarray(
        Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=2.0), np.uint8
    )


def on_a_shelf(picture: Rgb, side_px: int) -> Rgb:
    """The product without its white margins, two by two, as uint8[side_px, side_px, 3].

    A catalogue shows one piece on white; a shop shows many, close together. The mean of both views finds more photos
    than either (docs/algorithms/recognition.md has the numbers).
    """
    half_px = (side_px + 1) // 2
    one = square(without_margins(picture), 1.0, half_px)
    return np.ascontiguousarray(np.tile(one, (2, 2, 1))[:side_px, :side_px])


def without_margins(picture: Rgb, white: int = 240) -> Rgb:
    """The picture cut to what is darker than `white` (0–255) in any channel; unchanged when hardly anything is."""
    inked = picture.min(axis=2) < white
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if len(rows) < 5 or len(columns) < 5:
        return picture
    return np.ascontiguousarray(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
