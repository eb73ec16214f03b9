# pyright: basic, reportMissingImports=false
"""Textures painted in numpy: wood, peel, crust, wicker."""

from __future__ import annotations

import numpy as np
from noise import fbm, value_noise, wood
from solids import Array
from studio import matte, texture


def rgb(colour: str) -> Array:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def mix(a: str | Array, b: str | Array, amount: Array) -> Array:
    """Blend two colours (or pictures) by a map."""
    one = rgb(a) if isinstance(a, str) else a
    two = rgb(b) if isinstance(b, str) else b
    k = np.clip(amount, 0, 1)[..., None]
    return one * (1 - k) + two * k


def timber(
    light: str, dark: str, seed: int, upright: bool = False, rings: float = 9, shine: float = 0.5
) -> dict:
    """A wooden surface."""
    shape = (384, 512)
    plank = wood(shape, rgb(light), rgb(dark), seed, rings)
    return matte(texture(np.swapaxes(plank, 0, 1) if upright else plank), shine, 0.4)


def speckled(
    base: str, spot: str, seed: int, amount: float = 0.72, shine: float = 0.3, size: float = 2.2
) -> dict:
    """A glaze with fine specks and a slow change of tone."""
    shape = (400, 800)
    dots = np.clip((value_noise(shape, (size, size), seed) - amount) * 6, 0, 1)
    tone = 1 + 0.07 * fbm(shape, (140, 200), seed + 1, 3)[..., None]
    return matte(texture(np.clip(mix(base, spot, dots) * tone, 0, 1)), shine, 0.5)


def apple_skin(seed: int) -> dict:
    """Red over yellow with fine streaks; v runs from the bottom to the stalk."""
    shape = (300, 600)
    streak = value_noise(shape, (90, 5), seed) * 0.5 + value_noise(shape, (120, 16), seed + 1) * 0.5
    v = np.linspace(1, 0, shape[0])[:, None]
    side = value_noise(shape, (200, 190), seed + 2)
    red = (
        0.78
        + 0.5 * streak
        + 0.4 * side
        - 1.6 * np.clip(v - 0.86, 0, 1) * 3
        - 0.8 * np.clip(0.16 - v, 0, 1) * 3
    )
    skin = mix("#d9b24a", "#a3182a", red)
    dots = np.clip((value_noise(shape, (5, 5), seed + 4) - 0.82) * 7, 0, 1) * 0.6
    return matte(texture(mix(skin, "#ecd7a0", dots)), 0.25, 0.5)


def pear_skin(seed: int) -> dict:
    shape = (300, 600)
    blush = value_noise(shape, (150, 200), seed) * 0.8
    dots = np.clip((value_noise(shape, (3.2, 3.2), seed + 4) - 0.6) * 4, 0, 1) * 0.4
    skin = mix("#b9b73f", "#d8bf4e", 0.5 + blush)
    v = np.linspace(1, 0, shape[0])[:, None]
    russet = np.clip(v - 0.8, 0, 1) * 2.2 + 0 * blush
    return matte(texture(mix(mix(skin, "#7c6a26", dots), "#9a7a34", russet)), 0.4, 0.45)


def crust(seed: int) -> dict:
    """Baked dough: dark ridges, pale flour."""
    shape = (300, 900)
    bake = 0.5 + 0.5 * fbm(shape, (60, 90), seed, 4)
    flour = np.clip(value_noise(shape, (4, 7), seed + 2) - 0.35, 0, 1) * 0.7
    return matte(texture(mix(mix("#d9a55c", "#9b5a22", bake), "#f0dfba", flour)), 0.75, 0.2)


def wicker(
    base: str = "#b98d55", dark: str = "#6d4a24", rows: int = 15, cols: int = 46
) -> tuple[dict, Array]:
    """Basket weave: a texture, and the relief in 0..1 on the same grid (v, u)."""
    h, w = 480, 1472
    v, u = np.mgrid[0:h, 0:w]
    r, c = v / h * rows, u / w * cols
    over = np.cos(np.pi * c + np.pi * np.floor(r)) * 0.5 + 0.5
    strand = np.sqrt(np.clip(1 - (2 * (r % 1) - 1) ** 2, 0, 1))
    relief = strand * (0.35 + 0.65 * over)
    grain = value_noise((h, w), (2, 40), 5) * 0.5
    tone = np.repeat(value_noise((rows, w), (1, 60), 8), h // rows, 0)[:h] * 0.3
    return matte(texture(mix(dark, base, relief * 1.1 + 0.25 * grain + tone)), 0.6, 0.3), relief


def stripes_cloth(base: str, line: str, count: int, seed: int) -> dict:
    """Linen with stripes near its ends."""
    shape = (512, 512)
    x = np.linspace(0, 1, shape[1])[None, :]
    band = (
        (np.abs(x - 0.5) > 0.2)
        & (((np.abs(x - 0.5) - 0.2) * 40 * count / 3 % 1) < 0.5)
        & (np.abs(x - 0.5) < 0.38)
    ).astype(float)
    weave = (
        1
        + 0.05 * value_noise(shape, (1.5, 30), seed)[..., None]
        + 0.05 * value_noise(shape, (30, 1.5), seed + 1)[..., None]
    )
    return matte(
        texture(np.clip(mix(base, line, np.broadcast_to(band, shape)) * weave, 0, 1)), 0.95, 0.15, 0.2
    )
