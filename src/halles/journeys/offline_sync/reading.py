"""Reading a shop as its pages show it, in one moment, for a phone to keep."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.catalog import api as catalog
from halles.journeys.offline_sync.rules import parts
from halles.journeys.storefront.product_page import product_pages
from halles.journeys.storefront.view import View
from halles.journeys.storefront.words import category_name
from halles.kernel.db import Tx
from halles.places import api as places
from halles.places.types import Sample
from halles.pricing import api as pricing
from halles.pricing.types import Wanted

_AT_ONCE = 100
"""Products between two breaths: a page of another shopper does not wait for the rest."""


async def read_shop(
    tx: Tx, view: View, about: dict[str, Any], *, most: int, public_url: str
) -> tuple[dict[str, str], int]:
    """The parts of a shop, and how many products were left out beyond `most`; what is on display comes first.

    Twelve statements for each hundred products, and seven.
    """
    here = await _samples(tx, view)
    categories = await catalog.categories(tx, view.seller_id)
    ids = await _product_ids(tx, view, list(dict.fromkeys(one.product_id for one in here)), most)
    pages: list[dict[str, Any]] = []
    ends: dict[int, str] = {}
    for start in range(0, len(ids), _AT_ONCE):
        found = await product_pages(tx, view, ids[start : start + _AT_ONCE], public_url=public_url)
        pages += [page.model_dump(mode="json", by_alias=True) for page in found.values()]
        variants = [one.variant_id for page in found.values() for one in page.variants]
        ends |= await _ends(tx, view, variants)
        await asyncio.sleep(0)
    samples = {
        one.code: {
            "product_id": str(one.product_id),
            "variant_id": one.variant_id,
            "sample_id": one.sample_id,
        }
        for one in here
    }
    named = [
        {
            "category": one.category,
            "family": one.family,
            "title": category_name(one.category, one.title, view.language),
            "count": one.count,
        }
        for one in categories
    ]
    return parts(about, pages, ends, named, samples), max(
        0, sum(one.count for one in categories) - len(pages)
    )


async def _samples(tx: Tx, view: View) -> list[Sample]:
    """What is on display and may be seen: staff put samples up before their products are, too."""
    if view.place_id is None:
        return []
    here = await places.samples(tx, view.seller_id, view.place_id)
    seen = await catalog.on_sale(tx, view.seller_id, {one.product_id for one in here})
    return [one for one in here if one.product_id in seen]


async def _product_ids(tx: Tx, view: View, shown: list[UUID], most: int) -> list[UUID]:
    """What is on display, then the rest by id."""
    ids, after = dict.fromkeys(shown[:most]), None
    while len(ids) < most:
        cards = await catalog.search(tx, view.seller_id, after=after, limit=500)
        for card in cards:
            if len(ids) < most:
                ids[card.product_id] = None
        if len(cards) < 500:
            break
        after = (cards[-1].score, str(cards[-1].product_id))
    return list(ids)


async def _ends(tx: Tx, view: View, variants: list[int]) -> dict[int, str]:
    """By variant, when its price is announced to end."""
    wanted = [
        Wanted(seller_id=view.seller_id, variant_id=one, currency=view.currency, country=view.country)
        for one in variants
    ]
    found = await pricing.shown(tx, wanted, view.now)
    return {key[1]: _moment(end) for key, (_, end) in found.items() if end is not None}


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
