"""Several inference processes, each with its share of the catalogues."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from halles.edge.inference.address import Share
from halles.edge.inference.client import InferenceClients
from halles.edge.inference.tests.conftest import answered, serving, until
from halles.kernel.db import Database
from halles.vision import api
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.in_process import InProcessRecogniser
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.tests.pictures import BLUE, RED, plain
from halles.vision.types import CataloguePicture, InferenceUnavailable, PictureKind


def engine() -> LocalEngine:
    return LocalEngine(Pipeline(ColourEmbedder()))


@pytest.mark.parametrize("of", [1, 2, 5])
def test_every_seller_has_one_process(of: int) -> None:
    for seller_id in range(1000, 1100):
        assert sum(Share(number, of).holds(seller_id) for number in range(of)) == 1


async def test_each_process_holds_its_share_and_dies_alone(path: Path, db: Database) -> None:
    other = path.with_name("i-2.sock")
    for seller_id, colour in ((8, RED), (9, BLUE)):
        picture = CataloguePicture(product_id=UUID(int=seller_id), variant_id=None, media="one")
        await api.index_pictures(
            db, InProcessRecogniser(engine()), {"one": plain(colour)}.__getitem__, seller_id, [picture]
        )
    even, odd = engine(), engine()
    eyes = InferenceClients([path, other])
    async with serving(even, path, db, share=Share(0, 2)):
        async with serving(odd, other, db, share=Share(1, 2)):
            await until(lambda: answered(bool(even.states()) and bool(odd.states())))
            for seller_id, colour in ((8, RED), (9, BLUE)):
                found = await eyes.recognise(plain(colour), seller_id=seller_id, place_id=None)
                assert found.candidates[0].product_id == UUID(int=seller_id)
            assert (set(even.states()), set(odd.states())) == ({8}, {9})
            vectors = [(await eyes.embed(plain(RED), PictureKind.CATALOGUE)).vector for _ in range(2)]
            assert vectors[0] == vectors[1], "whoever looks sees the same"
        assert (await eyes.recognise(plain(RED), seller_id=8, place_id=None)).candidates
        with pytest.raises(InferenceUnavailable):
            await eyes.recognise(plain(BLUE), seller_id=9, place_id=None)
    await eyes.close()
