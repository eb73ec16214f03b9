"""The main job on the whole stack: a photo in the showroom becomes a paid order, and recognition is credited with it.

Everything is real but the browser: the demo's pictures, the inference server on its socket, the relay, the API.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from halles.edge.demo.seed import CATALOGUE
from halles.edge.inference.server import serve
from halles.journeys.doctor.api import examine
from halles.journeys.product_import import api as product_import
from halles.journeys.shop_opening.api import open_shop
from halles.journeys.shop_opening.types import Warehouse
from halles.journeys.wiring import reactions, topics
from halles.kernel.clock import FixedClock
from halles.kernel.errors import Unavailable
from halles.kernel.ids import uuid7
from halles.kernel.relay import Relay
from halles.kernel.web import Services
from halles.vision import api as vision
from halles.vision.types import Recogniser

SHOWN = ("camille-trench", "lucien-overcoat", "gres-bowl", "gare-clock", "osier-basket", "source-carafe")
CARD = {"demo_card": "4242424242424242"}


@asynccontextmanager
async def inference(services: Services) -> AsyncGenerator[None]:
    """The inference server, on this test's database and socket."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve(services.settings, services.db, stop))
    try:
        await _answers(services)
        yield
    finally:
        stop.set()
        await task


async def _answers(services: Services) -> None:
    recogniser: Recogniser = services.extra[Recogniser.__name__]
    async with asyncio.timeout(30):
        while True:
            try:
                await recogniser.model_id()
            except Unavailable:
                await asyncio.sleep(0.2)
            else:
                return


@pytest.fixture
async def shop(services: Services, tmp_path: Path) -> AsyncGenerator[int]:
    """A shop with a few of the demo's products, findable by photo; gives its seller id."""
    lines = (CATALOGUE / "products.jsonl").read_text().splitlines()
    chosen = [line for line in lines if json.loads(line)["id"] in SHOWN]
    file = tmp_path / "products.jsonl"
    file.write_text("\n".join(chosen) + "\n")
    shutil.copytree(CATALOGUE / "images", tmp_path / "images")
    warehouses = [Warehouse(name="Hub", country="FR", countries=("FR",))]
    warehouses.append(Warehouse(name="Far", country="CN", countries=("FR",), lane="abroad", days=10))
    async with services.db.transaction() as tx:
        opened = await open_shop(tx, name="Maison", warehouses=warehouses, now=services.clock())
    report = await product_import.import_path(services, opened.seller_id, file, stock=opened.locations)
    assert (report.created, report.errors) == (len(SHOWN), [])
    async with inference(services):
        await _deliver(services)
        yield opened.seller_id


async def _deliver(services: Services) -> None:
    await Relay(services.db, reactions(services), topics).drain()


async def _photo(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    body = (CATALOGUE / "photos" / name).read_bytes()
    answer = await client.post("/api/photos", content=body, headers={"content-type": "image/jpeg"})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _recognised(client: httpx.AsyncClient, name: str, title: str) -> dict[str, Any]:
    """The answer to a photo, once the inference server has heard of the shop's pictures (it looks every second)."""
    async with asyncio.timeout(30):
        while True:
            answer = await _photo(client, name)
            if answer["candidates"] and answer["candidates"][0]["product"]["title"] == title:
                return answer
            await asyncio.sleep(0.2)


async def test_a_photo_becomes_a_paid_order(
    shop: int, client: httpx.AsyncClient, services: Services, clock: FixedClock
) -> None:
    answer = await _recognised(client, "camille-trench.jpg", "Camille trench coat")
    assert answer["outcome"] in {"product", "candidates"}
    product = (await client.get(f"/api/products/{answer['candidates'][0]['product']['product_id']}")).json()
    variant = next(v for v in product["variants"] if v["available"] != "no")

    (await client.post("/api/guest")).raise_for_status()
    line = {"quantity": 1, "match_id": answer["match_id"]}
    basket = (await client.put(f"/api/basket/lines/{variant['variant_id']}", json=line)).json()
    assert basket["total"] == variant["price"]
    assert not basket["enough"]

    order = _order(shop, basket)
    refused = await client.post("/api/orders", json=order)
    assert (refused.status_code, refused.json()["code"]) == (409, "wallet.insufficient_funds")
    topup = {"topup_id": str(uuid7()), "amount": basket["total"], "method": CARD}
    assert (await client.post("/api/topups", json=topup)).json()["state"] == "settled"

    placed = await client.post("/api/orders", json=order)
    again = await client.post("/api/orders", json=order)
    assert (placed.status_code, again.status_code) == (201, 200)
    assert placed.json() == again.json()
    stolen = await client.post("/api/orders", json={**order, "email": "else@example.com"})
    assert (stolen.status_code, stolen.json()["code"]) == (409, "orders.id_reused")

    await _deliver(services)
    followed = (await client.get(f"/api/orders/{order['order_id']}")).json()
    assert (followed["state"], followed["payment"]) == ("placed", "held")
    assert followed["total"] == basket["total"]
    assert (await client.get("/api/basket")).json()["lines"] == []
    async with services.db.reading() as tx:
        day = timedelta(days=1)
        quality = await vision.quality(tx, shop, since=clock() - day, until=clock() + day)
    assert (quality.purchases, quality.shown) == (1, 1)
    assert (await examine(services.db)).healthy


def _order(seller: int, basket: dict[str, Any]) -> dict[str, Any]:
    (line,) = basket["lines"]
    bought = {"variant_id": line["variant_id"], "quantity": 1, "match_id": line["match_id"]}
    return {
        "order_id": str(uuid7()),
        "seller_id": seller,
        "currency": basket["currency"],
        "lines": [{**bought, "unit_price_minor": line["unit_price"]["minor"]}],
        "promise": {"lane": basket["promise"]["lane"], "date": basket["promise"]["date"]},
        "ship_to": {"name": "C", "line1": "1 rue", "postcode": "75003", "city": "Paris", "country": "FR"},
        "email": "c@example.com",
    }


async def test_a_wall_is_honestly_not_recognised_and_a_text_is_no_photo(
    shop: int, client: httpx.AsyncClient
) -> None:
    await _recognised(client, "gare-clock.jpg", "Gare wall clock")
    assert (await _photo(client, "wall.jpg"))["outcome"] == "unknown"
    text = await client.post("/api/photos", content=b"not a photo", headers={"content-type": "image/jpeg"})
    assert (text.status_code, text.json()["code"]) == (422, "vision.not_a_photo")


async def test_a_hidden_product_is_no_longer_found(
    shop: int, client: httpx.AsyncClient, services: Services
) -> None:
    from halles.catalog import api as catalog
    from halles.catalog.types import ProductEdit, State

    answer = await _recognised(client, "osier-basket.jpg", "Willow market basket")
    product_id = answer["candidates"][0]["product"]["product_id"]
    async with services.db.transaction() as tx:
        (product,) = (await catalog.load_products(tx, shop, [product_id])).values()
        edit = ProductEdit(
            title=product.title,
            description=product.description,
            brand=product.brand,
            category=product.category,
            attributes=product.attributes,
            state=State.HIDDEN,
        )
        await catalog.edit_product(tx, shop, product.product_id, product.version, edit)
    await _deliver(services)
    found = [one["product"]["product_id"] for one in (await _photo(client, "osier-basket.jpg"))["candidates"]]
    assert product_id not in found
