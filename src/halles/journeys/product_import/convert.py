"""One picture from untrusted bytes into the media store, inside a process of its own.

Upright, sRGB, without metadata (the place and time of a photo stay with its maker), WebP, longest side at most 1600 px, and
copies of 640 and 320 px beside it. Runs as `python -m halles.journeys.product_import.convert FOLDER`, so that neither a slow nor
a hostile picture stops the server: four bytes of length and the picture come in, a line of JSON goes out, until the input ends.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings
from pathlib import Path
from typing import Any, cast

import msgspec
from PIL import Image, ImageCms, ImageOps

from halles.journeys.product_import.types import PictureRefused
from halles.kernel.errors import Refusal, StorageFull
from halles.kernel.media import MediaStore

LONGEST = 1600
COPIES = (640, 320)
MAX_BYTES = 20 << 20
MAX_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_MEMORY = 3 << 30
_QUALITY = 82
_SRGB = cast("Any", ImageCms).createProfile("sRGB")
_METADATA = {"exif", "xmp", "icc_profile", "XML:com.adobe.xmp"}


def main(folder: str) -> None:
    """Convert what comes until the input ends. A picture that would need more memory than `_MEMORY` fails alone."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    while header := sys.stdin.buffer.read(4):
        data = sys.stdin.buffer.read(int.from_bytes(header, "big"))
        try:
            name, width, height = convert(data, folder)
            answer: dict[str, object] = {"name": name, "width": width, "height": height}
        except Refusal as refusal:
            answer = {"refused": refusal.message, "full": isinstance(refusal, StorageFull)}
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


def convert(data: bytes, folder: str) -> tuple[str, int, int]:
    """Store a picture and its copies; returns name, width and height. Raises PictureRefused, StorageFull.

    The same bytes always give the same name. A WebP that is small enough and bare already is stored as it came.
    """
    if len(data) > MAX_BYTES:
        raise PictureRefused(f"is larger than {MAX_BYTES >> 20} MB")
    try:
        picture, bare = _decode(data)
    except PictureRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise PictureRefused(f"has more than {MAX_PIXELS // 1_000_000} megapixels") from error
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError) as error:
        raise PictureRefused("is no picture, or a damaged one") from error
    store = MediaStore(Path(folder))
    name = store.put(data if bare else _encoded(picture), "webp")
    stem = name.removesuffix(".webp")
    for longest in COPIES:
        copy = picture.copy()
        copy.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        store.put_as(f"{stem}-{longest}.webp", _encoded(copy))
    return name, picture.width, picture.height


def _decode(data: bytes) -> tuple[Image.Image, bool]:
    """The picture, and whether its bytes may be stored unchanged."""
    opened = Image.open(io.BytesIO(data), formats=FORMATS)
    if opened.width * opened.height > MAX_PIXELS:
        raise PictureRefused(f"has more than {MAX_PIXELS // 1_000_000} megapixels")
    if min(opened.size) < 16:
        raise PictureRefused("is smaller than 16 pixels")
    bare = opened.format == "WEBP" and max(opened.size) <= LONGEST and not _METADATA & opened.info.keys()
    bare = bare and not getattr(opened, "is_animated", False) and opened.mode == "RGB"
    opened.draft("RGB", (LONGEST, LONGEST))
    opened.load()
    picture = ImageOps.exif_transpose(opened)
    picture = _on_white(_srgb(picture))
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    picture.info.clear()
    return picture, bare


def _srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not isinstance(profile, bytes) or picture.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return picture
    try:
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        made = ImageCms.profileToProfile(picture, io.BytesIO(profile), _SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return made or picture


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in {"RGBA", "LA", "PA"} or (picture.mode == "P" and "transparency" in picture.info):
        layer = picture.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return picture.convert("RGB")


def _encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=4)
    return out.getvalue()


if __name__ == "__main__":
    main(sys.argv[1])
