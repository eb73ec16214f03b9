"""What a shopper was shown, as JSON: `[[product_id, variant_id or null, score, part], …]`, best first; `part` only where a photo
shows several products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from halles.vision.types import Candidate, Part


def kept(candidates: Sequence[Candidate]) -> str:
    rows: list[list[Any]] = [
        [one.product_id, one.variant_id, round(one.score, 4), *([one.part] if one.part else [])]
        for one in candidates
    ]
    return msgspec.json.encode(rows).decode()


def read(text: str) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            product_id=msgspec.convert(product, UUID),
            variant_id=variant,
            score=score,
            part=msgspec.convert(part[0], Part) if part else None,
        )
        for product, variant, score, *part in msgspec.json.decode(text, type=list[list[Any]])
    )
