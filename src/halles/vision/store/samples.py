"""The SQL of taught samples, heads and confusions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx, command, query
from halles.vision.rules.samples import (
    Confusion,
    Mistaken,
    ProductPhotos,
    SampleState,
    Side,
    StoredHead,
    TaughtPhoto,
    TaughtSample,
)
from halles.vision.types import CataloguePicture, PictureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    seller_id: int
    sample_id: UUID
    place_id: int
    product_id: UUID
    variant_id: int | None
    state: str
    opened_by: int
    opened_at: datetime
    taught_by: int | None
    taught_at: datetime | None
    retired_by: int | None
    retired_at: datetime | None
    learnt_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Photo:
    sample_id: UUID
    side: str
    media: str
    model_id: str
    vector: bytes
    sharpness: float
    brightness: float
    seen_product_id: UUID | None
    seen_share: float | None
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taught:
    product_id: UUID
    variant_id: int | None
    place_id: int
    media: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeadVersion:
    seller_id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRow:
    """Photos at a place under a model, and what was bought after them; see types.Quality."""

    place_id: int | None
    model_id: str
    photos: int
    unknown: int
    purchases: int
    first: int
    shown: int
    by_code: int


_COLUMNS = """seller_id, sample_id, place_id, product_id, variant_id, state, opened_by, opened_at, taught_by, taught_at,
      retired_by, retired_at, learnt_at"""
_OPEN = command(
    """insert into vision.taught_sample (seller_id, sample_id, place_id, product_id, variant_id, state, opened_by, opened_at)
    values (%(seller_id)s, %(sample_id)s, %(place_id)s, %(product_id)s, %(variant_id)s, 'open', %(opened_by)s, %(opened_at)s)
    on conflict (seller_id, sample_id) do nothing"""
)
_SAMPLE = query(
    f"select {_COLUMNS} from vision.taught_sample where seller_id = %(seller_id)s and sample_id = %(sample_id)s",
    _Sample,
)
_LOCK = query(
    f"""select {_COLUMNS} from vision.taught_sample
    where seller_id = %(seller_id)s and sample_id = %(sample_id)s for update""",
    _Sample,
)
_PAGE = query(
    f"""select {_COLUMNS} from vision.taught_sample
    where seller_id = %(seller_id)s and (%(place_id)s::bigint is null or place_id = %(place_id)s)
      and (%(retired)s::boolean or state <> 'retired') and (%(after)s::uuid is null or sample_id < %(after)s)
    order by sample_id desc limit %(rows)s""",
    _Sample,
)
_PHOTOS = query(
    """select sample_id, side, media, model_id, vector, sharpness, brightness, seen_product_id, seen_share, taken_at
    from vision.taught_photo where seller_id = %(seller_id)s and sample_id = any(%(sample_ids)s::uuid[])""",
    _Photo,
)
_TAKE = command(
    """insert into vision.taught_photo as p (seller_id, sample_id, side, media, model_id, vector, sharpness, brightness,
      seen_product_id, seen_share, taken_at)
    values (%(seller_id)s, %(sample_id)s, %(side)s, %(media)s, %(model_id)s, %(vector)s, %(sharpness)s, %(brightness)s,
      %(seen_product_id)s, %(seen_share)s, %(taken_at)s)
    on conflict (seller_id, sample_id, side) do update set media = excluded.media, model_id = excluded.model_id,
      vector = excluded.vector, sharpness = excluded.sharpness, brightness = excluded.brightness,
      seen_product_id = excluded.seen_product_id, seen_share = excluded.seen_share, taken_at = excluded.taken_at"""
)
_TEACH = command(
    """update vision.taught_sample set state = 'taught', taught_by = %(by)s, taught_at = %(at)s
    where seller_id = %(seller_id)s and sample_id = %(sample_id)s"""
)
_RETIRE = command(
    """update vision.taught_sample set state = 'retired', retired_by = %(by)s, retired_at = %(at)s, learnt_at = null
    where seller_id = %(seller_id)s and sample_id = %(sample_id)s"""
)
_FORGET = command(
    """delete from vision.picture p using vision.taught_photo t
    where t.seller_id = %(seller_id)s and t.sample_id = %(sample_id)s and p.seller_id = %(seller_id)s
      and p.product_id = %(product_id)s and p.media = t.media and p.kind = 'shop'
      and not exists (select from vision.taught_photo o join vision.taught_sample s
          on s.seller_id = o.seller_id and s.sample_id = o.sample_id
        where o.seller_id = %(seller_id)s and o.media = t.media and s.sample_id <> %(sample_id)s
          and s.product_id = %(product_id)s and s.state = 'taught')"""
)
_DROP_PHOTOS = query(
    """delete from vision.taught_photo t where t.seller_id = %(seller_id)s and t.sample_id = %(sample_id)s
    returning media""",
    str,
)
_STILL_USED = query(
    "select distinct media from vision.taught_photo where seller_id = %(seller_id)s and media = any(%(media)s::text[])",
    str,
)
_TAUGHT = query(
    """select s.product_id, s.variant_id, s.place_id, p.media from vision.taught_sample s
    join vision.taught_photo p on p.seller_id = s.seller_id and p.sample_id = s.sample_id
    where s.seller_id = %(seller_id)s and s.product_id = any(%(product_ids)s::uuid[]) and s.state = 'taught'
    order by s.sample_id, p.side""",
    _Taught,
)
_UNLEARNT = query(
    """select sample_id from vision.taught_sample
    where seller_id = %(seller_id)s and state = 'taught' and learnt_at is null""",
    UUID,
)
_LEARNT = command(
    """update vision.taught_sample set learnt_at = %(at)s
    where seller_id = %(seller_id)s and sample_id = any(%(sample_ids)s::uuid[]) and state = 'taught' and learnt_at is null"""
)
_SAVE_HEAD = command(
    """insert into vision.head as h (seller_id, model_id, version, products, photos, body, learnt_at)
    values (%(seller_id)s, %(model_id)s, %(version)s, %(products)s, %(photos)s, %(body)s, %(at)s)
    on conflict (seller_id, model_id) do update set version = excluded.version, products = excluded.products,
      photos = excluded.photos, body = excluded.body, learnt_at = excluded.learnt_at
    where h.version <= excluded.version"""
)
_HEAD_VERSIONS = query(
    """select seller_id, version from vision.head
    where model_id = %(model_id)s and seller_id = any(%(seller_ids)s::bigint[])""",
    _HeadVersion,
)
_HEAD = query(
    "select seller_id, version, body from vision.head where seller_id = %(seller_id)s and model_id = %(model_id)s",
    StoredHead,
)
_FORGET_CONFUSIONS = command(
    "delete from vision.confusion where seller_id = %(seller_id)s and model_id = %(model_id)s"
)
_SAVE_CONFUSIONS = command(
    """insert into vision.confusion (seller_id, model_id, product_id, other_id, times, photos, similarity, media, other_media)
    select %(seller_id)s, %(model_id)s, one.product_id, one.other_id, one.times, one.photos, one.similarity, one.media,
      one.other_media
    from unnest(%(product_ids)s::uuid[], %(other_ids)s::uuid[], %(times)s::integer[], %(photos)s::integer[],
      %(similarities)s::real[], %(media)s::text[], %(other_media)s::text[])
      as one (product_id, other_id, times, photos, similarity, media, other_media)"""
)
_CONFUSIONS = query(
    """select product_id, other_id, times, photos, similarity, media, other_media from vision.confusion
    where seller_id = %(seller_id)s and model_id = %(model_id)s order by times desc, similarity desc, product_id, other_id""",
    Confusion,
)
_HEAD_MODEL = query(
    """select model_id from vision.head where seller_id = %(seller_id)s order by learnt_at desc limit 1""",
    str,
)
_MISTAKEN = query(
    """select bought_product_id as product_id, (candidates -> 0 ->> 0)::uuid as other_id, count(*)::int as times
    from vision.photo_match
    where seller_id = %(seller_id)s and taken_at >= %(since)s and taken_at < %(until)s
      and (%(place_id)s::bigint is null or place_id = %(place_id)s) and found_by = 'picture'
      and bought_product_id is not null and jsonb_array_length(candidates) > 0
      and candidates -> 0 ->> 0 <> bought_product_id::text
    group by 1, 2 order by 3 desc, 1, 2""",
    Mistaken,
)
_PRODUCT_PHOTOS = query(
    """select s.product_id, count(*)::int as photos, min(p.sharpness) as sharpness, min(p.brightness) as brightness
    from vision.taught_sample s join vision.taught_photo p on p.seller_id = s.seller_id and p.sample_id = s.sample_id
    where s.seller_id = %(seller_id)s and s.state = 'taught' and s.product_id = any(%(product_ids)s::uuid[])
    group by s.product_id""",
    ProductPhotos,
)
_QUALITY = query(
    """select place_id, model_id, count(*)::int as photos,
      count(*) filter (where outcome = 'unknown')::int as unknown,
      count(bought_product_id) filter (where found_by = 'picture')::int as purchases,
      count(*) filter (where found_by = 'picture' and candidates -> 0 ->> 0 = bought_product_id::text)::int as first,
      count(*) filter (where found_by = 'picture' and exists (select 1 from jsonb_array_elements(candidates) as c (one)
        where c.one ->> 0 = bought_product_id::text))::int as shown,
      count(bought_product_id) filter (where found_by = 'barcode')::int as by_code
    from vision.photo_match
    where seller_id = %(seller_id)s and taken_at >= %(since)s and taken_at < %(until)s
    group by place_id, model_id order by place_id nulls last, max(taken_at) desc""",
    QualityRow,
)


async def open_sample(tx: Tx, sample: TaughtSample) -> bool:
    """Writes an open sample; False when its id is taken."""
    params = {
        "seller_id": sample.seller_id, "sample_id": sample.sample_id, "place_id": sample.place_id,
        "product_id": sample.product_id, "variant_id": sample.variant_id, "opened_by": sample.opened_by,
        "opened_at": sample.opened_at,
    }  # fmt: skip
    return await tx.run(_OPEN, params) == 1


async def sample(tx: Tx, seller_id: int, sample_id: UUID, *, lock: bool = False) -> TaughtSample | None:
    """A sample with its photos; `lock` keeps others from changing it until commit. Two queries."""
    row = await tx.first(_LOCK if lock else _SAMPLE, {"seller_id": seller_id, "sample_id": sample_id})
    return None if row is None else (await _with_photos(tx, seller_id, [row]))[0]


async def samples_page(
    tx: Tx, seller_id: int, place_id: int | None, *, retired: bool, after: UUID | None, rows: int
) -> list[TaughtSample]:
    """Samples, the latest first, behind `after`. Two queries."""
    params = {"seller_id": seller_id, "place_id": place_id, "retired": retired, "after": after, "rows": rows}
    return await _with_photos(tx, seller_id, await tx.all(_PAGE, params))


async def take_photo(tx: Tx, seller_id: int, sample_id: UUID, photo: TaughtPhoto) -> None:
    """Puts a photo in its place, instead of one that was there."""
    params = {
        "seller_id": seller_id, "sample_id": sample_id, "side": photo.side.value, "media": photo.media,
        "model_id": photo.model_id, "vector": photo.vector, "sharpness": photo.sharpness,
        "brightness": photo.brightness, "seen_product_id": photo.seen_product_id, "seen_share": photo.seen_share,
        "taken_at": photo.taken_at,
    }  # fmt: skip
    await tx.run(_TAKE, params)


async def teach(tx: Tx, seller_id: int, sample_id: UUID, by: int, at: datetime) -> None:
    """An open sample becomes a taught one."""
    await tx.run(_TEACH, {"seller_id": seller_id, "sample_id": sample_id, "by": by, "at": at})


async def retire(tx: Tx, one: TaughtSample, by: int, at: datetime) -> list[str]:
    """A sample no longer counts: its pictures are unfindable, its photos' rows gone; answers the media no sample shows."""
    key = {"seller_id": one.seller_id, "sample_id": one.sample_id}
    await tx.run(_RETIRE, {**key, "by": by, "at": at})
    await tx.run(_FORGET, {**key, "product_id": one.product_id})
    return await unused_media(tx, one.seller_id, await tx.all(_DROP_PHOTOS, key))


async def unused_media(tx: Tx, seller_id: int, names: Sequence[str]) -> list[str]:
    """Those of these photos that no sample of the seller shows. One query."""
    used = await tx.all(_STILL_USED, {"seller_id": seller_id, "media": list(names)})
    return sorted(set(names) - set(used))


async def taught_pictures(tx: Tx, seller_id: int, product_ids: Collection[UUID]) -> list[CataloguePicture]:
    """The photos of these products that are taught, as pictures to index. One query."""
    rows = await tx.all(_TAUGHT, {"seller_id": seller_id, "product_ids": list(product_ids)})
    return [
        CataloguePicture(
            product_id=row.product_id, variant_id=row.variant_id, media=row.media, kind=PictureKind.SHOP,
            place_id=row.place_id,
        )
        for row in rows
    ]  # fmt: skip


async def unlearnt(tx: Tx, seller_id: int) -> list[UUID]:
    """Samples that are taught and not learned yet. One query."""
    return await tx.all(_UNLEARNT, {"seller_id": seller_id})


async def mark_learnt(tx: Tx, seller_id: int, sample_ids: Sequence[UUID], at: datetime) -> None:
    """From now on photos are answered with these samples."""
    await tx.run(_LEARNT, {"seller_id": seller_id, "sample_ids": list(sample_ids), "at": at})


async def save_head(
    tx: Tx, head: StoredHead, *, model_id: str, products: int, photos: int, at: datetime
) -> bool:
    """Replaces a head; False, and nothing done, when the stored one was learned from a later state."""
    params = {
        "seller_id": head.seller_id, "model_id": model_id, "version": head.version, "products": products,
        "photos": photos, "body": head.body, "at": at,
    }  # fmt: skip
    return await tx.run(_SAVE_HEAD, params) == 1


async def head_versions(tx: Tx, model_id: str, seller_ids: Collection[int]) -> Mapping[int, int]:
    """The version of each seller's head; those without are absent. One query."""
    rows = await tx.all(_HEAD_VERSIONS, {"model_id": model_id, "seller_ids": list(seller_ids)})
    return {row.seller_id: row.version for row in rows}


async def head(tx: Tx, seller_id: int, model_id: str) -> StoredHead | None:
    """A seller's head. One query."""
    return await tx.first(_HEAD, {"seller_id": seller_id, "model_id": model_id})


async def head_model(tx: Tx, seller_id: int) -> str | None:
    """The model that last learned from the seller's samples; None before the first."""
    return await tx.first(_HEAD_MODEL, {"seller_id": seller_id})


async def save_confusions(tx: Tx, seller_id: int, model_id: str, found: Sequence[Confusion]) -> None:
    """Replaces the seller's confusions under a model. Two statements."""
    key = {"seller_id": seller_id, "model_id": model_id}
    await tx.run(_FORGET_CONFUSIONS, key)
    params = {
        **key,
        "product_ids": [one.product_id for one in found],
        "other_ids": [one.other_id for one in found],
        "times": [one.times for one in found],
        "photos": [one.photos for one in found],
        "similarities": [one.similarity for one in found],
        "media": [one.media for one in found],
        "other_media": [one.other_media for one in found],
    }
    await tx.run(_SAVE_CONFUSIONS, params)


async def confusions(tx: Tx, seller_id: int, model_id: str) -> list[Confusion]:
    """What was confused when the samples were last learned, the most frequent first. One query."""
    return await tx.all(_CONFUSIONS, {"seller_id": seller_id, "model_id": model_id})


async def mistaken(
    tx: Tx, seller_id: int, place_id: int | None, since: datetime, until: datetime
) -> list[Mistaken]:
    """What photos taken in [since, until) were answered first, where another product was bought. One query."""
    params = {"seller_id": seller_id, "place_id": place_id, "since": since, "until": until}
    return await tx.all(_MISTAKEN, params)


async def product_photos(tx: Tx, seller_id: int, product_ids: Collection[UUID]) -> dict[UUID, ProductPhotos]:
    """What staff taught of these products; those without are absent. One query."""
    rows = await tx.all(_PRODUCT_PHOTOS, {"seller_id": seller_id, "product_ids": list(product_ids)})
    return {row.product_id: row for row in rows}


async def quality_rows(tx: Tx, seller_id: int, since: datetime, until: datetime) -> list[QualityRow]:
    """Recall by purchases of photos taken in [since, until), by place and model. One query."""
    return await tx.all(_QUALITY, {"seller_id": seller_id, "since": since, "until": until})


async def _with_photos(tx: Tx, seller_id: int, rows: Sequence[_Sample]) -> list[TaughtSample]:
    photos: dict[UUID, list[TaughtPhoto]] = {row.sample_id: [] for row in rows}
    for one in await tx.all(_PHOTOS, {"seller_id": seller_id, "sample_ids": list(photos)}):
        photos[one.sample_id].append(_photo(one))
    order = list(Side)
    return [
        TaughtSample(
            seller_id=row.seller_id, sample_id=row.sample_id, place_id=row.place_id, product_id=row.product_id,
            variant_id=row.variant_id, state=SampleState(row.state), opened_by=row.opened_by,
            opened_at=row.opened_at, taught_by=row.taught_by, taught_at=row.taught_at, retired_by=row.retired_by,
            retired_at=row.retired_at, learnt_at=row.learnt_at,
            photos=tuple(sorted(photos[row.sample_id], key=lambda one: order.index(one.side))),
        )
        for row in rows
    ]  # fmt: skip


def _photo(one: _Photo) -> TaughtPhoto:
    return TaughtPhoto(
        side=Side(one.side), media=one.media, model_id=one.model_id, vector=one.vector, sharpness=one.sharpness,
        brightness=one.brightness, seen_product_id=one.seen_product_id, seen_share=one.seen_share,
        taken_at=one.taken_at,
    )  # fmt: skip
