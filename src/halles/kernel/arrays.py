"""Sets in PostgreSQL's binary format: written in one pass, of a fixed type, without nulls unless said.

psycopg looks at every element of a plain list to choose a type, and chooses by value: a list of small numbers and one of large
numbers are two types, hence two prepared statements. The list types below are what a cursor takes instead; the functions give the
same bytes to whoever sends them through a pipe of its own, as the order path does.
Formats: `array_send`, `record_send`, `int8send`, `uuid_send`, `textsend`, `timestamptz_send` of PostgreSQL's sources.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from itertools import chain, repeat
from struct import Struct
from typing import Any, ClassVar, Final

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

BYTEA, BIGINT, SMALLINT, TEXT, TIMESTAMP, UUID, JSONB = 17, 20, 21, 25, 1184, 2950, 3802
TEXTS, BIGINTS, UUIDS = 1009, 1016, 2951
"""Object ids of built-in types, the same in every PostgreSQL."""

_HEAD = Struct(">iiiii").pack
_EMPTY = Struct(">iii").pack
_LENGTH = Struct(">i").pack
_FIELD = Struct(">ii").pack
_BIGINT = Struct(">iq").pack
_LONG = Struct(">q").pack
_NULL = _LENGTH(-1)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def bigints(items: Sequence[int]) -> bytes:
    """bigint[]"""
    if not items:
        return _EMPTY(0, 0, BIGINT)
    return _HEAD(1, 0, BIGINT, len(items), 1) + b"".join(map(_BIGINT, repeat(8), items))


def texts(items: Sequence[str]) -> bytes:
    """text[]"""
    return framed(TEXT, [item.encode() for item in items])


def uuids(items: Collection[bytes]) -> bytes:
    """uuid[], from the sixteen bytes of each."""
    if not items:
        return _EMPTY(0, 0, UUID)
    head = _HEAD(1, 0, UUID, len(items), 1)
    return head + b"".join(chain.from_iterable(zip(repeat(b"\0\0\0\x10"), items, strict=False)))


def uuids_or_none(items: Collection[bytes | None]) -> bytes:
    """uuid[] in which some are null."""
    parts = [_NULL if item is None else _LENGTH(16) + item for item in items]
    return _HEAD(1, 1, UUID, len(parts), 1) + b"".join(parts)


def framed(element: int, items: Sequence[bytes]) -> bytes:
    """An array of any type: `element` is its object id, `items` the elements in binary."""
    if not items:
        return _EMPTY(0, 0, element)
    parts = [part for item in items for part in (_LENGTH(len(item)), item)]
    return _HEAD(1, 0, element, len(items), 1) + b"".join(parts)


def field(kind: int, value: bytes | None) -> bytes:
    """A column of a composite value: `kind` is its type's object id."""
    return _FIELD(kind, -1) if value is None else _FIELD(kind, len(value)) + value


def timestamp(at: datetime) -> bytes:
    """timestamptz: microseconds since 2000."""
    since = at - _EPOCH
    return _LONG((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


class Bigints(list[int]):
    """bigint[]"""


class Uuids(list[uuid.UUID]):
    """uuid[]"""


class Texts(list[str]):
    """text[]"""


def encoded(value: Bigints | Uuids | Texts | datetime) -> bytes:
    """A parameter that a cursor takes, as a pipe takes it."""
    if isinstance(value, Bigints):
        return bigints(value)
    if isinstance(value, Uuids):
        return uuids([item.bytes for item in value])
    return texts(value) if isinstance(value, Texts) else timestamp(value)


class _ArrayDumper(Dumper):
    format = Format.BINARY
    encode: ClassVar[Callable[[Any], bytes]]

    def dump(self, obj: Any) -> bytes:
        return type(self).encode(obj)


class _BigintsDumper(_ArrayDumper):
    oid, encode = BIGINTS, bigints


class _UuidsDumper(_ArrayDumper):
    oid = UUIDS

    @staticmethod
    def encode(items: Uuids) -> bytes:
        return uuids([item.bytes for item in items])


class _TextsDumper(_ArrayDumper):
    oid, encode = TEXTS, texts


psycopg.adapters.register_dumper(Bigints, _BigintsDumper)
psycopg.adapters.register_dumper(Uuids, _UuidsDumper)
psycopg.adapters.register_dumper(Texts, _TextsDumper)
