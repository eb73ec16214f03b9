"""Pictures made for tests."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 200, 40), (30, 40, 220), (128, 128, 128)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The image as bytes of a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> bytes:
    """A PNG of one colour."""
    return encoded(Image.new("RGB", size, colour))


def corner_marked(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """White, with its upper left quarter red: turning it shows."""
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    pixels[: size[1] // 2, : size[0] // 2] = RED
    return Image.fromarray(pixels)


HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAAGkAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt"
    "AAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5j"
    "bHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAADwAAAABAAAAKAAAAAH////8AAAAAv///+gAAAACAAAAEHBp"
    "eGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAHFtZGF0AAAAZSgBrwng4dFJP/4Do/8oTQ9FHt/13AsGAE1cWZwl"
    "O42Z3mtt79uEyXgZOasYvDP6PFniZxkgcwRfgf67+4GIwwt9Zc4zyK7P5rHAtrSnvOXsrwMdcX+JRypzyNvHTFtZFe9tqiAg"
)
"""corner_marked() as an iPhone stores a photo; drawn here, since nothing here writes HEIC."""


def speckled(
    colour: tuple[int, int, int], size: tuple[int, int] = (640, 480), *, seed: int = 0
) -> Image.Image:
    """One colour with sharp specks, as a printed package has them."""
    rng = np.random.default_rng(seed)
    specks = rng.integers(0, 2, (size[1] // 16 + 1, size[0] // 16 + 1, 1)) * 0.5 + 0.5
    large = np.kron(specks, np.ones((16, 16, 1)))[: size[1], : size[0]]
    return Image.fromarray((large * np.array(colour)).astype(np.uint8))
