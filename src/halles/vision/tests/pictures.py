"""Pictures made for tests."""

from __future__ import annotations

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
