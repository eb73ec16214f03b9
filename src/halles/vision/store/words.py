"""The SQL of what is written about products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx, command, query
from halles.vision.types import ProductText


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """A product's text as it lies in the store, and when it was written last."""

    seller_id: int
    product_id: UUID
    name: str
    description: str
    package: str
    media: list[str]
    changed_at: datetime


_OF_PRODUCTS = query(
    """select seller_id, product_id, name, description, package, media, changed_at from vision.product_words
    where seller_id = %(seller_id)s and product_id = any(%(product_ids)s::uuid[])""",
    StoredText,
)
_SINCE = query(
    """select seller_id, product_id, name, description, package, media, changed_at from vision.product_words
    where seller_id = %(seller_id)s and changed_at >= %(since)s order by changed_at, product_id limit %(rows)s""",
    StoredText,
)
_PUT = command(
    """insert into vision.product_words as w (seller_id, product_id, name, description, package, media, changed_at)
    values (%(seller_id)s, %(product_id)s, %(name)s, %(description)s, %(package)s, %(media)s::text[], clock_timestamp())
    on conflict (seller_id, product_id) do update set name = excluded.name, description = excluded.description,
      package = excluded.package, media = excluded.media, changed_at = excluded.changed_at"""
)


async def texts(tx: Tx, seller_id: int, product_ids: Sequence[UUID]) -> dict[UUID, StoredText]:
    """What is written about these products. One query."""
    rows = await tx.all(_OF_PRODUCTS, {"seller_id": seller_id, "product_ids": list(product_ids)})
    return {row.product_id: row for row in rows}


async def texts_since(tx: Tx, seller_id: int, since: datetime, rows: int) -> list[StoredText]:
    """At most `rows` texts written at `since` or later, the oldest first. One query."""
    return await tx.all(_SINCE, {"seller_id": seller_id, "since": since, "rows": rows})


async def put_text(tx: Tx, seller_id: int, text: ProductText) -> None:
    """Writes what is written about a product. One statement."""
    params = {
        "seller_id": seller_id,
        "product_id": text.product_id,
        "name": text.name,
        "description": text.description,
        "package": text.package,
        "media": list(text.media),
    }
    await tx.run(_PUT, params)
