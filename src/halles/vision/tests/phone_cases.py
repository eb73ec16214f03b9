"""Cases that both sides answer alike: this package's rules here, `web/src/lib/vision` in its own tests.

`python -m halles.vision.tests.phone_cases` writes them anew after a rule was changed on purpose.
"""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from halles.vision.adapters.exact_index import ExactIndex, IndexedPicture
from halles.vision.adapters.phone_model import PHONE_CALIBRATION
from halles.vision.rules.centring import PhotoMean, no_photos, unit
from halles.vision.rules.decide import SHARE_OVER, Calibration, Decision, Found, decide, shares
from halles.vision.rules.fuse import Witnesses, fused
from halles.vision.rules.phone_index import parts_of
from halles.vision.rules.phone_named import STEPS, Counted
from halles.vision.types import Candidate, PictureKind, PictureRow, Vectors

FILE = Path(__file__).parents[4] / "web/src/test/recognition_cases.json"
DIM, SHORT = 16, 8
_LINES = (
    "sharpness",
    "clear_share",
    "clear_score",
    "belonging_cold",
    "belonging_warm",
    "lead_over_nothing",
    "push_weight",
)


def cases() -> dict[str, Any]:
    """Decisions, searches and a packed part with what must come of them; the same at every call."""
    rng = np.random.default_rng(29)
    return {
        "calibration": lines(PHONE_CALIBRATION),
        "decisions": [_decision(found) for found in _founds(rng)],
        "searches": [
            _search(rng, *what) for what in ((6, 0, 0, 3), (40, 0, 25, 3), (12, 5, 0, 0), (30, 8, 400, 4))
        ],
        "part": _part(rng),
        "named": [_named(rng, *what) for what in ((8, 0), (40, 0), (40, 300))],
    }


def lines(calibration: Calibration) -> dict[str, float]:
    """What of a calibration travels to the phone."""
    return {name: value for name, value in asdict(calibration).items() if name in _LINES}


def _founds(rng: np.random.Generator) -> list[Found]:
    made = [Found(ranked=(), belonging=-2.0, warmth=0.0, nothing=-1.0)]
    for count in (1, 2, 3, 5, 7, 12, 12, 12):
        for belonging, warmth, nothing in (
            (1.2, 1.0, 0.1),
            (0.85, 0.0, 0.1),
            (0.85, 1.0, 0.1),
            (1.2, 0.5, 0.6),
        ):
            scores = np.sort(rng.uniform(0.1, 0.65, count))[::-1]
            if count == 7:
                scores[0] += 0.3
            ranked = tuple(
                Candidate(
                    product_id=UUID(int=i + 1), variant_id=i if i % 3 else None, score=round(float(score), 4)
                )
                for i, score in enumerate(scores)
            )
            made.append(Found(ranked=ranked, belonging=belonging, warmth=warmth, nothing=nothing))
    return made


def _decision(found: Found) -> dict[str, Any]:
    told = decide(found, PHONE_CALIBRATION)
    given = {"ranked": _candidates(found.ranked)}
    given |= {"belonging": found.belonging, "warmth": found.warmth, "nothing": found.nothing}
    return {"found": given, "decision": decided(told)}


def decided(told: Decision) -> dict[str, Any]:
    """As it is written."""
    return {"outcome": told.outcome.value, "candidates": _candidates(told.candidates)}


def _candidates(candidates: Any) -> list[dict[str, Any]]:
    return [
        {"product_id": str(one.product_id), "variant_id": one.variant_id, "score": round(one.score, 5)}
        for one in candidates
    ]


def _search(rng: np.random.Generator, catalogue: int, shop: int, photos: int, grounds: int) -> dict[str, Any]:
    """`catalogue` pictures of products, two for every third, `shop` photos of some of them, a mean of `photos` photos."""
    rows = [
        IndexedPicture(
            product_id=UUID(int=1000 + (i if i % 3 else max(i - 1, 0))),
            variant_id=i if i % 4 else None,
            media=f"{i:04}",
            kind=PictureKind.SHOP if i >= catalogue else PictureKind.CATALOGUE,
            vector=_vectors(rng, 1)[0],
        )
        for i in range(catalogue + shop)
    ]
    known = PhotoMean(photos=photos, mean=_vectors(rng, 1)[0] * np.float32(0.8)) if photos else no_photos(DIM)
    nothing, photo = _vectors(rng, grounds), _vectors(rng, 1)[0]
    index = ExactIndex(DIM)
    index.put(rows)
    found = index.search(photo, known, nothing)
    return {
        "rows": [
            {
                "product_id": str(row.product_id),
                "variant_id": row.variant_id,
                "shop": row.kind is PictureKind.SHOP,
                "vector": _numbers(row.vector),
            }
            for row in rows
        ],
        "photos": {"photos": known.photos, "mean": _numbers(known.mean)},
        "nothing": [_numbers(one) for one in nothing],
        "photo": _numbers(photo),
        "found": {
            "ranked": _candidates(found.ranked),
            "belonging": round(found.belonging, 5),
            "warmth": round(found.warmth, 5),
            "nothing": round(found.nothing, 5),
        },
    }


def _part(rng: np.random.Generator) -> dict[str, Any]:
    rows = [
        PictureRow(
            product_id=UUID(int=(i + 1) << 64),
            variant_id=None if i == 1 else 7_000_000_000 + i,
            media=f"{i}",
            kind=PictureKind.SHOP if i == 2 else PictureKind.CATALOGUE,
            vector=_vectors(rng, 1)[0].astype("<f2").tobytes(),
        )
        for i in range(3)
    ]
    (part,) = parts_of(rows, DIM, SHORT)
    return {
        "bytes": base64.b64encode(part.data).decode(),
        "dim": DIM,
        "rows": [
            {
                "product_id": str(row.product_id),
                "variant_id": row.variant_id,
                "shop": row.kind is PictureKind.SHOP,
                "vector": _numbers(np.frombuffer(row.vector, "<f2").astype(np.float32)),
            }
            for row in rows
        ],
    }


def _named(rng: np.random.Generator, products: int, photos: int) -> dict[str, Any]:
    """So many photos were counted on the server and told, three are counted here, and of what is then found some is held back."""
    ids = [UUID(int=2000 + i) for i in range(products)]
    before = Counted()
    for _ in range(photos):
        one, other = rng.integers(0, products, 2) ** 2 // products
        before.add({ids[one]: 0.7, ids[other]: 0.3} if one != other else {ids[one]: 1.0})
    told = before.told(ids)
    masses = np.frombuffer(told, "<u2") / STEPS
    rows = [struct.pack("<16sf", one.bytes, mass) for one, mass in zip(ids, masses, strict=True)]
    counted = Counted.unpacked(photos, b"".join(rows))
    own = [_ranked(rng, ids[:12]) for _ in range(3)]
    for one in own:
        counted.add({each.product_id: each.score for each in shares(one, PHONE_CALIBRATION.sharpness)})
    found = Found(ranked=_ranked(rng, ids), belonging=1.2, warmth=1.0, nothing=0.1)
    pushes = counted.pushes([one.product_id for one in found.ranked], products)
    after = fused(found, Witnesses(head=None, text={}, pushes=pushes), PHONE_CALIBRATION)
    return {
        "products": [str(one) for one in ids],
        "told": base64.b64encode(told).decode(),
        "own": [_candidates(one) for one in own],
        "ranked": _candidates(found.ranked),
        "after": _candidates(after.ranked),
    }


def _ranked(rng: np.random.Generator, ids: list[UUID]) -> tuple[Candidate, ...]:
    scores = np.sort(rng.uniform(0.2, 0.5, len(ids)))[::-1]
    found = [
        Candidate(product_id=ids[int(at)], variant_id=None, score=round(float(score), 4))
        for at, score in zip(rng.permutation(np.arange(len(ids))), scores, strict=True)
    ]
    return tuple(found[:SHARE_OVER])


def _vectors(rng: np.random.Generator, count: int) -> Vectors:
    """Unit vectors float32[count, DIM] whose first SHORT numbers are not negative."""
    raw = rng.normal(0.3, 1, (count, DIM)).astype(np.float32)
    raw[:, :SHORT] = np.abs(raw[:, :SHORT])
    return unit(raw) if count else np.zeros((0, DIM), np.float32)


def _numbers(vector: Any) -> list[float]:
    return [round(float(one), 6) for one in vector]


if __name__ == "__main__":
    FILE.write_text(json.dumps(cases(), indent=1) + "\n")
