"""What every Recogniser does, whether it runs here or behind the socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from halles.edge.inference.tests.conftest import serving
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.in_process import InProcessRecogniser
from halles.vision.tests.pictures import BLUE, GREEN, RED, plain
from halles.vision.types import (
    IndexChange,
    IndexState,
    NotAPhoto,
    Outcome,
    PhotoTooLarge,
    PictureKind,
    PictureRow,
    Recogniser,
)


@pytest.fixture(params=["here", "socket"])
async def recogniser(
    request: pytest.FixtureRequest, engine: LocalEngine, path: Path
) -> AsyncIterator[Recogniser]:
    rows = [
        PictureRow(
            product_id=UUID(int=i),
            variant_id=i * 10,
            media=str(i),
            kind=PictureKind.CATALOGUE,
            vector=engine.embed(plain(colour), PictureKind.CATALOGUE).vector,
        )
        for i, colour in enumerate((RED, GREEN, BLUE), 1)
    ]
    engine.apply(
        IndexChange(seller_id=7, state=IndexState(version=1, rebuilt=0), rows=rows, anew=True, photos=None)
    )
    if request.param == "here":
        yield InProcessRecogniser(engine)
    else:
        async with serving(engine, path) as client:
            yield client


async def test_it_names_the_product_the_model_and_the_cost(recogniser: Recogniser) -> None:
    found = await recogniser.recognise(plain(GREEN, (200, 100)), seller_id=7, place_id=None)
    assert found.candidates[0].product_id == UUID(int=2)
    assert found.candidates[0].variant_id == 20
    assert found.model_id == "colours" == await recogniser.model_id()
    assert found.cpu_ms > 0
    assert list(found.stages_ms) == ["open", "codes", "embed", "search"]


async def test_a_seller_without_pictures_gets_an_honest_answer(recogniser: Recogniser) -> None:
    found = await recogniser.recognise(plain(GREEN), seller_id=8, place_id=1)
    assert (found.outcome, found.candidates) == (Outcome.UNKNOWN, ())


@pytest.mark.parametrize("kind", list(PictureKind))
async def test_it_embeds_for_the_index(recogniser: Recogniser, kind: PictureKind) -> None:
    embedding = await recogniser.embed(plain(RED), kind)
    assert (embedding.model_id, len(embedding.vector)) == ("colours", 2 * 48)


async def test_refusals_keep_their_class_and_facts(recogniser: Recogniser) -> None:
    with pytest.raises(NotAPhoto) as caught:
        await recogniser.recognise(b"a letter", seller_id=7, place_id=None)
    assert caught.value.retry_after_s is None
    with pytest.raises(PhotoTooLarge) as larger:
        await recogniser.embed(bytes(12 * 2**20 + 1), PictureKind.CATALOGUE)
    assert larger.value.fields["limit"] == 12 * 2**20
    with pytest.raises(PhotoTooLarge):
        await recogniser.recognise(bytes(20 * 2**20), seller_id=7, place_id=None)
