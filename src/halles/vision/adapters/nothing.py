"""Photos of nothing in particular, drawn: what every product must resemble less than the photo does.

While little is known of a shop's photos, a bare wall looks much like a catalogue picture: both are mostly one plain
ground. So walls, floors and darkness stand in the search as well, and win where nothing is to be seen.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from halles.vision.types import Rgb

_SIDE_PX = 372  # its central 70 % is the 260 px that the standard model sees
_COUNT = 24
_PAINTS = ((235, 232, 225), (200, 190, 175), (150, 150, 155), (90, 85, 80), (40, 40, 45), (180, 150, 120))


def photos_of_nothing() -> list[Rgb]:
    """24 grounds from white to nearly black: six quite plain, twelve shaded and noisy, six stained; always the same."""
    rng = np.random.default_rng(5)
    plain = [np.full((_SIDE_PX, _SIDE_PX, 3), paint, np.uint8) for paint in _PAINTS]
    return plain + [
        _ground(rng, _PAINTS[i % len(_PAINTS)], stained=i % 3 == 2) for i in range(_COUNT - len(plain))
    ]


def _ground(rng: np.random.Generator, paint: tuple[int, int, int], *, stained: bool) -> Rgb:
    ramp = np.linspace(-1, 1, _SIDE_PX)
    light = rng.uniform(-30, 30) * ramp[None, :] + rng.uniform(-30, 30) * ramp[:, None]
    light = light + rng.normal(0, rng.uniform(1, 10), (_SIDE_PX, _SIDE_PX))
    if stained:
        coarse = Image.fromarray(rng.integers(0, 255, (8, 8), np.uint8))
        light = light + 0.15 * np.asarray(coarse.resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BICUBIC)) - 20
    ground: npt.NDArray[np.float64] = np.array(paint, np.float64) + light[:, :, None]
    return np.ascontiguousarray(ground.clip(0, 255).astype(np.uint8))
