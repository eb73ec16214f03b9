"""Which area to look at: the narrowest in which enough people shopped for nobody to be recognised."""

from __future__ import annotations

from collections.abc import Sequence


def narrowest(shoppers: Sequence[int], least: int) -> int | None:
    """The place, in a list of ever wider areas, of the first with `least` shoppers or more; None when even the widest has fewer.

    Shoppers of a wider area include those of the narrower ones, so what is merged is merged whole. Two areas that both have
    enough may differ by few shoppers; that only a few radii can be asked for (RADII_KM) makes this rare, not impossible.
    """
    for at, many in enumerate(shoppers):
        if many >= least:
            return at
    return None


def told(count: int, least: int) -> int | None:
    """A count that may be said, or None for one so small that it could point to somebody: "fewer than `least`"."""
    return count if count >= least or count == 0 else None


def region_of(country: str, postcode: str) -> str:
    """The first two characters of a postcode: a department in France, a region of some sort in most countries; in those whose
    postcodes begin with letters (GB, IE, NL's sorting aside) the post town."""
    head = "".join(postcode.split()).upper()[:2]
    return f"{country}-{head}" if head else country
