# pyright: basic, reportMissingImports=false
"""Photographs as a shopper takes them: the same objects in the showroom, through a phone.

The camera, light and place vary with a seed made from the product's name, so a picture is the same each time.
"""

from __future__ import annotations

import argparse
import fnmatch
import io
import zlib
from pathlib import Path

import mitsuba as mi
import numpy as np
import studio
from catalogue import entries
from draw import builders
from materials import rgb, timber
from noise import fbm, value_noise
from paths import PHOTOS
from PIL import Image
from scipy.ndimage import convolve1d, gaussian_filter
from solids import Array, Part, bounds, curve3, lathe, rounded_box, tube
from studio import T, matte, metal, texture

SIZE = (720, 960)


def seed_of(name: str) -> int:
    return zlib.crc32(name.encode())


def wall_skin(rng: np.random.Generator) -> dict:
    """Limewashed plaster, in one of the showroom's tones."""
    tone = rgb(str(rng.choice(["#d9d2c2", "#cfc9bd", "#c8cdc4", "#dccfb6", "#b9c0bb"])))
    stain = 1 + 0.06 * fbm((300, 400), (120, 150), int(rng.integers(99)), 5)[..., None]
    grain = 1 + 0.02 * value_noise((300, 400), (1.5, 1.5), 4)[..., None]
    return matte(texture(np.clip(tone * stain * grain, 0, 1)), 1.0, 0.05)


def plane(size: float, material: dict, turn: tuple[str, float] | None = None) -> Part:
    """A big square on the ground, or turned up as a wall."""
    s = size
    verts = np.array([[-s, -s, 0], [s, -s, 0], [s, s, 0], [-s, s, 0]], float)
    part = Part(
        verts,
        np.array([[0, 1, 2], [0, 2, 3]]),
        np.array([[0, 0], [3, 0], [3, 3], [0, 3]], float) % 1.0001 + 0,
        material,
        False,
    )
    part.uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    return part.turned(*turn) if turn else part


def window(rng: np.random.Generator, centre: tuple[float, float, float]) -> dict:
    """Daylight through a barred window on the left: a lamp behind bars."""
    origin = (
        centre[0] - rng.uniform(2.2, 3.2),
        centre[1] - rng.uniform(0.6, 2.2),
        centre[2] + rng.uniform(1.4, 2.4),
    )
    warm = rng.uniform(-0.07, 0.1)
    return {
        "daylight": studio.lamp(
            origin,
            centre,
            float(rng.uniform(0.55, 1.0)),
            float(rng.uniform(9, 15)),
            (1 + warm, 0.97, 0.9 - warm),
        )
    }


def blurred_neighbours(rng: np.random.Generator, back: float) -> list[Part]:
    """Simple pots, books and boxes far enough to be out of focus."""
    out: list[Part] = []
    tones = ["#2f6672", "#b5532f", "#d9b24a", "#12442f", "#8f4f22", "#e4dccb", "#5a2540", "#7f9a86"]
    for x in np.linspace(-1.5, 1.5, 5) + rng.uniform(-0.12, 0.12, 5):
        tone = str(rng.choice(tones))
        kind, y = int(rng.integers(3)), back + float(rng.uniform(-0.25, 0.15))
        if kind == 0:
            shape = lathe("0,0 .14,0 .17,.1 .15,.3 .06,.42 .06,.55", matte(tone, 0.4))
        elif kind == 1:
            shape = rounded_box(0.3, 0.2, float(rng.uniform(0.25, 0.6)), 0.02, matte(tone, 0.7))
        else:
            shape = lathe("0,0 .1,0! .24,.16 .26,.22", matte(tone, 0.4))
        out.append(shape.scaled(float(rng.uniform(0.8, 1.2))).moved(float(x), y, 0))
    return out


def radiator(x: float, y: float) -> list[Part]:
    """Part of a cast-iron radiator."""
    iron = matte("#d8d2c4", 0.5, 0.4)
    out = []
    for k in range(7):
        column = curve3(f"{x + k * 0.13},{y},.12 {x + k * 0.13},{y},.5 {x + k * 0.13},{y},.92")
        out.append(tube(column, 0.05, iron))
        out.append(lathe("0,-.05 .05,-.03 .05,.03 0,.05", iron).moved(x + k * 0.13, y, 0.95))
    out += [tube([(x - 0.1, y, z), (x + 0.4, y, z), (x + 0.95, y, z)], 0.035, iron) for z in (0.16, 0.88)]
    return out


def table_scene(parts: list[Part], name: str, fill: float = 1.0) -> dict:
    """An object on a wooden table before a wall."""
    rng = np.random.default_rng(seed_of(name))
    swing = float(rng.uniform(-9, 9))
    placed = [p.turned("z", swing) for p in parts]
    placed = studio.fit(placed, 1.0, 1.05)
    low, high = bounds(placed)
    tall = float(high[2] - low[2])
    wide = float(high[0] - low[0])
    share = float(rng.uniform(0.56, 0.78)) * fill
    frame = max(tall / (share * 0.86), wide / (share * 0.75))
    far = 3.6
    tilt = np.radians(rng.uniform(9, 27))
    side = np.radians(rng.uniform(-12, 12))
    aim = np.array([rng.uniform(-0.1, 0.1) * frame, 0, tall * 0.5 + rng.uniform(-0.07, 0.05) * frame])
    eye = aim + far * np.array([np.sin(side) * np.cos(tilt), -np.cos(side) * np.cos(tilt), np.sin(tilt)])
    oak = timber(
        *[("#b98c5a", "#7d5630"), ("#8a6440", "#54371f"), ("#cbb089", "#9a7a52")][int(rng.integers(3))],
        int(rng.integers(50)),
        False,
        16,
        0.45,
    )
    scene = {"type": "scene", "sensor": phone(eye, aim, frame, far, float(rng.uniform(-6, 6)))}
    scene["sky"] = {"type": "constant", "radiance": {"type": "rgb", "value": [0.34, 0.35, 0.37]}}
    scene |= window(rng, (0, 0, 0.3))
    things = [
        *placed,
        rounded_box(5.2, 2.6, 0.12, 0.02, oak).moved(0, 0.2, -0.12),
        plane(7, wall_skin(rng), ("x", 90)).moved(0, 2.4, 0),
    ]
    things += blurred_neighbours(rng, 1.25) + (radiator(0.5, 2.2) if rng.random() < 0.3 else [])
    return scene | {f"thing{i}": studio.to_mesh(p) for i, p in enumerate(things)}


def rail_scene(parts: list[Part], name: str, hangs: bool) -> dict:
    """Something that hangs, in front of a wall, with other clothes on the rail."""
    rng = np.random.default_rng(seed_of(name))
    share = float(rng.uniform(0.72, 0.92))
    frame, far = 1.0 / share, 3.4
    tilt, side = np.radians(rng.uniform(-8, 8)), np.radians(rng.uniform(-12, 12))
    aim = np.array([0.4 + rng.uniform(-0.06, 0.06), 0, -0.5 + rng.uniform(-0.05, 0.05)])
    eye = aim + far * np.array([np.sin(side) * np.cos(tilt), -np.cos(side) * np.cos(tilt), np.sin(tilt)])
    scene = {"type": "scene", "sensor": phone(eye, aim, frame, far, float(rng.uniform(-5, 5)))}
    scene["sky"] = {"type": "constant", "radiance": {"type": "rgb", "value": [0.36, 0.37, 0.39]}}
    scene |= window(rng, (0.4, 0, -0.4))
    iron = metal("#3a3a38", 0.4)
    rod = float(bounds(parts)[1][2]) - 0.004
    things = [*parts]
    if hangs:
        things += [tube([(-2, -0.022, rod), (0.4, -0.022, rod), (3, -0.022, rod)], 0.011, iron)]
    things.append(plane(6, wall_skin(rng), ("x", 90)).moved(0, float(rng.uniform(0.02, 0.25)), 0))
    tones = ["#3d4a3f", "#7a5a44", "#2f3a52", "#a89a84", "#6b2c2a", "#c4b9a2"]
    for x in (-0.09, 0.01, 0.8, 0.88) if hangs else ():
        cloth = rounded_box(0.055, 0.34, 0.75, 0.026, matte(str(rng.choice(tones)), 0.95, 0.1))
        things.append(cloth.turned("z", float(rng.uniform(-6, 6))).moved(x, -0.05, rod - 0.8))
        things.append(tube([(x, -0.05, rod - 0.06), (x, -0.03, rod - 0.02), (x, -0.02, rod)], 0.004, iron))
    return scene | {f"thing{i}": studio.to_mesh(p) for i, p in enumerate(things)}


def phone(eye: Array, aim: Array, frame: float, far: float, roll: float) -> dict:
    """A phone's camera with a little depth of field."""
    up = [np.sin(np.radians(roll)), 0, np.cos(np.radians(roll))]
    fov = 2 * np.degrees(np.arctan(frame / 2 / far))
    return {
        "type": "thinlens", "fov": float(fov), "fov_axis": "y", "aperture_radius": 0.035, "focus_distance": far,
        "to_world": T().look_at(list(eye), list(aim), up),
    }  # fmt: skip


def expose(linear: Array, rng: np.random.Generator) -> Array:
    """A phone's automatic exposure and an imperfect white balance; display-referred result."""
    level = np.percentile(linear.mean(-1), 72)
    x = linear / level * rng.uniform(0.36, 0.5)
    shift = rng.uniform(-0.09, 0.09)
    x = x * np.array([1 + shift, 1.0, 1 - shift])
    x = x * (1 + 0.15 * x) / (1 + 0.55 * x) * 1.22
    x = np.clip(x, 0, 1)
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055)


def through_phone(linear: Array, name: str, shake: bool = True) -> Image.Image:
    """Exposure, shake, vignette, sensor noise."""
    rng = np.random.default_rng(seed_of(name) + 1)
    x = expose(linear, rng)
    if shake and rng.random() < 0.5:
        kernel = np.ones(int(rng.integers(2, 5)))
        x = convolve1d(x, kernel / kernel.sum(), axis=int(rng.integers(2)), mode="nearest")
    h, w = x.shape[:2]
    yy, xx = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    x = x * (1 - rng.uniform(0.08, 0.2) * (xx**2 + yy**2) / 2)[..., None]
    noise = gaussian_filter(rng.normal(0, 1, (h, w, 3)), (0.7, 0.7, 0)) * rng.uniform(0.008, 0.02)
    x = np.clip(x + noise * (1.2 - x), 0, 1)
    return Image.fromarray((x * 255 + 0.5).astype(np.uint8))


def save_jpeg(picture: Image.Image, path: Path, limit: int = 52_000) -> int:
    """A phone's JPEG, not better than it need be."""
    data = b""
    for quality in (82, 76, 70, 64, 58, 50, 42, 34):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, subsampling=2, optimize=True)
        data = buffer.getvalue()
        if len(data) <= limit:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return len(data)


def shoot_product(entry: dict, spp: int) -> Image.Image:
    """The photo of a product's first variant."""
    name = entry["id"]
    parts = builders()[name]((entry.get("colours") or [None])[0])
    hangs = entry["category"].split("/")[1] not in ("bags", "shoes", "accessories")
    scene = rail_scene(parts, name, hangs) if entry["family"] == "fashion" else table_scene(parts, name)
    deep = 10 if any("dielectric" in p.material["type"] for p in parts) else 4
    return through_phone(studio.shoot(scene, SIZE, spp, seed_of(name) % 9999, depth=deep), name)


def main() -> None:
    """Shoot what matches."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--only", default="*")
    args.add_argument("--spp", type=int, default=20)
    args.add_argument("--missing", action="store_true")
    args.add_argument("--out", type=Path, default=PHOTOS)
    options = args.parse_args()
    mi.set_log_level(mi.LogLevel.Error)
    for entry in entries():
        target = options.out / f"{entry['id']}.jpg"
        if not fnmatch.fnmatch(target.stem, options.only) or (options.missing and target.exists()):
            continue
        if entry["id"] in builders():
            print(target.name, save_jpeg(shoot_product(entry, options.spp), target), flush=True)


if __name__ == "__main__":
    main()
