# pyright: basic, reportMissingImports=false
"""Furniture, lighting and what stands about the house, in centimetres."""

from __future__ import annotations

import numpy as np
from labels import SHEET
from materials import rgb, timber, wicker
from noise import fbm, value_noise
from solids import Part, curve3, grid_faces, lathe, spline, tube
from studio import glaze, matte, metal, texture, thin_glass


def champignon_lamp(colour: str | None) -> list[Part]:
    tone = {"saffron": "#d98a1e", "green": "#12442f"}[colour or "saffron"]
    paint = glaze(tone, 0.25)
    cap = lathe("15.6,25.5! 15.7,25.8 15.2,28 12.6,32.4 8,35.6 3,37 0,37.2", paint)
    under = lathe("15.5,25.6! 14.9,27.8 12.3,32 7.8,35.2 3,36.6 0,36.8", matte("#f7ecd0", 0.9))
    glow = {
        "type": "twosided",
        "bsdf": {"type": "diffuse", "reflectance": {"type": "rgb", "value": [1.0, 0.93, 0.78]}},
    }
    bulb = lathe("0,24.6 1.6,24.9 2.6,26.6 2.2,28.6 1,30 1,31", glow)
    stem = lathe("1.1,2! 1.1,24! 1.6,24.4 1.6,25.2 0,25.2", metal("#c79a48", 0.25))
    foot = lathe("0,0 8.2,0! 8.4,.4 8.2,1.2 3,2.4 1.3,3.2 1.1,4", paint)
    ball = lathe("0,36.9 .5,37! .9,37.8 .5,38.6 0,38.8", metal("#c79a48", 0.25))
    return [cap, under, bulb, stem, foot, ball]


def _seat(wood: dict, z: float, r: float) -> list[Part]:
    ring = lathe(
        f"{r - 2.6},{z - 0.6}! {r - 1},{z - 1.2} {r},{z - 0.6} {r + 0.2},{z + 0.4} {r - 0.4},{z + 1.2}"
        f" {r - 2},{z + 1.1}! {r - 2.6},{z + 0.7}!",
        wood,
    )
    return [ring]


def bistro_chair(_: str | None) -> list[Part]:
    wood = timber("#7a4a28", "#4a2814", 3, True, 6, 0.3)
    n = 512
    y, x = np.mgrid[0:n, 0:n]
    cane = ((x // 8 % 2) ^ (y // 8 % 2)) * 0.5 + 0.3 * (((x + y) // 12) % 2)
    art = rgb("#c59a5a") * (1 - 0.45 * cane[..., None])
    seat = lathe("17.8,45.6! 9,45.3 0,45.2", matte(texture(art), 0.8, 0.2))
    seat.uv[:, 0], seat.uv[:, 1] = seat.verts[:, 0] / 36 + 0.5, seat.verts[:, 1] / 36 + 0.5
    parts = [seat, *_seat(wood, 45, 20)]
    for sx in (-1, 1):
        front = curve3(f"{15 * sx},-13,44.5 {16 * sx},-14.5,25 {17.5 * sx},-16.5,0")
        parts.append(tube(front, np.linspace(1.6, 1.15, len(front)), wood))
    outer = [(17, 19, 0), (15.5, 16, 24), (15, 15.5, 45), (16.5, 18, 64), (13.6, 20.5, 80), (7, 21.8, 86.6)]
    inner = [(9, 16.5, 46), (10, 18, 60), (8.4, 19.6, 71), (4.4, 20.3, 76)]
    for half, top, radius in ((outer, (0, 22, 88.4), 1.45), (inner, (0, 20.6, 77.2), 1.05)):
        whole = [*half, top, *[(-x, y, z) for x, y, z in reversed(half)]]
        parts.append(tube(curve3(" ".join(f"{x},{y},{z}" for x, y, z in whole)), radius, wood))
    hoop = [
        (15.6 * np.cos(a), 15.2 * np.sin(a) + 0.6, 27) for a in np.linspace(0, 2 * np.pi, 120, endpoint=False)
    ]
    parts.append(tube(hoop, 0.95, wood, closed=True))
    return [p.turned("z", 32) for p in parts]


def trois_stool(_: str | None) -> list[Part]:
    oak = timber("#d8b07a", "#9c6f3e", 7, rings=11)
    legwood = timber("#d2a970", "#9a6c3a", 9, True, 5)
    seat = lathe("0,41 13,41 16.4,41.6 17.2,43 16.9,44.4 15.6,45 9,44.2 0,43.9", oak)
    seat.uv[:, 0], seat.uv[:, 1] = seat.verts[:, 0] / 36 + 0.5, seat.verts[:, 1] / 36 + 0.5
    parts = [seat]
    for k in range(3):
        a = np.radians(90 + 120 * k + 28)
        pts = np.array(
            [
                [np.cos(a) * r, np.sin(a) * r, z]
                for r, z in zip(np.linspace(16.5, 9.5, 40), np.linspace(0, 42, 40), strict=True)
            ]
        )
        t = np.linspace(0, 1, 40)
        parts.append(
            tube(pts, 1.25 + 0.55 * np.sin(np.pi * t) - 0.25 * np.exp(-(((t - 0.84) / 0.03) ** 2)), legwood)
        )
    for k in range(3):
        a, b = np.radians(118 + 120 * k), np.radians(118 + 120 * (k + 1))
        one, two = (
            np.array([13.6 * np.cos(a), 13.6 * np.sin(a), 17]),
            np.array([13.6 * np.cos(b), 13.6 * np.sin(b), 17]),
        )
        parts.append(tube([one, (one + two) / 2, two], 0.8, legwood))
    return parts


def dune_cushion(colour: str | None) -> list[Part]:
    tone = {"ochre": "#c58a2e", "indigo": "#2c3f6b"}[colour or "ochre"]
    n = 200
    u, v = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n))
    thick = 11.5 * np.clip((1 - u**2) * (1 - v**2), 0, 1) ** 0.62
    pull = 1 - 0.055 * (2 - u**2 - v**2) * np.maximum(u**2, v**2)
    corner = (np.abs(u) ** 4) * (np.abs(v) ** 4)
    wrinkle = 0.7 * fbm((n, n), (22, 22), 5, 3) + 1.1 * np.sin(9 * np.arctan2(v, u) * 2) * np.clip(
        np.hypot(u, v) - 0.72, 0, 1
    ) * (1 - corner)
    weave = value_noise((800, 800), (1.6, 26), 3) * 0.06 + value_noise((800, 800), (26, 1.6), 4) * 0.06
    cloth = matte(texture(np.clip(rgb(tone) * (1 + weave[..., None]), 0, 1)), 0.95, 0.15, 0.3)
    parts = []
    for side in (-1, 1):
        y = side * (thick + wrinkle * np.clip(thick / 6, 0, 1))
        verts = np.stack([u * 22.5 * pull, y, v * 22.5 * pull], -1).reshape(-1, 3)
        uv = np.stack([(u + 1) / 2, (v + 1) / 2], -1).reshape(-1, 2)
        parts.append(Part(verts, grid_faces(n, n), uv, cloth))
    rim = np.concatenate([np.c_[a, b] for a, b in _square(60)])
    k = 1 - 0.055 * (2 - rim[:, 0] ** 2 - rim[:, 1] ** 2) * np.max(rim**2, 1)
    pts = np.c_[rim[:, 0] * 22.5 * k, np.zeros(len(rim)), rim[:, 1] * 22.5 * k]
    parts.append(tube(pts, 0.42, matte("#efe6d2", 0.9, 0.1), closed=True))
    return [p.turned("y", 4).turned("x", -16).turned("z", 20) for p in parts]


def _square(n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    t, one = np.linspace(-1, 1, n, endpoint=False), np.ones(n)
    return [(t, -one), (one, t), (-t, one), (-one, -t)]


def gare_clock(_: str | None) -> list[Part]:
    rim = lathe("14.2,0! 15.6,0 16.2,1.4 16,3.4 15.2,4 14.6,3.6! 14.5,2.2!", glaze("#12442f", 0.25))
    face = lathe("14.6,2.2! 7,2.21 0,2.22", matte(texture(SHEET["clock"]()), 0.5, 0.4))
    face.uv[:, 0], face.uv[:, 1] = face.verts[:, 0] / 30.4 + 0.5, face.verts[:, 1] / 30.4 + 0.5
    pane = lathe("14.8,3.4! 8,4 0,4.2", thin_glass())
    back = lathe("0,0 14.4,0 14.4,.1", matte("#2b2f2e"))
    return [p.turned("x", 84).turned("z", 12) for p in (rim, face, pane, back)]


def osier_basket(_: str | None) -> list[Part]:
    material, relief = wicker()
    profile = "9.5,.4! 11,1 13,5 14.6,10 15.6,15"
    line = np.linspace(0, 1, 120)
    raw = spline(profile, 30)
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(raw, axis=0).T))]
    fine = np.stack([np.interp(line * length[-1], length, raw[:, k]) for k in (0, 1)], -1)
    body = lathe(fine, material, 480)
    h, w = relief.shape
    lift = relief[
        np.clip((body.uv[:, 1] * (h - 1)).astype(int), 0, h - 1),
        np.clip((body.uv[:, 0] * (w - 1)).astype(int), 0, w - 1),
    ]
    way = body.verts * [1, 1, 0]
    way /= np.linalg.norm(way, axis=1, keepdims=True) + 1e-9
    body.verts += way * (lift * 0.75)[:, None]
    inner = lathe("15.2,15! 14,10 12.4,5 10,1.4 0,1.2", matte("#7d5a30", 0.9, 0.1))
    rope = []
    for phase in (0, np.pi):
        t = np.linspace(0, 2 * np.pi, 700, endpoint=False)
        r, z = 15.7 + 0.45 * np.cos(34 * t + phase), 15.3 + 0.45 * np.sin(34 * t + phase)
        rope.append(tube(np.c_[r * np.cos(t), r * np.sin(t), z], 0.5, matte("#b58a52", 0.6, 0.3), True, 10))
    for phase in (0, 2.1, 4.2):
        t = np.linspace(0.0, np.pi, 260)
        c = 0.55
        x = (15.3 + c * np.cos(26 * t + phase)) * np.cos(t)
        z = 13 + 17.5 * np.sin(t) ** 0.8 + c * np.cos(26 * t + phase) * np.sin(t)
        rope.append(
            tube(np.c_[x, c * np.sin(26 * t + phase), z], 0.48, matte("#a97e48", 0.6, 0.3), False, 10)
        )
    return [p.turned("z", 24) for p in (body, inner, *rope)]
