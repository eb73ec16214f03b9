"""What a photo comes to, once the catalogue was asked: codes name a product, looks suggest some."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from halles.catalog.types import VariantRef
from halles.vision.types import MAX_CANDIDATES, Candidate, FoundBy, Outcome, Part, Recognition


def decide(
    seen: Recognition, named: Sequence[VariantRef], visible: Collection[UUID]
) -> tuple[Outcome, FoundBy, str | None, tuple[Candidate, ...]]:
    """Outcome, what named it, the GTIN if one did, and the candidates to show, the likeliest first.

    `named`: the variants that the photo's codes lead to, in the order of the codes. `visible`: the products that the look
    suggests and that are on sale; the index may still know one that was just withdrawn.
    """
    if named:
        return _named(seen, named)
    looks = tuple(one for one in seen.candidates if one.product_id in visible)
    if not looks:
        return Outcome.UNKNOWN, FoundBy.PICTURE, None, ()
    if len(lying := tuple(one for one in looks if one.part)) > 1:
        return Outcome.CANDIDATES, FoundBy.PICTURE, None, lying
    looks = tuple(replace(one, part=None) for one in looks)
    return (
        (seen.outcome if len(looks) == len(seen.candidates) else Outcome.CANDIDATES),
        FoundBy.PICTURE,
        None,
        looks,
    )


def asks_which(candidates: Sequence[Candidate]) -> bool:
    """Whether the photo shows several products, each of them sure, so that only the shopper can say which one is meant."""
    return len(candidates) > 1 and all(one.part for one in candidates)


def _named(
    seen: Recognition, named: Sequence[VariantRef]
) -> tuple[Outcome, FoundBy, str | None, tuple[Candidate, ...]]:
    """What codes come to. Codes of several products ask which; of several variants of one product, the product is the answer and
    the variant is open. One code may lead to several products too, new and used: these are candidates as any."""
    by_code: dict[str, list[VariantRef]] = {}
    for ref in named:
        by_code.setdefault(ref.gtin14, []).append(ref)
    boxes = {code.gtin14: code.box for code in reversed(seen.codes)}
    first: dict[UUID, VariantRef] = {}
    for refs in by_code.values():
        first.setdefault(refs[0].product_id, refs[0])
    several = len(first) > 1
    if not several:
        first |= {ref.product_id: ref for ref in reversed(named) if ref.product_id not in first}
    meant: dict[UUID, set[int]] = {}
    for refs in by_code.values():
        meant.setdefault(refs[0].product_id, set()).add(refs[0].variant_id)
    found = tuple(
        Candidate(
            product_id=product,
            variant_id=ref.variant_id if len(meant.get(product, ())) < 2 else None,
            score=1.0,
            part=Part(gtin=ref.gtin14, box=boxes.get(ref.gtin14)) if several else None,
        )
        for product, ref in list(first.items())[:MAX_CANDIDATES]
    )
    outcome = Outcome.PRODUCT if len(found) == 1 else Outcome.CANDIDATES
    return outcome, FoundBy.BARCODE, named[0].gtin14, found
