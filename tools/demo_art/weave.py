# pyright: basic, reportMissingImports=false
"""What cloth is made of: fine relief and tone of weaves, and printed or woven patterns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from noise import fbm, value_noise

Array = np.ndarray
Pattern = Callable[[Array, Array, Array], Array]


def _turned(x: Array, y: Array, angle: float) -> tuple[Array, Array]:
    a = np.radians(angle)
    return x * np.cos(a) + y * np.sin(a), -x * np.sin(a) + y * np.cos(a)


def micro(kind: str, x: Array, y: Array, angle: float, seed: int) -> tuple[Array, Array]:
    """Fine height in pixels and a tone factor around 1."""
    u, v = _turned(x, y, angle)
    grain = value_noise(x.shape, (1.0, 1.0), seed)
    make = WEAVES.get(kind, _plain)
    height, tone = make(u, v, grain, seed)
    return height, tone


def _plain(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    return 0.12 * grain, 1 + 0.018 * grain


def _linen(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    slub = value_noise(u.shape, (2.2, 60), seed) * 0.5 + value_noise(u.shape, (60, 2.2), seed + 1) * 0.5
    return 0.5 * slub + 0.1 * grain, 1 + 0.07 * slub + 0.02 * grain


def _twill(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    wave = np.sin((u + v) * 2 * np.pi / 5.2)
    return 0.22 * wave, 1 + 0.022 * wave + 0.02 * grain


def _denim(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    wave = np.sin((u - v) * 2 * np.pi / 4.4)
    slub = value_noise(u.shape, (40, 2.0), seed)
    fade = fbm(u.shape, (200, 120), seed + 2, 3)
    return 0.25 * wave, 1 + 0.05 * wave + 0.07 * slub + 0.05 * grain + 0.10 * fade


def _wool(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    fuzz = value_noise(u.shape, (3, 3), seed)
    return 0.55 * fuzz + 0.25 * grain, 1 + 0.05 * fuzz + 0.05 * grain


def _knit(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    column = u / 8.0
    side = column - np.floor(column) - 0.5
    row = v / 6.4 + 0.9 * np.abs(side)
    bead = 0.5 + 0.5 * np.cos(2 * np.pi * row)
    across = 1 - (2 * np.abs(np.abs(side) - 0.25) / 0.5) ** 2
    stitch = np.clip(bead * across, 0, 1)
    return 1.9 * stitch + 0.2 * grain, 0.93 + 0.11 * stitch + 0.02 * grain


def _fine_knit(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    column = 0.5 + 0.5 * np.cos(2 * np.pi * u / 4.6)
    return 0.5 * column + 0.15 * grain, 0.98 + 0.03 * column + 0.02 * grain


def _rib(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    column = np.abs(np.sin(np.pi * u / 9.0)) ** 0.7
    small = 0.5 + 0.5 * np.cos(2 * np.pi * v / 5)
    return 3.0 * column + 0.4 * small * column, 0.86 + 0.15 * column + 0.02 * grain


def _cable(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    period = 78.0
    c = (u % period) - period / 2
    phase = 2 * np.pi * v / 62
    one, two = 11 * np.sin(phase), 11 * np.sin(phase + np.pi)
    front = 8 * np.exp(-(((c - one) / 8) ** 2)) * (1.1 + 0.5 * np.cos(phase))
    back = 8 * np.exp(-(((c - two) / 8) ** 2)) * (1.1 - 0.5 * np.cos(phase))
    rope = np.maximum(front, back)
    rail = 3.2 * np.exp(-(((np.abs(c) - 29) / 3.6) ** 2))
    ground, tone = _knit(u, v, grain, seed)
    return rope + rail + 0.7 * ground, tone * (0.93 + 0.012 * (rope + rail))


def _cord(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    wale = np.abs(np.sin(np.pi * u / 7.0)) ** 0.6
    return 1.8 * wale, 0.84 + 0.17 * wale + 0.025 * grain


def _quilt(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    a, b = (u + v) / 58, (u - v) / 58
    cell = np.abs(np.sin(np.pi * a)) * np.abs(np.sin(np.pi * b))
    return 11 * cell**0.45, 1 + 0.02 * grain


def _canvas(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    mesh = np.sin(2 * np.pi * u / 4.2) * np.sin(2 * np.pi * v / 4.2)
    fleck = np.clip(value_noise(u.shape, (2, 5), seed) - 0.6, 0, 1)
    return 0.45 * mesh + 0.1 * grain, 1 + 0.03 * mesh - 0.25 * fleck


def _oxford(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    basket = np.sin(2 * np.pi * u / 5) * np.sin(2 * np.pi * v / 5)
    return 0.25 * basket + 0.08 * grain, 1 + 0.025 * basket + 0.01 * grain


def _leather(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    pebble = np.abs(value_noise(u.shape, (5, 5), seed)) ** 0.6
    cloud = fbm(u.shape, (70, 70), seed + 4, 3)
    return 0.55 * pebble, 0.97 + 0.04 * pebble + 0.06 * cloud


def _felt(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    fuzz = value_noise(u.shape, (2.2, 2.2), seed)
    return 0.3 * fuzz, 1 + 0.035 * fuzz + 0.03 * grain


def _straw(u: Array, v: Array, grain: Array, seed: int) -> tuple[Array, Array]:
    a = np.sin(2 * np.pi * u / 11) * np.sin(2 * np.pi * (v / 11 + 0.25))
    return 2.4 * np.abs(a), 0.85 + 0.2 * np.abs(a) + 0.05 * grain


WEAVES = {
    "plain": _plain, "linen": _linen, "twill": _twill, "denim": _denim, "wool": _wool, "knit": _knit,
    "fine": _fine_knit, "rib": _rib, "cable": _cable, "cord": _cord, "quilt": _quilt, "canvas": _canvas,
    "oxford": _oxford,
    "leather": _leather, "felt": _felt, "straw": _straw,
}  # fmt: skip


def _rgb(colour: str) -> Array:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def _band(t: Array, period: float, width: float, start: float = 0) -> Array:
    """1 inside a stripe, with soft edges."""
    d = np.abs(((t - start) % period) - period / 2)
    return np.clip((width / 2 - d) * 1.2 + 0.5, 0, 1)


def stripes(
    colour: str,
    period: float,
    width: float,
    across: bool = True,
    low: float = -1e9,
    high: float = 1e9,
    angle: float = 0,
) -> Pattern:
    """Stripes across (or along) between two heights."""

    def paint(x: Array, y: Array, base: Array) -> Array:
        u, v = _turned(x, y, angle)
        m = _band(v if across else u, period, width) * (y > low) * (y < high)
        return base * (1 - m[..., None]) + _rgb(colour) * m[..., None]

    return paint


def check(colours: tuple[str, str], period: float, wide: float, thin: float, angle: float = 0) -> Pattern:
    """A tartan: wide bands and thin lines, mixed where they cross."""

    def paint(x: Array, y: Array, base: Array) -> Array:
        u, v = _turned(x, y, angle)
        out = base
        for t in (u, v):
            m = 0.55 * _band(t, period, wide)[..., None]
            out = out * (1 - m) + _rgb(colours[0]) * m
            k = 0.7 * _band(t, period, thin, period / 2)[..., None]
            out = out * (1 - k) + _rgb(colours[1]) * k
        return out

    return paint


def dots(colour: str, period: float, radius: float) -> Pattern:
    """Polka dots in staggered rows."""

    def paint(x: Array, y: Array, base: Array) -> Array:
        row = np.floor(y / period)
        dx = ((x + (row % 2) * period / 2) % period) - period / 2
        dy = (y % period) - period / 2
        m = np.clip(radius - np.hypot(dx, dy) + 0.5, 0, 1)[..., None]
        return base * (1 - m) + _rgb(colour) * m

    return paint


def sprigs(leaf: str, petal: str, period: float, seed: int = 3) -> Pattern:
    """Small scattered flowers with two leaves."""

    def paint(x: Array, y: Array, base: Array) -> Array:
        out = base
        row, col = np.floor(y / period), np.floor((x + (np.floor(y / period) % 2) * period / 2) / period)
        turn = np.sin(row * 12.9898 + col * 78.233 + seed) * 43758.5453
        cx = (x + (row % 2) * period / 2) - (col + 0.5 + 0.3 * np.sin(turn)) * period
        cy = y - (row + 0.5 + 0.26 * np.cos(turn * 1.7)) * period
        a = (turn - np.floor(turn)) * 2 * np.pi
        u, v = cx * np.cos(a) + cy * np.sin(a), -cx * np.sin(a) + cy * np.cos(a)
        r, t = np.hypot(u, v), np.arctan2(v, u)
        flower = np.clip(period * (0.13 + 0.05 * np.cos(5 * t)) - r + 0.5, 0, 1)[..., None]
        leaves = np.clip(
            1.2 - ((np.abs(u) - period * 0.27) / (period * 0.11)) ** 2 - (v / (period * 0.05)) ** 2, 0, 1
        )
        leaves = np.clip(leaves * 3, 0, 1)[..., None]
        heart = np.clip(period * 0.05 - r + 0.5, 0, 1)[..., None]
        out = out * (1 - leaves) + _rgb(leaf) * leaves
        out = out * (1 - flower) + _rgb(petal) * flower
        return out * (1 - heart) + _rgb("#e0a83a") * heart

    return paint
