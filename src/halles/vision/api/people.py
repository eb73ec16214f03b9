"""What vision holds of a person: answers to photos that led them to an article. Other photos are of nobody."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from halles.kernel.db import Tx
from halles.kernel.personal import Fate, Held
from halles.vision.store import people as store
from halles.vision.store.people import OwnPhoto

_STAFF = "which of the staff taught a sample, by number"
HELD = (
    Held(
        "vision.photo_match.visitor",
        Fate.EXPIRES,
        "a keyed hash of a browser's changing cookie, deleted after ninety days",
        given=False,
    ),
    Held("vision.taught_sample.opened_by", Fate.KEPT, _STAFF, given=False),
    Held("vision.taught_sample.taught_by", Fate.KEPT, _STAFF, given=False),
    Held("vision.taught_sample.retired_by", Fate.KEPT, _STAFF, given=False),
    Held("vision.photo_match.found_by", Fate.APART, "a barcode or a picture", given=False),
)


async def photos(tx: Tx, matches: Collection[UUID]) -> list[OwnPhoto]:
    """What these photos were answered with. One query."""
    return await tx.all(store.PHOTOS, {"matches": sorted(matches)})
