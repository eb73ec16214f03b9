"""Small pure decisions about stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MAX_QUANTITY = 1_000_000_000
"""Pieces in one command; far above any delivery, far below what a bigint holds."""


def merged(items: Sequence[tuple[int, int, int]]) -> Mapping[tuple[int, int], int]:
    """(location, variant, quantity) triples with the same item added up, sorted as rows are locked."""
    total: dict[tuple[int, int], int] = {}
    for location_id, variant_id, quantity in items:
        total[location_id, variant_id] = total.get((location_id, variant_id), 0) + quantity
    return dict(sorted(total.items()))
