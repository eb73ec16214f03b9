"""The door to what is written about products: on their packages, in their names and descriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal, Unavailable
from halles.vision.store import words as store
from halles.vision.types import InferenceBusy, ProductText, SecondLook

MOST_PICTURES = 2
"""Pictures of a product that are read: its front, and one more."""

ROWS = 5_000
_OVERLAP = timedelta(seconds=60)
"""Texts are fetched again for so long after they were written: a slow transaction may commit behind a fast one."""

_START = datetime(2020, 1, 1, tzinfo=UTC)


async def index_words(
    db: Database,
    reader: SecondLook,
    load: Callable[[str], bytes],
    seller_id: int,
    products: Sequence[ProductText],
) -> int:
    """Reads the pictures of these products where they are new, and keeps what is written; answers how many changed.

    `products`: with `package` empty. A product without any text is forgotten. Idempotent; raises InferenceBusy or
    InferenceUnavailable when the rest must wait. No transaction is open while a picture is read.
    """
    async with db.reading() as tx:
        known = await store.texts(tx, seller_id, [one.product_id for one in products])
    changed = 0
    for one in products:
        media = one.media[:MOST_PICTURES]
        before = known.get(one.product_id)
        same_pictures = before is not None and tuple(before.media) == media
        if same_pictures and before and (before.name, before.description) == (one.name, one.description):
            continue
        package = before.package if same_pictures and before else await _read(reader, load, media)
        text = ProductText(
            product_id=one.product_id,
            name=one.name,
            description=one.description,
            package=package,
            media=media,
        )
        async with db.transaction() as tx:
            await store.put_text(tx, seller_id, text)
        changed += 1
    return changed


async def _read(reader: SecondLook, load: Callable[[str], bytes], media: Sequence[str]) -> str:
    texts: list[str] = []
    for name in media:
        try:
            texts.append(await reader.read(load(name)))
        except (InferenceBusy, Unavailable):
            raise
        except Refusal:
            continue  # a picture that cannot be opened is reported where it is embedded
    return "\n".join(texts)


async def word_changes(
    tx: Tx, have: Mapping[int, datetime | None], now: datetime
) -> list[tuple[int, datetime, list[ProductText]]]:
    """For each seller what was written since; None: everything. Answers up to when it reaches, too. A query a seller.

    What was written within the last two minutes comes again each time, which changes nothing.
    """
    changes: list[tuple[int, datetime, list[ProductText]]] = []
    for seller_id, reached in have.items():
        since = _START if reached is None else reached - _OVERLAP
        rows = await store.texts_since(tx, seller_id, since, ROWS)
        if len(rows) == ROWS:  # a full page moves on without the overlap, or it would be read for ever
            rows = await store.texts_since(tx, seller_id, reached or _START, ROWS)
        if rows and (rows[-1].changed_at != reached or now - rows[-1].changed_at < 2 * _OVERLAP):
            changes.append((seller_id, rows[-1].changed_at, [_text(row) for row in rows]))
    return changes


def _text(row: store.StoredText) -> ProductText:
    return ProductText(
        product_id=UUID(int=row.product_id.int),
        name=row.name,
        description=row.description,
        package=row.package,
        media=tuple(row.media),
    )
