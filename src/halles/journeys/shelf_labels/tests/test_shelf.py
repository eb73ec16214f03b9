"""A shop, a real broker, and gateways of every manner: from a change of price to what a label is proved to show."""

from __future__ import annotations

import asyncio
import io
import socket
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from PIL import Image

from halles.catalog import api as catalog
from halles.catalog.types import Content, ProductDraft, VariantDraft
from halles.identity import api as identity
from halles.journeys.doctor.api import examine
from halles.journeys.doctor.shown import compare
from halles.journeys.shelf_labels import api, service
from halles.journeys.shelf_labels.content import content_of
from halles.journeys.shelf_labels.link import SUBSCRIPTIONS, ShelfLink
from halles.kernel.clock import FixedClock
from halles.kernel.nats.server import Server, prepare
from halles.kernel.web import Role, Services
from halles.places import api as places
from halles.places.types import PlaceDraft
from halles.pricing import api as pricing
from halles.pricing.types import PriceChange
from halles.shelf_labels import api as shelf_labels
from halles.shelf_labels.adapters.mqtt import BrokerUnavailable, linked
from halles.shelf_labels.adapters.simulator import Manner, Simulator
from halles.shelf_labels.types import LabelState, SentContent, ShelfLabel

SignIn = Callable[..., Awaitable[int]]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A nats-server that speaks MQTT."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    folder = tmp_path_factory.mktemp("nats")
    words = prepare(
        Server(name="labels", folder=folder, port=ports[0], token="secret", mqtt=f"127.0.0.1:{ports[1]}")
    )
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"mqtt://halles:secret@127.0.0.1:{ports[1]}"
    finally:
        process.terminate()
        process.wait(20)


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that other tasks bring about; a minute is the end of patience."""
    async with asyncio.timeout(60):
        while not await true():  # noqa: ASYNC110  other processes bring it about
            await asyncio.sleep(0.05)


@dataclass(kw_only=True)
class Shop:
    services: Services
    seller: int
    place: int
    variants: list[int]
    keys: dict[str, str]

    async def price(self, variant: int, minor: int, regular: int | None = None) -> None:
        now = self.services.clock()
        change = PriceChange(
            variant_id=variant, currency="EUR", minor=minor, valid_from=now, regular_minor=regular
        )
        async with self.services.db.transaction() as tx:
            await pricing.set_prices(tx, self.seller, [change], now)
            # What the reaction to PricesChanged does.
            await shelf_labels.look_at_variants(tx, [(self.seller, variant)], now)
        await api.look_again(self.services)

    async def states(self) -> dict[str, LabelState]:
        async with self.services.db.reading() as tx:
            return {
                one.label_code: one.state
                for one in (await service.shelf(tx, self.services, self.seller)).labels
            }

    async def until(self, wanted: dict[str, LabelState]) -> None:
        async def reached() -> bool:
            return await self.states() == wanted

        await eventually(reached)


@pytest.fixture
async def shop(services: Services) -> Shop:
    now = services.clock()
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Maison Halles", now=now)
        place = await places.add_place(
            tx, seller,
            PlaceDraft(code="marais", name="Le Marais", kind="store", city="Paris", country="FR", timezone="Europe/Paris",
                currency="EUR", label_currency="CNY", opening_hours={}),
        )  # fmt: skip
        drafts = [
            VariantDraft(sku=sku, options=(), content=Content(amount=Decimal(500), unit="g"))
            for sku in ("jam", "honey")
        ]
        saved = await catalog.save_products(
            tx, seller,
            [ProductDraft(external_id=d.sku, title={"fr": d.sku.title()}, variants=(d,)) for d in drafts],
        )  # fmt: skip
        variants = [saved.variant_ids[d.sku] for d in drafts]
        changes = [PriceChange(variant_id=v, currency="EUR", minor=540, valid_from=now) for v in variants]
        await pricing.set_prices(tx, seller, changes, now)
        keys: dict[str, str] = {}
        for name in ("g1", "g2"):
            made = await service.make_gateway(
                tx, services, seller, gateway_id=name, place_id=place.place_id, name=name
            )
            keys[name] = made.key
        for code, variant in zip(("L1", "L2"), variants, strict=True):
            await service.hang(tx, services, seller, code, gateway_id="g1", variant_id=variant, position="A1")
    await api.look_again(services)
    return Shop(services=services, seller=seller, place=place.place_id, variants=variants, keys=keys)


@asynccontextmanager
async def running(shop: Shop, broker: str, *gateways: Simulator) -> AsyncGenerator[None]:
    """The worker's link and these gateways."""
    stop = asyncio.Event()
    link = ShelfLink(shop.services, lambda: linked(broker, "halles", SUBSCRIPTIONS))
    ready = [asyncio.Event() for _ in gateways]
    clock = shop.services.clock
    tasks = [asyncio.create_task(link.run(stop))] + [
        asyncio.create_task(gateway.run(lambda: int(clock().timestamp() * 1000), event))
        for gateway, event in zip(gateways, ready, strict=True)
    ]
    try:
        for event in ready:
            await asyncio.wait_for(event.wait(), 20)
        yield
    finally:
        stop.set()
        for task in tasks[1:]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def gateway(shop: Shop, broker: str, manner: Manner = Manner.HONEST, name: str = "g1") -> Simulator:
    return Simulator(
        url=broker, seller_id=shop.seller, gateway_id=name, key=bytes.fromhex(shop.keys[name]), manner=manner
    )


BOTH = {"L1": LabelState.CONFIRMED, "L2": LabelState.CONFIRMED}


async def test_a_price_goes_to_the_label_and_its_proof_comes_back(shop: Shop, broker: str) -> None:
    twice = gateway(shop, broker, Manner.TWICE)
    async with running(shop, broker, twice):
        await shop.until(BOTH)
        assert twice.screens["L1"].content["price"] == "5,40\u00a0€"
        assert twice.screens["L1"].content["unit"] == "10,80\u00a0€ le kg"
        await shop.price(shop.variants[0], 490, regular=540)
        await shop.until(BOTH)
        shown = twice.screens["L1"].content
        assert (shown["price"], shown["was"]) == ("4,90\u00a0€", None), (
            "540 was charged for no time at all before"
        )
    async with shop.services.db.reading() as tx:
        page = await service.shelf(tx, shop.services, shop.seller)
        picture = shelf_labels.drawn(await shelf_labels.proved_content(tx, shop.seller, "L1"))
    assert Image.open(io.BytesIO(picture)).size == (296, 128)
    report = await examine(shop.services.db)
    assert report.counted["shelf labels"] == 2
    assert report.findings == []
    assert page.refusals == []
    first = next(one for one in page.labels if one.label_code == "L1")
    assert first.shows == first.wanted == dict(shown)
    assert page.gateways[0].heard_at is not None


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        (Manner.WRONG_HASH, "wrong_content"),
        (Manner.OTHER_LABEL, "unknown_label"),
        (Manner.UNSIGNED, "forged"),
    ],
)
async def test_a_gateway_that_lies_confirms_nothing_and_is_told(
    shop: Shop, broker: str, manner: Manner, reason: str
) -> None:
    liar = gateway(shop, broker, manner)
    async with running(shop, broker, liar):

        async def told() -> bool:
            return len(liar.told) >= 2

        await eventually(told)
        assert reason.encode() in liar.told[0]
        assert await shop.states() == dict.fromkeys(("L1", "L2"), LabelState.SENDING)
    assert isinstance(shop.services.clock, FixedClock)
    shop.services.clock.at += timedelta(seconds=121)
    assert await shop.states() == dict.fromkeys(("L1", "L2"), LabelState.UNCONFIRMED)


async def test_another_gateway_cannot_answer_for_a_label(shop: Shop, broker: str) -> None:
    """g2 overhears what g1 was sent, and signs with its own key."""
    honest, spy = gateway(shop, broker, Manner.SILENT), gateway(shop, broker, name="g2")
    async with running(shop, broker, honest, spy):

        async def shown() -> bool:
            return len(honest.screens) == 2

        await eventually(shown)
        spy.screens = dict(honest.screens)
        topic = shelf_labels.messages.topic(shop.seller, "g2", "ack")
        screen = honest.screens["L1"]
        said = shelf_labels.messages.ack_message(spy.key, topic, "L1", screen.version, screen.hash)
        async with linked(broker, "spy", ()) as wire:
            assert await wire.send(topic, said)
            assert await wire.send(shelf_labels.messages.topic(shop.seller, "g1", "ack"), said)

        async def refused() -> bool:
            return await _refusals(shop) == {("g2", "not_its_label"), ("g1", "forged")}

        await eventually(refused)
    assert LabelState.CONFIRMED not in (await shop.states()).values()


async def test_a_gateway_that_was_away_finds_the_newest_content(shop: Shop, broker: str) -> None:
    async with running(shop, broker):
        await eventually(lambda: _sent(shop))
        await shop.price(shop.variants[0], 600)
        late = gateway(shop, broker)
        async with running(shop, broker, late):
            await shop.until(BOTH)
    assert late.screens["L1"].content["price"] == "6,00\u00a0€"


async def _sent(shop: Shop) -> bool:
    async with shop.services.db.reading() as tx:
        return all(one.sent_at is not None for one in await shelf_labels.labels(tx, shop.seller))


async def _refusals(shop: Shop) -> set[tuple[str, str]]:
    async with shop.services.db.reading() as tx:
        return {(one.gateway_id, one.reason) for one in await shelf_labels.refusals(tx, shop.seller)}


async def test_what_is_withdrawn_shows_no_price(shop: Shop) -> None:
    async with shop.services.db.reading() as tx:
        labels = await shelf_labels.labels(tx, shop.seller)
    assert content_of(labels[0], {}, "fr") == {"name": "", "price": None, "position": "A1"}


async def test_a_broker_that_is_away() -> None:
    with pytest.raises(BrokerUnavailable):
        async with linked("mqtt://127.0.0.1:1", "halles", ()):
            pass


async def test_the_console(client: httpx.AsyncClient, shop: Shop, sign_in: SignIn) -> None:
    url = "/api/console/shelf-labels"
    assert (await client.get(url)).status_code == 401
    await sign_in(client, Role.HEAD_OFFICE, seller_id=shop.seller)
    page = (await client.get(url)).json()
    assert page["counts"] == {"sending": 2}
    assert page["labels"][0]["wanted"]["price"] == "5,40\u00a0€"
    assert page["labels"][0]["shows"] is None
    assert page["broker"] is False
    body = {"gateway_id": "g3", "place_id": shop.place, "name": "Cellar"}
    made = await client.post(f"{url}/gateways", json=body)
    assert made.status_code == 201
    assert len(made.json()["key"]) == 64
    assert (await client.post(f"{url}/gateways", json=body)).json()["code"] == "shelf_labels.gateway_taken"
    edit = {"gateway_id": "g3", "variant_id": shop.variants[0], "position": "C1"}
    assert len((await client.put(f"{url}/L9", json=edit)).json()["labels"]) == 3
    assert (await client.put(f"{url}/L9", json={**edit, "variant_id": 10**9})).status_code == 404
    assert (await client.put(f"{url}/L9", json={**edit, "gateway_id": "no-one"})).status_code == 404
    faults = (await client.get(f"{url}/check", params={"place_id": shop.place, "lang": "fr"})).json()
    assert [(one["rule"], one["hint"]) for one in faults] == [("conversion", "CNY")] * 2, "no rate is known"
    await shop.price(shop.variants[0], 490, regular=9900)
    faults = (await client.get(f"{url}/check", params={"place_id": shop.place, "lang": "fr"})).json()
    assert ("reduction", "99,00\u00a0€ → —") in [(one["rule"], one["hint"]) for one in faults]
    assert (await client.get(f"{url}/L1/picture.png")).json()["code"] == "shelf_labels.unknown_label"
    assert (await client.post(f"{url}/again")).json() == {"count": 3}
    assert (await client.delete(f"{url}/L9")).status_code == 204
    assert (await client.delete(f"{url}/L9")).status_code == 404


def test_the_doctor_sees_a_proof_that_is_none() -> None:
    body = shelf_labels.messages.body_of("L1", 1, "n", {"price": "1"})
    digest = shelf_labels.messages.hash_of(body)
    at = datetime(2026, 11, 21, 10, tzinfo=UTC)
    label = ShelfLabel(
        seller_id=7, label_code="L1", gateway_id="g1", place_id=1, product_id=UUID(int=1), variant_id=1, position="", version=1,
        content=None, hash=digest, desired_at=at, attempts=1, send_at=None, sent_at=at, confirmed_version=1, confirmed_at=at,
    )  # fmt: skip
    sent = SentContent(
        seller_id=7, label_code="L1", version=1, gateway_id="g1", hash=digest, body=body, made_at=at, sent_at=at,
        confirmed_at=at, confirmed_hash=digest,
    )  # fmt: skip

    def checks(label: ShelfLabel, sent: SentContent | None) -> list[str]:
        return [one.check for one in compare([label], {} if sent is None else {(7, "L1"): sent})]

    assert checks(label, sent) == []
    assert checks(label, None) == ["label.sent"]
    assert checks(label, replace(sent, body=body.replace("1", "2"))) == ["label.hash"]
    assert checks(label, replace(sent, confirmed_hash="0" * 64)) == ["label.proof"]
    assert checks(label, replace(sent, sent_at=None)) == ["label.proof"]
    assert checks(replace(label, version=2), sent) == ["label.send"]


@pytest.mark.parametrize(
    "content", [{}, {"name": "W" * 300, "price": "9" * 60, "was": "8" * 50, "brand": None}]
)
def test_odd_contents_are_drawn_too(content: dict[str, object]) -> None:
    assert Image.open(io.BytesIO(shelf_labels.drawn(content))).getpalette() is not None
