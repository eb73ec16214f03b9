"""Which products push in under the phone's model: counted on the server, where photos of all shoppers pass, for every phone.

A phone alone sees a handful of photos, too few to tell which pictures are near to everything. What is counted here is
`Named`, as it is kept and as it travels. Pure.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from uuid import UUID

import numpy as np

from halles.vision.rules.fuse import Named

_ROW = struct.Struct("<16sf")
STEPS = 16
"""A phone is told in sixteenths of a photo."""
_MOST = 0xFFFF


class Counted(Named):
    """Named that can be kept."""

    @property
    def photos(self) -> int:
        """How many photos were counted, those that faded left out."""
        return round(self._total)

    def packed(self) -> bytes:
        """For each product by its id: 16 bytes id, float32 how many photos went to it, little-endian."""
        return b"".join(_ROW.pack(one.bytes, mass) for one, mass in sorted(self._mass.items()))

    @classmethod
    def unpacked(cls, photos: int, data: bytes) -> Counted:
        """What `packed` wrote of so many photos. Raises struct.error when it is cut short."""
        made = cls()
        made._mass = {UUID(bytes=one): mass for one, mass in _ROW.iter_unpack(data)}
        made._total = float(photos)
        return made

    def told(self, products: Sequence[UUID]) -> bytes:
        """How many photos went to each of these, in their order: uint16, little-endian, in sixteenths of a photo."""
        steps = np.array([self._mass.get(one, 0.0) for one in products], np.float64) * STEPS
        return np.rint(steps).clip(0, _MOST).astype("<u2").tobytes()
