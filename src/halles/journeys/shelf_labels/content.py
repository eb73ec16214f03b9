"""What stands on an electronic shelf label: the same figures as on a printed one, as texts ready to be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from halles.journeys.labels.words import amount, day, per, rate_of, word
from halles.journeys.storefront.models import ProductView, PromiseView, VariantView
from halles.journeys.storefront.product_page import product_pages
from halles.journeys.storefront.view import View, view_of
from halles.kernel.db import Tx
from halles.kernel.money import Money
from halles.kernel.web import MoneyModel
from halles.pricing import api as pricing
from halles.pricing.types import Wanted
from halles.shelf_labels.types import Content, ShelfLabel

LOOK_AGAIN = timedelta(minutes=10)
"""After so long a label is computed again in any case: a promise, the stock or a rate may have changed."""
_PROMISE = {
    "en": {"one": "with you in {n} day", "many": "with you in {n} days", "no": "sold out"},
    "fr": {"one": "chez vous en {n} jour", "many": "chez vous en {n} jours", "no": "épuisé"},
}
_FRENCH = frozenset({"FR", "BE", "LU", "MC", "CH"})


def language_of(country: str) -> str:
    """The language that labels of a country are written in."""
    return "fr" if country in _FRENCH else "en"


async def contents(
    tx: Tx, place_id: int, labels: Sequence[ShelfLabel], now: datetime, public_url: str
) -> tuple[dict[str, Content], datetime]:
    """What the labels of one place should show, by label, and when to ask again. Ten statements."""
    view = await view_of(tx, place_id=place_id, language="fr", now=now)
    if (language := language_of(view.country)) != "fr":
        view = await view_of(tx, place_id=place_id, language=language, now=now)
    pages = await product_pages(tx, view, {label.product_id for label in labels}, public_url=public_url)
    until = await _until(tx, view, labels, now)
    return {label.label_code: content_of(label, pages, view.language) for label in labels}, until


async def _until(tx: Tx, view: View, labels: Sequence[ShelfLabel], now: datetime) -> datetime:
    wanted = [
        Wanted(seller_id=view.seller_id, variant_id=variant, currency=currency, country=view.country)
        for variant in sorted({label.variant_id for label in labels})
        for currency in dict.fromkeys(
            c for c in (view.currency, view.label_currency, pricing.HOME) if c is not None
        )
    ]
    known = await pricing.charged(tx, wanted, now)
    return min([now + LOOK_AGAIN, *(end for _, _, end in known.values())])


def content_of(label: ShelfLabel, pages: Mapping[UUID, ProductView], language: str) -> Content:
    """One label's content. What is not on sale shows no price at all. Pure."""
    page = pages.get(label.product_id)
    variant = None
    if page is not None:
        variant = next((one for one in page.variants if one.variant_id == label.variant_id), None)
    if page is None or variant is None or variant.price is None:
        return {"name": "" if page is None else page.title, "price": None, "position": label.position}
    price = _money(variant.price)
    return {
        "name": page.title,
        "brand": page.brand,
        "options": " · ".join(option.value for option in variant.options),
        "position": label.position,
        "price": amount(price, language),
        "price_minor": price.minor,
        "currency": price.currency,
        "was": None if variant.was_price is None else amount(_money(variant.was_price), language),
        "was_text": None if variant.was_price is None else word("lowest", language),
        "unit": _unit(variant, language),
        "beside": _beside(variant, language),
        "vat": _vat(variant, language),
        "promise": _promised(variant.promise, language),
        "gtin": variant.gtin,
    }


def _money(model: MoneyModel) -> Money:
    return Money(model.minor, model.currency)


def _unit(variant: VariantView, language: str) -> str | None:
    if variant.unit_price is None:
        return None
    return f"{amount(_money(variant.unit_price.money), language)} {per(variant.unit_price.per, language)}"


def _beside(variant: VariantView, language: str) -> str | None:
    if variant.label_price is None:
        return None
    text = amount(_money(variant.label_price), language)
    if variant.rate_date is None:
        return text
    return f"≈ {text} ({word('rate', language, day=day(variant.rate_date, language))})"


def _vat(variant: VariantView, language: str) -> str | None:
    if variant.tax is None or variant.price is None:
        return None
    contained = Money(variant.tax.included_minor, variant.price.currency)
    rate = rate_of(variant.tax.rate_bp, language)
    return word("vat", language, rate=rate, amount=amount(contained, language))


def _promised(promise: PromiseView | None, language: str) -> str:
    words: Mapping[str, Any] = _PROMISE[language]
    if promise is None:
        return str(words["no"])
    return str(words["one" if promise.days == 1 else "many"]).format(n=promise.days)
