# pyright: basic, reportMissingImports=false
"""A drawing table for cloth and leather: layers with shape, colour, weave, folds and thickness.

Everything is drawn in canvas pixels (800 x 1000 for fashion). Each layer adds to one height map,
one colour map and one opacity map; the studio then lights the relief. Heights are pixels towards
the viewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np
import weave
from folds import Fold
from noise import resize, value_noise, warped
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt, gaussian_filter, maximum_filter
from solids import Array, Part, grid_faces, spline
from studio import masked, matte, texture

S = 1.25


def rgb(colour: str) -> Array:
    """Display-referred 0..1 triple of "#rrggbb"."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def outline(text: str, mirrored: bool = False, axis: float = 400) -> Array:
    """A closed outline; a mirrored one is given by its right half from top to bottom."""
    if not mirrored:
        return spline(text, 12, closed=True)
    right = spline(text, 12)
    left = right[::-1] * [-1, 1] + [2 * axis, 0]
    return np.concatenate([right, left])


def flipped(text: str, axis: float = 400) -> str:
    """The same points on the other side."""
    out = []
    for p in text.split():
        x, y = p.rstrip("!").split(",")
        out.append(f"{2 * axis - float(x):g},{y}" + ("!" if p.endswith("!") else ""))
    return " ".join(out)


class Sheet:
    """One relief: what hangs at one depth."""

    def __init__(self, width: int = 800, height: int = 1000, seed: int = 1, depth: float = 14) -> None:
        self.shape = (int(height * S), int(width * S))
        self.height = np.zeros(self.shape)
        self.colour = np.zeros((*self.shape, 3))
        self.alpha = np.zeros(self.shape)
        self.seed = seed
        self.depth = depth
        rows, cols = np.mgrid[0 : self.shape[0], 0 : self.shape[1]]
        self.y, self.x = rows / S, cols / S

    def mask(self, shape: Array | list[Array]) -> Array:
        """An antialiased mask of one or more outlines."""
        k = 3
        rings = shape if isinstance(shape, list) else [shape]
        box = self._box(np.concatenate(rings), 2)
        size = (box[1].stop - box[1].start, box[0].stop - box[0].start)
        image = Image.new("L", (size[0] * k, size[1] * k))
        pen = ImageDraw.Draw(image)
        corner = np.array([box[1].start, box[0].start])
        for ring in rings:
            pen.polygon([tuple(p) for p in (ring * S - corner) * k], fill=255)
        out = np.zeros(self.shape)
        out[box] = np.asarray(image.resize(size, Image.Resampling.BOX), float) / 255
        return out

    def _box(self, points: Array, margin: float) -> tuple[slice, slice]:
        """The pixels round some points."""
        low, high = (points.min(0) - margin) * S, (points.max(0) + margin) * S
        c0, r0 = (int(max(v, 0)) for v in low)
        c1, r1 = int(min(high[0] + 2, self.shape[1])), int(min(high[1] + 2, self.shape[0]))
        return np.s_[r0 : max(r1, r0 + 2), c0 : max(c1, c0 + 2)]

    def _window(self, box: tuple[slice, slice]) -> Sheet:
        """The same table seen through a frame; its maps are views."""
        part = copy(self)
        for name in ("height", "colour", "alpha", "x", "y"):
            setattr(part, name, getattr(self, name)[box])
        part.shape = part.height.shape
        return part

    def layer(
        self,
        shape: Array | str,
        colour: str | Array,
        cloth: str = "plain",
        lift: float = 4,
        puff: float = 8,
        soft: float = 26,
        folds: Sequence[Fold] | None = None,
        crumple: float = 2.0,
        attached: bool = False,
        pattern: weave.Pattern | None = None,
        angle: float = 0,
    ) -> None:
        """Lay a piece of cloth on what is there."""
        ring = outline(shape) if isinstance(shape, str) else shape
        box = self._box(ring, 12)
        part, m = self._window(box), self.mask(ring)[box]
        self.seed += 17
        inside = m > 0.5
        if not inside.any():
            return
        relief = self._puffed(inside, puff, soft)
        for fold in folds or []:
            relief += fold(part, inside)
        if crumple:
            relief += crumple * part.crumpled() * np.minimum(1, relief / 6 + 0.4)
        fine, tone = weave.micro(cloth, part.x, part.y, angle, self.seed)
        base = part.under() if attached else self.depth
        paint = part.paint(colour, pattern, relief) * tone[..., None]
        part.height[:] = part.height * (1 - m) + (base + lift + relief + fine) * m
        part.colour[:] = part.colour * (1 - m[..., None]) + paint * m[..., None]
        part.alpha[:] = np.maximum(part.alpha, m)

    def crumpled(self) -> Array:
        """Low, wandering unevenness, made small and enlarged."""
        small = (self.shape[0] // 4 + 2, self.shape[1] // 4 + 2)
        return resize(warped(small, (90 * S / 4, 60 * S / 4), self.seed, 60 / 4), self.shape)

    def _puffed(self, inside: Array, puff: float, soft: float) -> Array:
        far = distance_transform_edt(inside) / S
        profile = puff * np.sqrt(1 - np.exp(-2 * far / soft))
        return gaussian_filter(profile, 1.4 * S)

    def under(self) -> Array:
        """What lies beneath, smoothed, so that a pocket follows the body's folds."""
        weight = gaussian_filter(self.alpha, 7)
        return gaussian_filter(self.height * self.alpha, 7) / np.maximum(weight, 1e-3)

    def paint(self, colour: str | Array, pattern: weave.Pattern | None, relief: Array) -> Array:
        base = rgb(colour) if isinstance(colour, str) else colour
        plain = np.broadcast_to(base, (*self.shape, 3)).copy()
        shade = 1 + 0.05 * value_noise(self.shape, (120 * S, 120 * S), self.seed + 5)[..., None]
        if pattern is not None:
            gy, gx = np.gradient(gaussian_filter(relief, 4 * S))
            plain = pattern(self.x + 4 * gx, self.y + 4 * gy, plain)
        return plain * shade

    def groove(
        self, points: str, deep: float = 2.0, width: float = 1.6, colour: str | None = None, mix: float = 0.4
    ) -> None:
        """A seam: a narrow valley, slightly darker."""
        path = spline(points, 12)
        box = self._box(path, 8)
        line = self._line([path], width, box)
        part = self._window(box)
        part.height -= deep * line
        if colour:
            amount = (mix * line)[..., None]
            part.colour[:] = part.colour * (1 - amount) + rgb(colour) * amount

    def stitch(self, points: str, colour: str, dash: float = 7, width: float = 1.3) -> None:
        """A dashed line of thread."""
        path = spline(points, 40)
        step = np.r_[0, np.cumsum(np.hypot(*np.diff(path, axis=0).T))]
        marks = np.arange(0, step[-1], dash)
        ends = [
            np.stack([np.interp(t, step, path[:, k]) for k in (0, 1)], -1)
            for t in (marks, marks + dash * 0.62)
        ]
        box = self._box(path, 8)
        part = self._window(box)
        line = self._line(list(np.stack(ends, 1)), width, box, 0.3) * part.alpha
        part.colour[:] = part.colour * (1 - line[..., None]) + rgb(colour) * line[..., None]
        part.height += 0.8 * line

    def _line(self, paths: list[Array], width: float, box: tuple[slice, slice], blur: float = 0.8) -> Array:
        size = (box[1].stop - box[1].start, box[0].stop - box[0].start)
        image = Image.new("L", (size[0] * 2, size[1] * 2))
        pen = ImageDraw.Draw(image)
        corner = np.array([box[1].start, box[0].start])
        for path in paths:
            dots = [tuple(p) for p in (path * S - corner) * 2]
            pen.line(dots, fill=255, width=max(2, int(width * S * 2)), joint="curve")
        small = np.asarray(image.resize(size, Image.Resampling.BOX), float) / 255
        return gaussian_filter(small, blur * S)

    def button(self, x: float, y: float, r: float, colour: str, holes: int = 4) -> None:
        """A sewn button with a rim."""
        box = self._box(np.array([[x, y]]), r + 4)
        part = self._window(box)
        d = np.hypot(part.x - x, part.y - y)
        disc = np.clip((r - d) * S + 0.5, 0, 1)
        rim = np.exp(-(((d - r * 0.82) / (r * 0.16)) ** 2))
        tops = float(np.median(part.height)) + 3.2 + 1.1 * rim
        shade = 1 + 0.06 * rim
        for k in range(holes):
            a = np.pi / 4 + k * 2 * np.pi / max(holes, 1)
            away = np.hypot(part.x - x - r * 0.3 * np.cos(a), part.y - y - r * 0.3 * np.sin(a))
            hole = np.clip((r * 0.13 - away) * S + 0.5, 0, 1)
            tops, shade = tops - 2 * hole, shade * (1 - 0.65 * hole)
        part.height[:] = part.height * (1 - disc) + tops * disc
        part.colour[:] = part.colour * (1 - disc[..., None]) + rgb(colour) * (shade * disc)[..., None]

    def cut(self, shape: Array | str) -> None:
        """A hole through everything drawn so far."""
        self.alpha *= 1 - self.mask(outline(shape) if isinstance(shape, str) else shape)

    def _extended(self) -> tuple[Array, Array]:
        """Heights and colours carried on past the edge, so that the cut is clean and has no dark rim."""
        solid = self.alpha > 0.97
        nearest = tuple(distance_transform_edt(~solid, return_distances=False, return_indices=True))
        height = self.height[nearest]
        smooth = np.where(solid, gaussian_filter(height, 0.6), gaussian_filter(height, 2.5))
        return smooth, self.colour[nearest]

    def part(self, roughness: float = 0.9, sheen: float = 0.0, gap: float = 10) -> Part:
        """The relief as a mesh in studio units (a thousand pixels to one)."""
        rows, cols = np.where(self.alpha > 0.02)
        r0, r1 = max(rows.min() - 3, 0), min(rows.max() + 4, self.shape[0])
        c0, c1 = max(cols.min() - 3, 0), min(cols.max() + 4, self.shape[1])
        crop = np.s_[r0:r1, c0:c1]
        h, colour = (field[crop] for field in self._extended())
        verts = np.stack([self.x[crop], -(h + gap), -self.y[crop]], -1) / 1000
        n, m = h.shape
        u, v = np.meshgrid((np.arange(m) + 0.5) / m, 1 - (np.arange(n) + 0.5) / n)
        cloth = matte(texture(np.clip(colour, 0, 1)), roughness, 0.25, sheen)
        skin = masked(cloth, np.clip(self.alpha[crop], 0, 1))
        faces = grid_faces(n, m)[:, ::-1]
        seen = (maximum_filter(self.alpha[crop], 3) > 0.01).ravel()
        faces = faces[seen[faces].any(1)]
        return Part(verts.reshape(-1, 3), faces, np.stack([u, v], -1).reshape(-1, 2), skin)
