# pyright: basic, reportMissingImports=false
"""The app icons, the wall, the barcode and the QR photographs, and the hall for the home page."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import groceries
import mitsuba as mi
import numpy as np
import photos
import segno
import studio
from catalogue import products
from paths import CATALOGUE, PHOTOS
from PIL import Image
from solids import Array, Part, panel, rounded_box
from studio import glaze, matte, texture
from svg import group, page, path, pixels, rasterise, rect, t

GREEN, PAPER, BRASS = "#12442f", "#fbf7ef", "#c9973a"
L_CODES = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
PARITY = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")


def mark(scale: float = 1.0) -> str:
    """The mark: an arched iron hall over a crate, in a 512 box."""
    arch = path("M108 356V214A148 130 0 0 1 404 214V356", "none", PAPER, 26)
    inner = path(
        "M178 356V226A78 78 0 0 1 334 226V356M256 84V148M160 118L205 168M352 118L307 168", "none", PAPER, 18
    )
    crate = rect(92, 344, 328, 74, BRASS, "none", 0, 10) + path("M108 381H404", "none", GREEN, 9)
    posts = path("M164 350V412M256 350V412M348 350V412", "none", GREEN, 9)
    centre = 256 * (1 - scale)
    return group(arch + inner + crate + posts, centre, centre, scale)


def icons() -> None:
    """icon.svg and its rendered sizes; the maskable one keeps its mark in the safe circle."""
    plain = rect(0, 0, 512, 512, GREEN, "none", 0, 112) + mark(0.88)
    safe = rect(0, 0, 512, 512, GREEN) + mark(0.74)
    (CATALOGUE / "icon.svg").write_text(
        page(512, 512, rect(0, 0, 512, 512, GREEN) + mark(0.78)) + "\n", "utf-8"
    )
    big = rasterise(512, 512, page(512, 512, plain), clear=True)
    big.save(CATALOGUE / "icon-512.png", optimize=True)
    big.resize((192, 192), Image.Resampling.LANCZOS).save(CATALOGUE / "icon-192.png", optimize=True)
    rasterise(512, 512, page(512, 512, safe)).save(CATALOGUE / "icon-maskable-512.png", optimize=True)


def ean13(code: str, x: float, y: float, module: float, height: float) -> str:
    """Bars of an EAN-13 with its digits."""
    bits = "101"
    for digit, parity in zip(code[1:7], PARITY[int(code[0])], strict=True):
        left = L_CODES[int(digit)]
        bits += left if parity == "L" else "".join("1" if b == "0" else "0" for b in left)[::-1]
    bits += (
        "01010"
        + "".join("".join("1" if b == "0" else "0" for b in L_CODES[int(d)]) for d in code[7:])
        + "101"
    )
    guards = set(range(3)) | set(range(45, 50)) | set(range(92, 95))
    bars = "".join(
        rect(x + k * module, y, module, height + (module * 5 if k in guards else 0), "#000")
        for k, b in enumerate(bits)
        if b == "1"
    )
    size = module * 9
    digits = t(x - 6 * module, y + height + size, code[0], size, "Instrument", "#000")
    for k, d in enumerate(code[1:]):
        start = 3 if k < 6 else 8
        digits += t(x + (start + 7 * k + 3.5) * module, y + height + size, d, size, "Instrument", "#000")
    return bars + digits


def _gtin(product_id: str) -> str:
    return next(p for p in products() if p["id"] == product_id)["variants"][0]["gtin"]


def back_label() -> Array:
    """The back of the biscuit box: ingredients and a large barcode."""
    row = next(p for p in products() if p["id"] == "sable-biscuits")
    body = rect(0, 0, 1000, 700, "#d98c6a") + rect(40, 40, 920, 620, "#fdf6e8", "none", 0, 24)
    body += t(500, 120, "Sablés au beurre", 62, "Fraunces", "#7a2e1c")
    for k, words in enumerate(
        (
            "Farine de blé, beurre 25 %, sucre, œufs, sel marin.",
            "Wheat flour, butter 25 %, sugar, eggs, sea salt.",
            f"{row['brand']} · 200 g",
        )
    ):
        body += t(500, 180 + k * 42, words, 30, "Instrument", "#3a2a22", font_weight="500")
    body += rect(215, 300, 570, 330, "#ffffff") + ean13(_gtin("sable-biscuits")[1:], 270, 325, 5, 225)
    return pixels(1000, 700, body)


def barcode_photo() -> Image.Image:
    """A shopper turns the box round and holds the phone over the code."""
    art = matte(texture(back_label()), 0.6, 0.3)
    box = rounded_box(17, 5.5, 12, 0.12, matte("#c97a58", 0.55, 0.35))
    parts = [box, panel(16.9, 11.9, art).moved(0, -2.77, 0.05)]
    return _sharp_photo(parts, "barcode-1", 1.3)


def _sharp_photo(parts: list[Part], name: str, fill: float) -> Image.Image:
    scene = photos.table_scene(parts, name, fill)
    scene["sensor"]["aperture_radius"] = 0.012
    linear = studio.shoot(scene, photos.SIZE, 40, photos.seed_of(name) % 9999)
    return photos.through_phone(linear, name, shake=False)


def qr_plate() -> Array:
    """A small enamel plate with a GS1 Digital Link."""
    code = segno.make(f"https://demo.halles.example/01/{_gtin('ocean-sardines')}", error="m", micro=False)
    size = 16
    cells = ""
    for y, line in enumerate(code.matrix):
        for x, dark in enumerate(line):
            if dark:
                cells += rect(x * size, y * size, size + 0.4, size + 0.4, "#12203a")
    width = len(code.matrix) * size
    body = rect(0, 0, 760, 900, "#f6f4ea", "#1f4e79", 22, 46) + group(
        cells, (760 - width * 1.12) / 2, 70, 1.12
    )
    below = 70 + width * 1.12
    body += t(380, below + 95, "HALLES", 72, "Josefin", "#1f4e79", letter_spacing="16")
    return pixels(760, 900, body + t(380, below + 160, "scannez, commandez", 46, "Instrument", "#1f4e79"))


def qr_photo() -> Image.Image:
    """The plate stands on the table beside the sardines."""
    plate = rounded_box(7.6, 0.5, 9.0, 0.24, glaze("#1f4e79", 0.2))
    face = panel(7.3, 8.7, matte(texture(qr_plate()), 0.3, 0.4)).moved(0, -0.27, 0.15)
    stand = [p.turned("x", -10) for p in (plate, face)]
    tin = [p.scaled(0.8).turned("z", -14).moved(8.2, -1.0, 0) for p in groceries.ocean_sardines(None)]
    low = min(p.verts[:, 2].min() for p in tin)
    return _sharp_photo([*stand, *[p.moved(0, 0, -low) for p in tin]], "qr-1", 1.15)


def wall_photo() -> Image.Image:
    """Nothing to recognise: a wall and a bit of a radiator."""
    rng = np.random.default_rng(photos.seed_of("wall"))
    eye, aim = np.array([0.1, -3.2, 1.2]), np.array([0, 0, 1.15])
    scene = {"type": "scene", "sensor": photos.phone(eye, aim, 1.7, 3.3, 2.0)}
    scene["sky"] = {"type": "constant", "radiance": {"type": "rgb", "value": [0.3, 0.31, 0.33]}}
    scene |= photos.window(rng, (0, 0, 1.2))
    floor = matte("#8a6a48", 0.6)
    skirting = rounded_box(8, 0.06, 0.16, 0.02, matte("#cfc8b8", 0.6)).moved(0, 0.02, 0)
    things = [
        photos.plane(6, photos.wall_skin(rng), ("x", 90)).moved(0, 0.08, 0),
        photos.plane(6, floor),
        skirting,
        *photos.radiator(0.3, -0.12),
    ]
    scene |= {f"thing{i}": studio.to_mesh(p) for i, p in enumerate(things)}
    return photos.through_phone(studio.shoot(scene, photos.SIZE, 24, 5), "wall")


SPECIAL: dict[str, Callable[[], Image.Image]] = {
    "wall": wall_photo,
    "barcode-1": barcode_photo,
    "qr-1": qr_photo,
}


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("what", nargs="*", default=["icons", *SPECIAL])
    mi.set_log_level(mi.LogLevel.Error)
    for name in args.parse_args().what:
        if name == "icons":
            icons()
        else:
            print(name, photos.save_jpeg(SPECIAL[name](), PHOTOS / f"{name}.jpg", 66_000))


if __name__ == "__main__":
    main()
