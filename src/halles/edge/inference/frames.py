"""What client and server say to each other: length-prefixed MessagePack over a Unix socket.

A frame is four bytes of length, big-endian, then a message. Requests carry a number chosen by the client; an answer
repeats it, and answers may come in any order.
"""

from __future__ import annotations

import asyncio
import struct
from typing import TypeAlias

import msgspec

from halles.vision.api.samples import Inspected
from halles.vision.types import Embedding, PictureKind, Recognition

MAX_FRAME_BYTES = 13 * 2**20
"""The largest photo (12 MiB) and room for the rest of its request."""

_LENGTH = struct.Struct(">I")


class Recognise(msgspec.Struct, frozen=True, kw_only=True, tag="recognise"):
    """`wait_s`: how long the client will wait; a request that waited longer in the queue is not begun.

    `reads`: the second look at a photo, which reads the text on packages and waits until no shopper does.
    """

    number: int
    photo: bytes
    seller_id: int
    place_id: int | None
    wait_s: float
    reads: bool = False


class Embed(msgspec.Struct, frozen=True, kw_only=True, tag="embed"):
    number: int
    picture: bytes
    kind: PictureKind
    wait_s: float


class Inspect(msgspec.Struct, frozen=True, kw_only=True, tag="inspect"):
    """A photo that is to be kept."""

    number: int
    photo: bytes
    wait_s: float


class Read(msgspec.Struct, frozen=True, kw_only=True, tag="read"):
    """A catalogue picture whose text is to be read."""

    number: int
    picture: bytes
    wait_s: float


class AskModel(msgspec.Struct, frozen=True, kw_only=True, tag="model"):
    number: int


class Recognised(msgspec.Struct, frozen=True, kw_only=True, tag="recognised"):
    number: int
    recognition: Recognition


class Embedded(msgspec.Struct, frozen=True, kw_only=True, tag="embedded"):
    number: int
    embedding: Embedding


class Looked(msgspec.Struct, frozen=True, kw_only=True, tag="inspected"):
    number: int
    inspected: Inspected


class Text(msgspec.Struct, frozen=True, kw_only=True, tag="text"):
    number: int
    text: str


class Model(msgspec.Struct, frozen=True, kw_only=True, tag="model"):
    number: int
    model_id: str


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """A refusal by its stable code, to be raised again on the client's side."""

    number: int
    code: str
    message: str
    retry_after_s: float | None
    fields: dict[str, str | int | float | bool | None]


Request: TypeAlias = Recognise | Embed | Inspect | Read | AskModel
Answer: TypeAlias = Recognised | Embedded | Looked | Text | Model | Refused

_encoder = msgspec.msgpack.Encoder()
_request_decoder: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_answer_decoder: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


class BrokenFrame(Exception):
    """The other side sent something that is no frame; the connection cannot go on."""


def write(writer: asyncio.StreamWriter, message: Request | Answer) -> None:
    """Puts a message on its way; await `writer.drain()` afterwards."""
    body = _encoder.encode(message)
    writer.write(_LENGTH.pack(len(body)))
    writer.write(body)


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request; None at the end of the connection. Raises BrokenFrame."""
    body = await _read(reader)
    try:
        return None if body is None else _request_decoder.decode(body)
    except msgspec.DecodeError as reason:
        raise BrokenFrame(str(reason)) from reason


async def read_answer(reader: asyncio.StreamReader) -> Answer | None:
    """The next answer; None at the end of the connection. Raises BrokenFrame."""
    body = await _read(reader)
    try:
        return None if body is None else _answer_decoder.decode(body)
    except msgspec.DecodeError as reason:
        raise BrokenFrame(str(reason)) from reason


async def _read(reader: asyncio.StreamReader) -> bytes | None:
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if length > MAX_FRAME_BYTES:
            raise BrokenFrame(f"a frame of {length} bytes")
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
