"""Places, touchpoints and samples."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.places import api
from halles.places.rules import is_open, read_sample_code, sample_code
from halles.places.types import (
    BadPlace,
    PlaceChangedMeanwhile,
    PlaceCodeTaken,
    PlaceDraft,
    TouchpointCodeTaken,
    TouchpointKind,
    UnknownPlace,
    UnknownSample,
)

DRAFT = PlaceDraft(
    code="marais", name="Pop-up Le Marais", kind="showroom", city="Paris", country="FR", timezone="Europe/Paris", currency="EUR",
    label_currency="CNY", opening_hours={"sat": [["10:00", "13:00"], ["14:00", "20:00"]]}, capacity=80,
)  # fmt: skip


async def test_a_place_is_changed_from_the_version_that_was_seen(db: Database) -> None:
    async with db.transaction() as tx:
        made = await api.add_place(tx, 7, DRAFT)
        other = await api.add_place(tx, 7, replace(DRAFT, code="daguerre"))
        with pytest.raises(PlaceCodeTaken):
            await api.add_place(tx, 7, DRAFT)
        changed = await api.change_place(tx, 7, made.place_id, 1, replace(DRAFT, name="Le Marais"))
        assert (changed.name, changed.version) == ("Le Marais", 2)
        with pytest.raises(PlaceChangedMeanwhile):
            await api.change_place(tx, 7, made.place_id, 1, DRAFT)
        with pytest.raises(PlaceCodeTaken):
            await api.change_place(tx, 7, made.place_id, 2, replace(DRAFT, code="daguerre"))
        with pytest.raises(UnknownPlace):
            await api.change_place(tx, 8, made.place_id, 2, DRAFT)
        assert [place.place_id for place in await api.list_places(tx, 7)] == [
            changed.place_id,
            other.place_id,
        ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Paris"},
        {"code": "Le Marais"},
        {"kind": "tent"},
        {"opening_hours": {"mon": [["20:00", "10:00"]]}},
        {"opening_hours": {"someday": []}},
        {"opening_hours": {"mon": [["25:00", "26:00"]]}},
    ],
)
async def test_a_place_that_cannot_be_is_refused(db: Database, wrong: dict[str, object]) -> None:
    async with db.transaction() as tx:
        with pytest.raises(BadPlace):
            await api.add_place(tx, 7, replace(DRAFT, **wrong))


async def test_touchpoints_lead_to_their_place_and_unknown_ones_to_the_web(db: Database) -> None:
    async with db.transaction() as tx:
        assert await api.find_touchpoint(tx, None) is None
        place = await api.add_place(tx, 7, DRAFT)
        await api.add_touchpoint(tx, 7, code="marais-qr", kind=TouchpointKind.QR, place_id=place.place_id)
        await api.add_touchpoint(tx, 7, code="web", kind=TouchpointKind.WEB, place_id=None)
        with pytest.raises(TouchpointCodeTaken):
            await api.add_touchpoint(tx, 8, code="web", kind=TouchpointKind.WEB, place_id=None)
        found = await api.find_touchpoint(tx, "marais-qr")
        assert found is not None
        assert (found.place_name, found.label_currency) == ("Pop-up Le Marais", "CNY")
        web = await api.find_touchpoint(tx, "no such thing")
        assert web is not None
        assert (web.code, web.place_id, web.country) == ("web", None, None)


async def test_a_sample_keeps_its_code_for_ever(db: Database) -> None:
    async with db.transaction() as tx:
        place = await api.add_place(tx, 7, DRAFT)
        product = uuid7()
        sample = await api.add_sample(
            tx, 7, place.place_id, product_id=product, variant_id=None, position="A1"
        )
        assert await api.find_sample(tx, sample.code.lower()) == sample
        assert await api.samples(tx, 7, place.place_id) == [sample]
        assert await api.samples_of(tx, 7, [product]) == [sample]
        assert await api.count_samples(tx, 7) == {place.place_id: 1}
        await api.remove_sample(tx, 7, place.place_id, sample.sample_id)
        with pytest.raises(UnknownSample):
            await api.remove_sample(tx, 7, place.place_id, sample.sample_id)
        assert await api.samples(tx, 7, place.place_id) == []
        kept = await api.find_sample(tx, sample.code)
        assert kept is not None
        assert kept.product_id == product
        assert await api.find_sample(tx, "not a code") is None
        with pytest.raises(UnknownPlace):
            await api.add_sample(tx, 8, place.place_id, product_id=product, variant_id=None, position="")


@given(st.integers(0, 2**30 - 1), st.integers(0, 2**30 - 1))
def test_numbers_have_codes_of_their_own_that_read_back(one: int, other: int) -> None:
    assert (sample_code(one) == sample_code(other)) == (one == other)
    assert read_sample_code(
        f" {sample_code(one).lower().replace('0', 'o').replace('1', 'l')} "
    ) == sample_code(one)


def test_a_place_is_open_by_its_own_clock() -> None:
    hours = DRAFT.opening_hours
    assert is_open(hours, "Europe/Paris", datetime(2026, 11, 21, 9, 30, tzinfo=UTC))
    assert not is_open(hours, "Europe/Paris", datetime(2026, 11, 21, 12, 30, tzinfo=UTC))
    assert not is_open(hours, "Europe/Paris", datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
