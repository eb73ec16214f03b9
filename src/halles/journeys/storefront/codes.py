"""Codes that lead to products: bar codes, GS1 Digital Links, samples' own codes."""

from __future__ import annotations

from typing import Any

from halles.catalog import api as catalog
from halles.catalog.types import BadCode, BadGtin, TradeItem, UnknownCode
from halles.journeys.storefront.models import Scanned
from halles.kernel.db import Tx
from halles.places import api as places

_SAMPLE_PATH = "/s/"
LINK_SET = "application/linkset+json"


async def resolve(tx: Tx, code: str) -> Scanned:
    """Where a scanned or typed code leads: a sample first, since its code is ours alone, then what the GTIN names.

    At most two statements. Raises UnknownCode for a code that leads nowhere, well-formed or not.
    """
    text = code.strip()
    sample_code = text.rsplit(_SAMPLE_PATH, 1)[1].split("?")[0] if _SAMPLE_PATH in text else text
    sample = await places.find_sample(tx, sample_code)
    if sample is not None:
        return Scanned(
            product_id=sample.product_id, variant_id=sample.variant_id, gtin=None, sample_id=sample.sample_id
        )
    return await resolve_items(tx, _readings(text))


async def resolve_items(tx: Tx, items: tuple[TradeItem, ...]) -> Scanned:
    """The first visible variant with one of these GTINs. One statement. Raises UnknownCode."""
    found = await catalog.find_by_gtin(tx, None, [item.gtin14 for item in items]) if items else []
    if not found:
        gtin = items[0].gtin14 if items else None
        raise UnknownCode("Nothing here has this code.", gtin=gtin)
    return Scanned(
        product_id=found[0].product_id, variant_id=found[0].variant_id, gtin=found[0].gtin14, sample_id=None
    )


def page_path(found: Scanned, touchpoint: str | None = None) -> str:
    """The page of what a code leads to."""
    query = [f"variant={found.variant_id}"] if found.variant_id is not None else []
    query += [f"t={touchpoint}"] if touchpoint else []
    return f"/p/{found.product_id}" + (f"?{'&'.join(query)}" if query else "")


def link_set(item: TradeItem, found: Scanned, *, title: str, public_url: str) -> dict[str, Any]:
    """The GS1 link set (RFC 9264) of an item: its product page, in the languages of the house, as default link."""
    target = {
        "href": f"{public_url.rstrip('/')}{page_path(found)}",
        "title": title,
        "type": "text/html",
        "hreflang": ["fr", "en"],
    }
    anchor = catalog.digital_link(public_url, TradeItem(gtin14=item.gtin14))
    return {
        "linkset": [
            {
                "anchor": anchor,
                "https://gs1.org/voc/defaultLink": [target],
                "https://gs1.org/voc/pip": [target],
            }
        ]
    }


def _readings(text: str) -> tuple[TradeItem, ...]:
    try:
        return catalog.readings(text)
    except (BadCode, BadGtin) as error:
        raise UnknownCode(error.message) from error
