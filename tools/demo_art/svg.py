# pyright: basic, reportMissingImports=false
"""Small helpers to write SVG, and the browser that turns it into pixels."""

from __future__ import annotations

import hashlib
import html
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from paths import CACHE, FONTS, chromium
from PIL import Image

FACES = {
    "Fraunces": ("@fontsource-variable/fraunces", "fraunces-latin-full-normal.woff2", "100 900"),
    "Instrument": (
        "@fontsource-variable/instrument-sans",
        "instrument-sans-latin-wght-normal.woff2",
        "400 700",
    ),
    "Josefin": ("@fontsource/josefin-sans", "josefin-sans-latin-600-normal.woff2", "600"),
    "Caveat": ("@fontsource/caveat", "caveat-latin-600-normal.woff2", "600"),
    "Oswald": ("@fontsource/oswald", "oswald-latin-600-normal.woff2", "600"),
}


def t(
    x: float, y: float, words: str, size: float, font: str = "Fraunces", fill: str = "#1c1b17", **kw: str
) -> str:
    """A line of text, centred unless told."""
    extra = {"text-anchor": "middle", "font-weight": "600", **{k.replace("_", "-"): v for k, v in kw.items()}}
    attrs = " ".join(f'{k}="{v}"' for k, v in extra.items())
    return (
        f'<text x="{x}" y="{y}" font-family="{font}" font-size="{size}" fill="{fill}"'
        f" {attrs}>{html.escape(words)}</text>"
    )


def rect(
    x: float,
    y: float,
    w: float,
    h: float,
    fill: str = "none",
    stroke: str = "none",
    sw: float = 0,
    r: float = 0,
) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}" stroke="{stroke}"'
        f' stroke-width="{sw}"/>'
    )


def path(d: str, fill: str = "none", stroke: str = "none", sw: float = 0, more: str = "") -> str:
    return (
        f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{sw}" stroke-linecap="round"'
        f' stroke-linejoin="round" {more}/>'
    )


def circle(x: float, y: float, r: float, fill: str = "none", stroke: str = "none", sw: float = 0) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" stroke="{stroke}" stroke-width="{sw}"/>'


def group(inner: str, x: float = 0, y: float = 0, scale: float = 1, turn: float = 0) -> str:
    return f'<g transform="translate({x} {y}) rotate({turn}) scale({scale})">{inner}</g>'


def page(width: int, height: int, inner: str) -> str:
    """A whole SVG document."""
    box = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{inner}</svg>'


def _faces() -> str:
    rules = []
    for name, (package, file, weight) in FACES.items():
        source = (FONTS / package / "files" / file).as_uri()
        rules.append(f"@font-face{{font-family:{name};src:url({source});font-weight:{weight}}}")
    return "".join(rules)


def rasterise(width: int, height: int, document: str, clear: bool = False) -> Image.Image:
    """Render an SVG with the browser; results are kept by content."""
    key = hashlib.sha256(f"{width}x{height}{clear}{document}".encode()).hexdigest()[:20]
    kept = CACHE / f"svg-{key}.png"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "page.html"
            style = f"<style>{_faces()}html,body{{margin:0;overflow:hidden}}svg{{display:block}}</style>"
            source.write_text(f"<!doctype html><meta charset=utf-8>{style}{document}", "utf-8")
            command = [
                chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--allow-file-access-from-files", "--virtual-time-budget=3000", f"--user-data-dir={folder}/profile",
                *(["--default-background-color=00000000"] if clear else []),
                f"--window-size={width},{height + 120}", f"--screenshot={kept}", source.as_uri(),
            ]  # fmt: skip
            subprocess.run(command, check=True, capture_output=True, timeout=120)
        Image.open(kept).crop((0, 0, width, height)).save(kept)
    return Image.open(kept).convert("RGBA" if clear else "RGB")


def pixels(width: int, height: int, inner: str) -> np.ndarray:
    """A label as display-referred floats."""
    return np.asarray(rasterise(width, height, page(width, height, inner)), float) / 255
