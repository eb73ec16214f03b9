"""What a photo comes to, once the catalogue was asked: codes name a product, looks suggest some."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from halles.catalog.types import VariantRef
from halles.vision.types import MAX_CANDIDATES, Candidate, FoundBy, Outcome, Recognition


def decide(
    seen: Recognition, named: Sequence[VariantRef], visible: Collection[UUID]
) -> tuple[Outcome, FoundBy, str | None, tuple[Candidate, ...]]:
    """Outcome, what named it, the GTIN if one did, and the candidates to show, the likeliest first.

    `named`: the variants that the photo's codes lead to, in the order of the codes. `visible`: the products that the look
    suggests and that are on sale; the index may still know one that was just withdrawn.
    """
    products = list(dict.fromkeys(ref.product_id for ref in named))[:MAX_CANDIDATES]
    if products:
        variant = {ref.product_id: ref.variant_id for ref in reversed(named)}
        found = tuple(Candidate(product_id=one, variant_id=variant[one], score=1.0) for one in products)
        outcome = Outcome.PRODUCT if len(found) == 1 else Outcome.CANDIDATES
        return outcome, FoundBy.BARCODE, named[0].gtin14, found
    looks = tuple(one for one in seen.candidates if one.product_id in visible)
    if not looks:
        return Outcome.UNKNOWN, FoundBy.PICTURE, None, ()
    return (
        (seen.outcome if len(looks) == len(seen.candidates) else Outcome.CANDIDATES),
        FoundBy.PICTURE,
        None,
        looks,
    )
