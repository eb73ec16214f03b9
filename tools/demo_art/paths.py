# pyright: basic, reportMissingImports=false
"""Where things lie: everything is found from this file, nothing from the machine."""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CATALOGUE = ROOT / "src" / "halles" / "edge" / "demo" / "catalogue"
IMAGES = CATALOGUE / "images"
PHOTOS = CATALOGUE / "photos"
DATA = HERE / "data"
CACHE = HERE / ".cache"
FONTS = HERE / "node_modules"


def chromium() -> str:
    """The browser that typesets the labels."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise SystemExit("Chromium was not found: install it, or put it on PATH")
