"""Teaching over HTTP, from the first photo to the answer that knows it; who may; and what is confused."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image

from halles.catalog import api as catalog
from halles.edge.services import assemble, live
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.journeys.picture_index.api import learn_samples, learn_waiting
from halles.journeys.sample_teaching import rules
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.relay import Delivery
from halles.kernel.settings import Settings
from halles.kernel.web import Role, Services
from halles.vision import api as vision
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.in_process import InProcessRecogniser
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.api import samples as taught
from halles.vision.api.samples import PhotoInspector, SampleTaught
from halles.vision.tests.pictures import GREEN, RED, speckled
from halles.vision.types import (
    Candidate,
    FoundBy,
    MatchId,
    Outcome,
    PhotoMatch,
    Purchase,
    Recogniser,
)

SignIn = Callable[..., Awaitable[int]]
PATH, REPORT = "/api/console/taught-samples", "/api/console/recognition"
SIDES = ("front", "back", "left", "right", "shelf")
MODEL = "colours"


class Eyes(InProcessRecogniser):
    """An engine of colours in this process, refreshed by hand as the inference process is every second."""

    def __init__(self) -> None:
        self.engine = LocalEngine(Pipeline(ColourEmbedder()))
        super().__init__(self.engine)

    async def close(self) -> None:
        """Nothing is open."""

    async def refresh(self, db: Database, seller: int) -> None:
        async with db.snapshot() as tx:
            have = {seller: self.engine.states().get(seller)}
            for change in await vision.index_changes(tx, MODEL, have):
                self.engine.apply(change)
            for head in await taught.head_changes(tx, MODEL, {seller: 0}):
                self.engine.teach(seller, head.body)


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
async def services(
    settings: Settings, db: Database, clock: FixedClock, eyes: Eyes
) -> AsyncIterator[Services]:
    ports: dict[str, Any] = {Recogniser.__name__: eyes, PhotoInspector.__name__: eyes}
    made = assemble(settings, db, clock=clock, **ports)
    async with live(made):
        yield made


def jpeg(colour: tuple[int, int, int], seed: int = 0, **options: Any) -> bytes:
    file = io.BytesIO()
    speckled(colour, seed=seed).save(file, "JPEG", quality=90, **options)
    return file.getvalue()


async def _product(services: Services, shop: Shop, variant: int) -> UUID:
    async with services.db.reading() as tx:
        return (await catalog.load_variants(tx, shop.seller_id, [variant]))[variant].product_id


async def _shoot(client: httpx.AsyncClient, sample_id: str, side: str, photo: bytes) -> httpx.Response:
    return await client.post(
        f"{PATH}/photos",
        params={"sample_id": sample_id, "side": side},
        content=photo,
        headers={"content-type": "image/jpeg"},
    )


async def _teach(
    client: httpx.AsyncClient, services: Services, shop: Shop, index: int, colour: tuple[int, int, int]
) -> str:
    variant = shop.variants[index]
    body: dict[str, Any] = {
        "sample_id": str(uuid7()),
        "place_id": shop.place_id,
        "product_id": str(await _product(services, shop, variant)),
        "variant_id": variant,
    }
    assert (await client.post(PATH, json=body)).status_code == 201
    for i, side in enumerate(SIDES):
        assert (await _shoot(client, body["sample_id"], side, jpeg(colour, i))).status_code == 200
    done = await client.post(f"{PATH}/{body['sample_id']}/teach", json={})
    assert (done.status_code, done.json()["state"]) == (200, "taught"), done.text
    return str(body["sample_id"])


async def _worker_and_inference(services: Services, eyes: Eyes, shop: Shop) -> None:
    """The reaction of the worker, then the poll of the inference process."""
    reaction = learn_samples(eyes, services.media, services.clock)
    event = SampleTaught(seller_id=shop.seller_id, product_id=uuid4(), sample_id=uuid4())
    await reaction([event], Delivery(db=services.db, tx=None, event_ids=()))
    await eyes.refresh(services.db, shop.seller_id)


async def test_from_the_first_photo_to_the_answer(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services, eyes: Eyes
) -> None:
    shop = await open_shop(services.db)
    await eyes.refresh(services.db, shop.seller_id)
    await sign_in(client, Role.STAFF, shop.seller_id)
    red = await _teach(client, services, shop, 0, RED)
    await _teach(client, services, shop, 1, GREEN)
    await _worker_and_inference(services, eyes, shop)
    shown = (await client.get(f"{PATH}/{red}")).json()
    assert (shown["state"], len(shown["photos"]), shown["missing"]) == ("learnt", 5, [])
    assert shown["by"] or shown["by"] is None
    answer = eyes.engine.recognise(jpeg(RED, 77), shop.seller_id)
    assert str(answer.candidates[0].product_id) == shown["product"]["product_id"]
    items = (await client.get(PATH, params={"limit": 1})).json()
    assert len(items["items"]) == 1
    rest = (await client.get(PATH, params={"limit": 5, "cursor": items["next"]})).json()
    assert [one["sample_id"] for one in rest["items"]] == [red]

    files = [services.media.path(one["media"]) for one in shown["photos"]]
    assert all(file.exists() for file in files)
    for _ in range(2):
        gone = await client.delete(f"{PATH}/{red}")
        assert (gone.status_code, gone.json()["state"], gone.json()["photos"]) == (200, "retired", [])
    assert not any(file.exists() for file in files)
    assert [one["sample_id"] for one in (await client.get(PATH)).json()["items"]] != [red]
    assert len((await client.get(PATH, params={"retired": True})).json()["items"]) == 2


async def test_a_photo_of_something_else_is_told_at_once(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services, eyes: Eyes
) -> None:
    shop = await open_shop(services.db)
    await eyes.refresh(services.db, shop.seller_id)
    await sign_in(client, Role.HEAD_OFFICE, shop.seller_id)
    await _teach(client, services, shop, 0, RED)
    await _teach(client, services, shop, 1, GREEN)
    await _worker_and_inference(services, eyes, shop)
    first, second = [await _product(services, shop, shop.variants[i]) for i in (0, 1)]
    body: dict[str, Any] = {"sample_id": str(uuid7()), "place_id": shop.place_id, "product_id": str(second)}
    await client.post(PATH, json=body)
    seen: list[Any] = []
    for i, side in enumerate(SIDES):
        seen.append((await _shoot(client, body["sample_id"], side, jpeg(RED, 30 + i))).json()["doubt"])
    assert seen[0] is None
    assert [one and one["product"]["product_id"] for one in seen[1:]] == [str(first)] * 4
    refused = await client.post(f"{PATH}/{body['sample_id']}/teach", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "vision.sample_doubtful")
    assert refused.json()["product_id"] == str(first)
    sure = await client.post(f"{PATH}/{body['sample_id']}/teach", json={"sure": True})
    assert sure.json()["state"] == "taught"


async def test_photos_are_kept_bare_and_bad_ones_refused(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services, eyes: Eyes
) -> None:
    shop, other = await open_shop(services.db), await open_shop(services.db, name="Autre")
    await sign_in(client, Role.MERCHANT, shop.seller_id)
    product = await _product(services, shop, shop.variants[0])
    body: dict[str, Any] = {"sample_id": str(uuid7()), "place_id": shop.place_id, "product_id": str(product)}
    opened = await client.post(PATH, json=body)
    again = await client.post(PATH, json=body)
    assert (again.json(), again.headers["idempotency-replayed"]) == (opened.json(), "true")
    reused = await client.post(PATH, json={**body, "variant_id": shop.variants[0]})
    assert (reused.status_code, reused.json()["code"]) == (409, "kernel.idempotency_key_reused")
    for code, more in (
        ("places.unknown_place", {"place_id": other.place_id}),
        ("catalog.unknown_product", {"product_id": str(uuid4())}),
        ("catalog.unknown_variant", {"variant_id": other.variants[0]}),
    ):
        wrong = {**body, "sample_id": str(uuid7()), **more}
        assert (await client.post(PATH, json=wrong)).json()["code"] == code

    exif = Image.Exif()
    exif[0x010F] = "Sam's phone"
    kept = (await _shoot(client, body["sample_id"], "front", jpeg(GREEN, exif=exif))).json()["photos"][0]
    stored = services.media.get(kept["media"])
    assert b"Sam's phone" not in stored
    for code, photo in (
        ("vision.photo_blurred", jpeg_of(speckled((230, 200, 120)).resize((40, 30)).resize((640, 480)))),
        ("vision.photo_dark", jpeg((20, 20, 20))),
        ("vision.photo_plain", jpeg_of(Image.new("RGB", (640, 480), (180, 180, 180)))),
        ("vision.not_a_photo", b"hello"),
    ):
        refused = await _shoot(client, body["sample_id"], "back", photo)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    retaken = (await _shoot(client, body["sample_id"], "front", jpeg(GREEN, 5))).json()["photos"]
    assert [one["side"] for one in retaken] == ["front"]
    assert not services.media.path(kept["media"]).exists()
    short = await client.post(f"{PATH}/{body['sample_id']}/teach", json={})
    assert short.json()["missing"] == ["back", "left", "right", "shelf"]

    await sign_in(client, Role.STAFF, other.seller_id)
    for answer in (
        await client.get(f"{PATH}/{body['sample_id']}"),
        await client.delete(f"{PATH}/{body['sample_id']}"),
        await _shoot(client, body["sample_id"], "left", jpeg(GREEN)),
        await client.post(f"{PATH}/{body['sample_id']}/teach", json={"sure": True}),
    ):
        assert answer.json()["code"] == "vision.sample_not_found"


def jpeg_of(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


async def _bought(
    services: Services, shop: Shop, shown: list[UUID], bought: UUID | None, by: FoundBy = FoundBy.PICTURE
) -> None:
    match = PhotoMatch(
        match_id=MatchId(uuid7()),
        seller_id=shop.seller_id,
        place_id=shop.place_id,
        touchpoint_id=None,
        visitor=None,
        model_id=MODEL,
        outcome=Outcome.CANDIDATES if shown else Outcome.UNKNOWN,
        found_by=by,
        gtin=None,
        candidates=tuple(Candidate(product_id=one, variant_id=None, score=0.5) for one in shown),
        cpu_ms=1.0,
        taken_at=services.clock() - timedelta(days=1),
    )
    async with services.db.transaction() as tx:
        await vision.record_match(tx, match)
        if bought:
            one = Purchase(order_id=uuid4(), match_id=match.match_id, product_id=bought, variant_id=1)
            await vision.record_purchases(tx, shop.seller_id, [one])


async def test_recall_by_purchases_and_what_they_prove_wrong(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop = await open_shop(services.db)
    a, b = [await _product(services, shop, shop.variants[i]) for i in (0, 1)]
    await _bought(services, shop, [a, b], a)
    for _ in range(2):
        await _bought(services, shop, [b, a], a)
    await _bought(services, shop, [b], a)
    await _bought(services, shop, [a], a, FoundBy.BARCODE)
    await _bought(services, shop, [], None)
    await sign_in(client, Role.STAFF, shop.seller_id)
    found = (await client.get(REPORT)).json()
    (row,) = found["recall"]
    assert (row["model_id"], row["photos"], row["unknown"]) == (MODEL, 6, 1)
    assert (row["purchases"], row["by_code"]) == (4, 1)
    assert (row["recall_first"], row["recall_shown"]) == (0.25, 0.75)
    (pair,) = found["pairs"]
    assert (pair["product"]["product_id"], pair["other"]["product_id"]) == (str(a), str(b))
    assert (pair["bought"], pair["times"], pair["similarity"]) == (3, 0, None)
    assert pair["advice"] == "teach"
    assert "few_photos" in pair["reasons"]
    assert (await client.get(REPORT, params={"place_id": 10**9})).json()["recall"] == []
    export = await client.get(f"{REPORT}/confusions.csv")
    assert export.headers["content-type"].startswith("text/csv")
    assert export.text.splitlines()[1].startswith(str(a))
    assert (await client.get(REPORT, params={"days": 0})).status_code == 422


async def test_twins_stand_on_the_page_with_their_pictures(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services, eyes: Eyes
) -> None:
    shop = await open_shop(services.db)
    await eyes.refresh(services.db, shop.seller_id)
    await sign_in(client, Role.STAFF, shop.seller_id)
    await _teach(client, services, shop, 0, GREEN)
    await _teach(client, services, shop, 1, GREEN)
    await learn_waiting(services)
    async with services.db.reading() as tx:
        assert await taught.to_be_learnt(tx) == {}
    found = (await client.get(REPORT)).json()
    assert (found["taught_products"], found["taught_photos"]) == (2, 10)
    assert found["pairs"]
    pair = found["pairs"][0]
    assert pair["times"] >= 1
    assert pair["photos"] == 5
    assert services.media.path(pair["media"]).exists()
    assert services.media.path(pair["other_media"]).exists()


def test_reasons_and_what_to_do() -> None:
    def facts(**more: Any) -> rules.Facts:
        known: dict[str, Any] = {
            "similarity": 0.1, "photos": 5, "sharpness": 0.7, "brightness": 0.5, "title": "Lait entier",
            "other_title": "Savon noir",
        }  # fmt: skip
        return rules.Facts(**{**known, **more})

    def told(**more: Any) -> tuple[tuple[str, ...], str]:
        found = rules.reasons(facts(**more))
        return tuple(found), rules.advice(found)

    assert told() == (("unclear",), "barcode")
    assert told(photos=0, sharpness=None, brightness=None) == (("few_photos",), "teach")
    assert told(sharpness=0.4, brightness=0.2) == (("blurred", "dark"), "retake")
    assert told(similarity=0.9, other_title="Lait demi") == (("only_text_differs",), "closer")
    assert told(other_title="Lait entier bio") == (("same_words",), "barcode")
    assert rules.shared_words("", "") == 0.0
    assert rules.cell("=1+1") == "'=1+1"
    assert rules.cell("Lait") == "Lait"
