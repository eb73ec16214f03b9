"""After an upgrade that brought another model the shop recognises again, by itself."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from halles.journeys.picture_index.api import SeeAgain
from halles.kernel.web import Services
from halles.vision import api as vision
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.in_process import InProcessRecogniser
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.tests.pictures import BLUE, GREEN, RED, plain
from halles.vision.types import CataloguePicture, Embedding, InferenceUnavailable, PictureKind, Recogniser

SELLERS = (1001, 1002)


class Eyes(InProcessRecogniser):
    """A release's eyes, which may go away after so many pictures."""

    def __init__(self, name: str, until: int = 1_000) -> None:
        super().__init__(LocalEngine(Pipeline(ColourEmbedder())))
        self.name, self.until = name, until

    async def model_id(self) -> str:
        return self.name

    async def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        if self.until <= 0:
            raise InferenceUnavailable("gone")
        self.until -= 1
        return replace(await super().embed(picture, kind), model_id=self.name)


def with_eyes(services: Services, eyes: Eyes) -> Services:
    return replace(services, extra={**services.extra, Recogniser.__name__: eyes})


async def test_pictures_that_a_former_model_saw_are_seen_again_once(services: Services) -> None:
    media = [services.media.put(plain(colour), "png") for colour in (RED, GREEN, BLUE)]
    pictures = [
        CataloguePicture(product_id=UUID(int=n), variant_id=None, media=m) for n, m in enumerate(media, 1)
    ]
    former = Eyes("former")
    for seller_id in SELLERS:
        await vision.index_pictures(services.db, former, services.media.get, seller_id, pictures)
    see_again = SeeAgain()
    with pytest.raises(InferenceUnavailable):
        await see_again(with_eyes(services, Eyes("newer", until=4)))
    after = Eyes("newer")
    await see_again(with_eyes(services, after))
    assert after.until == 1_000 - 3, "the second seller alone: it goes on with the batch where it stopped"
    await see_again(with_eyes(services, after))
    assert after.until == 1_000 - 3
    async with services.db.snapshot() as tx:
        found = await vision.index_changes(tx, "newer", dict.fromkeys(SELLERS))
    assert [len(change.rows) for change in found] == [3, 3]
