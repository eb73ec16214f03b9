"""Sets of one known type, sent to PostgreSQL in binary.

psycopg looks at every element of a plain list to choose a type, and chooses by value: a list of small numbers and one of large
numbers are two types, hence two prepared statements. On the order path a column of a set is one of these instead: its type is
fixed, it holds no null (a statement reads 0 or an empty text as absent where it says so), and it is written in one pass.
Formats: PostgreSQL's `array_send`, `int8send`, `uuid_send`, `textsend`, `byteasend`, `jsonb_send`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from struct import Struct
from typing import Any
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = Struct(">iiiii").pack
_EMPTY = Struct(">iii").pack
_LENGTH = Struct(">i").pack
_BIGINT = Struct(">iq").pack


class Bigints(list[int]):
    """bigint[]"""


class Uuids(list[UUID]):
    """uuid[]"""


class Texts(list[str]):
    """text[]"""


class Blobs(list[bytes]):
    """bytea[]"""


class Jsons(list[bytes]):
    """jsonb[]; each element is encoded JSON."""


class _ArrayDumper(Dumper):
    """One dimension, lower bound 1, no nulls."""

    format = Format.BINARY
    element_oid = 0

    def dump(self, obj: Any) -> bytes:
        if not obj:
            return _EMPTY(0, 0, self.element_oid)
        return _HEAD(1, 0, self.element_oid, len(obj), 1) + self.body(obj)

    def body(self, items: Any) -> bytes:
        raise NotImplementedError


def _framed(items: Sequence[bytes]) -> bytes:
    return b"".join([part for item in items for part in (_LENGTH(len(item)), item)])


class _BigintsDumper(_ArrayDumper):
    oid, element_oid = 1016, 20

    def body(self, items: Bigints) -> bytes:
        return b"".join(map(_BIGINT, repeat(8), items))


class _UuidsDumper(_ArrayDumper):
    oid, element_oid = 2951, 2950

    def body(self, items: Uuids) -> bytes:
        return _framed([item.bytes for item in items])


class _TextsDumper(_ArrayDumper):
    oid, element_oid = 1009, 25

    def body(self, items: Texts) -> bytes:
        return _framed([item.encode() for item in items])


class _BlobsDumper(_ArrayDumper):
    oid, element_oid = 1001, 17

    def body(self, items: Blobs) -> bytes:
        return _framed(items)


class _JsonsDumper(_ArrayDumper):
    oid, element_oid = 3807, 3802

    def body(self, items: Jsons) -> bytes:
        return _framed([b"\x01" + item for item in items])


for _kind, _dumper in (
    (Bigints, _BigintsDumper),
    (Uuids, _UuidsDumper),
    (Texts, _TextsDumper),
    (Blobs, _BlobsDumper),
    (Jsons, _JsonsDumper),
):
    psycopg.adapters.register_dumper(_kind, _dumper)
