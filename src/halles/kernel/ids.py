"""Identifiers. Commands carry a UUIDv7 made by the client; rows of reference data carry a bigint from their table."""

from __future__ import annotations

import hashlib
import os
import time
from typing import NewType
from uuid import UUID

from halles.kernel.errors import Invalid

PartyId = NewType("PartyId", int)
"""A person or an organisation that can own money: shopper, seller, or the platform itself (1)."""

SellerId = NewType("SellerId", int)
"""The PartyId of an organisation that sells. Distribution key of catalogue, stock and orders."""

PLATFORM = PartyId(1)
"""The party that runs this Halles: owner of clearing and fee accounts."""


class BadId(Invalid):
    """A text that is not the identifier it should be."""

    code, title = "kernel.bad_id", "Not an identifier"


def uuid7(now_ms: int | None = None) -> UUID:
    """A new UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then 74 random bits; sorts by the moment it was made."""
    millis = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    noise = int.from_bytes(os.urandom(10), "big")
    value = (
        (millis & (2**48 - 1)) << 80
        | 0x7 << 76
        | (noise >> 62 & 0xFFF) << 64
        | 0b10 << 62
        | noise & (2**62 - 1)
    )
    return UUID(int=value)


def uuid_text(raw: bytes) -> str:
    """The canonical text of a UUID's sixteen bytes."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def derived_uuid(namespace: str, *parts: object) -> UUID:
    """A UUIDv8 (RFC 9562, 5.8) computed from its parts: the same parts give the same id, so that a repeat is recognised."""
    text = "\x1f".join((namespace, *map(str, parts)))
    value = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    return UUID(int=value & ~(0b11 << 62) | 0b10 << 62)


def parse_uuid(text: str) -> UUID:
    """Read a UUID in its canonical form, or raise BadId."""
    try:
        return UUID(text)
    except ValueError as error:
        raise BadId(f"{text[:64]!r} is not a UUID") from error
