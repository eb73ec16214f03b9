"""The SQL of recognition. Vectors travel as bytes; their meaning is the adapters' matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx, command, query
from halles.vision.store import shown
from halles.vision.types import (
    CataloguePicture,
    IndexState,
    MatchId,
    PhotoCount,
    PhotoMatch,
    PhotoStatistics,
    PictureKind,
    PictureRow,
    Purchase,
    Quality,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    product_id: UUID
    variant_id: int | None
    media: str
    kind: str
    vector: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stale:
    product_id: UUID
    variant_id: int | None
    media: str
    kind: str
    place_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    product_id: UUID
    media: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _SellerState:
    seller_id: int
    version: int
    rebuilt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _SellerCount:
    seller_id: int
    pictures: int


_BUMP = query(
    """insert into vision.index_version as i (seller_id, version) values (%(seller_id)s, 1)
    on conflict (seller_id) do update set version = i.version + 1 returning version""",
    int,
)
_REBUILT = command("update vision.index_version set rebuilt = version where seller_id = %(seller_id)s")
_STATES = query(
    "select seller_id, version, rebuilt from vision.index_version where seller_id = any(%(seller_ids)s::bigint[])",
    _SellerState,
)
_SELLERS = query("select seller_id from vision.index_version order by seller_id limit %(limit)s", int)
_PICTURES = query(
    """select product_id, variant_id, media, kind, vector from vision.picture
    where seller_id = %(seller_id)s and model_id = %(model_id)s and version > %(since)s and version <= %(until)s
    order by version""",
    _Picture,
)
_PAGE_END = query(
    """select version from vision.picture
    where seller_id = %(seller_id)s and model_id = %(model_id)s and version > %(since)s
    order by version offset %(rows)s limit 1""",
    int,
)
_PICTURES_AFTER = query(
    """select product_id, variant_id, media, kind, vector from vision.picture
    where seller_id = %(seller_id)s and model_id = %(model_id)s
      and (product_id, media) > (%(product_id)s::uuid, %(media)s::text)
    order by product_id, media limit %(rows)s""",
    _Picture,
)
_KEYS = query(
    """select ('x' || substr(md5(product_id::text || '/' || media), 1, 16))::bit(64)::bigint
    from vision.picture where seller_id = %(seller_id)s and model_id = %(model_id)s""",
    int,
)
_COUNTS = query(
    """select seller_id, count(*)::bigint as pictures from vision.picture
    where seller_id = any(%(seller_ids)s::bigint[]) and model_id = %(model_id)s group by seller_id""",
    _SellerCount,
)
_SEEN = query(
    """select count(distinct (product_id, media))::int from vision.picture
    where seller_id = %(seller_id)s and kind = 'catalogue'""",
    int,
)
_KNOWN = query(
    """select p.product_id, p.media from vision.picture p
    join unnest(%(product_ids)s::uuid[], %(media)s::text[]) as wanted (product_id, media)
      on p.product_id = wanted.product_id and p.media = wanted.media
    where p.seller_id = %(seller_id)s and p.model_id = %(model_id)s""",
    _Key,
)
_SAVE = command(
    """insert into vision.picture (seller_id, product_id, media, model_id, variant_id, kind, place_id, vector, version)
    select %(seller_id)s, one.product_id, one.media, %(model_id)s, one.variant_id, one.kind, one.place_id, one.vector,
      %(version)s
    from unnest(%(product_ids)s::uuid[], %(media)s::text[], %(variant_ids)s::bigint[], %(kinds)s::text[],
      %(place_ids)s::bigint[], %(vectors)s::bytea[]) as one (product_id, media, variant_id, kind, place_id, vector)
    on conflict (seller_id, product_id, media, model_id) do update set variant_id = excluded.variant_id,
      kind = excluded.kind, place_id = excluded.place_id, vector = excluded.vector, version = excluded.version"""
)
_STALE = query(
    """select distinct on (p.product_id, p.media) p.product_id, p.variant_id, p.media, p.kind, p.place_id
    from vision.picture p
    where p.seller_id = %(seller_id)s and p.model_id <> %(model_id)s
      and not exists (select from vision.picture o where o.seller_id = p.seller_id and o.product_id = p.product_id
        and o.media = p.media and o.model_id = %(model_id)s)
    order by p.product_id, p.media""",
    _Stale,
)
_FORGET = command(
    """delete from vision.picture where seller_id = %(seller_id)s and product_id = any(%(product_ids)s::uuid[])
      and (product_id, media) not in (select * from unnest(%(keep_products)s::uuid[], %(keep_media)s::text[]))"""
)
_READ_PHOTOS = query(
    "select photos, mean from vision.photo_statistics where seller_id = %(seller_id)s and model_id = %(model_id)s",
    PhotoStatistics,
)
_FIRST_PHOTOS = command(
    """insert into vision.photo_statistics (seller_id, model_id, photos, mean)
    values (%(seller_id)s, %(model_id)s, 0, %(zero)s) on conflict do nothing"""
)
_LOCK_PHOTOS = query(
    """select photos, mean from vision.photo_statistics
    where seller_id = %(seller_id)s and model_id = %(model_id)s for update""",
    PhotoStatistics,
)
_WRITE_PHOTOS = command(
    """update vision.photo_statistics set photos = %(photos)s, mean = %(mean)s
    where seller_id = %(seller_id)s and model_id = %(model_id)s"""
)
_INSERT_MATCH = command(
    """insert into vision.photo_match (seller_id, match_id, place_id, touchpoint_id, visitor, model_id, outcome,
      found_by, gtin, candidates, cpu_ms, taken_at)
    values (%(seller_id)s, %(match_id)s, %(place_id)s, %(touchpoint_id)s, %(visitor)s, %(model_id)s, %(outcome)s,
      %(found_by)s, %(gtin)s, %(candidates)s::text::jsonb, %(cpu_ms)s, %(taken_at)s)
    on conflict (seller_id, match_id) do nothing"""
)
_CHOOSE = command(
    "update vision.photo_match set chosen_variant_id = %(variant_id)s where match_id = %(match_id)s"
)
_BUY = command(
    """update vision.photo_match m set order_id = b.order_id, bought_product_id = b.product_id,
      bought_variant_id = b.variant_id
    from unnest(%(order_ids)s::uuid[], %(match_ids)s::uuid[], %(product_ids)s::uuid[], %(variant_ids)s::bigint[])
      as b (order_id, match_id, product_id, variant_id)
    where m.seller_id = %(seller_id)s and m.match_id = b.match_id and (m.order_id is null or m.order_id = b.order_id)"""
)
_PHOTO_COUNTS = query(
    """select date_trunc('hour', taken_at, 'UTC') as hour, place_id, count(*)::int as photos,
      count(*) filter (where outcome <> 'unknown')::int as recognised
    from vision.photo_match where seller_id = %(seller_id)s and taken_at >= %(since)s and taken_at < %(until)s
      and (%(place_id)s::bigint is null or place_id = %(place_id)s)
    group by 1, 2""",
    PhotoCount,
)
_QUALITY = query(
    """select count(*)::int as photos,
      count(*) filter (where outcome = 'unknown')::int as unknown,
      count(bought_product_id)::int as purchases,
      count(*) filter (where candidates -> 0 ->> 0 = bought_product_id::text)::int as first,
      count(*) filter (where exists (select 1 from jsonb_array_elements(candidates) as c (one)
        where c.one ->> 0 = bought_product_id::text))::int as shown
    from vision.photo_match
    where seller_id = %(seller_id)s and taken_at >= %(since)s and taken_at < %(until)s
      and (%(model_id)s::text is null or model_id = %(model_id)s)""",
    Quality,
)


async def states(tx: Tx, seller_ids: Sequence[int]) -> dict[int, IndexState]:
    """The index state of each seller; a seller without pictures is absent. One query."""
    rows = await tx.all(_STATES, {"seller_ids": list(seller_ids)})
    return {row.seller_id: IndexState(version=row.version, rebuilt=row.rebuilt) for row in rows}


async def sellers(tx: Tx, limit: int) -> list[int]:
    """Sellers who ever had pictures, at most `limit`. One query."""
    return await tx.all(_SELLERS, {"limit": limit})


async def pictures_since(tx: Tx, seller_id: int, model_id: str, since: int, until: int) -> list[PictureRow]:
    """Pictures written after index version `since` and not after `until`. One query."""
    params = {"seller_id": seller_id, "model_id": model_id, "since": since, "until": until}
    return [_row(one) for one in await tx.all(_PICTURES, params)]


async def page_end(tx: Tx, seller_id: int, model_id: str, since: int, rows: int) -> int | None:
    """The index version with which a page of `rows` pictures after `since` is full; None when it never is. One query."""
    params = {"seller_id": seller_id, "model_id": model_id, "since": since, "rows": rows}
    return await tx.first(_PAGE_END, params)


async def pictures_after(
    tx: Tx, seller_id: int, model_id: str, after: tuple[UUID, str] | None, rows: int
) -> list[PictureRow]:
    """At most `rows` pictures by (product, media), those behind `after`. One query."""
    product_id, media = after or (UUID(int=0), "")
    params = {
        "seller_id": seller_id, "model_id": model_id, "product_id": product_id, "media": media, "rows": rows,
    }  # fmt: skip
    return [_row(one) for one in await tx.all(_PICTURES_AFTER, params)]


async def picture_keys(tx: Tx, seller_id: int, model_id: str) -> list[int]:
    """The keys of all pictures of a seller, as adapters.picture_index computes them. One query."""
    return await tx.all(_KEYS, {"seller_id": seller_id, "model_id": model_id})


async def seen_pictures(tx: Tx, seller_id: int) -> int:
    return await tx.one(_SEEN, {"seller_id": seller_id})


async def picture_counts(tx: Tx, model_id: str, seller_ids: Sequence[int]) -> dict[int, int]:
    """How many pictures of a model sellers have; those without are absent. One query."""
    rows = await tx.all(_COUNTS, {"model_id": model_id, "seller_ids": list(seller_ids)})
    return {row.seller_id: row.pictures for row in rows}


def _row(one: _Picture) -> PictureRow:
    return PictureRow(
        product_id=one.product_id,
        variant_id=one.variant_id,
        media=one.media,
        kind=PictureKind(one.kind),
        vector=one.vector,
    )


async def known(
    tx: Tx, seller_id: int, model_id: str, pictures: Sequence[CataloguePicture]
) -> set[tuple[UUID, str]]:
    """Which of these pictures have a vector of this model, as (product_id, media). One query."""
    params = {
        "seller_id": seller_id,
        "model_id": model_id,
        "product_ids": [one.product_id for one in pictures],
        "media": [one.media for one in pictures],
    }
    return {(row.product_id, row.media) for row in await tx.all(_KNOWN, params)}


async def save_pictures(
    tx: Tx, seller_id: int, model_id: str, pictures: Sequence[tuple[CataloguePicture, bytes]]
) -> int:
    """Writes pictures with their vectors under a new index version, and answers it. Two statements.

    The version row is locked first and until commit, so versions become visible in their order.
    """
    version = await tx.one(_BUMP, {"seller_id": seller_id})
    params = {
        "seller_id": seller_id,
        "model_id": model_id,
        "version": version,
        "product_ids": [one.product_id for one, _ in pictures],
        "media": [one.media for one, _ in pictures],
        "variant_ids": [one.variant_id for one, _ in pictures],
        "kinds": [one.kind.value for one, _ in pictures],
        "place_ids": [one.place_id for one, _ in pictures],
        "vectors": [vector for _, vector in pictures],
    }
    await tx.run(_SAVE, params)
    return version


async def stale_pictures(tx: Tx, seller_id: int, model_id: str) -> list[CataloguePicture]:
    """Pictures that only other models have seen. One query."""
    rows = await tx.all(_STALE, {"seller_id": seller_id, "model_id": model_id})
    return [
        CataloguePicture(
            product_id=row.product_id,
            variant_id=row.variant_id,
            media=row.media,
            kind=PictureKind(row.kind),
            place_id=row.place_id,
        )
        for row in rows
    ]


async def forget_pictures(
    tx: Tx, seller_id: int, product_ids: Sequence[UUID], keep: Sequence[tuple[UUID, str]]
) -> int:
    """Removes the pictures of these products, of every model, but for those in `keep`; answers how many."""
    await tx.one(_BUMP, {"seller_id": seller_id})
    params = {
        "seller_id": seller_id,
        "product_ids": list(product_ids),
        "keep_products": [product_id for product_id, _ in keep],
        "keep_media": [media for _, media in keep],
    }
    gone = await tx.run(_FORGET, params)
    if gone:
        await tx.run(_REBUILT, {"seller_id": seller_id})
    return gone


async def photo_statistics(tx: Tx, seller_id: int, model_id: str) -> PhotoStatistics | None:
    """The mean of the seller's photos under a model; None before the first."""
    return await tx.first(_READ_PHOTOS, {"seller_id": seller_id, "model_id": model_id})


async def locked_photo_statistics(tx: Tx, seller_id: int, model_id: str, dim: int) -> PhotoStatistics:
    """The same, made where it was absent, and locked until commit. Two statements."""
    key = {"seller_id": seller_id, "model_id": model_id}
    await tx.run(_FIRST_PHOTOS, {**key, "zero": bytes(4 * dim)})
    return await tx.one(_LOCK_PHOTOS, key)


async def write_photo_statistics(tx: Tx, seller_id: int, model_id: str, value: PhotoStatistics) -> None:
    """Replaces the mean that locked_photo_statistics locked."""
    params = {"seller_id": seller_id, "model_id": model_id, "photos": value.photos, "mean": value.mean}
    await tx.run(_WRITE_PHOTOS, params)


async def insert_match(tx: Tx, match: PhotoMatch) -> bool:
    """Records a photo's match; False when the id is taken."""
    params = {
        "seller_id": match.seller_id,
        "match_id": match.match_id,
        "place_id": match.place_id,
        "touchpoint_id": match.touchpoint_id,
        "visitor": match.visitor,
        "model_id": match.model_id,
        "outcome": match.outcome.value,
        "found_by": match.found_by.value,
        "gtin": match.gtin,
        "candidates": shown.kept(match.candidates),
        "cpu_ms": match.cpu_ms,
        "taken_at": match.taken_at,
    }
    return await tx.run(_INSERT_MATCH, params) == 1


async def choose(tx: Tx, match_id: MatchId, variant_id: int) -> bool:
    """Records which variant the shopper tapped; False when no match has the id."""
    return await tx.run(_CHOOSE, {"match_id": match_id, "variant_id": variant_id}) > 0


async def buy(tx: Tx, seller_id: int, purchases: Sequence[Purchase]) -> int:
    """Records what was bought after photos, each match once; it stays with its first order. Answers how many were found."""
    params = {
        "seller_id": seller_id,
        "order_ids": [one.order_id for one in purchases],
        "match_ids": [one.match_id for one in purchases],
        "product_ids": [one.product_id for one in purchases],
        "variant_ids": [one.variant_id for one in purchases],
    }
    return await tx.run(_BUY, params)


async def quality(tx: Tx, seller_id: int, since: datetime, until: datetime, model_id: str | None) -> Quality:
    """Counts over the photos taken in [since, until), of one model or of all."""
    params = {"seller_id": seller_id, "since": since, "until": until, "model_id": model_id}
    return await tx.one(_QUALITY, params)


async def photo_counts(
    tx: Tx, seller_id: int, place_id: int | None, since: datetime, until: datetime
) -> list[PhotoCount]:
    """Photos taken in [since, until), by UTC hour and place."""
    params = {"seller_id": seller_id, "place_id": place_id, "since": since, "until": until}
    return await tx.all(_PHOTO_COUNTS, params)
