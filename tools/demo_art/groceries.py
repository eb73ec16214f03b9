# pyright: basic, reportMissingImports=false
"""Packaged goods of the grocer's shelf, in centimetres."""

from __future__ import annotations

import numpy as np
from labels import SHEET
from materials import rgb, timber
from noise import fbm, value_noise
from solids import Part, lathe, loft, panel, rounded_box, tube, wrap_label
from studio import glass, glaze, matte, metal, texture


def _printed(name: str, shine: float = 0.6) -> dict:
    return matte(texture(SHEET[name]()), shine, 0.35)


def _jar(content: dict, radius: float, height: float, lid: dict) -> list[Part]:
    """A screw-top jar with something in it."""
    r, h = radius, height
    wall = (
        f"0,.35 {r - 1},.3! {r - 0.3},.15 {r},.9! {r},{h - 1.8}! {r - 0.5},{h - 0.9} {r - 0.6},{h}"
        f" {r - 0.9},{h}! "
    )
    wall += f"{r - 0.8},{h - 0.9} {r - 0.32},{h - 1.9}! {r - 0.32},1 {r - 0.9},.75 0,.8"
    fill = lathe(f"0,.86 {r - 0.9},.82 {r - 0.42},1.2 {r - 0.36},{h - 2.6}! 0,{h - 2.5}", content)
    top = lathe(
        f"{r - 0.45},{h - 1.1}! {r - 0.35},{h - 1}! {r - 0.35},{h + 0.35} {r - 0.55},{h + 0.55}! 0,{h + 0.5}",
        lid,
    )
    return [lathe(wall, glass()), fill, top]


def fraise_jam(_: str | None) -> list[Part]:
    speck = value_noise((300, 600), (14, 14), 3)[..., None]
    jam = matte(texture(np.clip(rgb("#8e1020") * (1 + 0.35 * speck), 0, 1)), 0.25, 0.5)
    lid = matte(texture(_gingham("#c43a3a", "#f6ecdc")), 0.6, 0.3)
    return [*_jar(jam, 4.2, 10.2, lid), wrap_label(4.24, 2.2, 7.2, 175, _printed("jam"))]


def _gingham(colour: str, base: str) -> np.ndarray:
    y, x = np.mgrid[0:256, 0:1024]
    k = ((x // 16) % 2 + (y // 16) % 2)[..., None] / 2
    return rgb(base) * (1 - k) + rgb(colour) * k


def tilleul_honey(_: str | None) -> list[Part]:
    lid = metal("#caa14a", 0.35)
    r = 4.6
    wall = (
        f"0,.3 3.6,.3 {r},1.6 {r + 0.1},3 {r},6! 3.9,7 3.9,7.8 3.6,7.8 3.6,6.9 {r - 0.3},5.8 {r - 0.3},1.8"
        " 3.4,.7 0,.7"
    )
    fill = lathe(f"0,.74 3.35,.74 {r - 0.36},1.8 {r - 0.26},3 {r - 0.38},5.9! 0,6", glaze("#c77d10", 0.1))
    cover = lathe("3.95,6.9! 4.1,7 4.1,8.4 3.9,8.7! 0,8.7", lid)
    return [lathe(wall, glass()), fill, cover, wrap_label(r + 0.14, 1.9, 5.7, 150, _printed("honey"))]


def ancienne_mustard(_: str | None) -> list[Part]:
    seeds = value_noise((400, 800), (5, 5), 3)
    tone = np.clip(seeds * 1.5 + 0.5, 0, 1)[..., None]
    paste = matte(texture(rgb("#b08a2c") * (1 - tone) + rgb("#4e3510") * tone), 0.5, 0.4)
    stone = _jar(paste, 3.9, 8.4, glaze("#20221f", 0.3))
    return [*stone, wrap_label(3.94, 2.2, 5.6, 200, _printed("mustard"))]


def olive_oil(_: str | None) -> list[Part]:
    body = (
        "0,0 3.2,0! 3.6,.4 3.6,.8! 3.6,15.5 3.3,17.4 1.9,19.6 1.45,21 1.4,24.5! 1.7,24.6! 1.7,25.4! 1.3,25.5"
        " 0,25.5"
    )
    cap = lathe("1.5,25.2! 1.62,25.3! 1.62,27.4! 1.4,27.7 0,27.7", metal("#b9973f", 0.3))
    return [lathe(body, glaze("#18240c", 0.06)), cap, wrap_label(3.64, 2.4, 14.2, 165, _printed("oil"))]


def perle_water(_: str | None) -> list[Part]:
    skin = (
        "0,.6 2.6,.5 3.5,.2 3.9,1! 3.9,14 3.4,17.5 2.0,21.5 1.45,24 1.4,27.6! 1.65,27.8! 1.65,28.5!"
        " 1.2,28.6! "
    )
    skin += "1.15,24 1.7,21.4 3.1,17.4 3.6,14 3.6,1.3 2.8,1 0,1.1"
    water = lathe(
        "0,1.12 2.75,1.02 3.58,1.4 3.58,14 3.08,17.4 1.66,21.4 1.2,23.6! 0,23.6", glass(1.33, "#f2fbff")
    )
    cap = lathe("1.5,27.7! 1.75,27.8! 1.72,29.2! 1.5,29.5 0,29.5", metal("#2d5f92", 0.35), lobes=(21, 0.02))
    return [
        lathe(skin, glass(1.5, "#e6f5f0")),
        water,
        cap,
        wrap_label(3.94, 4.2, 11.6, 165, _printed("water")),
    ]


def pressee_juice(_: str | None) -> list[Part]:
    skin = "0,.5 3,.4 3.9,.2 4.3,1! 4.3,15.5 3.9,18 2.4,20.6 2.05,22 2.0,24.6! 2.3,24.8! 2.3,25.6! 1.8,25.7! "
    skin += "1.75,22 2.1,20.5 3.6,17.9 4,15.5 4,1.3 3.2,1 0,1"
    juice = lathe(
        "0,1.05 3.1,1.03 3.97,1.4 3.97,15.5 3.57,17.9 2.05,20.5 1.74,21.8! 0,21.8", glaze("#c8922e", 0.12)
    )
    cap = lathe("2.05,24.6! 2.35,24.7! 2.35,26.5! 2.1,26.8 0,26.8", glaze("#5c7a2e", 0.35))
    return [lathe(skin, glass()), juice, cap, wrap_label(4.34, 4.0, 12.4, 160, _printed("juice"))]


def earl_tea(_: str | None) -> list[Part]:
    art = SHEET["tea"]()
    tin = loft(
        [(0, 5.1, 3.9, 9), (0.15, 5.25, 4.05, 9), (11.4, 5.25, 4.05, 9), (11.5, 5.2, 4.0, 9)],
        matte(texture(art[:, 140:1260]), 0.3, 0.5),
        240,
        2,
    )
    lid = loft(
        [
            (11.5, 5.3, 4.1, 9),
            (11.6, 5.36, 4.16, 9),
            (13.3, 5.36, 4.16, 9),
            (13.6, 5.2, 4.0, 9),
            (13.62, 0.01, 0.01, 9),
        ],
        metal("#c9a35a", 0.32),
        240,
        2,
    )
    return [p.turned("z", -18) for p in (tin, lid)]


def sable_biscuits(_: str | None) -> list[Part]:
    box = rounded_box(17, 5.5, 12, 0.12, matte("#c97a58", 0.55, 0.35))
    front = panel(16.9, 11.9, _printed("biscuits", 0.5)).moved(0, -2.77, 0.05)
    edge = panel(5.3, 11.9, matte("#d98c6a", 0.55, 0.35)).turned("z", 90).moved(8.52, 0, 0.05)
    return [p.turned("z", 20) for p in (box, front, edge)]


def _pouch(art: dict, width: float, depth: float, height: float, seed: int) -> Part:
    """A filled bag with a flat seam on top."""
    w, d, h = width / 2, depth / 2, height
    rows = [
        (0, w * 0.93, d * 0.8, 6),
        (0.5, w * 0.98, d * 0.97, 6),
        (h * 0.3, w, d * 1.05, 4.5),
        (h * 0.62, w * 0.99, d * 0.9, 4),
    ]
    rows += [
        (h * 0.8, w * 0.985, d * 0.45, 3),
        (h * 0.9, w * 0.98, d * 0.1, 2.6),
        (h * 0.93, w * 0.98, 0.12, 2.2),
        (h, w * 0.98, 0.12, 2.2),
    ]
    part = loft(rows, art, 240, 14)
    bump = fbm((240, 240), (50, 34), seed, 4)
    u = np.clip(part.uv[:, 0] * 239, 0, 239).astype(int)
    v = np.clip(part.uv[:, 1] * 239, 0, 239).astype(int)
    side = np.sign(part.verts[:, 1])
    fade = np.clip((0.93 - part.uv[:, 1]) * 8, 0, 1)
    part.verts[:, 1] += side * bump[v, u] * 0.32 * fade
    return part


def penne_pasta(_: str | None) -> list[Part]:
    return [_pouch(matte(texture(SHEET["pasta"]()), 0.35, 0.5), 13, 6.5, 21, 4).turned("z", 14)]


def matin_coffee(_: str | None) -> list[Part]:
    bag = _pouch(matte(texture(SHEET["coffee"]()), 0.55, 0.35), 12, 7.5, 20, 9)
    tie = rounded_box(11.6, 0.5, 0.9, 0.1, metal("#c9b27a", 0.4)).moved(0, -0.1, 18.0)
    return [p.turned("z", -14) for p in (bag, tie)]


def noir_chocolate(_: str | None) -> list[Part]:
    bar = rounded_box(8, 1.1, 16, 0.12, matte("#3a1d1a", 0.5, 0.4))
    front = panel(7.9, 15.9, _printed("chocolate", 0.5)).moved(0, -0.57, 0.05)
    foil = rounded_box(7.7, 0.9, 1.6, 0.1, metal("#d8b878", 0.3)).moved(0, 0, 15.2)
    lean = [p.turned("x", -9).turned("z", 16) for p in (bar, front, foil)]
    flat = _squares().moved(9.2, -2.5, 0)
    return [*lean, flat.turned("z", 0)]


def _squares() -> Part:
    """Three broken squares of chocolate."""
    pieces = [rounded_box(2.6, 2.6, 1.0, 0.28, glaze("#3b1c12", 0.35)) for _ in range(3)]
    placed = [
        pieces[0].turned("z", 12),
        pieces[1].turned("z", -20).moved(2.3, -2.2),
        pieces[2].turned("z", 40).moved(0.6, 0.4, 1.0),
    ]
    verts = np.concatenate([p.verts for p in placed])
    count = len(pieces[0].verts)
    faces = np.concatenate([p.faces + i * count for i, p in enumerate(placed)])
    return Part(verts, faces, np.concatenate([p.uv for p in placed]), pieces[0].material)


def ocean_sardines(_: str | None) -> list[Part]:
    steel = metal("#c9c9c4", 0.28)
    tin = loft(
        [
            (0, 5.2, 3.6, 5),
            (0.2, 5.35, 3.75, 5),
            (2.2, 5.35, 3.75, 5),
            (2.45, 5.55, 3.95, 5),
            (2.65, 5.5, 3.9, 5),
            (2.65, 5.2, 3.6, 5),
        ],
        steel,
        200,
        3,
    )
    lid = _oval_lid(5.22, 3.62, 2.6, matte(texture(SHEET["sardines"]()), 0.3, 0.5))
    ring = [
        (0.75 * np.cos(a) + 4.1, 0.75 * np.sin(a), 2.78)
        for a in np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ]
    parts = [tin, lid, tube(ring, 0.13, steel, closed=True)]
    return [p.turned("x", 38).turned("z", 10) for p in parts]


def _oval_lid(a: float, b: float, z: float, material: dict) -> Part:
    part = loft([(z, a, b, 5), (z + 0.001, 0.01, 0.01, 5)], material, 200, 30)
    part.uv[:, 0], part.uv[:, 1] = part.verts[:, 0] / (2 * a) + 0.5, part.verts[:, 1] / (2 * b) + 0.5
    return part


def baratte_butter(_: str | None) -> list[Part]:
    block = rounded_box(11, 6.2, 5.6, 0.35, matte("#f3e3b0", 0.5, 0.4))
    front = panel(10.5, 5.3, _printed("butter", 0.45)).moved(0, -3.12, 0.15)
    top = panel(10.5, 6.0, _printed("butter", 0.45)).turned("x", -90).moved(0, -3.0, 5.62)
    return [p.turned("z", 22) for p in (block, front, top)]


def plein_air_eggs(_: str | None) -> list[Part]:
    pulp = value_noise((300, 600), (2.5, 2.5), 4)[..., None]
    grey = matte(texture(np.clip(rgb("#a9a295") * (1 + 0.06 * pulp), 0, 1)), 0.95, 0.1)
    tray = loft(
        [
            (0, 7.4, 4.7, 5),
            (0.4, 7.8, 5.1, 5),
            (4.4, 8.4, 5.6, 5),
            (4.6, 8.9, 6.0, 5),
            (4.9, 8.9, 6.0, 5),
            (4.9, 8.2, 5.4, 5),
            (3.0, 8.0, 5.2, 5),
        ],
        grey,
        200,
        4,
    )
    floor = rounded_box(16, 10, 0.5, 0.2, grey).moved(0, 0, 2.4)
    shells = ["#c98a5e", "#d59a6e", "#bf7d52", "#d8a27a", "#c4855a", "#cf9467"]
    eggs = []
    for k, tone in enumerate(shells):
        x, y = (k % 3 - 1) * 5.0, (k // 3 - 0.5) * 4.9
        eggs.append(
            lathe("0,0 1.2,.25 2.05,1.7 2.15,2.9 1.7,4.5 .8,5.5 0,5.75", matte(tone, 0.5, 0.35)).moved(
                x, y, 2.6
            )
        )
    lid = rounded_box(17.4, 0.5, 11, 0.25, grey).turned("x", 17).moved(0, 6.0, 4.4)
    label = panel(14.2, 6.0, _printed("eggs", 0.8)).moved(0, -0.27, 2.4).turned("x", 17).moved(0, 6.0, 4.4)
    return [p.turned("z", 10) for p in (tray, floor, lid, label, *eggs)]


def round_cheese(_: str | None) -> list[Part]:
    wood = timber("#e6cf9f", "#c9a86a", 6, rings=4)
    base = lathe("0,0 5.6,0 5.7,.1! 5.7,3! 5.4,3! 5.4,.4 0,.4", wood)
    lid = lathe("5.85,0! 5.95,.05! 5.95,2.1! 5.85,2.2 5.6,2.22! 0,2.22", wood)
    disc = lathe("5.6,2.24! 3,2.24 0,2.24", _printed("round_cheese", 0.6))
    disc.uv[:, 0], disc.uv[:, 1] = disc.verts[:, 0] / 11.4 + 0.5, disc.verts[:, 1] / 11.4 + 0.5
    rind = np.clip(rgb("#f2ead6") * (1 + 0.07 * value_noise((300, 600), (9, 9), 8)[..., None]), 0, 1)
    cheese = lathe("0,.4 5,.4 5.25,.7 5.3,2.9 4.9,3.35 0,3.4", matte(texture(rind), 0.95, 0.1))
    leaning = [p.turned("x", 66).moved(0, 0, 5.6) for p in (lid, disc)]
    return [*[p.moved(-2.8, 1.5) for p in leaning], *[p.moved(4.2, -3.5) for p in (base, cheese)]]


def alpage_wedge(_: str | None) -> list[Part]:
    height, radius, half = 5.2, 15.0, np.radians(19)
    holes = value_noise((300, 400), (7, 7), 3)
    tone = np.clip((holes - 0.8) * 5, 0, 1)[..., None]
    paste = matte(
        texture(rgb("#e9c46c") * (1 - 0.25 * tone) * (1 + 0.03 * fbm((300, 400), (80, 80), 5, 3)[..., None])),
        0.55,
        0.4,
    )
    rind = matte(
        texture(np.clip(rgb("#a9793c") * (1 + 0.2 * fbm((200, 400), (20, 30), 7)[..., None]), 0, 1)),
        0.9,
        0.15,
    )
    arc = np.linspace(-half, half, 30)
    outer = np.stack([radius * np.sin(arc), radius * (1 - np.cos(arc))], 1)
    parts = [
        _wall(np.array([[0, radius], outer[0]]), height, paste),
        _wall(np.array([outer[-1], [0, radius]]), height, paste),
    ]
    parts += [_wall(outer, height, rind), _fan(outer, radius, height, rind)]
    placed = [p.moved(0, -radius / 2).turned("z", 118) for p in parts]
    tag = panel(7.2, 4.6, _printed("alpage")).turned("x", -6).moved(0, -0.35, 1.6)
    pick = tube([(0, 0.45, -1), (0, 0.45, 2), (0, 0.45, 6.9)], 0.12, matte("#b98a56"))
    flag = [p.moved(-1.0, -2.0, 5.0) for p in (tag, pick)]
    return [*placed, *flag]


def _wall(line: np.ndarray, height: float, material: dict) -> Part:
    n = len(line)
    verts = np.concatenate([np.c_[line, np.zeros(n)], np.c_[line, np.full(n, height)]])
    i = np.arange(n - 1)
    faces = np.concatenate([np.stack([i, i + 1, i + n + 1], 1), np.stack([i, i + n + 1, i + n], 1)])
    u = np.linspace(0, 1, n)
    return Part(
        verts, faces, np.concatenate([np.c_[u, np.zeros(n)], np.c_[u, np.ones(n)]]), material, smooth=n > 2
    )


def _fan(rim: np.ndarray, radius: float, height: float, material: dict) -> Part:
    verts = np.concatenate([[[0, radius, height]], np.c_[rim, np.full(len(rim), height)]])
    i = np.arange(1, len(rim))
    return Part(
        verts, np.stack([np.zeros_like(i), i, i + 1], 1), verts[:, :2] / 20 + 0.5, material, smooth=False
    )
