"""What a photo that is to be kept is like, and the copy that is kept: upright WebP, nothing but pixels."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from halles.vision.rules.samples import PhotoQuality
from halles.vision.types import Rgb

KEPT_SIDE_PX = 1280
THUMBNAIL_SIDE_PX = 320
_QUALITY = 84
_MIDDLE = 0.7
"""The share of each side that is judged: goods stand in the middle, and the ground may well be out of focus."""

_JUDGED_SIDE_PX = 400
_NOISE = 3.0
"""Of 255: smaller differences of neighbours are the sensor's, and are sharp however blurred the photo is."""

_REACH_PX = 9
"""The low pass that Crete et al. blur with."""


def quality_of(photo: Rgb) -> PhotoQuality:
    """How sharp, bright and varied the middle of a photo (uint8[H, W, 3]) is."""
    grey = _middle(photo)
    return PhotoQuality(
        sharpness=1.0 - blur(grey), brightness=float(grey.mean()) / 255, contrast=float(grey.std()) / 255
    )


def blur(grey: npt.NDArray[np.float32]) -> float:
    """0 (sharp) to 1: how little a low pass takes from the differences of neighbours, of the blurrier direction.

    A sharp picture loses most of its differences when it is blurred, a blurred one next to none (Crete et al., 2007).
    """
    return max(_blur_along(grey, axis) for axis in (0, 1))


def kept(photo: Rgb) -> tuple[bytes, bytes]:
    """The photo and its small copy as WebP; the same pixels give the same bytes."""
    image = Image.fromarray(photo)
    image.thumbnail((KEPT_SIDE_PX, KEPT_SIDE_PX), Image.Resampling.LANCZOS)
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE_PX, THUMBNAIL_SIDE_PX), Image.Resampling.LANCZOS)
    return _webp(image), _webp(small)


def _webp(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=_QUALITY, method=4)
    return file.getvalue()


def _middle(photo: Rgb) -> npt.NDArray[np.float32]:
    image = Image.fromarray(photo).convert("L")
    width, height = image.size
    cut = (1 - _MIDDLE) / 2
    box = (int(width * cut), int(height * cut), int(width * (1 - cut)), int(height * (1 - cut)))
    image = image.crop(box) if min(box[2] - box[0], box[3] - box[1]) >= _REACH_PX else image
    scale = _JUDGED_SIDE_PX / max(image.size)
    if scale < 1:
        size = (max(_REACH_PX, round(image.width * scale)), max(_REACH_PX, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BOX)
    return np.asarray(image, np.float32)


def _blur_along(grey: npt.NDArray[np.float32], axis: int) -> float:
    half = _REACH_PX // 2
    margin = [(0, 0), (0, 0)]
    margin[axis] = (half + 1, half)
    sums = np.cumsum(np.pad(grey, margin, mode="edge"), axis=axis, dtype=np.float64)
    count = grey.shape[axis]
    low = (
        np.take(sums, range(_REACH_PX, _REACH_PX + count), axis=axis) - np.take(sums, range(count), axis=axis)
    ) / _REACH_PX
    own = np.abs(np.diff(grey, axis=axis))
    left = np.abs(np.diff(low, axis=axis))
    told = own >= _NOISE
    total = float(own[told].sum())
    return 1.0 - float(np.maximum(0.0, own - left)[told].sum()) / total if total else 1.0
