"""Opens untrusted photos: limits first, then decoding, then nothing but upright pixels.

Runs in the inference process alone (ADR 0004). A photo's metadata (place, camera, owner's name) ends here: what leaves
is an array of pixels.
"""

from __future__ import annotations

import io
import warnings
from typing import cast

import numpy as np
import pi_heif
from PIL import Image

from halles.vision.types import NotAPhoto, PhotoDamaged, PhotoTooLarge, PhotoTooSmall, PhotoUnsupported, Rgb

MAX_BYTES = 12 * 2**20
"""A 12-megapixel phone's JPEG has 3–6 MiB; the next larger thing is no snapshot."""

MAX_PIXELS = 40_000_000
"""Decoded, 40 megapixels are 160 MB at worst; phones that have more make 12-megapixel photos by default."""

MIN_SIDE_PX = 16
WORKING_SIDE_PX = 1280
"""The long side that recognition works on lies between this and twice this."""

_MAX_JPEG_SCANS = 100
"""Each scan of a progressive JPEG costs a pass over all pixels; encoders make about ten, bombs make thousands."""

_SUPPORTED = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
_UNSUPPORTED = (
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"BM", "BMP"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"8BPS", "Photoshop"),
    (b"%PDF-", "PDF"),
)
_ISO_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIF"),
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
}

pi_heif.register_heif_opener(thumbnails=False)  # pyright: ignore[reportUnknownMemberType]
pi_heif.options.DECODE_THREADS = 1  # the machine's other cores serve other requests

# EXIF 2.32, tag 0x0112: what has to be done to the stored pixels to see them upright.
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_photo(data: bytes) -> Rgb:
    """Untrusted bytes → upright pixels, the long side below 2 × WORKING_SIDE_PX where the photo was larger.

    Of an animation the first frame is taken; transparency becomes white; 16 bits become 8.
    Raises NotAPhoto, PhotoUnsupported, PhotoTooLarge, PhotoTooSmall or PhotoDamaged; nothing else.
    """
    if len(data) > MAX_BYTES:
        raise PhotoTooLarge(
            f"the photo has {len(data)} bytes; {MAX_BYTES} are allowed", bytes=len(data), limit=MAX_BYTES
        )
    kind = photo_type(data)
    if kind == "JPEG" and data.count(b"\xff\xda") > _MAX_JPEG_SCANS:
        raise PhotoTooLarge("the photo is stored in too many scans", limit=_MAX_JPEG_SCANS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decode(data, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as reason:
        raise PhotoTooLarge(f"the photo has more than {MAX_PIXELS} pixels", limit=MAX_PIXELS) from reason
    except (
        OSError,
        ValueError,
        SyntaxError,
        KeyError,
        IndexError,
        TypeError,
        OverflowError,
        EOFError,
        MemoryError,
    ) as reason:
        # Pillow's parsers raise all of these on broken files; none tells a shopper more than "damaged".
        raise PhotoDamaged("the photo is cut short or damaged") from reason


def photo_type(data: bytes) -> str:
    """JPEG, PNG, WEBP, GIF, HEIF or AVIF, by content. Raises PhotoUnsupported for a known other format, else NotAPhoto."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    for magic, kind in _SUPPORTED:
        if data.startswith(magic):
            return kind
    if data[4:8] == b"ftyp" and (brand := _ISO_BRANDS.get(data[8:12])):
        return "AVIF" if b"avif" in data[8:48] else brand
    other = next((kind for magic, kind in _UNSUPPORTED if data.startswith(magic)), None)
    if other:
        raise PhotoUnsupported(
            f"{other} is not supported; send JPEG, HEIC, PNG, WebP, AVIF or GIF", format=other
        )
    raise NotAPhoto("the file is not a JPEG, HEIC, PNG, WebP, AVIF or GIF photo")


def _decode(data: bytes, kind: str) -> Rgb:
    with Image.open(io.BytesIO(data), formats=[kind]) as image:
        _check_size(*image.size)
        if kind == "JPEG":
            scale = max(image.size) / WORKING_SIDE_PX
            image.draft(None, (max(1, int(image.width / scale)), max(1, int(image.height / scale))))
        image.load()
        _check_size(*image.size)
        pixels = _to_rgb(image)
        orientation = _orientation(image)
    if (factor := max(pixels.size) // WORKING_SIDE_PX) > 1 and min(pixels.size) >= factor * MIN_SIDE_PX:
        pixels = pixels.reduce(factor)
    if orientation in _UPRIGHT:
        pixels = pixels.transpose(_UPRIGHT[orientation])
    return np.ascontiguousarray(np.asarray(pixels, dtype=np.uint8))


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PhotoTooLarge(
            f"the photo has {width} × {height} pixels; {MAX_PIXELS} are allowed",
            width=width,
            height=height,
            limit=MAX_PIXELS,
        )
    if min(width, height) < MIN_SIDE_PX:
        raise PhotoTooSmall(
            f"the photo has {width} × {height} pixels; {MIN_SIDE_PX} a side are needed",
            width=width,
            height=height,
        )


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit grey; Pillow's own conversion clips at 255 instead of scaling
        grey = np.asarray(image).astype(np.int64).clip(0, 65535) >> 8
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def _orientation(image: Image.Image) -> int:
    try:
        return int(cast("int", image.getexif().get(_ORIENTATION_TAG, 1)))
    except Exception:  # noqa: BLE001  # a broken EXIF block in a good photo: show it as stored
        return 1
