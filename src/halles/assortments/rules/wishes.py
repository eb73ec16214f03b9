"""Which wishes can be meant, and what they say of each product."""

from __future__ import annotations

from collections.abc import Mapping

from halles.assortments.types import MOST_SAMPLES, RADII_KM, BadWishes, Band, LimitKind, Wishes

_MOST_LIMITS = 60


def check(wishes: Wishes) -> None:
    """Raise BadWishes for what contradicts itself whatever the catalogue holds."""
    if not 1 <= wishes.samples <= MOST_SAMPLES:
        raise BadWishes(f"A plan has 1 to {MOST_SAMPLES} samples.", field="samples")
    if wishes.radius_km not in RADII_KM:
        raise BadWishes(f"The radius is one of {', '.join(map(str, RADII_KM))} km.", field="radius_km")
    if not 7 <= wishes.days <= 730:
        raise BadWishes("Demand is looked back 7 to 730 days.", field="days")
    if set(wishes.must) & set(wishes.without):
        raise BadWishes("A product is a must-have and left out at once.", field="without")
    if len(set(wishes.must)) > wishes.samples:
        raise BadWishes("There are more must-haves than samples.", field="must")
    if not 1 <= wishes.width_cm <= 10_000 or any(not 1 <= one.width_cm <= 10_000 for one in wishes.widths):
        raise BadWishes("A sample takes 1 to 10,000 cm.", field="width_cm")
    if wishes.space_cm is not None and not 1 <= wishes.space_cm <= 10_000_000:
        raise BadWishes("The space is 1 cm or more.", field="space_cm")
    if not 0 <= wishes.min_stock <= 1_000_000:
        raise BadWishes("The stock asked for is 0 or more.", field="min_stock")
    if not all(
        0 <= one <= 95
        for one in (
            wishes.rates.category_brand_pct,
            wishes.rates.category_pct,
            wishes.rates.family_brand_pct,
            wishes.rates.family_pct,
        )
    ):
        raise BadWishes("A similar sample recovers 0 to 95 percent.", field="rates")
    _check_limits(wishes)
    _check_bands(wishes)


def _check_limits(wishes: Wishes) -> None:
    if len(wishes.limits) + len(wishes.bands) > _MOST_LIMITS:
        raise BadWishes(f"At most {_MOST_LIMITS} limits and price bands.", field="limits")
    seen: set[tuple[str, str]] = set()
    for limit in wishes.limits:
        if not limit.key.strip() or (limit.kind, limit.key) in seen:
            raise BadWishes("A limit names a category, family or brand, each once.", field="limits")
        seen.add((limit.kind, limit.key))
        if limit.least < 0 or (limit.most is not None and limit.most < limit.least):
            raise BadWishes(f"{limit.key}: the most is less than the least.", field="limits")


def _check_bands(wishes: Wishes) -> None:
    if sum(band.least_pct for band in wishes.bands) > 100:
        raise BadWishes("The price bands ask for more than all samples.", field="bands")
    end: int | None = 0
    for band in sorted(wishes.bands, key=lambda one: one.from_minor):
        if end is None or band.from_minor < end:
            raise BadWishes("Price bands overlap.", field="bands")
        if band.below_minor is not None and band.below_minor <= band.from_minor:
            raise BadWishes("A price band ends before it begins.", field="bands")
        if not 0 <= band.least_pct <= band.most_pct <= 100:
            raise BadWishes("The shares of a price band go from 0 to 100 percent.", field="bands")
        end = band.below_minor


def below(category: str, key: str) -> bool:
    """Whether a category is `key` or lies below it."""
    return category == key or category.startswith(f"{key}/")


def width_of(wishes: Wishes, category: str) -> int:
    """The width of a product of a category: of the nearest category that has one, else the width of all others."""
    found = [one for one in wishes.widths if below(category, one.category)]
    return max(found, key=lambda one: len(one.category)).width_cm if found else wishes.width_cm


def in_band(band: Band, price_minor: int | None) -> bool:
    return (
        price_minor is not None
        and price_minor >= band.from_minor
        and (band.below_minor is None or price_minor < band.below_minor)
    )


def of_kind(kind: LimitKind, key: str, traits: Mapping[str, str | None]) -> bool:
    """Whether a product with these traits (category, family, brand) counts for a limit."""
    value = traits[kind.value]
    if value is None:
        return False
    return below(value, key) if kind is LimitKind.CATEGORY else value == key
