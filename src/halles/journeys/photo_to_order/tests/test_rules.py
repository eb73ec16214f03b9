from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from halles.catalog.types import Gtin14, VariantRef
from halles.journeys.photo_to_order.rules import decide
from halles.vision.types import MAX_CANDIDATES, Candidate, FoundBy, Outcome, Recognition

PRODUCTS = [UUID(int=n + 1) for n in range(12)]
GTIN = Gtin14("02000000001012")


def _seen(outcome: Outcome, *products: UUID) -> Recognition:
    looks = tuple(Candidate(product_id=one, variant_id=None, score=0.5) for one in products)
    return Recognition(outcome=outcome, candidates=looks, gtins=(), codes=(), model_id="m", cpu_ms=1.0)


def _ref(product: UUID, variant: int) -> VariantRef:
    return VariantRef(seller_id=2, product_id=product, variant_id=variant, gtin14=GTIN)


def test_a_code_outranks_the_look() -> None:
    outcome, found_by, gtin, candidates = decide(
        _seen(Outcome.PRODUCT, PRODUCTS[0]), [_ref(PRODUCTS[1], 7)], PRODUCTS
    )
    assert (outcome, found_by, gtin) == (Outcome.PRODUCT, FoundBy.BARCODE, GTIN)
    assert [(one.product_id, one.variant_id) for one in candidates] == [(PRODUCTS[1], 7)]


def test_a_withdrawn_product_is_not_shown_and_makes_the_rest_uncertain() -> None:
    outcome, _, _, candidates = decide(_seen(Outcome.CANDIDATES, *PRODUCTS[:3]), [], PRODUCTS[1:])
    assert outcome == Outcome.CANDIDATES
    assert [one.product_id for one in candidates] == PRODUCTS[1:3]


def test_only_withdrawn_products_is_an_honest_unknown() -> None:
    assert decide(_seen(Outcome.PRODUCT, PRODUCTS[0]), [], [])[0] == Outcome.UNKNOWN


@given(st.lists(st.sampled_from(PRODUCTS), max_size=20), st.sets(st.sampled_from(PRODUCTS)))
def test_what_is_shown_fits_the_outcome(named: list[UUID], visible: set[UUID]) -> None:
    refs = [_ref(product, n) for n, product in enumerate(named)]
    outcome, _, _, candidates = decide(_seen(Outcome.CANDIDATES, *PRODUCTS[:5]), refs, visible)
    assert len(candidates) <= MAX_CANDIDATES
    assert len({one.product_id for one in candidates}) == len(candidates)
    assert (outcome == Outcome.UNKNOWN) == (not candidates)
    if outcome == Outcome.PRODUCT:
        assert len(candidates) == 1
