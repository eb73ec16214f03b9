"""Text on packages against names, and all witnesses together."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.vision.rules.decide import Calibration, Found
from halles.vision.rules.fuse import NO_WITNESSES, Named, Witnesses, fused
from halles.vision.rules.head import Opinion
from halles.vision.rules.words import ProductWords, WordIndex, words_of
from halles.vision.types import Candidate

MILK, OAT, JUICE = UUID(int=1), UUID(int=2), UUID(int=3)


def _shelf() -> WordIndex:
    index = WordIndex()
    index.put(MILK, ProductWords(name="Arla Standard Milk", package="MELLANMJÖLK\nEKOLOGISK"))
    index.put(OAT, ProductWords(name="Oatly Oat Milk", package="THE ORIGINAL OATLY"))
    index.put(JUICE, ProductWords(name="Bravo Juice", description="fresh and sour taste of oranges"))
    return index


def _found(*scores: float) -> Found:
    ranked = [Candidate(product_id=UUID(int=i + 1), variant_id=i, score=s) for i, s in enumerate(scores)]
    return Found(ranked=ranked, belonging=1.0, warmth=1.0, nothing=-1.0)


def test_words_are_found_though_they_were_misread() -> None:
    found = _shelf().match(["EKOLNGISK", "MELLANMJOLK"])
    assert max(found, key=lambda one: found[one]) == MILK
    assert found[MILK] > 0.5


def test_a_rare_word_says_more_than_one_that_all_have() -> None:
    found = _shelf().match(["milk oatly"])
    assert found[OAT] > 2 * found.get(MILK, 0.0)


def test_the_name_says_more_than_the_description() -> None:
    shelf = _shelf()
    assert shelf.match(["bravo"])[JUICE] > shelf.match(["sour"])[JUICE]


def test_a_product_that_went_is_not_found() -> None:
    shelf = _shelf()
    shelf.drop(OAT)
    shelf.drop(OAT)
    assert OAT not in shelf.match(["oatly"])
    assert len(shelf) == 2


@given(st.lists(st.text(max_size=30), max_size=8), st.text(max_size=60), st.text(max_size=60))
def test_shares_lie_between_0_and_1_whatever_was_read(lines: list[str], name: str, package: str) -> None:
    index = WordIndex()
    index.put(MILK, ProductWords(name=name, package=package))
    index.put(OAT, ProductWords(name="something else"))
    assert all(0 <= one <= 1 + 1e-9 for one in index.match(lines).values())
    index.drop(MILK)
    index.drop(OAT)
    assert index.match(lines) == {}


def test_letters_are_compared_without_their_accents() -> None:
    assert words_of("Crème BRÛLÉE, 1,5 % ß") == ["creme", "brulee", "ss"]


def test_without_witnesses_nothing_changes() -> None:
    found = _found(0.6, 0.5, 0.1)
    assert [round(one.score, 6) for one in fused(found, NO_WITNESSES, Calibration()).ranked] == [
        0.6,
        0.5,
        0.1,
    ]


def test_text_lifts_what_the_look_left_behind_and_brings_in_what_it_missed() -> None:
    found = fused(
        _found(0.6, 0.55), Witnesses(head=None, text={OAT: 0.5, JUICE: 0.9}, pushes={}), Calibration()
    )
    assert [one.product_id for one in found.ranked] == [JUICE, OAT, MILK]
    assert found.belonging > 1.0


def test_the_head_outweighs_the_look_for_what_it_was_taught_only() -> None:
    head = Opinion(products={OAT: -0.1}, another=-2.5)
    assert (
        fused(_found(0.6, 0.5), Witnesses(head=head, text={}, pushes={}), Calibration()).ranked[0].product_id
        == OAT
    )
    unsure = Opinion(products={OAT: -5.0}, another=-0.01)
    ranked = fused(_found(0.6, 0.5), Witnesses(head=unsure, text={}, pushes={}), Calibration()).ranked
    assert ranked[0].product_id == MILK
    assert ranked[0].variant_id == 0


def test_beside_the_head_the_look_is_that_of_the_catalogue() -> None:
    """Photos of the shop decided the search; the head saw them too, and cannot tell: then the pictures decide."""
    torn = Opinion(products={MILK: -0.8, OAT: -0.8}, another=-2.3)
    alone = Witnesses(head=torn, text={}, pushes={})
    beside = Witnesses(head=torn, text={}, pushes={}, pictures={OAT: 0.4, JUICE: 0.3})
    assert fused(_found(0.6, 0.5), alone, Calibration()).ranked[0].product_id == MILK
    found = fused(_found(0.6, 0.5), beside, Calibration())
    assert found.ranked[0].product_id == OAT
    assert found.ranked[0].score == pytest.approx(0.5), "the score stays the search's"
    silent = Witnesses(head=None, text={}, pushes={}, pictures={OAT: 0.9})
    assert fused(_found(0.6, 0.5), silent, Calibration()).ranked[0].product_id == MILK


def test_a_picture_that_is_near_to_everything_is_held_back() -> None:
    named = Named()
    for _ in range(50):
        named.add({MILK: 0.9, OAT: 0.1})
    pushes = named.pushes([MILK, OAT, JUICE], 3)
    assert pushes[MILK] > 0 > pushes[OAT] > pushes[JUICE]
    found = fused(_found(0.52, 0.5), Witnesses(head=None, text={}, pushes=pushes), Calibration())
    assert found.ranked[0].product_id == OAT


def test_old_photos_fade() -> None:
    named = Named(memory=10)
    for _ in range(200):
        named.add({MILK: 1.0})
    for _ in range(40):
        named.add({OAT: 1.0})
    pushes = named.pushes([MILK, OAT], 2)
    assert pushes[OAT] > pushes[MILK]
