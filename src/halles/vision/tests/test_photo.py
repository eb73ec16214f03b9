"""Photos as the street brings them: every format, every orientation, and files that mean harm."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from halles.kernel.errors import Refusal
from halles.vision.adapters.photo import MAX_BYTES, MAX_PIXELS, WORKING_SIDE_PX, open_photo
from halles.vision.tests.pictures import HEIC, RED, corner_marked, encoded
from halles.vision.types import NotAPhoto, PhotoDamaged, PhotoTooLarge, PhotoTooSmall, PhotoUnsupported


def _png(width: int, height: int, *, depth: int = 8, colour: int = 2, data: bytes = b"") -> bytes:
    """A PNG with any header over any data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_four_formats_open(kind: str) -> None:
    pixels = open_photo(encoded(corner_marked(), kind))
    assert pixels.shape == (40, 60, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels[5, 5].astype(int) - RED).max() < 40
    assert pixels[35, 55].min() > 230


def test_an_iphones_photo_opens() -> None:
    pixels = open_photo(HEIC)
    assert pixels.shape == (40, 60, 3)
    assert np.abs(pixels[8, 8].astype(int) - (200, 30, 40)).max() < 40
    assert min(pixels[8, 52].min(), pixels[32, 8].min(), pixels[32, 52].min()) > 220


@pytest.mark.parametrize("cut", range(20, len(HEIC), 50))
def test_a_heic_that_is_cut_short_is_damaged(cut: int) -> None:
    with pytest.raises(PhotoDamaged):
        open_photo(HEIC[:cut])


def test_avif_opens() -> None:
    assert open_photo(encoded(corner_marked(), "AVIF")).shape == (40, 60, 3)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("CMYK", "JPEG"),
        ("L", "JPEG"),
        ("L", "PNG"),
        ("1", "PNG"),
        ("P", "PNG"),
        ("LA", "PNG"),
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
    ],
)
def test_every_mode_becomes_rgb(mode: str, kind: str) -> None:
    pixels = open_photo(encoded(corner_marked().convert(mode), kind))
    assert pixels.shape == (40, 60, 3)
    assert pixels[35, 55].min() > 220
    assert pixels[5, 5].min() < 140


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    deep = Image.fromarray(np.full((20, 20), 0x8000, np.uint16))
    assert open_photo(encoded(deep)).tolist()[0][0] == [128, 128, 128]


def test_transparency_becomes_white() -> None:
    assert open_photo(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)))).min() == 255
    palette = Image.new("P", (20, 20), 0)
    assert open_photo(encoded(palette, transparency=0)).min() == 255


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_counts(kind: str) -> None:
    first, second = Image.new("RGB", (20, 20), RED), Image.new("RGB", (20, 20), (0, 0, 0))
    animated = encoded(first, kind, save_all=True, append_images=[second], duration=100)
    assert np.abs(open_photo(animated)[10, 10].astype(int) - RED).max() < 12


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_photo_is_turned_upright(orientation: int, kind: str) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transpose that stores an upright picture this way
    upright = corner_marked()
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 95} if kind != "PNG" else {}
    pixels = open_photo(encoded(stored, kind, exif=exif, **options))
    assert pixels.shape == (40, 60, 3)
    assert np.abs(pixels[10, 15].astype(int) - RED).max() < 40
    assert pixels[10, 45].min() > 200
    assert pixels[30, 15].min() > 200


def test_a_broken_exif_block_does_not_stop_a_good_photo() -> None:
    data = encoded(corner_marked(), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff" + b"\xff" * 40)
    assert open_photo(data).shape == (40, 60, 3)


def test_a_phones_photo_is_made_smaller_while_it_is_decoded() -> None:
    pixels = open_photo(encoded(Image.new("RGB", (4000, 3000), RED), "JPEG"))
    assert WORKING_SIDE_PX <= max(pixels.shape) < 2 * WORKING_SIDE_PX
    assert abs(pixels.shape[1] / pixels.shape[0] - 4 / 3) < 0.01
    pixels = open_photo(encoded(Image.new("RGB", (4000, 3000), RED)))
    assert WORKING_SIDE_PX <= max(pixels.shape) < 2 * WORKING_SIDE_PX


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", NotAPhoto),
        (b"\xff", NotAPhoto),
        (b"this is a letter, whatever its name says", NotAPhoto),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPhoto),
        (b"<html><script>alert(1)</script></html>", NotAPhoto),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", NotAPhoto),
        (b"PK\x03\x04" + bytes(100), NotAPhoto),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", PhotoDamaged),
        (b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", PhotoDamaged),
        (b"II*\x00" + bytes(100), PhotoUnsupported),
        (b"BM" + bytes(100), PhotoUnsupported),
        (b"%PDF-1.7", PhotoUnsupported),
        (b"\xff\xd8\xff", PhotoDamaged),
        (b"\xff\xd8\xff\xe0" + bytes(2000), PhotoDamaged),
        (b"\x89PNG\r\n\x1a\n", PhotoDamaged),
        (b"GIF89a", PhotoDamaged),
        (b"RIFF\xff\xff\xff\xffWEBPVP8 ", PhotoDamaged),
        (bytes(MAX_BYTES + 1), PhotoTooLarge),
        (_png(1, 1), PhotoTooSmall),
        (_png(100_000, 4, data=b"x"), PhotoTooSmall),
    ],
)
def test_what_is_no_usable_photo(data: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        open_photo(data)


def test_a_200_megapixel_picture_is_refused_from_its_header() -> None:
    with pytest.raises(PhotoTooLarge) as caught:
        open_photo(_png(20_000, 10_000))
    assert caught.value.code == "vision.photo_too_large"
    assert caught.value.fields["limit"] == MAX_PIXELS


@pytest.mark.parametrize("side", [7_000, 60_000, 2_000_000_000])
def test_a_decompression_bomb_is_refused_before_it_unfolds(side: int) -> None:
    bomb = _png(side, side, data=zlib.compress(bytes(4 * 2**20), 9))
    with pytest.raises((PhotoTooLarge, PhotoDamaged)):
        open_photo(bomb)


def test_a_jpeg_of_a_thousand_scans_is_refused() -> None:
    photo = encoded(Image.new("RGB", (64, 64), RED), "JPEG", progressive=True)
    scan = photo[photo.rindex(b"\xff\xda") : -2]
    with pytest.raises(PhotoTooLarge):
        open_photo(photo[:-2] + scan * 1000 + photo[-2:])


def test_a_text_bomb_inside_a_picture_is_refused() -> None:
    body = b"Comment\x00\x00" + zlib.compress(bytes(200 * 2**20), 9)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    photo = encoded(corner_marked())
    with pytest.raises(PhotoDamaged):
        open_photo(photo[:33] + chunk + photo[33:])


def test_a_photo_that_is_also_a_program_gives_its_pixels_only() -> None:
    polyglot = encoded(corner_marked(), "JPEG") + b"PK\x03\x04<script>alert(1)</script>"
    assert open_photo(polyglot).shape == (40, 60, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_photo_cut_short_is_damaged(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (80, 80, 3), np.uint8))
    data = encoded(noise, kind)
    for share in (0.1, 0.5, 0.9):
        with pytest.raises((PhotoDamaged, PhotoTooSmall, PhotoTooLarge)):
            open_photo(data[: int(len(data) * share)])


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.data())
def test_a_damaged_photo_opens_or_is_refused_and_nothing_else(kind: str, data: st.DataObject) -> None:
    whole = bytearray(encoded(corner_marked(), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NotAPhoto, PhotoUnsupported, PhotoDamaged, PhotoTooLarge, PhotoTooSmall):
        assert open_photo(bytes(whole)).ndim == 3


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_politely(data: bytes) -> None:
    with contextlib.suppress(NotAPhoto, PhotoUnsupported, PhotoDamaged, PhotoTooLarge, PhotoTooSmall):
        open_photo(data)


def test_nothing_of_the_metadata_is_left() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A maker's name"
    pixels = open_photo(encoded(corner_marked(), "JPEG", exif=exif))
    again = Image.open(io.BytesIO(encoded(Image.fromarray(pixels), "JPEG")))
    assert not again.getexif()
