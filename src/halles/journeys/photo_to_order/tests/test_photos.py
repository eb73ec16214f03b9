"""Photos over HTTP, through a real pipeline: several products in one photo, and the second look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from halles.catalog import api as catalog
from halles.catalog.types import Gtin14, ProductDraft, VariantDraft
from halles.edge.tests.door import app_of, browser, settings_of
from halles.identity import api as identity
from halles.journeys.photo_to_order.http import router
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.live import LiveHub
from halles.places import api as places
from halles.places.types import TouchpointKind
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.in_process import InProcessRecogniser
from halles.vision.adapters.ocr import TextReader
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.http import router as choosing
from halles.vision.tests.pictures import BLUE, GREEN, GREY, RED, encoded, plain
from halles.vision.types import IndexChange, IndexState, PictureKind, PictureRow, ProductText, Recognition

CODES = ("4006381333931", "5000112637922", "3017620422003")
COLOURS = (RED, BLUE, GREEN)


class SlowReader(InProcessRecogniser):
    """Its second look waits until it may."""

    def __init__(self, engine: LocalEngine) -> None:
        super().__init__(engine)
        self.may = asyncio.Event()

    async def look_again(self, photo: bytes, *, seller_id: int) -> Recognition:
        await self.may.wait()
        return await super().look_again(photo, seller_id=seller_id)


@pytest.fixture
async def products(db: Database, clock: FixedClock) -> tuple[int, list[UUID]]:
    """A seller and three bowls, red, blue and green, each with its code; the last one in two sizes."""
    drafts = [
        ProductDraft(
            external_id=f"P-{n}",
            title={"en": f"Bowl {n}"},
            variants=(VariantDraft(sku=f"SKU-{n}", gtin14=Gtin14(f"0{code}")),),
        )
        for n, code in enumerate(CODES[:2])
    ]
    sizes = (
        VariantDraft(sku="SKU-S", gtin14=Gtin14(f"0{CODES[2]}")),
        VariantDraft(sku="SKU-L", gtin14=Gtin14("09506000134352")),
    )
    drafts.append(ProductDraft(external_id="P-2", title={"en": "Bowl 2"}, variants=sizes))
    async with db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Maison Halles", now=clock())
        await places.add_touchpoint(tx, seller, code="web", kind=TouchpointKind.WEB, place_id=None)
        await catalog.save_products(tx, seller, drafts)
        cards = await catalog.search(tx, seller, limit=3)
    return seller, [card.product_id for card in sorted(cards, key=lambda one: one.title["en"])]


@pytest.fixture
def recogniser(products: tuple[int, list[UUID]]) -> SlowReader:
    engine = LocalEngine(Pipeline(ColourEmbedder(), reader=TextReader()))
    seller, ids = products
    rows = [
        PictureRow(
            product_id=one,
            variant_id=None,
            media=f"{n}.jpg",
            kind=PictureKind.CATALOGUE,
            vector=engine.embed(plain(colour), PictureKind.CATALOGUE).vector,
        )
        for n, (one, colour) in enumerate(zip(ids, COLOURS, strict=True))
    ]
    state = IndexState(version=1, rebuilt=0)
    engine.apply(IndexChange(seller_id=seller, state=state, rows=rows, anew=True, photos=None))
    texts = [ProductText(product_id=one, name="Bowl", description="", package="", media=()) for one in ids]
    engine.put_words(seller, texts)
    return SlowReader(engine)


@pytest.fixture
async def client(
    db: Database, clock: FixedClock, tmp_path: Path, recogniser: SlowReader
) -> AsyncIterator[httpx.AsyncClient]:
    ports: dict[str, Any] = {"Recogniser": recogniser, "LiveHub": LiveHub(db)}
    async with browser(app_of(db, clock, settings_of(tmp_path), router, choosing, **ports)) as made:
        yield made


def barred(*codes: str) -> bytes:
    """A photo of labels side by side."""
    ground = Image.new("L", (500 * len(codes), 480), 190)
    for n, text in enumerate(codes):
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.EAN13)  # pyright: ignore[reportUnknownMemberType]
        bars = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(code, scale=3), np.uint8))
        ground.paste(bars.resize((bars.width, 160)), (500 * n + 60, 160))
    return encoded(ground.convert("RGB"))


def beside(left: tuple[int, int, int], right: tuple[int, int, int]) -> bytes:
    canvas = Image.new("RGB", (640, 480), left)
    canvas.paste(right, (320, 0, 640, 480))
    return encoded(canvas)


async def shown(client: httpx.AsyncClient, photo: bytes) -> dict[str, Any]:
    answer = await client.post("/api/photos", content=photo, headers={"content-type": "image/png"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(told: dict[str, Any]) -> list[str]:
    return [one["product"]["product_id"] for one in told["candidates"]]


async def refined(client: httpx.AsyncClient, recogniser: SlowReader, match_id: str) -> dict[str, Any]:
    """The answer once the second look is over, as a page asks for it."""
    recogniser.may.set()
    async with asyncio.timeout(60):
        while True:
            answer = (await client.get(f"/api/photos/{match_id}")).json()
            if not answer["refines"]:
                return answer
            await asyncio.sleep(0.02)


async def test_codes_of_two_products_ask_which(
    client: httpx.AsyncClient, products: tuple[int, list[UUID]]
) -> None:
    ids = [str(one) for one in products[1]]
    told = await shown(client, barred(CODES[1], CODES[0]))
    assert (told["outcome"], told["by"], told["ask"]) == ("candidates", "barcode", "which")
    assert sorted(one["product"]["product_id"] for one in told["candidates"]) == sorted(ids[:2])
    where = {one["product"]["product_id"]: one["box"] for one in told["candidates"]}
    assert where[ids[1]]["left"] + where[ids[1]]["width"] <= 0.5 <= where[ids[0]]["left"]
    assert all(one["variant_id"] for one in told["candidates"])
    again = (await client.get(f"/api/photos/{told['match_id']}")).json()
    assert {**again, "took_ms": told["took_ms"]} == told


async def test_codes_of_one_product_do_not_choose_its_size(
    client: httpx.AsyncClient, products: tuple[int, list[UUID]]
) -> None:
    told = await shown(client, barred(CODES[2], "9506000134352"))
    assert (told["outcome"], told["ask"]) == ("product", None)
    (one,) = told["candidates"]
    assert (one["product"]["product_id"], one["variant_id"], one["box"]) == (str(products[1][2]), None, None)
    (alone,) = (await shown(client, barred(CODES[2])))["candidates"]
    assert alone["variant_id"] is not None


async def test_two_products_side_by_side_ask_which_at_the_second_look(
    client: httpx.AsyncClient, recogniser: SlowReader, products: tuple[int, list[UUID]]
) -> None:
    first = await shown(client, beside(BLUE, RED))
    assert (first["outcome"], first["ask"], first["refines"]) == ("candidates", None, True)
    waiting = (await client.get(f"/api/photos/{first['match_id']}")).json()
    assert (waiting["refines"], names(waiting)) == (True, names(first))
    told = await refined(client, recogniser, first["match_id"])
    assert (told["outcome"], told["by"], told["ask"]) == ("candidates", "picture", "which")
    lefts = {one["product"]["product_id"]: one["box"]["left"] for one in told["candidates"]}
    red, blue, _ = (str(one) for one in products[1])
    assert lefts == {blue: 0.0, red: 0.5}


async def test_what_is_not_clear_in_both_halves_asks_nothing(
    client: httpx.AsyncClient, recogniser: SlowReader
) -> None:
    first = await shown(client, beside(RED, GREY))
    told = await refined(client, recogniser, first["match_id"]) if first["refines"] else first
    assert told["ask"] is None
    assert all(one["box"] is None for one in told["candidates"])


async def test_an_answer_that_was_taken_stays(client: httpx.AsyncClient, recogniser: SlowReader) -> None:
    """Who tapped a candidate meanwhile is not asked again."""
    first = await shown(client, beside(BLUE, RED))
    assert (
        await client.post(f"/api/photos/{first['match_id']}/chosen", json={"variant_id": 1})
    ).status_code == 204
    told = await refined(client, recogniser, first["match_id"])
    assert (told["ask"], names(told)) == (None, names(first))
