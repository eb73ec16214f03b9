"""The phone's model, the index as it travels, and the cases shared with the pages."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from uuid import UUID

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.vision.adapters import phone_eyes
from halles.vision.adapters.model_files import read_model
from halles.vision.adapters.phone_counts import count
from halles.vision.adapters.phone_model import DIM, PHONE_MODEL_ID, SHORT, phone_graph
from halles.vision.api.phone import FIRST_PHOTOS, LEAST_PHOTOS, PhoneLearning
from halles.vision.rules.centring import no_photos
from halles.vision.rules.phone_index import PRODUCTS_A_PART, parts_of
from halles.vision.rules.phone_named import Counted
from halles.vision.tests import phone_cases
from halles.vision.tests.pictures import BLUE, GREEN, RED, plain
from halles.vision.types import ModelDamaged, PictureKind, PictureRow


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return phone_eyes.build(tmp_path_factory.mktemp("phone"))


def test_the_cases_are_those_of_the_present_rules() -> None:
    written = json.loads(phone_cases.FILE.read_text())
    now = phone_cases.cases()
    assert written["calibration"] == now["calibration"]
    assert [one["decision"]["outcome"] for one in written["decisions"]] == [
        one["decision"]["outcome"] for one in now["decisions"]
    ]
    for before, after in zip(written["searches"], now["searches"], strict=True):
        scores = [one["score"] for one in after["found"]["ranked"]]
        assert [one["score"] for one in before["found"]["ranked"]] == pytest.approx(scores, abs=2e-3)
    assert written["part"] == now["part"]
    assert {one["decision"]["outcome"] for one in written["decisions"]} == {
        "product",
        "candidates",
        "unknown",
    }


def test_the_same_weights_give_the_same_small_file(model: Path, tmp_path: Path) -> None:
    card, data = read_model(model)
    assert len(data) < 6_000_000
    assert read_model(phone_eyes.build(tmp_path))[0] == card
    assert phone_eyes.model_in(model.parent) == model
    assert phone_eyes.model_in(tmp_path / "nowhere") is None


def test_a_vector_is_what_the_card_says(model: Path) -> None:
    eyes = phone_eyes.PhoneEyes(model)
    red, blue = (eyes.see(plain(colour)) for colour in (RED, BLUE))
    assert red.shape == (DIM,) == (eyes.card.dim,)
    assert np.linalg.norm(red) == pytest.approx(1, abs=1e-4)
    assert red[:SHORT].min() >= 0
    assert red @ eyes.see(plain(RED)) > red @ blue
    picture = eyes.embed(plain(RED), PictureKind.CATALOGUE)
    assert len(picture.vector) == 2 * DIM
    assert picture.model_id == eyes.card.model_id


def test_another_network_is_refused() -> None:
    other = onnx.helper.make_model(onnx.helper.make_graph([], "empty", [], []))
    with pytest.raises(ModelDamaged, match="no layer"):
        phone_graph(other.SerializeToString())


def rows(count: int, seed: int = 0) -> list[PictureRow]:
    vectors = np.abs(np.random.default_rng(seed).normal(size=(count, 4))).astype("<f2")
    return [
        PictureRow(
            product_id=UUID(int=i * 7 + 1),
            variant_id=i or None,
            media=str(i),
            kind=PictureKind.CATALOGUE,
            vector=vector.tobytes(),
        )
        for i, vector in enumerate(vectors)
    ]


@given(st.integers(0, 5 * PRODUCTS_A_PART), st.randoms())
def test_parts_depend_on_the_pictures_alone(count: int, chance: object) -> None:
    one = rows(count)
    other = list(one)
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert parts_of(one, 4, 2) == parts_of(other, 4, 2)
    assert sum(part.products for part in parts_of(one, 4, 2)) == count


def test_one_changed_product_changes_one_part() -> None:
    before = rows(3 * PRODUCTS_A_PART)
    after = [*before[:-1], rows(1, seed=5)[0]]
    after[-1] = PictureRow(
        product_id=before[-1].product_id,
        variant_id=None,
        media="new",
        kind=PictureKind.CATALOGUE,
        vector=after[-1].vector,
    )
    names = [{part.name for part in parts_of(some, 4, 2)} for some in (before, after)]
    assert len(names[0]) == 4
    assert len(names[0] - names[1]) == 1


def test_an_older_model_in_the_folder_is_built_anew(model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model.parent, tmp_path / "models"))
    held = folder / model.name
    card = held.with_suffix(".json")
    assert phone_eyes.model_in(folder) == held
    now = card.read_text()
    card.write_text(now.replace(PHONE_MODEL_ID, "efficientnet-lite0-phone-0"))
    assert phone_eyes.model_in(folder) is None
    card.write_text(now.replace('"push_weight": 0.9', '"push_weight": 0.7'))
    assert phone_eyes.model_in(folder) is None
    assert phone_eyes.build(folder).read_bytes() == model.read_bytes()
    assert phone_eyes.model_in(folder) == held
    card.write_text("{")
    assert phone_eyes.model_in(folder) == held
    with pytest.raises(ModelDamaged):
        phone_eyes.PhoneEyes(held)
    card.unlink()
    assert phone_eyes.model_in(folder) is None


def test_what_pushes_in_is_kept_and_told() -> None:
    ids = [UUID(int=i + 1) for i in range(3)]
    counted = Counted()
    for shares in ({ids[0]: 1.0}, {ids[0]: 0.75, ids[2]: 0.25}):
        counted.add(shares)
    again = Counted.unpacked(counted.photos, counted.packed())
    assert again.photos == 2
    assert again.pushes(ids, 3) == counted.pushes(ids, 3)
    assert again.pushes(ids, 3)[ids[0]] > 0 > again.pushes(ids, 3)[ids[1]]
    assert np.frombuffer(again.told(ids), "<u2").tolist() == [28, 0, 4]
    assert Counted.unpacked(0, b"").told(ids) == bytes(6)
    with pytest.raises(struct.error):
        Counted.unpacked(1, counted.packed()[:-1])


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0.01, 1)), max_size=40))
def test_keeping_counts_changes_nothing(photos: list[tuple[int, float]]) -> None:
    ids = [UUID(int=i + 1) for i in range(10)]
    one, other = Counted(), Counted()
    for product, share in photos:
        one.add({ids[product]: share})
        other.add({ids[product]: share})
        other = Counted.unpacked(other.photos, other.packed())
    pushes = other.pushes(ids, len(ids))
    assert [pushes[each] for each in ids] == pytest.approx(
        [one.pushes(ids, len(ids))[each] for each in ids], abs=1e-5
    )


def test_the_phones_answers_are_counted(model: Path) -> None:
    eyes = phone_eyes.PhoneEyes(model)
    ids = [UUID(int=i + 1) for i in range(3)]
    pictures = [
        PictureRow(
            product_id=one,
            variant_id=None,
            media=f"{one}",
            kind=PictureKind.CATALOGUE,
            vector=eyes.embed(plain(colour), PictureKind.CATALOGUE).vector,
        )
        for one, colour in zip(ids, (RED, GREEN, BLUE), strict=True)
    ]
    named = Counted()
    count(named, pictures, no_photos(DIM), np.stack([eyes.see(plain(RED))] * 3), eyes.card)
    assert named.photos == 3
    assert max(ids, key=lambda one: named.pushes(ids, 3)[one]) == ids[0]
    count(Counted(), [], no_photos(DIM), np.stack([eyes.see(plain(RED))]), eyes.card)


def test_photos_are_learned_from_only_when_they_are_many(model: Path) -> None:
    learning = PhoneLearning(phone_eyes.PhoneEyes(model))
    for _ in range(LEAST_PHOTOS - 1):
        learning.see(3, plain(RED))
    assert learning.take() == {}
    learning.see(3, plain(BLUE))
    taken = learning.take()
    assert taken[3].shape == (LEAST_PHOTOS, DIM)
    assert learning.take() == {}
    wanted = [learning.wants(9) for _ in range(FIRST_PHOTOS + 100)]
    assert all(wanted[:FIRST_PHOTOS])
    assert sum(wanted[FIRST_PHOTOS:]) == 5
