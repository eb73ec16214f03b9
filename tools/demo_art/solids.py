# pyright: basic, reportMissingImports=false
"""Meshes from a few numbers: turned profiles, lofts, tubes, rounded boxes, sheets, labels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray


@dataclass
class Part:
    """A mesh in centimetres with the material it is made of."""

    verts: Array
    faces: Array
    uv: Array
    material: dict = field(default_factory=dict)
    smooth: bool = True

    def moved(self, x: float = 0, y: float = 0, z: float = 0) -> Part:
        return Part(self.verts + np.array([x, y, z]), self.faces, self.uv, self.material, self.smooth)

    def scaled(self, sx: float, sy: float | None = None, sz: float | None = None) -> Part:
        factors = np.array([sx, sx if sy is None else sy, sx if sz is None else sz])
        return Part(self.verts * factors, self.faces, self.uv, self.material, self.smooth)

    def turned(self, axis: str, degrees: float) -> Part:
        return Part(self.verts @ rotation(axis, degrees).T, self.faces, self.uv, self.material, self.smooth)


def rotation(axis: str, degrees: float) -> Array:
    """Right-handed rotation matrix about x, y or z."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return {
        "x": np.array([[1, 0, 0], [0, c, -s], [0, s, c]]),
        "y": np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]),
        "z": np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]),
    }[axis]


def spline(text: str, steps: int = 10, closed: bool = False) -> Array:
    """A smooth curve through "x,y x,y! ..." points (or "x,y,z"); a "!" makes the point a corner."""
    raw = text.split()
    corner = [p.endswith("!") for p in raw]
    pts = np.array([[float(n) for n in p.rstrip("!").split(",")] for p in raw])
    count = len(pts)
    tangents = np.zeros_like(pts)
    for i in range(count):
        before, after = (i - 1) % count, (i + 1) % count
        if closed or 0 < i < count - 1:
            tangents[i] = (pts[after] - pts[before]) / 2
    out = []
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    h = (2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, -2 * t**3 + 3 * t**2, t**3 - t**2)
    for i in range(count if closed else count - 1):
        j = (i + 1) % count
        chord = pts[j] - pts[i]
        size = float(np.linalg.norm(chord))
        m0 = chord if corner[i] else _fit(tangents[i], size)
        m1 = chord if corner[j] else _fit(tangents[j], size)
        if not closed and i == 0 and not corner[i]:
            m0 = chord
        if not closed and j == count - 1 and not corner[j]:
            m1 = chord
        out.append(h[0] * pts[i] + h[1] * m0 + h[2] * pts[j] + h[3] * m1)
    if not closed:
        out.append(pts[-1:])
    return np.concatenate(out)


def _fit(tangent: Array, size: float) -> Array:
    """A tangent no longer than its segment allows, so that curves never overshoot."""
    length = float(np.linalg.norm(tangent))
    return tangent * min(1.0, size / length) if length > 1e-9 else tangent


def grid_faces(rows: int, cols: int) -> Array:
    """Two triangles for each cell of a rows x cols grid of vertices."""
    i = (np.arange(rows - 1)[:, None] * cols + np.arange(cols - 1)[None, :]).ravel()
    return np.concatenate([np.stack([i, i + 1, i + cols + 1], 1), np.stack([i, i + cols + 1, i + cols], 1)])


def lathe(
    profile: str | Array,
    material: dict,
    segments: int = 144,
    arc: tuple[float, float] = (0, 360),
    lobes: tuple[int, float] = (0, 0.0),
) -> Part:
    """Turn a "radius,height" profile about the z axis; the seam is at the back."""
    line = spline(profile) if isinstance(profile, str) else profile
    angle = np.radians(np.linspace(arc[0], arc[1], segments + 1) + 90)
    count, depth = lobes
    swell = 1 + depth * np.cos(count * angle)[None, :] * (line[:, :1] / (line[:, 0].max() + 1e-9))
    radius = line[:, :1] * swell
    verts = np.stack(
        [radius * np.cos(angle), radius * np.sin(angle), np.repeat(line[:, 1:], segments + 1, 1)], -1
    )
    step = np.r_[0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
    u = np.repeat(np.linspace(0, 1, segments + 1)[None], len(line), 0)
    v = np.repeat((step / max(step[-1], 1e-9))[:, None], segments + 1, 1)
    uv = np.stack([u, v], -1).reshape(-1, 2)
    return Part(verts.reshape(-1, 3), grid_faces(len(line), segments + 1), uv, material)


def wrap_label(radius: float, low: float, high: float, degrees: float, material: dict) -> Part:
    """A paper label round a cylinder, centred on the front."""
    profile = np.array([[radius, low], [radius, (low + high) / 2], [radius, high]])
    return lathe(profile, material, 96, (180 - degrees / 2, 180 + degrees / 2))


def tube(
    points: Array | list, radius: float | Array, material: dict, closed: bool = False, n: int = 20
) -> Part:
    """A round bar along a polyline of points."""
    pts = np.asarray(points, float)
    if closed:
        pts = np.concatenate([pts, pts[:1]])
    tangent = np.gradient(pts, axis=0)
    if closed:
        tangent[0] = tangent[-1] = pts[1] - pts[-2]
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-12
    normal = np.zeros_like(pts)
    seed = np.array([0.0, 0, 1]) if abs(tangent[0][2]) < 0.9 else np.array([1.0, 0, 0])
    normal[0] = seed - tangent[0] * seed.dot(tangent[0])
    for i in range(1, len(pts)):
        normal[i] = normal[i - 1] - tangent[i] * normal[i - 1].dot(tangent[i])
        normal[i] /= np.linalg.norm(normal[i]) + 1e-12
    normal[0] /= np.linalg.norm(normal[0])
    binormal = np.cross(tangent, normal)
    a = np.linspace(0, 2 * np.pi, n + 1)
    r = np.broadcast_to(np.asarray(radius, float), (len(pts),))[:, None, None]
    ring = np.cos(a)[None, :, None] * normal[:, None] + np.sin(a)[None, :, None] * binormal[:, None]
    verts = (pts[:, None] + r * ring).reshape(-1, 3)
    u, v = np.meshgrid(np.linspace(0, 1, n + 1), np.linspace(0, 1, len(pts)))
    return Part(verts, grid_faces(len(pts), n + 1), np.stack([u, v], -1).reshape(-1, 2), material)


def curve3(text: str, steps: int = 10, closed: bool = False) -> Array:
    """A smooth space curve through "x,y,z" points."""
    return spline(text, steps, closed)


def rounded_box(width: float, depth: float, height: float, r: float, material: dict, n: int = 24) -> Part:
    """A box standing on z = 0 with softened edges; uv is planar on each face."""
    half = np.array([width, depth, height]) / 2
    verts, faces, uvs, offset = [], [], [], 0
    ramp = np.sort(np.r_[np.linspace(-1, 1, n), -1 + 1e-3, 1 - 1e-3])
    a, b = np.meshgrid(ramp, ramp)
    for axis in range(3):
        for sign in (-1, 1):
            p = np.zeros((*a.shape, 3))
            p[..., axis], p[..., (axis + 1) % 3], p[..., (axis + 2) % 3] = sign, a * sign, b
            inner = np.clip(p * half, -(half - r), half - r)
            out = _bevel_dir(p * half, inner)
            verts.append((inner + r * out).reshape(-1, 3))
            flat = _face_uv(p, axis, sign)
            uvs.append(flat.reshape(-1, 2))
            faces.append(grid_faces(*a.shape) + offset)
            offset += a.size
    lifted = np.concatenate(verts) + np.array([0, 0, height / 2])
    return Part(lifted, np.concatenate(faces), np.concatenate(uvs), material)


def _bevel_dir(p: Array, inner: Array) -> Array:
    d = p - inner
    return d / (np.linalg.norm(d, axis=-1, keepdims=True) + 1e-12)


def _face_uv(p: Array, axis: int, sign: int) -> Array:
    """Upright uv for the sides; top and bottom are seen from above."""
    if axis == 0:
        return np.stack([(p[..., 1] * sign + 1) / 2, (p[..., 2] + 1) / 2], -1)
    if axis == 1:
        return np.stack([(-p[..., 0] * sign + 1) / 2, (p[..., 2] + 1) / 2], -1)
    return np.stack([(p[..., 0] + 1) / 2, (p[..., 1] + 1) / 2], -1)


def panel(width: float, height: float, material: dict) -> Part:
    """A flat upright rectangle that faces the shopper, centred on x, standing on z = 0."""
    x, z = width / 2, height
    verts = np.array([[-x, 0, 0], [x, 0, 0], [x, 0, z], [-x, 0, z]], float)
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    return Part(verts, np.array([[0, 1, 2], [0, 2, 3]]), uv, material, smooth=False)


def loft(rows: list[tuple[float, float, float, float]], material: dict, n: int = 160, steps: int = 8) -> Part:
    """Superellipse sections (z, half width, half depth, squareness 2..10); uv is projected to the front."""
    spec = np.array(rows, float)
    t = np.arange(len(spec))
    fine = np.linspace(0, len(spec) - 1, (len(spec) - 1) * steps + 1)
    z, a, b, e = (np.interp(fine, t, spec[:, k]) for k in range(4))
    ang = np.linspace(0, 2 * np.pi, n + 1) + np.pi / 2
    c, s = np.cos(ang)[None], np.sin(ang)[None]
    power = (2 / e)[:, None]
    x = a[:, None] * np.sign(c) * np.abs(c) ** power
    y = b[:, None] * np.sign(s) * np.abs(s) ** power
    verts = np.stack([x, y, np.repeat(z[:, None], n + 1, 1)], -1)
    u = x / (2 * a.max()) + 0.5
    v = np.repeat(((z - z.min()) / np.ptp(z))[:, None], n + 1, 1)
    return Part(
        verts.reshape(-1, 3), grid_faces(len(z), n + 1), np.stack([u, v], -1).reshape(-1, 2), material
    )


def bounds(parts: list[Part]) -> tuple[Array, Array]:
    """Lowest and highest corner of a group."""
    lows = np.min([p.verts.min(0) for p in parts], 0)
    highs = np.max([p.verts.max(0) for p in parts], 0)
    return lows, highs
