"""Samples and pairs with the names and pictures of what they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from halles.catalog import api as catalog
from halles.catalog.types import Product
from halles.identity import api as identity
from halles.journeys.sample_teaching import rules
from halles.journeys.sample_teaching.models import (
    DoubtModel,
    LookModel,
    PairModel,
    RecallModel,
    RecognitionReport,
    SamplePlace,
    TaughtPhotoModel,
    TaughtSampleModel,
)
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.kernel.language import Language
from halles.places import api as places
from halles.places.types import Place, PlaceKind
from halles.vision.api import samples as vision
from halles.vision.api.samples import Doubt, SampleState, Side, TaughtSample

MOST_PAIRS = 100
"""Pairs that a page shows; whoever mends the first ones is shown the next."""


class Looks:
    """Products by id, named in one language; a product that is gone keeps its id for a name."""

    def __init__(self, products: Mapping[UUID, Product], language: Language) -> None:
        self._products, self._language = products, language

    @classmethod
    async def load(cls, tx: Tx, seller: SellerId, wanted: set[UUID], language: Language) -> Looks:
        """One query."""
        return cls(await catalog.load_products(tx, seller, wanted) if wanted else {}, language)

    def of(self, product_id: UUID) -> LookModel:
        product = self._products.get(product_id)
        if product is None:
            return LookModel(product_id=product_id, title=str(product_id), image=None)
        image = product.images[0].name if product.images else None
        return LookModel(
            product_id=product_id, title=catalog.pick(product.title, self._language), image=image
        )

    def variant(self, product_id: UUID, variant_id: int | None) -> str | None:
        product = self._products.get(product_id)
        for one in product.variants if product else ():
            if one.variant_id == variant_id:
                words = [catalog.pick(option.value, self._language) for option in one.options]
                return " · ".join(words) or one.sku
        return None


async def samples(
    tx: Tx, seller: SellerId, found: Sequence[TaughtSample], language: Language
) -> list[TaughtSampleModel]:
    """Three queries, one more for each open sample with photos."""
    doubts = {one.sample_id: await vision.doubt_of(tx, one) for one in found if one.state is SampleState.OPEN}
    wanted = {one.product_id for one in found}
    wanted |= {photo.seen_product_id for one in found for photo in one.photos if photo.seen_product_id}
    looks = await Looks.load(tx, seller, wanted, language)
    names = await identity.load_names(tx, sorted({one.taught_by or one.opened_by for one in found}))
    where = {one.place_id: one.name for one in await places.list_places(tx, seller)}
    return [_sample(one, looks, names, where, doubts.get(one.sample_id)) for one in found]


def _sample(
    one: TaughtSample,
    looks: Looks,
    names: Mapping[int, str],
    where: Mapping[int, str],
    doubt: Doubt | None,
) -> TaughtSampleModel:
    taken = {photo.side for photo in one.photos}
    learnt = one.state is SampleState.TAUGHT and one.learnt_at is not None
    return TaughtSampleModel(
        sample_id=one.sample_id,
        state="learnt" if learnt else one.state.value,
        place_id=one.place_id,
        place=where.get(one.place_id),
        product=looks.of(one.product_id),
        variant_id=one.variant_id,
        variant=looks.variant(one.product_id, one.variant_id),
        photos=[
            TaughtPhotoModel(
                side=photo.side.value,
                media=photo.media,
                sharpness=round(photo.sharpness, 3),
                brightness=round(photo.brightness, 3),
                looks_like=looks.of(photo.seen_product_id) if photo.seen_product_id else None,
                taken_at=photo.taken_at,
            )
            for photo in one.photos
        ],
        missing=[side.value for side in Side if side not in taken] if one.state is SampleState.OPEN else [],
        doubt=None
        if doubt is None
        else DoubtModel(
            product=looks.of(doubt.product_id) if doubt.product_id else None,
            sides=[side.value for side in doubt.sides],
        ),
        by=names.get(one.taught_by or one.opened_by) or None,
        at=one.taught_at or one.opened_at,
        learnt_at=one.learnt_at,
        retired_at=one.retired_at,
    )


async def report(
    tx: Tx, seller: SellerId, place_id: int | None, since: datetime, until: datetime, language: Language
) -> RecognitionReport:
    """Seven queries."""
    rows = await vision.quality_rows(tx, seller, since=since, until=until)
    shops = await places.list_places(tx, seller)
    where = {one.place_id: one.name for one in shops}
    products, photos = await vision.taught_counts(tx, seller)
    return RecognitionReport(
        since=since,
        until=until,
        recall=[
            RecallModel(
                place_id=row.place_id,
                place=where.get(row.place_id) if row.place_id else None,
                model_id=row.model_id,
                photos=row.photos,
                unknown=row.unknown,
                purchases=row.purchases,
                recall_first=row.first / row.purchases if row.purchases else None,
                recall_shown=row.shown / row.purchases if row.purchases else None,
                by_code=row.by_code,
            )
            for row in rows
            if place_id is None or row.place_id == place_id
        ],
        pairs=await _pairs(tx, seller, place_id, since, until, language),
        taught_products=products,
        taught_photos=photos,
        places=[
            SamplePlace(place_id=one.place_id, name=one.name) for one in sorted(shops, key=_showrooms_first)
        ],
    )


def _showrooms_first(place: Place) -> tuple[bool, str]:
    return place.kind != PlaceKind.SHOWROOM, place.name


async def _pairs(
    tx: Tx, seller: SellerId, place_id: int | None, since: datetime, until: datetime, language: Language
) -> list[PairModel]:
    confused = {(one.product_id, one.other_id): one for one in await vision.confusions(tx, seller)}
    bought = {
        (one.product_id, one.other_id): one.times
        for one in await vision.mistaken(tx, seller, place_id=place_id, since=since, until=until)
    }
    keys = sorted(
        {*confused, *bought},
        key=lambda key: (-(bought.get(key, 0) + (confused[key].times if key in confused else 0)), key),
    )[:MOST_PAIRS]
    wanted = {one for key in keys for one in key}
    looks = await Looks.load(tx, seller, wanted, language)
    taught = await vision.product_photos(tx, seller, wanted)
    made: list[PairModel] = []
    for key in keys:
        found, mine = confused.get(key), taught.get(key[0])
        product, other = looks.of(key[0]), looks.of(key[1])
        why = rules.reasons(
            rules.Facts(
                similarity=found.similarity if found else None,
                photos=mine.photos if mine else 0,
                sharpness=mine.sharpness if mine else None,
                brightness=mine.brightness if mine else None,
                title=product.title,
                other_title=other.title,
            )
        )
        made.append(
            PairModel(
                product=product,
                other=other,
                times=found.times if found else 0,
                photos=found.photos if found else mine.photos if mine else 0,
                bought=bought.get(key, 0),
                similarity=found.similarity if found else None,
                media=found.media if found else product.image,
                other_media=found.other_media if found else other.image,
                reasons=[one.value for one in why],
                advice=rules.advice(why).value,
            )
        )
    return made
