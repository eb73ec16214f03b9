"""A showroom's index as it travels to the phone: vectors of four and eight bits, in parts that are named by their content.

A part holds the pictures of the products whose id falls into it, so a change of one product changes one part, and the
phone fetches what it does not have by comparing names. `web/src/lib/vision/pack.ts` reads what is written here.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from halles.vision.rules.centring import unit
from halles.vision.types import PhonePart, PictureKind, PictureRow, Vectors

PRODUCTS_A_PART = 64
"""About 60 kB a part: what a phone fetches again when one product changes."""

_MAGIC = b"HVP1"
_NO_PRODUCT = bytes(16)


def parts_of(rows: Sequence[PictureRow], dim: int, short: int) -> list[PhonePart]:
    """The rows in a power of two of parts, by product id; the same rows, in whatever order, the same parts."""
    products = {row.product_id for row in rows}
    count = 1
    while count * PRODUCTS_A_PART < len(products):
        count *= 2
    groups: list[list[PictureRow]] = [[] for _ in range(count)]
    for row in sorted(rows, key=lambda one: (one.product_id.int, one.media)):
        groups[row.product_id.int % count].append(row)
    return [named(_packed(group, dim, short), len({row.product_id for row in group})) for group in groups]


def nothing_part(vectors: Vectors, short: int) -> PhonePart:
    """Photos of nothing, float32[n, d], as a part of their own: rows without product."""
    rows = len(vectors)
    variants = np.full(rows, np.nan, "<f8")
    return named(_table([_NO_PRODUCT] * rows, variants, bytes(rows), vectors, short), 0)


def named(data: bytes, products: int) -> PhonePart:
    """A part under the name of its content."""
    return PhonePart(name=hashlib.blake2b(data, digest_size=16).hexdigest(), data=data, products=products)


def digest(names: Sequence[str]) -> str:
    """One name for many: what the phone compares with what it has."""
    return hashlib.blake2b("\n".join(names).encode(), digest_size=16).hexdigest()


def _packed(rows: Sequence[PictureRow], dim: int, short: int) -> bytes:
    raw = [np.frombuffer(row.vector, "<f2").astype(np.float32) for row in rows]
    vectors = unit(np.stack(raw)) if raw else np.zeros((0, dim), np.float32)
    assert vectors.shape == (len(rows), dim), f"vectors of {vectors.shape} numbers under a model of {dim}"
    variants = [float("nan") if row.variant_id is None else float(row.variant_id) for row in rows]
    kinds = bytes(row.kind is PictureKind.SHOP for row in rows)
    return _table([row.product_id.bytes for row in rows], np.array(variants, "<f8"), kinds, vectors, short)


def _table(
    ids: Sequence[bytes], variants: npt.NDArray[np.float64], kinds: bytes, vectors: Vectors, short: int
) -> bytes:
    """Little-endian: "HVP1", uint32 rows n, numbers d, short s; n × 16 bytes product id; n × float64 variant id (NaN: the
    product as a whole); n × float32 scale of the first s numbers; n × float32 scale of the others; n × uint8 kind (1: a photo
    taken in the shop); n × s / 2 bytes, two numbers 0…15 in each, the lower half first; n × (d − s) × int8.

    `short` is even, and the first `short` numbers of every vector are not negative.
    """
    head, rest = vectors[:, :short], vectors[:, short:]
    steps = np.maximum(head.max(axis=1, initial=0) / 15, 1e-12).astype(np.float32)
    scale = np.maximum(np.abs(rest).max(axis=1, initial=0) / 127, 1e-12).astype(np.float32)
    small = np.rint(head / steps[:, None]).clip(0, 15).astype(np.uint8)
    whole = np.rint(rest / scale[:, None]).astype(np.int8)
    return b"".join(
        (
            _MAGIC + struct.pack("<III", *vectors.shape, short),
            *ids,
            variants.tobytes(),
            steps.astype("<f4").tobytes(),
            scale.astype("<f4").tobytes(),
            kinds,
            (small[:, 0::2] | (small[:, 1::2] << 4)).tobytes(),
            whole.tobytes(),
        )
    )
