# pyright: basic, reportMissingImports=false
"""How cloth falls: fold makers for the layers of a sheet. Each gives a function of (sheet, inside)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from noise import value_noise
from scipy.ndimage import gaussian_filter1d
from solids import Array, spline

if TYPE_CHECKING:
    from cloth import Sheet

Fold = Callable[["Sheet", Array], Array]


def crease(points: str, amp: float, width: float, skew: float = 0.0, taper: str = "both") -> Fold:
    """A ridge (or valley, when amp is negative) along a curve; skew makes one flank steeper."""
    path = spline(points, 5)

    def relief(sheet: Sheet, inside: Array) -> Array:
        step = np.r_[0, np.cumsum(np.hypot(*np.diff(path, axis=0).T))]
        step /= step[-1]
        (left, top), (right, bottom) = path.min(0) - 3.2 * width, path.max(0) + 3.2 * width
        rows = np.where((sheet.y[:, 0] > top) & (sheet.y[:, 0] < bottom))[0]
        cols = np.where((sheet.x[0] > left) & (sheet.x[0] < right))[0]
        out = np.zeros(sheet.shape)
        if len(rows) == 0 or len(cols) == 0:
            return out
        near = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        out[near] = amp * _ridge(sheet.x[near], sheet.y[near], path, step, width, skew, taper)
        return out

    return relief


def _ridge(x: Array, y: Array, path: Array, step: Array, width: float, skew: float, taper: str) -> Array:
    """The bump along a polyline."""
    best = np.full(x.shape, 1e9)
    side, along = np.zeros(x.shape), np.zeros(x.shape)
    for k in range(len(path) - 1):
        (x0, y0), (x1, y1) = path[k], path[k + 1]
        dx, dy = x1 - x0, y1 - y0
        size = dx * dx + dy * dy + 1e-9
        t = np.clip(((x - x0) * dx + (y - y0) * dy) / size, 0, 1)
        px, py = x - x0 - t * dx, y - y0 - t * dy
        d = px * px + py * py
        near = d < best
        best = np.where(near, d, best)
        side = np.where(near, np.sign(px * dy - py * dx), side)
        along = np.where(near, step[k] + t * (step[k + 1] - step[k]), along)
    span = width * (1 + skew * side)
    ends = {
        "both": np.sin(np.pi * np.clip(along, 0, 1)) ** 0.6,
        "end": 1 - along**2,
        "start": along**0.7,
        "none": 1.0,
    }
    return np.exp(-best / (span * span)) * ends[taper]


def drape(
    count: float,
    amp: float,
    start: float,
    full: float,
    sharp: float = 1.0,
    wander: float = 0.35,
    low: float = 1e9,
) -> Fold:
    """Vertical folds that follow the outline and deepen from height start to height full."""

    def relief(sheet: Sheet, inside: Array) -> Array:
        u = across(inside)
        rows = sheet.y[:, :1]
        depth = np.clip((rows - start) / max(full - start, 1), 0, 1) ** 1.3
        depth = depth * np.clip((low - rows) / 60, 0, 1)
        bend = value_noise(sheet.shape, (420, 90), sheet.seed + 3) * wander
        wave = np.sin(2 * np.pi * (count * u + bend))
        shaped = np.sign(wave) * np.abs(wave) ** sharp
        vary = 0.75 + 0.25 * np.sin(2 * np.pi * (u * 1.7 + 0.2))
        return amp * depth * shaped * vary * np.clip(np.minimum(u, 1 - u) * 14, 0, 1)

    return relief


def pleats(count: int, amp: float, start: float, full: float) -> Fold:
    """Pressed knife pleats: a slow rise and a sharp drop."""

    def relief(sheet: Sheet, inside: Array) -> Array:
        u = across(inside)
        rows = sheet.y[:, :1]
        depth = 0.25 + 0.75 * np.clip((rows - start) / max(full - start, 1), 0, 1)
        saw = (count * u) % 1.0
        profile = np.where(saw < 0.9, saw / 0.9, (1 - saw) / 0.1)
        return amp * depth * profile * (rows > start)

    return relief


def gather(y: float, reach: float, count: float, amp: float) -> Fold:
    """Short folds that leave a seam at height y downwards (negative reach: upwards)."""

    def relief(sheet: Sheet, inside: Array) -> Array:
        u = across(inside)
        away = (sheet.y - y) / reach
        fade = np.where(away >= 0, np.exp(-((away) ** 2) * 1.5), 0)
        bend = value_noise(sheet.shape, (200, 40), sheet.seed + 9) * 0.5
        return amp * fade * np.sin(2 * np.pi * (count * u + bend)) * np.clip(np.minimum(u, 1 - u) * 16, 0, 1)

    return relief


def across(inside: Array) -> Array:
    """Where each point lies between the left (0) and right (1) edge of its row."""
    cols = np.arange(inside.shape[1])[None, :]
    has = inside.any(1)
    left = np.where(has, inside.argmax(1), 0).astype(float)
    right = np.where(has, inside.shape[1] - inside[:, ::-1].argmax(1), inside.shape[1]).astype(float)
    rows = np.where(has)[0]
    if len(rows) > 9:
        left[rows], right[rows] = gaussian_filter1d(left[rows], 6), gaussian_filter1d(right[rows], 6)
    return np.clip((cols - left[:, None]) / np.maximum(right - left, 1)[:, None], 0, 1)
