# pyright: basic, reportMissingImports=false
"""Fruit, vegetables and bread."""

from __future__ import annotations

import numpy as np
from labels import SHEET
from materials import apple_skin, pear_skin, rgb, timber
from noise import fbm, value_noise
from solids import Part, curve3, grid_faces, lathe, rounded_box, tube
from studio import glaze, matte, texture

STALK = "#5b4022"


def _bumped(part: Part, seed: int, amount: float, cell: float = 40) -> Part:
    """Push the surface in and out a little so that no two fruits are the same."""
    field = fbm((200, 200), (cell, cell), seed, 3)
    field[:, 190:] = field[:, :10][:, ::-1]
    u = np.clip(part.uv[:, 0] * 199, 0, 199).astype(int)
    v = np.clip(part.uv[:, 1] * 199, 0, 199).astype(int)
    edge = np.minimum(part.uv[:, 0], 1 - part.uv[:, 0])
    centre = part.verts.mean(0)
    way = part.verts - centre
    way /= np.linalg.norm(way, axis=1, keepdims=True) + 1e-9
    part.verts += way * (field[v, u] * amount * np.clip(edge * 12, 0, 1))[:, None]
    return part


def _apple(seed: int) -> list[Part]:
    body = lathe(
        "0,.7 .7,.3 1.6,.05 2.7,.5 3.6,2.2 3.8,3.9 3.1,5.8 1.8,6.6 .9,6.4 .35,5.8 0,5.4",
        apple_skin(seed),
        lobes=(5, 0.02),
    )
    stalk = tube(
        [(0, 0, 5.4), (0.05, 0, 6.2), (0.25, 0.05, 7.0), (0.6, 0.1, 7.6)],
        [0.1, 0.1, 0.12, 0.17],
        matte(STALK),
    )
    return [_bumped(body, seed, 0.12, 80), stalk]


def _leaf(seed: int, size: float = 1.0) -> Part:
    """A single leaf, bent along its rib."""
    u, v = np.meshgrid(np.linspace(0, 1, 24), np.linspace(-1, 1, 11))
    half = 0.95 * np.sin(np.pi * u**0.85) ** 0.9
    verts = np.stack([u * 4.2, v * half, 0.5 * np.abs(v) * half + 0.9 * np.sin(u * 2.4)], -1) * size
    vein = np.abs(v) < 0.08
    paint = np.where(vein[..., None], rgb("#8fae5c"), rgb("#3f6b2c")) * (
        1 + 0.1 * value_noise(u.shape, (3, 3), seed)[..., None]
    )
    uv = np.stack([u, (v + 1) / 2], -1).reshape(-1, 2)
    return Part(verts.reshape(-1, 3), grid_faces(11, 24), uv, matte(texture(paint[::-1]), 0.5, 0.4))


def rouge_apples(_: str | None) -> list[Part]:
    out = []
    for k, (x, y, z, turn) in enumerate(((-7.4, 0.4, 0, 10), (0.1, -1.2, 0, 140), (7.6, 0.6, 0, 250))):
        out += [p.turned("y", (-8, 6, 10)[k]).turned("z", turn).moved(x, y, z) for p in _apple(20 + k)]
    out += [p.turned("x", -14).turned("z", 80).moved(-3.3, 3.6, 5.0) for p in _apple(31)]
    return [*out, _leaf(3).turned("z", 25).moved(0.7, -1.0, 7.2)]


def _pear(seed: int) -> list[Part]:
    body = lathe(
        "0,.35 .6,.15 1.6,.2 2.9,1.3 3.35,3.1 2.9,5 1.9,6.9 1.5,8.3 1.1,9.2 .4,9.55 0,9.4",
        pear_skin(seed),
        lobes=(3, 0.02),
    )
    stalk = tube(
        [(0, 0, 9.3), (0.1, 0, 10.0), (0.4, 0.1, 10.8), (0.5, 0.1, 11.4)],
        [0.13, 0.11, 0.12, 0.2],
        matte(STALK),
    )
    return [_bumped(body, seed, 0.2, 70), stalk]


def williams_pears(_: str | None) -> list[Part]:
    out = [p.turned("z", 30).moved(-4.4, 0) for p in _pear(5)]
    out += [p.turned("y", 7).turned("z", 200).moved(3.0, 1.6) for p in _pear(9)]
    out += [p.turned("y", 84).turned("z", -28).moved(1.2, -5.2, 3.2) for p in _pear(12)]
    return [*out, _leaf(8).turned("z", 160).moved(-4.0, 0, 10.3)]


def _lemon(seed: int) -> Part:
    pores = value_noise((300, 600), (3.2, 3.2), seed)[..., None]
    tone = 0.05 * fbm((300, 600), (90, 120), seed + 1, 3)[..., None]
    peel = matte(texture(np.clip(rgb("#eec21c") * (1 + 0.05 * pores + tone), 0, 1)), 0.38, 0.5)
    body = lathe("0,0 .45,.1 .7,.5 1.5,1.1 2.5,2.5 2.75,4 2.4,5.6 1.5,6.9 .8,7.4 .6,7.9 .25,8.2 0,8.2", peel)
    return _bumped(body, seed, 0.1, 26)


def menton_lemons(_: str | None) -> list[Part]:
    half = _lemon_half().turned("x", 62).turned("z", 12).moved(4.6, -4.6, 2.5)
    flesh = _lemon_face().turned("x", 62).turned("z", 12).moved(4.6, -4.6, 2.5)
    one = _lemon(4).turned("y", 88).turned("z", 24).moved(-8.0, -2.6, 2.7)
    two = _lemon(7).turned("y", 80).turned("z", -30).moved(0.4, 2.6, 2.6)
    return [
        one,
        two,
        half,
        flesh,
        _leaf(3, 1.2).turned("z", 150).moved(-4.4, -1.2, 3.4),
        _leaf(5, 1.1).turned("z", 60).moved(6.5, 2.0, 0.4),
    ]


def _lemon_half() -> Part:
    return lathe("2.7,0! 2.75,-.2 2.4,-1.8 1.5,-3.1 .8,-3.6 .6,-4.1 0,-4.4", glaze("#eec21c", 0.38))


def _lemon_face() -> Part:
    n = 400
    y, x = np.mgrid[-1 : 1 : n * 1j, -1 : 1 : n * 1j]
    r, a = np.hypot(x, y), np.arctan2(y, x)
    cells = np.abs(((a * 9 / (2 * np.pi)) % 1) - 0.5)
    pulp = (
        np.clip((0.455 - (0.5 - cells) * 0 - cells) * 26, 0, 1)
        * np.clip((0.84 - r) * 30, 0, 1)
        * np.clip((r - 0.1) * 20, 0, 1)
    )
    ray = 0.08 * value_noise((n, n), (5, 5), 2)
    art = rgb("#f7efc4") * (1 - pulp[..., None]) + rgb("#f0cf3e") * (1 + ray[..., None]) * pulp[..., None]
    art = np.where((r > 0.955)[..., None], rgb("#eec21c"), art)
    disc = lathe("2.7,0.01! 1.4,.02 0,.02", matte(texture(np.clip(art, 0, 1)), 0.25, 0.5))
    disc.uv[:, 0], disc.uv[:, 1] = disc.verts[:, 0] / 5.4 + 0.5, disc.verts[:, 1] / 5.4 + 0.5
    return disc


def _tomato(seed: int) -> list[Part]:
    tone = fbm((200, 400), (60, 90), seed, 3)[..., None]
    skin = matte(texture(np.clip(rgb("#c02a1c") * (1 + 0.1 * tone), 0, 1)), 0.14, 0.55)
    body = lathe("0,.1 1.2,.05 2.6,.8 3.2,2.3 3.0,3.9 2.0,4.9 .8,4.9 .3,4.6 0,4.5", skin, lobes=(6, 0.018))
    green = matte("#4c7030", 0.7, 0.3)
    star = []
    for k in range(5):
        a = 2 * np.pi * k / 5 + seed
        pts = [
            (np.cos(a) * r, np.sin(a) * r, z)
            for r, z in ((0.1, 4.75), (0.8, 5.05), (1.5, 5.1), (2.1, 4.75), (2.4, 5.0))
        ]
        star.append(tube(pts, [0.2, 0.26, 0.22, 0.14, 0.03], green))
    return [_bumped(body, seed, 0.07, 90), *star]


def coeur_tomatoes(_: str | None) -> list[Part]:
    out = []
    spots = ((-6.6, 0.2, 0), (0, -1.6, 1), (6.5, 0.0, 2), (-3.2, 4.4, 3), (3.4, 4.2, 4))
    for x, y, seed in spots:
        out += [
            p.turned("z", 50 * seed).turned("x", -8 + 4 * seed).moved(x, y, 0.1) for p in _tomato(40 + seed)
        ]
    green = matte("#5a7d38", 0.7, 0.3)
    vine = curve3("-9.6,2.4,5.2 -6,2,6.0 -2,1.5,5.9 2,1.8,6.2 6,2,5.9 8.6,2.6,6.5 9.8,3,7.6")
    out.append(tube(vine, np.linspace(0.24, 0.3, len(vine)), green))
    for x, y, _seed in spots:
        out.append(tube([(x, y, 4.7), (x * 0.97, (y + 1.7) / 2, 5.5), (x * 0.92, 1.8, 5.95)], 0.17, green))
    return out


def tradition_baguette(_: str | None) -> list[Part]:
    one = _loaf(3).turned("z", 28).moved(0, 3, 0)
    two = _loaf(8).turned("z", 28).turned("y", 0).moved(4, -4, 0)
    board = rounded_box(44, 26, 1.4, 0.5, timber("#c79a63", "#8e6234", 3, rings=11)).moved(1, -1, -1.4)
    band = _sleeve().turned("z", 28).moved(4, -4, 0)
    return [board, one, two, band]


def _section(x: np.ndarray) -> np.ndarray:
    return 3.1 * np.clip(1 - np.abs(x / 22) ** 4.5, 0, 1) ** 0.5


def _loaf(seed: int) -> Part:
    """A long loaf along x with five slanting cuts."""
    n, m = 300, 90
    x = np.linspace(-22, 22, n)[:, None]
    a = np.linspace(0, 2 * np.pi, m)[None, :]
    y, z = np.cos(a), np.sin(a)
    size = _section(x)
    cut = ((x + 1.6 * y * 2.2) / 7.4 + 0.5) % 1.0
    ridge = np.exp(-(((cut - 0.5) / 0.13) ** 2)) * np.clip(z - 0.35, 0, 1) * (np.abs(x) < 19.5)
    lip = np.exp(-(((cut - 0.72) / 0.05) ** 2)) * np.clip(z - 0.35, 0, 1) * (np.abs(x) < 19.5)
    rough = fbm((n, m), (16, 12), seed, 4) * 0.12
    rough[:, -1] = rough[:, 0]
    r = size * (1 + rough - 0.14 * ridge + 0.16 * lip)
    verts = np.stack([np.broadcast_to(x, r.shape), r * y * 1.05, np.maximum(r * z * 0.86, -1.9) + 1.9], -1)
    bake = 0.45 + 0.5 * fbm((n, m), (30, 20), seed + 1, 4) + 0.5 * lip - 0.9 * ridge
    bake += 0.25 * np.clip(-z, 0, 1)
    flour = (
        np.clip(value_noise((n, m), (3, 3), seed + 3) - 0.25, 0, 1)
        * 0.6
        * np.clip(1 - ridge, 0, 1)
        * np.clip(z, 0, 1)
    )
    k = np.clip(bake, 0, 1)[..., None]
    paint = rgb("#e2b268") * (1 - k) + rgb("#94521f") * k
    paint = paint * (1 - flour[..., None]) + rgb("#f1e2c0") * flour[..., None]
    u, v = np.meshgrid(np.linspace(0, 1, m), np.linspace(0, 1, n))
    return Part(
        verts.reshape(-1, 3),
        grid_faces(n, m),
        np.stack([u, v], -1).reshape(-1, 2),
        matte(texture(paint[::-1]), 0.7, 0.25),
    )


def _sleeve() -> Part:
    """The paper band round the front loaf."""
    n, m = 20, 90
    x = np.linspace(-7, 7, n)[:, None]
    a = np.linspace(-0.9, np.pi + 0.6, m)[None, :]
    y, z = -np.cos(a), np.sin(a)
    across, up = 3.5 * y, np.maximum(2.95 * z, -1.85) + 1.95
    verts = np.stack(np.broadcast_arrays(x, across, up), -1)
    u = np.broadcast_to((x + 7) / 14, (n, m))
    v = np.broadcast_to((a - 0.05) / 2.0, (n, m))
    art = matte(texture(SHEET["baguette"]()), 0.9, 0.1)
    return Part(verts.reshape(-1, 3), grid_faces(n, m), np.stack([u, v], -1).reshape(-1, 2), art)
