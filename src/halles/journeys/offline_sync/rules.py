"""A shop's pages as the parts that a phone keeps: what hardly changes apart from what does. Pure.

Keys: `p:` a product, `v:` what a variant costs and whether it is there, `w:` a promise that many variants share, `c:` a
category, `s:` the code of a sample on display, `a:` the showroom itself. Bodies are JSON. A promise's key says where its goods
come from and not when, so that a day that moves on changes a handful of parts and not every variant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode

PRODUCT = (
    "product_id",
    "seller_id",
    "title",
    "brand",
    "category",
    "family",
    "image",
    "on_display",
    "description",
    "origin",
    "attributes",
    "images",
)
"""What a product's part holds of its page."""
VARIANT = ("variant_id", "sku", "gtin", "options", "images")
"""What a product's part holds of each variant."""
OFFER = (
    "price",
    "was_price",
    "label_price",
    "rate_date",
    "unit_price",
    "tax",
    "available",
    "left",
)
"""What a variant's own part holds; besides `until`, the end announced of its price, and `promise`, the key of one."""
_WHENCE = ("kind", "lane", "from", "text_key")

Page = Mapping[str, Any]
"""A product's page as JSON values."""


def parts(
    about: Mapping[str, Any],
    pages: Sequence[Page],
    ends: Mapping[int, str],
    categories: Iterable[Mapping[str, Any]],
    samples: Mapping[str, Mapping[str, Any]],
) -> dict[str, str]:
    """Everything of a shop by key. `ends`: by variant, when its price is announced to end. `samples`: by code."""
    found: dict[str, Any] = {"a:shop": about}
    promises = _promise_keys(variant["promise"] for page in pages for variant in page["variants"])
    for page in pages:
        own = {name: page[name] for name in PRODUCT}
        own["variants"] = [{name: variant[name] for name in VARIANT} for variant in page["variants"]]
        found[f"p:{page['product_id']}"] = own
        for variant in page["variants"]:
            number, promise = variant["variant_id"], variant["promise"]
            offer = {name: variant[name] for name in OFFER}
            offer["until"] = ends.get(number)
            offer["promise"] = None
            if promise is not None:
                key = offer["promise"] = promises[_encode(promise)]
                found[key] = promise
            found[f"v:{number}"] = offer
    found |= {f"c:{_mark(one['category'])}": one for one in categories}
    found |= {f"s:{code}": sample for code, sample in samples.items() if code.isascii()}
    return {key: _encode(body).decode() for key, body in found.items()}


def _promise_keys(promises: Iterable[Mapping[str, Any] | None]) -> dict[bytes, str]:
    """By a promise's JSON its key: whence it comes, and a number where the same whence keeps several dates."""
    by_whence: dict[str, set[bytes]] = {}
    for promise in promises:
        if promise is not None:
            whence = _mark(*(str(promise[name]) for name in _WHENCE))
            by_whence.setdefault(whence, set()).add(_encode(promise))
    return {
        body: f"w:{whence}.{number}"
        for whence, bodies in by_whence.items()
        for number, body in enumerate(sorted(bodies))
    }


def _mark(*texts: str) -> str:
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=6).hexdigest()
