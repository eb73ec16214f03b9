# pyright: basic, reportMissingImports=false
"""The hall itself, for the hero of the home page: iron, glass, stalls, and the catalogue's own goods."""

from __future__ import annotations

import argparse

import mitsuba as mi
import numpy as np
import studio
from draw import builders
from materials import rgb, timber
from noise import fbm, value_noise
from paths import CATALOGUE
from solids import Array, Part, bounds, lathe, panel, rounded_box, tube
from studio import T, matte, metal, texture
from svg import group, pixels, rect, t

IRON = "#1d5a40"
HALF, SPRING, RISE = 5.2, 4.0, 4.6
RIBS = np.arange(-7.0, 24.0, 2.8)


def rib(y: float) -> list[Part]:
    """Two columns and an arch with a lattice between two chords."""
    iron = matte(IRON, 0.45, 0.4)
    a = np.linspace(0, np.pi, 60)
    outer = np.c_[HALF * np.cos(a), np.full(60, y), SPRING + RISE * np.sin(a)]
    inner = np.c_[(HALF - 0.42) * np.cos(a), np.full(60, y), SPRING + (RISE - 0.42) * np.sin(a)]
    parts = [tube(outer, 0.075, iron, n=10), tube(inner, 0.05, iron, n=10)]
    zigzag = np.array([(outer if k % 2 else inner)[k] for k in range(60)])
    parts.append(tube(zigzag, 0.022, iron, n=6))
    for side in (-1, 1):
        x = side * (HALF - 0.2)
        parts.append(tube([(x, y, 0), (x, y, SPRING / 2), (x, y, SPRING)], [0.14, 0.11, 0.12], iron, n=14))
        parts.append(rounded_box(0.42, 0.42, 0.5, 0.03, matte("#b9b0a0", 0.8)).moved(x, y, 0))
        parts.append(rounded_box(0.72, 0.3, 0.16, 0.03, iron).moved(x, y, SPRING - 0.12))
    return parts


def glazing() -> list[Part]:
    """Purlins along the hall and the bars of the side windows."""
    iron = matte(IRON, 0.45, 0.4)
    parts = []
    for a in np.radians(np.arange(0, 181, 15)):
        x, z = HALF * np.cos(a), SPRING + RISE * np.sin(a)
        parts.append(tube([(x, -9, z), (x, 8, z), (x, 25, z)], 0.035, iron, n=8))
    for side in (-1, 1):
        x = side * HALF
        parts += [tube([(x, -9, z), (x, 8, z), (x, 25, z)], 0.022, iron, n=6) for z in (1.15, 2.1, 3.05)]
        parts += [
            tube([(x, y, 1.1), (x, y, 2.5), (x, y, SPRING)], 0.016, iron, n=6) for y in np.arange(-7, 24, 0.7)
        ]
        parts.append(rounded_box(0.18, 34, 1.12, 0.02, matte(texture(_bricks()), 0.9, 0.1)).moved(x, 8, 0))
    return parts


def _bricks() -> Array:
    h, w = 200, 1600
    y, x = np.mgrid[0:h, 0:w]
    row = y // 20
    joint = ((y % 20) < 2) | (((x + (row % 2) * 16) % 32) < 1.5)
    tone = value_noise((h, w), (20, 32), 4)[..., None] * 0.08
    return np.clip(np.where(joint[..., None], rgb("#cdbfa6"), rgb("#b78a68") * (1 + tone)), 0, 1)


def fan_window(y: float) -> list[Part]:
    """The glazed end of the hall: rays and rings under the arch."""
    iron = matte(IRON, 0.45, 0.4)
    parts = []
    for a in np.radians(np.arange(0, 181, 15)):
        end = (HALF * np.cos(a), y, SPRING + RISE * np.sin(a))
        parts.append(tube([(0, y, SPRING), (end[0] / 2, y, (SPRING + end[2]) / 2), end], 0.03, iron, n=6))
    for k in (0.33, 0.66):
        a = np.linspace(0, np.pi, 40)
        parts.append(
            tube(np.c_[k * HALF * np.cos(a), np.full(40, y), SPRING + k * RISE * np.sin(a)], 0.03, iron, n=6)
        )
    parts += [tube([(-HALF, y, z), (0, y, z), (HALF, y, z)], 0.05, iron, n=6) for z in (1.3, 2.65, SPRING)]
    parts += [
        tube([(x, y, 0), (x, y, 2), (x, y, SPRING)], 0.03, iron, n=6) for x in np.linspace(-HALF, HALF, 13)
    ]
    return parts


def floor() -> Part:
    """Worn stone slabs."""
    h, w = 1200, 640
    y, x = np.mgrid[0:h, 0:w]
    joint = ((y % 40) < 1.2) | (((x + ((y // 40) % 2) * 40) % 80) < 1.2)
    slab = value_noise((h, w), (40, 80), 3)[..., None] * 0.05 + fbm((h, w), (90, 90), 5, 4)[..., None] * 0.06
    art = np.clip(np.where(joint[..., None], rgb("#a89c88"), rgb("#cbbfa9") * (1 + slab)), 0, 1)
    verts = np.array([[-7, -14, 0], [7, -14, 0], [7, 25, 0], [-7, 25, 0]], float)
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    return Part(verts, np.array([[0, 1, 2], [0, 2, 3]]), uv, matte(texture(art), 0.35, 0.4), smooth=False)


def goods(
    name: str, colour: str | None, size: float, x: float, y: float, z: float, turn: float = 0
) -> list[Part]:
    """A product of the catalogue, so many metres tall, standing somewhere."""
    parts = builders()[name](colour)
    low, high = bounds(parts)
    scale = size / (high[2] - low[2])
    middle = (low + high) / 2
    return [
        p.moved(-middle[0], -middle[1], -low[2]).scaled(scale).turned("z", turn).moved(x, y, z) for p in parts
    ]


def rail(x: float, y: float, clothes: list[tuple[str, str | None, float]], turn: float) -> list[Part]:
    """A free-standing iron rail with clothes that face the visitor."""
    iron = metal("#4a4a47", 0.4)
    wide = 0.72 * len(clothes) + 0.2
    parts = [tube([(-wide / 2, 0, 1.72), (0, 0, 1.72), (wide / 2, 0, 1.72)], 0.018, iron)]
    for side in (-1, 1):
        parts.append(
            tube(
                [(side * wide / 2, 0, 0), (side * wide / 2, 0, 0.9), (side * wide / 2, 0, 1.72)], 0.018, iron
            )
        )
        parts.append(
            tube(
                [(side * wide / 2, -0.3, 0.03), (side * wide / 2, 0, 0.03), (side * wide / 2, 0.3, 0.03)],
                0.018,
                iron,
            )
        )
    for k, (name, colour, tall) in enumerate(clothes):
        spot = (k - (len(clothes) - 1) / 2) * 0.72
        parts += [p.moved(spot, 0, 1.745 - tall) for p in goods(name, colour, tall, 0, 0, 0)]
    return [p.turned("z", turn).moved(x, y, 0) for p in parts]


def stall(x: float, y: float, wide: float, deep: float, high: float) -> list[Part]:
    """An oak counter on crates."""
    oak = timber("#c89a62", "#8d6135", 6, rings=7)
    board = rounded_box(wide, deep, 0.06, 0.015, oak).moved(x, y, high - 0.06)
    front = timber("#b98a56", "#7f5730", 9, rings=5)
    parts = [board]
    step = (high - 0.2) / 4
    for k in range(4):
        slat = rounded_box(wide - 0.1, 0.025, step - 0.012, 0.008, front).moved(
            x, y, 0.05 + k * (step + 0.015)
        )
        parts += [slat.moved(0, side * (deep / 2 - 0.05), 0) for side in (-1, 1)]
    return parts


def awning(x: float, y: float, wide: float, z: float) -> list[Part]:
    """Striped canvas on two poles."""
    n = 512
    stripe = (np.arange(n) // 32 % 2)[None, :, None]
    art = np.repeat(rgb("#f3ead6") * (1 - stripe) + rgb(IRON) * stripe, 64, 0)
    cloth = panel(wide, 1.25, matte(texture(art), 0.9, 0.1)).turned("x", 62).moved(x, y - 0.9, z - 0.55)
    valance = panel(wide, 0.2, matte(texture(art), 0.9, 0.1)).moved(x, y - 0.9, z - 0.74)
    iron = metal("#4a4a47", 0.4)
    poles = [
        tube(
            [
                (x + s * wide / 2 * 0.96, y + 0.2, 0),
                (x + s * wide / 2 * 0.96, y + 0.2, 1.4),
                (x + s * wide / 2 * 0.96, y + 0.2, z),
            ],
            0.02,
            iron,
        )
        for s in (-1, 1)
    ]
    return [cloth, valance, *poles]


def sign() -> list[Part]:
    """The enamel plate that hangs across the hall."""
    art = pixels(
        1200,
        320,
        rect(0, 0, 1200, 320, "#12442f", "none", 0, 30)
        + rect(18, 18, 1164, 284, "none", "#f3f1e8", 6, 20)
        + group(t(600, 225, "HALLES", 190, "Fraunces", "#f3f1e8", letter_spacing="30"), 10, 0),
    )
    plate = rounded_box(3.0, 0.06, 0.8, 0.03, matte("#12442f", 0.3, 0.5)).moved(0, 1.36, 4.62)
    face = panel(2.96, 0.76, matte(texture(art), 0.25, 0.5)).moved(0, 1.32, 4.64)
    wires = [
        tube([(s * 1.2, 1.36, 5.4), (s * 1.2, 1.36, 6.4), (s * 1.2, 1.36, 8.4)], 0.012, metal("#4a4a47"))
        for s in (-1, 1)
    ]
    return [plate, face, *wires]


# What is on show: product, colour, height in metres, and for the table its place.
FRONT_RAIL = [
    ("camille-trench", "sand", 1.25),
    ("ines-wrap-dress", "bottle", 1.2),
    ("brume-cable", "sage", 0.85),
]
BACK_RAIL = [
    ("lucien-overcoat", "camel", 1.25),
    ("gabriel-check", "red-check", 0.9),
    ("flore-dress", "ivory", 1.15),
]
TABLE = [
    ("champignon-lamp", "saffron", 0.52, 3.3, -2.2), ("gres-bowl", "lagoon", 0.17, 2.5, -2.15),
    ("tige-vase", "brick", 0.62, 1.9, -2.1), ("ronde-teapot", "celadon", 0.27, 2.95, -2.6),
    ("fraise-jam", None, 0.16, 2.55, -2.75), ("olive-oil", None, 0.36, 1.66, -2.5),
    ("sable-biscuits", None, 0.2, 2.08, -2.7), ("rouge-apples", None, 0.19, 3.5, -2.65),
]  # fmt: skip
GROCER = [
    ("menton-lemons", 0.2),
    ("tradition-baguette", 0.16),
    ("coeur-tomatoes", 0.2),
    ("osier-basket", 0.42),
]


def furnished() -> list[Part]:
    """Everything on the floor."""
    parts = rail(-2.5, -0.9, FRONT_RAIL, 24) + rail(-3.0, 5.6, BACK_RAIL, 28)
    parts += stall(2.65, -2.4, 2.5, 1.1, 0.86) + stall(3.1, 2.0, 2.8, 1.1, 0.86) + awning(3.1, 2.0, 3.0, 2.75)
    for name, colour, tall, x, y in TABLE:
        parts += goods(name, colour, tall, x, y, 0.86)
    for k, (name, tall) in enumerate(GROCER):
        parts += goods(name, None, tall, 2.1 + 0.68 * k, 1.8, 0.86)
    parts += goods("bistro-chair", "walnut", 0.95, 1.05, -0.3, 0, -20)
    parts += goods("trois-stool", None, 0.5, 0.15, 1.1, 0, 10) + goods(
        "osier-basket", None, 0.5, 0.9, -2.8, 0, 15
    )
    return parts + lamps()


def lamps() -> list[Part]:
    """Opal globes down the middle of the hall."""
    opal, a = matte("#fbf6e6", 0.3, 0.5), np.linspace(-np.pi / 2, np.pi / 2, 24)
    globe = np.c_[0.19 * np.cos(a), 0.19 * np.sin(a)]
    parts = []
    for y in RIBS[2::2]:
        for x in (-1.9, 1.9):
            parts.append(lathe(globe, opal).moved(x, y, 4.6))
            parts.append(tube([(x, y, 4.79), (x, y, 6.0), (x, y, 8.1)], 0.012, metal("#4a4a47")))
    return parts


def scene() -> dict:
    """Afternoon sun from the upper left through the roof."""
    things = [floor(), *glazing(), *fan_window(23.2), *sign(), *furnished()]
    for y in RIBS:
        things += rib(float(y))
    out = {
        "type": "scene",
        "sensor": {
            "type": "perspective", "fov": 60, "fov_axis": "x",
            "to_world": T().look_at([0.1, -9.2, 1.72], [0.0, 4, 2.42], [0, 0, 1]),
        },
        "sky": {"type": "constant", "radiance": {"type": "rgb", "value": [1.22, 1.19, 1.12]}},
        "sun": {"type": "directional", "direction": [0.62, 0.34, -0.9], "irradiance": {"type": "rgb", "value": [3.3, 2.9, 2.3]}},
    }  # fmt: skip
    return out | {f"thing{i}": studio.to_mesh(p) for i, p in enumerate(things)}


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--spp", type=int, default=48)
    args.add_argument("--half", action="store_true")
    options = args.parse_args()
    mi.set_log_level(mi.LogLevel.Error)
    size = (800, 500) if options.half else (1600, 1000)
    linear = studio.shoot(scene(), size, options.spp, 3, depth=6)
    picture = studio.develop(linear * 0.72, None, (255, 252, 246))
    target = CATALOGUE / "place.webp"
    print(studio.save_webp(picture.resize((1600, 1000), studio.Image.Resampling.LANCZOS), target, 118_000))


if __name__ == "__main__":
    main()
