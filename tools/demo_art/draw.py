# pyright: basic, reportMissingImports=false
"""Draws the catalogue pictures: python draw.py [--only PATTERN] [--spp N] [--out FOLDER]."""

from __future__ import annotations

import argparse
import fnmatch
import time
from collections.abc import Callable
from pathlib import Path

import mitsuba as mi
import studio
from catalogue import picture, pictures
from paths import CATALOGUE
from solids import Part

Builder = Callable[[str | None], list[Part]]

# Low things are seen from a little higher.
TILT = {
    "tradition-baguette": 28.0,
    "torchon-trio": 20.0,
    "coeur-tomatoes": 20.0,
    "menton-lemons": 18.0,
    "ocean-sardines": 18.0,
}


def builders() -> dict[str, Builder]:
    """Product id to the function that builds it; ids are function names with hyphens."""
    import importlib

    out: dict[str, Builder] = {}
    for name in (
        "coats",
        "jackets",
        "dresses",
        "knits",
        "shirts",
        "bottoms",
        "leather",
        "groceries",
        "produce",
        "tableware",
        "furnishing",
    ):
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        for key, value in vars(module).items():
            if callable(value) and getattr(value, "__module__", "") == name and not key.startswith("_"):
                out[key.replace("_", "-")] = value
    return out


def draw(entry: dict, colour: str | None, spp: int, preview: bool = False) -> studio.Image.Image:
    """One finished picture."""
    parts = builders()[entry["id"]](colour)
    size = (800, 1000) if entry["family"] == "fashion" else (800, 800)
    small = (size[0] // 2, size[1] // 2) if preview else size
    if entry["family"] == "fashion":
        out = studio.on_wall(parts, "fashion", small, spp)
    else:
        out = studio.still_life(parts, entry["family"], small, spp, TILT.get(entry["id"], 13.0))
    return out if out.size == size else out.resize(size, studio.Image.Resampling.LANCZOS)


def main() -> None:
    """Draw what matches."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--only", default="*")
    args.add_argument("--spp", type=int, default=40)
    args.add_argument("--family", default="*", help="fashion, home or groceries")
    args.add_argument("--preview", action="store_true", help="half size, for a first look")
    args.add_argument("--missing", action="store_true")
    args.add_argument("--out", type=Path, default=CATALOGUE)
    options = args.parse_args()
    mi.set_log_level(mi.LogLevel.Error)
    known = builders()
    for entry, colour in pictures():
        target = options.out / picture(entry["id"], colour)
        if not fnmatch.fnmatch(entry["family"], options.family):
            continue
        if not fnmatch.fnmatch(target.stem, options.only) or entry["id"] not in known:
            continue
        if options.missing and target.exists():
            continue
        start = time.perf_counter()
        size = studio.save_webp(draw(entry, colour, options.spp, options.preview), target)
        print(f"{target.stem}: {size / 1000:.1f} kB, {time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
