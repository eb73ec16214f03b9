"""Pure decisions of the catalogue: the language of a text, what a draft is worth, whether it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from halles.catalog.types import TAX_CATEGORIES, Named, ProductDraft

UNDETERMINED = "und"
"""BCP 47: a text that is the same in every language, or whose language nobody said."""


def pick(text: Mapping[str, str], language: str) -> str:
    """The text in a language, else in English, else in any; empty when there is none."""
    for candidate in (language, UNDETERMINED, "en", "fr"):
        if candidate in text:
            return text[candidate]
    return next(iter(text.values()), "")


def category_title(category: str) -> str:
    """What a category path is called until somebody names it: `fashion/knit-wear` → "Knit wear"."""
    return category.rsplit("/", 1)[-1].replace("-", " ").replace("_", " ").capitalize()


def fingerprint(draft: ProductDraft) -> bytes:
    """16 bytes that change with anything a draft says; equal drafts give equal bytes in every release that has its fields."""
    return hashlib.blake2b(msgspec.json.encode(draft, order="sorted"), digest_size=16).digest()


def flaws(draft: ProductDraft) -> list[tuple[str, str]]:
    """Why a draft cannot be saved, as (field, reason); empty when it can."""
    found: list[tuple[str, str]] = []
    if not draft.external_id or len(draft.external_id) > 200:
        found.append(("id", "needs 1 to 200 characters"))
    if not any(value.strip() for value in draft.title.values()):
        found.append(("title", "is missing"))
    if draft.tax_category not in TAX_CATEGORIES:
        found.append(("tax_category", f"is not one of {', '.join(TAX_CATEGORIES)}"))
    if not draft.variants:
        found.append(("variants", "has none"))
    skus = [variant.sku for variant in draft.variants]
    if any(not sku or len(sku) > 200 for sku in skus):
        found.append(("sku", "needs 1 to 200 characters"))
    if len(set(skus)) != len(skus):
        found.append(("sku", "is there twice in one product"))
    found.extend(_same_options(draft))
    if any("\x00" in text for text in _texts(draft)):
        found.append(("title", "holds a zero byte"))
    return found


def _same_options(draft: ProductDraft) -> list[tuple[str, str]]:
    seen: set[bytes] = set()
    for variant in draft.variants:
        key = msgspec.json.encode((variant.options, variant.condition), order="sorted")
        if key in seen:
            return [("options", f"{variant.sku} has the options of another variant of this product")]
        seen.add(key)
    return []


def _texts(draft: ProductDraft) -> Iterable[str]:
    yield draft.external_id
    yield from (draft.brand or "", draft.family, draft.category, draft.origin or "")
    yield from (*draft.title.values(), *draft.description.values())
    for named in (*draft.attributes, *(option for variant in draft.variants for option in variant.options)):
        yield from (named.name, *named.value.values())
    yield from (variant.sku for variant in draft.variants)


def options_line(options: Iterable[Named], language: str) -> str:
    """A variant's options in a few words: "Sand · 38"."""
    return " · ".join(value for value in (pick(option.value, language) for option in options) if value)
