# pyright: basic, reportMissingImports=false
"""Things for the table and the kitchen, in centimetres."""

from __future__ import annotations

import numpy as np
from labels import SHEET
from materials import mix, rgb, speckled, stripes_cloth, timber
from noise import fbm
from solids import Part, curve3, lathe, rounded_box, spline, tube, wrap_label
from studio import glass, glaze, matte, metal, texture


def source_carafe(_: str | None) -> list[Part]:
    wall = "0,.5 3.6,.4 4.3,.2 4.9,1 5.3,3.6 4.9,8 3.3,12.6 2.7,15.6 2.9,19 3.9,23.6 4.0,24 3.8,24.1 "
    wall += "2.7,19.2 2.5,15.6 3.1,12.5 4.7,8 5.1,3.6 4.6,1.3 3.6,1 0,1.1"
    water = lathe("0,1.12 3.55,1.02 4.57,1.35 5.08,3.6 4.68,8 3.6,11.2! 0,11.2", glass(1.33, "#f6fbfb"))
    rim = tube(
        [(3.95 * np.cos(a), 3.95 * np.sin(a), 24.02) for a in np.linspace(0, 2 * np.pi, 90, endpoint=False)],
        0.13,
        glass(1.5, "#e4f4ee"),
        True,
    )
    return [lathe(wall, glass(1.5, "#f1f9f6")), water, rim]


def bistrot_tumblers(_: str | None) -> list[Part]:
    out = []
    for k, (tint, x, y) in enumerate((("#c3c7c4", -8.6, 1.5), ("#f2cd92", 0, -1.5), ("#bfe6d4", 8.6, 1.2))):
        wall = "0,.1 2.9,.1! 3.1,.4 3.5,4 4.0,9.6 3.9,9.75 3.75,9.6 3.2,4 2.75,1.5 2.2,1.3 0,1.3"
        out.append(lathe(wall, glass(1.5, tint), lobes=(12, 0.014)).turned("z", 10 * k).moved(x, y))
    return out


def gres_bowl(colour: str | None) -> list[Part]:
    base, spot, inner = {
        "lagoon": ("#2f6672", "#16373f", "#235663"),
        "oat": ("#ddd0b6", "#8a6b45", "#cdbb98"),
    }[colour or "lagoon"]
    foot = lathe("0,0 4.6,0! 5,.2 4.9,1.6! 5.6,2.1", matte("#b98a62", 0.95, 0.1))
    outer = lathe("5.2,1.9! 8.6,4.2 11.2,7.4 12.4,10.6 12.5,11.2 12.2,11.4", speckled(base, spot, 4))
    inside = lathe("12.3,11.38! 12.0,11.1 10.6,7.6 8,4.6 4.4,2.9 0,2.5", speckled(inner, spot, 8))
    return [foot, outer, inside]


def tige_vase(_: str | None) -> list[Part]:
    line = spline(
        "0,0 3.6,0! 4.2,.4 6.6,4 7.2,7.6 6.2,11.4 3.6,14.4 1.9,17.4 1.55,21 1.7,24.4 2.4,26.2 2.3,26.4 1.9,26"
        " 1.2,24 1.1,20"
    )
    rings = 0.05 * np.sin(line[:, 1] * 9.0) * (line[:, 1] > 0.6) * (line[:, 0] > 1.3)
    line[:, 0] += rings
    tone = 1 + 0.09 * fbm((400, 800), (24, 200), 6, 4)[..., None]
    clay = matte(
        texture(
            np.clip(
                mix("#a8492f", "#c2663f", np.clip(fbm((400, 800), (120, 300), 3, 3) + 0.4, 0, 1)) * tone, 0, 1
            )
        ),
        0.95,
        0.12,
    )
    branch = tube(
        curve3("0,0,20 0.3,0,28 -0.6,0.2,34 1.6,0.4,40 1.2,0,45"), np.linspace(0.2, 0.1, 41), matte("#6b4a2c")
    )
    leaves = [p for k in range(9) for p in [_eucalyptus(k)]]
    return [lathe(line, clay), branch, *leaves]


def _eucalyptus(k: int) -> Part:
    height = 28 + k * 2.0
    disc = lathe(
        "0,0 .8,.05 1.25,.1 1.25,.13 .8,.12 0,.1", matte("#7f9a86" if k % 2 else "#6d8a78", 0.8, 0.2)
    )
    side = 1 if k % 2 else -1
    sway = np.interp(height, [20, 28, 34, 40, 45], [0, 0.3, -0.6, 1.6, 1.2])
    return (
        disc.turned("x", 60 + 8 * (k % 3))
        .turned("z", 20 * side)
        .moved(sway + side * 1.25, -0.3 + 0.2 * (k % 3), height)
    )


def ronde_teapot(_: str | None) -> list[Part]:
    glazed = speckled("#a9c2a8", "#6d8a74", 11, 0.8, 0.15)
    body = lathe("0,.2 3.6,0! 4,.2 4.2,.6 7,3.2 7.9,6.2 7,9.4 4.4,11.3 3.4,11.5", glazed)
    lid = lathe("3.7,11.3! 3.8,11.5 3.2,12 1.2,12.5 .7,12.7 .7,13.1 1.1,13.6 .9,14.2 0,14.4", glazed)
    spout = tube(
        curve3("-5.8,0,4.6 -8.2,0,5.8 -9.6,0,8.4 -10.4,0,10.6 -11.3,0,11.8"),
        np.linspace(1.75, 0.75, 41),
        glazed,
    )
    hole = lathe("0,0 .5,0 .5,.02", matte("#35463c", 0.9)).turned("y", -40).moved(-11.35, 0, 11.86)
    cane = tube(
        curve3("-3.9,0,11 -5,0,14.5 -3.4,0,18 0,0,19.2 3.4,0,18 5,0,14.5 3.9,0,11"),
        0.48,
        timber("#c79a5c", "#7d5226", 5, True, 22),
    )
    pegs = [
        lathe("0,-.9 .75,-.8 .85,0 .75,.8 0,.9", glazed).turned("x", 90).moved(x, 0, 10.9)
        for x in (-4.1, 4.1)
    ]
    return [body, lid, spout, hole, cane, *pegs]


def midi_mug(colour: str | None) -> list[Part]:
    top = {"white": speckled("#ece6d9", "#b7a684", 2, 0.84), "ink": speckled("#1f2d4a", "#0e1526", 2, 0.84)}[
        colour or "white"
    ]
    clay = matte(
        texture(np.clip(rgb("#b07f58") * (1 + 0.08 * fbm((200, 400), (6, 60), 4)[..., None]), 0, 1)),
        0.95,
        0.1,
    )
    base = lathe("0,0 3.5,0! 3.9,.4 4.1,1.4 4.12,3.6! 4.0,3.7", clay)
    cup = lathe("4.05,3.5! 4.2,3.62 4.22,4 4.15,8.9 4.05,9.3 3.85,9.2 3.75,8.6 3.7,1.6 3.2,.9 0,.8", top)
    handle = tube(
        curve3("4.0,0,8.0 5.6,0,8.3 6.9,0,7.3 7.0,0,5.4 6.0,0,3.9 4.05,0,3.3"), np.array([0.62] * 51), top
    )
    return [p.turned("z", -24) for p in (base, cup, handle)]


def noyer_board(_: str | None) -> list[Part]:
    walnut = timber("#8a5c38", "#4f2f1a", 14, True, 5, 0.45)
    slab = rounded_box(19, 2.6, 27, 0.9, walnut, 40)
    neck = rounded_box(5.4, 2.5, 11, 0.9, walnut, 30).moved(0, 0, 26.0)
    ring = tube(
        [
            (1.25 * np.cos(a), -1.1, 1.25 * np.sin(a) + 33.6)
            for a in np.linspace(0, 2 * np.pi, 50, endpoint=False)
        ],
        0.3,
        walnut,
        True,
    )
    hole = lathe("0,0 1.2,0 1.2,.01", matte("#2c1a0e", 1.0, 0.0)).turned("x", 90).moved(0, -1.27, 33.6)
    line = [(-7.6, 4.0), (-7.6, 24.0), (7.6, 24.0), (7.6, 4.0)]
    groove = [
        tube(
            [(a[0], -1.24, a[1]), ((a[0] + b[0]) / 2, -1.24, (a[1] + b[1]) / 2), (b[0], -1.24, b[1])],
            0.2,
            matte("#3d2415", 0.8),
        )
        for a, b in zip(line, line[1:] + line[:1], strict=True)
    ]
    return [p.turned("x", -9).turned("z", 14) for p in (slab, neck, ring, hole, *groove)]


def poivre_mill(_: str | None) -> list[Part]:
    lacquer = glaze("#1d1c1b", 0.22)
    body = lathe("0,0 3.1,0! 3.2,.3 3.1,2 2.3,4 1.7,9 1.85,14 2.5,17.4 2.6,18.2 2.1,19 2.2,19.4!", lacquer)
    steel = lathe("2.2,19.4! 2.25,19.5! 2.25,19.9! 2.1,20!", metal("#b9973f", 0.25))
    head = lathe("2.1,20! 2.5,20.4 2.2,21.6 2.9,23.4 3.3,25.4 2.7,27.6 1.2,28.8 0,28.9", lacquer)
    knob = lathe("0,28.8 .6,28.8! .55,29.2 .8,29.6 .6,30.1 0,30.2", metal("#b9973f", 0.25))
    corns = []
    rng = np.random.default_rng(3)
    for _k in range(16):
        x, y = rng.uniform(3.6, 9.5), rng.uniform(-5.5, 1.5)
        corns.append(
            lathe("0,-.33 .23,-.23 .33,0 .23,.23 0,.33", matte("#3a2a20", 0.9), 24).moved(
                x - (13 if _k % 3 == 0 else 0), y, 0.33
            )
        )
    return [body, steel, head, knob, *corns]


def cuivre_saucepan(_: str | None) -> list[Part]:
    copper = metal("#d98a5c", 0.22)
    outer = lathe("0,0 7.2,0 7.9,.5 8,1.2! 8,9.6! 8.35,9.9 8.3,10.1!", copper)
    inner = lathe("8.3,10.1! 7.8,10 7.8,1.2 7,.5 0,.4", metal("#d6d4cf", 0.3))
    iron = matte("#2a2a2a", 0.55, 0.4)
    handle = tube(
        curve3("7.9,0,8.0 9.6,0,8.4 13,0,9.8 19,0,12.0 24.5,0,13.6"),
        np.r_[np.linspace(1.15, 0.55, 21), np.linspace(0.56, 0.95, 20)],
        iron,
    )
    ring = tube(
        [
            (25.4 + 1.05 * np.cos(a), 0, 13.9 + 1.05 * np.sin(a))
            for a in np.linspace(0, 2 * np.pi, 40, endpoint=False)
        ],
        0.34,
        iron,
        True,
    )
    rivets = [
        lathe("0,.3 .35,.2 .45,0 ", metal("#d98a5c", 0.3), 24).turned("y", 90).moved(8.2, y, 7.6)
        for y in (-1.3, 0, 1.3)
    ]
    return [p.turned("z", -26) for p in (outer, inner, handle, ring, *rivets)]


def email_jug(_: str | None) -> list[Part]:
    white, blue = glaze("#eeeae0", 0.12), glaze("#24487e", 0.15)
    body = lathe("0,0 5.6,0! 5.9,.3 6.8,4 6.9,8 6.2,13 5.0,17 4.7,19.4 5.5,23.4", white)
    inner = lathe("5.45,23.4! 4.55,19.4 4.8,17 6,13 6.6,8 6.4,3 5,.6 0,.5", white)
    lip = [
        (
            5.5 * np.cos(a) * (1 + 0.22 * max(0, np.cos(a - np.pi)) ** 6),
            5.5 * np.sin(a),
            23.4 + 0.9 * max(0, np.cos(a - np.pi)) ** 6,
        )
        for a in np.linspace(0, 2 * np.pi, 120, endpoint=False)
    ]
    for part in (body, inner):
        a = np.arctan2(part.verts[:, 1], part.verts[:, 0])
        k = np.clip((part.verts[:, 2] - 18.5) / 4.9, 0, 1) ** 2 * np.clip(np.cos(a - np.pi), 0, 1) ** 6
        part.verts[:, 0] *= 1 + 0.22 * k
        part.verts[:, 2] += 0.9 * k * (part.verts[:, 2] > 20)
    rim = tube(np.array(lip), 0.26, blue, True)
    foot = tube(
        [(5.75 * np.cos(a), 5.75 * np.sin(a), 0.25) for a in np.linspace(0, 2 * np.pi, 90, endpoint=False)],
        0.24,
        blue,
        True,
    )
    handle = tube(curve3("5.1,0,21.6 8.2,0,22.4 10.2,0,19 9.8,0,13 8,0,9 6.6,0,7.6"), 0.5, blue)
    return [p.turned("z", 22) for p in (body, inner, rim, foot, handle)]


def torchon_trio(_: str | None) -> list[Part]:
    out = []
    for k, line in enumerate(("#2f6b48", "#2b5a92", "#b8321f")):
        cloth = stripes_cloth("#ece3cf", line, 3, 20 + k)
        for layer in range(4):
            wide = 25 - 0.25 * layer
            fold = rounded_box(wide, 17 - 0.3 * layer, 0.62, 0.3, cloth, 60)
            warp = 0.16 * fbm((64, 64), (26, 26), 40 * k + layer, 2)
            u = np.clip((fold.verts[:, 0] / wide + 0.5) * 63, 0, 63).astype(int)
            v = np.clip((fold.verts[:, 1] / 17 + 0.5) * 63, 0, 63).astype(int)
            fold.verts[:, 2] += warp[v, u]
            out.append(fold.turned("z", (-3, 4, -1)[k]).moved(0.3 * (-1) ** layer, 0, k * 2.55 + layer * 0.6))
    return [p.turned("z", 24) for p in out]


def figuier_candle(_: str | None) -> list[Part]:
    wall = "0,.1 3.7,.1! 4.1,.4 4.15,1! 4.15,9.4 4.0,9.5 3.85,9.4 3.85,1.3 3.5,1 0,1"
    wax = lathe("0,1.02 3.5,1.05 3.82,1.4 3.82,7.2! 3.4,7.0 0,6.9", matte("#e9dfc6", 0.5, 0.4))
    wick = tube([(0, 0, 6.9), (0.02, 0, 7.5), (0.15, 0, 8.1)], 0.09, matte("#2b2520"))
    label = wrap_label(4.19, 1.9, 7.4, 105, matte(texture(SHEET["candle"]()), 0.8, 0.2))
    return [lathe(wall, glass(1.5, "#f2f6f1")), wax, wick, label, *_flame()]


def _flame() -> list[Part]:
    glow = {
        "type": "twosided",
        "bsdf": {"type": "diffuse", "reflectance": {"type": "rgb", "value": [0.99, 0.78, 0.36]}},
    }
    return [lathe("0,8.0 .28,8.3 .42,8.9 .26,9.8 .08,10.5 0,10.8", glow, 48)]


def laiton_candlesticks(_: str | None) -> list[Part]:
    brass = metal("#cfa250", 0.24)
    ivory = matte("#efe4cb", 0.55, 0.4)
    tall = (
        "0,0 4,0! 4.2,.3 3.8,.9 1.4,1.5 .8,2.4 1.1,3.4 .7,4.6 .6,9 .9,10.6 1.6,11.4 .9,12.2 .8,13 1.4,14.4"
        " 2.1,14.9 2.1,15.3 1.4,15.4! 1.3,15! 0,15"
    )
    short = (
        "0,0 3.8,0! 4,.3 3.6,.9 1.4,1.5 .9,2.4 1.5,3.6 .9,4.8 .8,5.6 1.4,7 2,7.5 2,7.9 1.4,8! 1.3,7.6! 0,7.6"
    )
    stick = "1.05,0! 1.05,13! .95,13.6 .2,14 0,14"
    wicks = [
        tube([(x, y, z), (x, y, z + 0.5), (x + 0.1, y, z + 0.9)], 0.08, matte("#3a332c"))
        for x, y, z in ((-4.6, 1, 28.9), (4.4, -1, 21.5))
    ]
    return [
        lathe(tall, brass).moved(-4.6, 1), lathe(stick, ivory).moved(-4.6, 1, 15),
        lathe(short, brass).moved(4.4, -1), lathe(stick, ivory).moved(4.4, -1, 7.6), *wicks,
    ]  # fmt: skip
