"""How far a catalogue is learned: counted seldom, told while it lasts, and not for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import httpx

from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.kernel.clock import FixedClock
from halles.kernel.db import command, counting, query
from halles.kernel.web import Role, Services
from halles.vision import api as vision
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.in_process import InProcessRecogniser
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.tests.pictures import BLUE, GREEN, RED, plain
from halles.vision.types import CataloguePicture

ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]
SignIn = Callable[..., Awaitable[int]]
_SHOW = command(
    """insert into catalog.media (seller_id, product_id, position, name, width, height)
    select seller_id, product_id, d.position, d.name, 640, 640 from catalog.product p
    cross join unnest(%(names)s::text[]) with ordinality d(name, position)
    where p.seller_id = %(seller_id)s and p.product_id = %(product_id)s"""
)
PATH = "/api/recognition/learning"


_PRODUCT = query(
    "select min(product_id::text)::uuid from catalog.product where seller_id = %(seller_id)s", UUID
)


async def learn(services: Services, shop: Shop, product_id: UUID, media: list[str]) -> None:
    wanted = [CataloguePicture(product_id=product_id, variant_id=None, media=one) for one in media]
    eyes = InProcessRecogniser(LocalEngine(Pipeline(ColourEmbedder())))
    await vision.index_pictures(services.db, eyes, services.media.get, shop.seller_id, wanted)


async def test_n_of_m_is_told_while_it_lasts(
    services: Services, client: httpx.AsyncClient, clock: FixedClock, client_as: ClientAs, sign_in: SignIn
) -> None:
    shop = await open_shop(services.db)
    media = [services.media.put(plain(colour), "png") for colour in (RED, GREEN, BLUE)]
    async with services.db.transaction() as tx:
        product = await tx.one(_PRODUCT, {"seller_id": shop.seller_id})
        await tx.run(_SHOW, {"seller_id": shop.seller_id, "product_id": product, "names": media})

    async def told() -> tuple[int, int, bool]:
        found = (await client.get(PATH, params={"touchpoint": shop.touchpoint})).json()
        return found["learned"], found["pictures"], found["going_on"]

    assert await told() == (0, 3, True)
    await learn(services, shop, product, media[:1])
    assert await told() == (0, 3, True), "counted a moment ago"
    clock.at += timedelta(seconds=5)
    assert await told() == (1, 3, True)
    clock.at += timedelta(minutes=3)
    assert await told() == (1, 3, False), "nothing moved: the others cannot be read"
    await learn(services, shop, product, media[1:2])
    clock.at += timedelta(minutes=1)
    assert await told() == (2, 3, True)
    await learn(services, shop, product, media)
    clock.at += timedelta(seconds=5)
    assert await told() == (3, 3, False)
    with counting() as counter:
        await told()
    assert counter.statements <= 2, "one of them finds the shop"
    office = await client_as("visitor")
    await sign_in(office, Role.STAFF, shop.seller_id)
    assert (await office.get("/api/console/recognition/learning")).json() == {
        "learned": 3,
        "pictures": 3,
        "going_on": False,
    }
    other = await client_as(Role.STAFF)
    assert (await other.get("/api/console/recognition/learning")).json()["pictures"] == 0


async def test_a_touchpoint_that_does_not_exist(client: httpx.AsyncClient) -> None:
    assert (await client.get(PATH, params={"touchpoint": "nowhere"})).status_code == 404
