"""What a phone carries follows the catalogue's pictures, the samples on display and the photos that were taken."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import httpx
import numpy as np
import pytest

from halles.catalog import api as catalog
from halles.catalog.types import ProductDraft, VariantDraft
from halles.edge.inference.phones import Phones
from halles.edge.inference.worker import Worker
from halles.edge.tests.door import app_of, browser, settings_of
from halles.identity import api as identity
from halles.journeys.phone_recognition.api import PhoneRecognition
from halles.journeys.phone_recognition.http import router
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, command
from halles.kernel.media import MediaStore
from halles.kernel.settings import Settings
from halles.places import api as places
from halles.places.types import TouchpointKind
from halles.vision import api as vision
from halles.vision.adapters import phone_eyes
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.in_process import InProcessRecogniser
from halles.vision.adapters.phone_model import DIM
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.api.phone import LEAST_PHOTOS
from halles.vision.tests.pictures import BLUE, GREEN, RED, plain
from halles.vision.types import CataloguePicture, Outcome, Recognition

COLOURS = (RED, GREEN, BLUE)
Pictures = dict[UUID, tuple[int, int, int]]
_HIDE = command("update catalog.product set state = 'hidden' where product_id = %(product_id)s")
SEEN = Recognition(
    outcome=Outcome.CANDIDATES, candidates=(), gtins=(), codes=(), model_id="colours", cpu_ms=1.0
)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phone-model")
    phone_eyes.build(folder)
    return folder


@pytest.fixture
def prepared(tmp_path: Path, built: Path) -> Settings:
    made = settings_of(tmp_path)
    shutil.copytree(built, made.data / "models")
    return made


@pytest.fixture
async def seller(db: Database, clock: FixedClock) -> int:
    async with db.transaction() as tx:
        made = await identity.create_organisation(tx, "Maison Halles", now=clock())
        await places.add_touchpoint(tx, made, code="web", kind=TouchpointKind.WEB, place_id=None)
    return made


@pytest.fixture
async def pictures(db: Database, seller: int) -> Pictures:
    """Three products on sale, and a colour for each."""
    drafts = [
        ProductDraft(
            external_id=f"P-{n}", title={"en": f"Bowl {n}"}, variants=(VariantDraft(sku=f"SKU-{n}"),)
        )
        for n in range(3)
    ]
    async with db.transaction() as tx:
        await catalog.save_products(tx, seller, drafts)
        cards = await catalog.search(tx, seller, limit=3)
    return {card.product_id: colour for card, colour in zip(cards, COLOURS, strict=True)}


@pytest.fixture
async def client(db: Database, clock: FixedClock, prepared: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(db, clock, prepared, router, PhoneRecognition=PhoneRecognition(db, prepared))
    async with browser(app) as made:
        yield made


async def index(db: Database, settings: Settings, seller_id: int, products: Pictures) -> None:
    """The server's model has seen these products' pictures."""
    media = MediaStore(settings.data / "media")
    pictures = [
        CataloguePicture(product_id=product, variant_id=None, media=media.put(plain(colour), "jpg"))
        for product, colour in products.items()
    ]
    recogniser = InProcessRecogniser(LocalEngine(Pipeline(ColourEmbedder())))
    await vision.index_pictures(db, recogniser, media.get, seller_id, pictures)


@asynccontextmanager
async def serving(db: Database, settings: Settings) -> AsyncGenerator[Phones]:
    """What the inference process does for phones."""
    stop, worker = asyncio.Event(), Worker(on_hang=lambda: None)
    phones = Phones(settings, worker, db, MediaStore(settings.data / "media").get)
    running = asyncio.create_task(phones.run(stop))
    yield phones
    stop.set()
    await running
    worker.close()


async def until_carried(client: httpx.AsyncClient, products: int) -> httpx.Response:
    async with asyncio.timeout(60):
        while True:
            answer = await client.get("/api/recognition")
            if answer.status_code == 200 and answer.json()["index"]["products"] == products:
                return answer
            await asyncio.sleep(0.05)


async def test_a_phone_gets_the_model_the_index_and_only_what_changed(
    client: httpx.AsyncClient, db: Database, prepared: Settings, seller: int, pictures: Pictures
) -> None:
    await index(db, prepared, seller, pictures)
    async with serving(db, prepared):
        answer = await until_carried(client, 3)
        told = answer.json()
        again = await client.get("/api/recognition", headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
        network = await client.get(told["model"]["href"])
        assert len(network.content) == told["model"]["bytes"]
        assert "immutable" in network.headers["cache-control"]
        (part,) = told["index"]["parts"]
        held = await client.get(f"/api/recognition/parts/{part['name']}")
        assert held.content[:4] == b"HVP1"
        assert len(held.content) == part["bytes"]
        assert (await client.get(f"/api/recognition/parts/{told['index']['nothing']['name']}")).content[
            :4
        ] == b"HVP1"

        async with db.transaction() as tx:
            await vision.forget_pictures(tx, seller, [next(iter(pictures))])
        after = (await until_carried(client, 2)).json()
        assert after["index"]["name"] != told["index"]["name"]
        assert after["index"]["nothing"] == told["index"]["nothing"]
        gone = await client.get(f"/api/recognition/parts/{part['name']}")
        assert (gone.status_code, gone.json()["code"]) == (404, "vision.phone_part_gone")


async def test_what_photos_taught_comes_to_the_phone_once_they_are_many(
    client: httpx.AsyncClient, db: Database, prepared: Settings, seller: int, pictures: Pictures
) -> None:
    await index(db, prepared, seller, pictures)
    async with serving(db, prepared) as phones:
        assert (await until_carried(client, 3)).json()["photos"] is None
        for _ in range(LEAST_PHOTOS):
            phones.answered(plain(GREEN), seller, SEEN)
            await phones.learned()
        await phones.share_photos()
        first = (await client.get("/api/recognition")).json()
        for _ in range(LEAST_PHOTOS):
            phones.answered(plain(RED), seller, SEEN)
            await phones.learned()
        await phones.share_photos()
        told = (await client.get("/api/recognition")).json()
    photos = first["photos"]
    assert photos["photos"] == LEAST_PHOTOS
    products = sorted(pictures)
    named = [np.frombuffer(base64.b64decode(one["photos"]["named"]), "<u2") / 16 for one in (first, told)]
    assert [one.shape for one in named] == [(3,), (3,)]
    assert [one.sum() for one in named] == pytest.approx([LEAST_PHOTOS, 2 * LEAST_PHOTOS], abs=0.5)
    assert pictures[products[int(named[0].argmax())]] == GREEN
    assert pictures[products[int((named[1] - named[0]).argmax())]] == RED
    assert told["model"]["calibration"]["push_weight"] > 0
    async with db.transaction() as tx:
        await vision.forget_pictures(tx, seller, products[:1])
    fewer = (await until_carried(client, 2)).json()["photos"]["named"]
    assert (np.frombuffer(base64.b64decode(fewer), "<u2") / 16).tolist() == named[1].tolist()[1:]
    mean = np.frombuffer(base64.b64decode(photos["mean"]), "<f4")
    assert mean.shape == (DIM,)
    assert np.linalg.norm(mean) == pytest.approx(1, abs=1e-3)


async def test_a_product_that_is_hidden_is_on_no_phone(
    client: httpx.AsyncClient, db: Database, prepared: Settings, seller: int, pictures: Pictures
) -> None:
    """Staff teach a sample while its product is still hidden: its pictures are found, and anybody may fetch the index."""
    await index(db, prepared, seller, pictures)
    hidden = next(iter(pictures))
    async with serving(db, prepared):
        await until_carried(client, 3)
        async with db.transaction() as tx:
            await tx.run(_HIDE, {"product_id": hidden})
        await index(db, prepared, seller, {hidden: (200, 30, 200)})
        told = (await until_carried(client, 2)).json()
    held = [await client.get(f"/api/recognition/parts/{part['name']}") for part in told["index"]["parts"]]
    assert all(answer.status_code == 200 for answer in held)
    assert not [answer for answer in held if hidden.bytes in answer.content]
    assert all(
        any(shown.bytes in answer.content for answer in held) for shown in pictures if shown != hidden
    ), "the test reads ids in parts"


async def test_without_a_model_or_a_shop_the_answer_says_so(
    db: Database, clock: FixedClock, tmp_path: Path, client: httpx.AsyncClient
) -> None:
    bare = settings_of(tmp_path / "bare")
    app = app_of(db, clock, bare, router, PhoneRecognition=PhoneRecognition(db, bare))
    async with browser(app) as other:
        building = await other.get("/api/recognition")
    assert (building.status_code, building.json()["code"]) == (404, "vision.phone_part_gone")
    assert building.headers["retry-after"] == "5"
    assert (await client.get("/api/recognition")).json()["code"] == "places.unknown_touchpoint"
    assert (await client.get(f"/api/recognition/models/{'0' * 64}.onnx")).status_code == 404
