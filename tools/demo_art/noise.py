# pyright: basic, reportMissingImports=false
"""Repeatable noise on grids."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates, zoom

Array = np.ndarray


def value_noise(shape: tuple[int, int], cell: tuple[float, float], seed: int) -> Array:
    """Smooth noise in -1..1 with features of about cell (rows, columns) pixels."""
    rng = np.random.default_rng(seed)
    rows, cols = int(shape[0] / cell[0]) + 4, int(shape[1] / cell[1]) + 4
    coarse = rng.uniform(-1, 1, (rows, cols))
    y = np.linspace(1, 1 + shape[0] / cell[0], shape[0])
    x = np.linspace(1, 1 + shape[1] / cell[1], shape[1])
    if cell[0] < 2 and cell[1] < 2:
        return rng.uniform(-1, 1, shape)
    return map_coordinates(coarse, np.meshgrid(y, x, indexing="ij"), order=3, mode="nearest")


def fbm(shape: tuple[int, int], cell: tuple[float, float], seed: int, octaves: int = 4) -> Array:
    """Layered noise, about -1..1."""
    total, gain = np.zeros(shape), 1.0
    for k in range(octaves):
        size = (max(cell[0] / 2**k, 1.5), max(cell[1] / 2**k, 1.5))
        total += gain * value_noise(shape, size, seed + 101 * k)
        gain *= 0.5
    return total / 1.6


def warped(shape: tuple[int, int], cell: tuple[float, float], seed: int, push: float) -> Array:
    """Noise whose coordinates are bent by other noise: reads as crumpled cloth or veined wood."""
    base = fbm(shape, cell, seed)
    dy, dx = fbm(shape, cell, seed + 7, 2) * push, fbm(shape, cell, seed + 13, 2) * push
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    return map_coordinates(base, [y + dy, x + dx], order=1, mode="reflect")


def wood(shape: tuple[int, int], light: Array, dark: Array, seed: int, rings: float = 9.0) -> Array:
    """A plank with the grain along the columns' direction (x)."""
    h, w = shape
    y = np.linspace(0, 1, h)[:, None]
    bend = fbm(shape, (h / 2.5, w / 1.2), seed, 3) * 0.35
    ring = 0.5 + 0.5 * np.sin(2 * np.pi * rings * (y + bend))
    fibre = value_noise(shape, (1.6, w / 14), seed + 3) * 0.5 + value_noise(shape, (3, w / 7), seed + 5) * 0.5
    pores = np.clip(value_noise(shape, (1.2, w / 40), seed + 9) - 0.55, 0, 1)
    mix = np.clip(0.35 + 0.4 * (ring**2 - 0.4) + 0.22 * fibre + 0.5 * pores, 0, 1)[..., None]
    return light * (1 - mix) + dark * mix


def resize(field: Array, shape: tuple[int, int]) -> Array:
    """Bilinear enlargement to an exact shape."""
    out = zoom(field, (shape[0] / field.shape[0], shape[1] / field.shape[1]), order=1)
    return out[: shape[0], : shape[1]]
