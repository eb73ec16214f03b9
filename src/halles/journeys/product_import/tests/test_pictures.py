"""Pictures from strangers: what is kept of them, what is refused, and from where they may come."""

import asyncio
import io
import struct
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from halles.journeys.product_import import fetch
from halles.journeys.product_import.convert import convert
from halles.journeys.product_import.decoder import Decoder
from halles.journeys.product_import.types import PictureRefused
from halles.kernel.media import MediaStore


def encoded(form: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else None).save(out, form, **options)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def test_the_place_of_a_photo_is_dropped_and_it_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "A phone"
    exif.get_ifd(0x8825)[1] = "N"
    name, width, height = convert(encoded("JPEG", (200, 100), exif=exif.tobytes()), str(tmp_path))
    assert (width, height) == (100, 200)
    stored = Image.open(io.BytesIO(MediaStore(tmp_path).get(name)))
    assert stored.format == "WEBP"
    assert stored.size == (100, 200)
    assert dict(stored.getexif()) == {}


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "L"),
        ("PNG", "I;16"),
        ("GIF", "P"),
        ("JPEG", "CMYK"),
        ("BMP", "RGB"),
    ],
)
def test_every_kind_of_picture_becomes_webp(tmp_path: Path, form: str, mode: str) -> None:
    name, _, _ = convert(encoded(form, mode=mode), str(tmp_path))
    assert Image.open(io.BytesIO(MediaStore(tmp_path).get(name))).mode == "RGB"


def test_a_bare_webp_is_kept_as_it_came(tmp_path: Path) -> None:
    data = encoded("WEBP", (300, 300))
    name, _, _ = convert(data, str(tmp_path))
    assert MediaStore(tmp_path).get(name) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8\xff" + b"x" * 50,
        encoded("PNG", (400, 400))[:300],
        bomb(30_000, 30_000),
        encoded("PNG", (8, 8)),
        b"<svg/>",
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(PictureRefused):
        convert(data, str(tmp_path))


async def test_pictures_are_decoded_in_processes_that_may_die(tmp_path: Path) -> None:
    decoder = Decoder(tmp_path, workers=2)
    found = await asyncio.gather(
        *(decoder.convert(encoded("PNG", (20 + n, 20))) for n in range(5)),
        decoder.convert(b"x"),
        return_exceptions=True,
    )
    assert [size[1] for size in found[:5] if isinstance(size, tuple)] == [20, 21, 22, 23, 24]
    assert isinstance(found[5], PictureRefused)
    decoder._idle[0].kill()  # pyright: ignore[reportPrivateUsage]
    decoder._idle[-1].kill()  # pyright: ignore[reportPrivateUsage]
    answers = [
        await asyncio.gather(decoder.convert(encoded("PNG")), return_exceptions=True) for _ in range(4)
    ]
    assert isinstance(answers[-1][0], tuple), "a dead process costs one picture"
    await decoder.close()


async def test_a_picture_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    decoder = Decoder(tmp_path, seconds=0.001)
    with pytest.raises(PictureRefused, match="longer"):
        await decoder.convert(encoded("PNG"))
    await decoder.close()


@asynccontextmanager
async def server(answer: bytes) -> AsyncGenerator[str]:
    """A loopback server that says the same to everybody."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/a.png"


def reply(body: bytes, kind: str = "image/png", status: str = "200 OK", **headers: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{lines}connection: close\r\n\r\n".encode() + body


async def get(answer: bytes, *, allow_private: bool = True) -> bytes:
    async with server(answer) as address, fetch.client() as http:
        return await fetch.fetch(http, address, allow_private=allow_private)


async def test_a_picture_is_fetched() -> None:
    assert await get(reply(b"abc")) == b"abc"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(b"x", "text/html"), "text/html"),
        (reply(b"x", "image/svg+xml"), "svg"),
        (reply(b"", status="404 Not Found"), "404"),
        (reply(b"", status="302 Found", location="/again"), "redirects too often"),
        (reply(b"", status="302 Found", location="file:///etc/passwd"), "not an http"),
        (reply(b"", status="302 Found", location="http://user:secret@x/"), "not an http"),
        (b"nonsense\r\n\r\n", "cannot be fetched"),
        (reply(b"\0" * ((20 << 20) + 1)), "larger than"),
    ],
)
async def test_what_is_not_a_picture_is_not_fetched(answer: bytes, reason: str) -> None:
    with pytest.raises(PictureRefused, match=reason):
        await get(answer)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/a.png",
        "http://localhost/a.png",
        "http://[::1]/a.png",
        "http://10.0.0.8/",
        "http://169.254.169.254/latest/",
        "http://0x7f000001/",
        "http://[::ffff:127.0.0.1]/",
    ],
)
async def test_addresses_inside_the_network_are_refused(address: str) -> None:
    async with fetch.client() as http:
        with pytest.raises(PictureRefused, match=r"private|cannot be fetched"):
            await fetch.fetch(http, address, allow_private=False)


@pytest.mark.parametrize(
    "address", ["ftp://x/a.png", "http://", "http://x:99999/", "//x/a", "http://[", "http://\u2603\udc00/"]
)
async def test_addresses_that_are_none_are_refused(address: str) -> None:
    async with fetch.client() as http:
        with pytest.raises(PictureRefused):
            await fetch.fetch(http, address, allow_private=False)
