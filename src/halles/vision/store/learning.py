"""The SQL of what taught samples change in the index, and of what is learned from."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from halles.kernel.db import Tx, command, query
from halles.vision.types import PictureKind, PictureRow


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    product_id: UUID
    variant_id: int | None
    media: str
    kind: str
    vector: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCounts:
    """Products that a head tells apart, and the photos that taught it."""

    products: int
    photos: int


_HEAD_COUNTS = query(
    "select products, photos from vision.head where seller_id = %(seller_id)s order by learnt_at desc limit 1",
    HeadCounts,
)
_REBUILT = command(
    """insert into vision.index_version as i (seller_id, version, rebuilt) values (%(seller_id)s, 1, 1)
    on conflict (seller_id) do update set version = i.version + 1, rebuilt = i.version + 1"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A product with samples that are taught and not learned yet."""

    seller_id: int
    product_id: UUID


_WAITING = query(
    """select distinct seller_id, product_id from vision.taught_sample
    where state = 'taught' and learnt_at is null order by seller_id, product_id limit %(rows)s""",
    Waiting,
)
_HOLD = query("select version from vision.index_version where seller_id = %(seller_id)s for update", int)
_SHOP = query(
    """select product_id, variant_id, media, kind, vector from vision.picture
    where seller_id = %(seller_id)s and model_id = %(model_id)s and kind = 'shop' order by product_id, media""",
    _Picture,
)
_CATALOGUE = query(
    """select product_id, variant_id, media, kind, vector from vision.picture p
    where seller_id = %(seller_id)s and model_id = %(model_id)s and kind = 'catalogue'
    order by not exists (select from vision.taught_sample t
      where t.seller_id = p.seller_id and t.product_id = p.product_id and t.state = 'taught'), product_id, media
    limit %(rows)s""",
    _Picture,
)


async def head_counts(tx: Tx, seller_id: int) -> HeadCounts | None:
    """Of the head that was learned last; None before the first. One query."""
    return await tx.first(_HEAD_COUNTS, {"seller_id": seller_id})


async def waiting(tx: Tx, rows: int) -> list[Waiting]:
    """Products of all sellers with samples to be learned, at most `rows`. One query of a partial index."""
    return await tx.all(_WAITING, {"rows": rows})


async def hold_index(tx: Tx, seller_id: int) -> None:
    """Nobody else adds or removes pictures of the seller until commit."""
    await tx.first(_HOLD, {"seller_id": seller_id})


async def mark_rebuilt(tx: Tx, seller_id: int) -> None:
    """Pictures went: readers must compare what they have with what there is."""
    await tx.run(_REBUILT, {"seller_id": seller_id})


async def shop_pictures(tx: Tx, seller_id: int, model_id: str) -> list[PictureRow]:
    """All labelled photos of a seller. One query."""
    return [_row(one) for one in await tx.all(_SHOP, {"seller_id": seller_id, "model_id": model_id})]


async def catalogue_pictures(tx: Tx, seller_id: int, model_id: str, rows: int) -> list[PictureRow]:
    """At most `rows` catalogue pictures, those of taught products first. One query."""
    params = {"seller_id": seller_id, "model_id": model_id, "rows": rows}
    return [_row(one) for one in await tx.all(_CATALOGUE, params)]


def _row(one: _Picture) -> PictureRow:
    return PictureRow(
        product_id=one.product_id,
        variant_id=one.variant_id,
        media=one.media,
        kind=PictureKind(one.kind),
        vector=one.vector,
    )
