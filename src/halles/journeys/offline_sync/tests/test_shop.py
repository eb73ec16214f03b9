"""The shop on a phone: whole, by deltas, and the same for every phone."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable

import httpx
import pytest

from halles.catalog import api as catalog
from halles.journeys.checkout.tests.small_shop import Shop
from halles.journeys.offline_sync.api import FRESH
from halles.journeys.offline_sync.tests.conftest import Phone, Reprice
from halles.kernel.caller import Role
from halles.kernel.db import Database, counting, query
from halles.kernel.ids import uuid7
from halles.places import api as places

Later = Callable[..., object]
SignIn = Callable[..., Awaitable[int]]
_HIDE = query(
    "update catalog.product set state = 'hidden' where external_id = 'P-2' returning product_id", str
)
_SOLD_OUT = query(
    "update inventory.stock set on_hand = 0 where variant_id = %(variant_id)s returning variant_id", int
)


async def test_the_phone_has_what_the_pages_show(phone: Phone, shop: Shop) -> None:
    await phone.take()
    kinds = [key[0] for key in phone.entries]
    assert (kinds.count("p"), kinds.count("v"), kinds.count("a"), kinds.count("c")) == (3, 3, 1, 1)
    offer = json.loads(phone.entries[f"v:{shop.variants[0]}"])
    product = next(json.loads(body) for key, body in phone.entries.items() if key.startswith("p:"))
    page = (
        await phone.client.get(f"/api/products/{product['product_id']}?place={shop.place_id}&lang=en")
    ).json()
    assert offer["price"] == {"minor": 1200, "currency": "EUR"} == page["variants"][0]["price"]
    assert product["title"] == page["title"]
    promise = json.loads(phone.entries[offer["promise"]])
    assert promise["date"] == page["variants"][0]["promise"]["date"]


async def test_a_delta_holds_what_changed_and_names_what_is_gone(
    phone: Phone, shop: Shop, db: Database, reprice: Reprice, later: Later
) -> None:
    await phone.take()
    assert await phone.sync() == {}
    await reprice(1500)
    async with db.transaction() as tx:
        await tx.all(_HIDE)
    later(seconds=40)
    changes = await phone.sync()
    gone = sorted(key[0] for key, body in changes.items() if body is None)
    assert gone == ["p", "v"]
    assert json.loads(changes[f"v:{shop.variants[0]}"] or "")["price"]["minor"] == 1500
    fresh = Phone(phone.client, phone.touchpoint)
    await fresh.take()
    assert fresh.entries == phone.entries


async def test_a_day_that_moves_on_changes_promises_and_not_every_variant(phone: Phone, later: Later) -> None:
    await phone.take()
    later(days=4)
    changes = await phone.sync()
    assert {key[0] for key in changes} == {"w"}


async def test_a_phone_with_another_line_of_versions_takes_the_whole(phone: Phone) -> None:
    await phone.take()
    for known in ({"bundle": str(uuid7()), "since": 0}, {"bundle": phone.told["bundle"], "since": 99}):
        answer = await phone.client.get("/api/offline/delta", params={**phone.query, **known})
        assert (answer.status_code, answer.json()["code"]) == (409, "offline.snapshot_needed")
        assert answer.json()["bytes"] > 100


async def test_the_size_is_told_and_a_known_version_is_not_sent_again(phone: Phone) -> None:
    about = (await phone.client.get("/api/offline", params=phone.query)).json()
    whole = await phone.client.get("/api/offline/snapshot", params=phone.query)
    assert (about["bytes"], about["products"], about["left_out"]) == (len(whole.content), 3, 0)
    assert whole.headers["content-encoding"] == "gzip"
    assert (
        about["bytes_zipped"]
        == int(whole.headers["content-length"])
        == len(gzip.compress(whole.content, 6, mtime=0))
    )
    again = await phone.client.get(
        "/api/offline/snapshot", params=phone.query, headers={"if-none-match": whole.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_many_phones_at_once_read_the_shop_once(phone: Phone, later: Later) -> None:
    later(minutes=1)
    answers = await asyncio.gather(
        *(phone.client.get("/api/offline/snapshot", params=phone.query) for _ in range(12))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["version"] == 1


async def test_a_fresh_shop_costs_few_statements(phone: Phone) -> None:
    await phone.take()
    with counting() as found:
        await phone.sync()
    assert found.statements <= 8


async def test_only_currencies_that_are_sold_are_kept(phone: Phone, client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/offline", params={**phone.query, "currency": "XXX"})
    assert (answer.status_code, answer.json()["code"]) == (404, "offline.no_such_currency")


async def test_what_does_not_fit_is_counted(
    phone: Phone, shop: Shop, db: Database, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    monkeypatch.setitem(vars(settings), "offline_products", 2)
    await phone.take()
    assert sum(key.startswith("p:") for key in phone.entries) == 2
    assert phone.told["left_out"] == 1


async def test_what_is_sold_out_says_so_at_the_next_delta(
    phone: Phone, shop: Shop, db: Database, later: Later
) -> None:
    await phone.take()
    async with db.transaction() as tx:
        await tx.all(_SOLD_OUT, {"variant_id": shop.variants[1]})
    later(seconds=FRESH.total_seconds())
    changes = await phone.sync()
    assert json.loads(changes[f"v:{shop.variants[1]}"] or "")["available"] == "no"


async def test_staff_read_the_terms_and_head_office_changes_them(
    phone: Phone, shop: Shop, client_as: Callable[[str], Awaitable[httpx.AsyncClient]], sign_in: SignIn
) -> None:
    staff, office = await client_as("visitor"), await client_as("visitor")
    await sign_in(staff, Role.STAFF, shop.seller_id)
    await sign_in(office, Role.HEAD_OFFICE, shop.seller_id)
    assert (await staff.get("/api/console/offline")).json() == {"honour_hours": 24, "not_before": None}
    changed = {"honour_hours": 6, "call_back": False}
    assert (await staff.put("/api/console/offline", json=changed)).status_code == 403
    assert (await office.put("/api/console/offline", json=changed)).json()["honour_hours"] == 6
    assert (await office.put("/api/console/offline", json={"honour_hours": 169})).status_code == 422
    await phone.take()
    assert phone.told["honour_hours"] == 6


async def test_a_sample_whose_product_is_hidden_is_on_no_phone(
    phone: Phone, shop: Shop, db: Database, later: Later
) -> None:
    """Staff put samples up before the products are; who fetches the shop must not read of them."""
    async with db.transaction() as tx:
        infos = await catalog.load_variants(tx, shop.seller_id, shop.variants)
        codes = [
            (
                await places.add_sample(
                    tx,
                    shop.seller_id,
                    shop.place_id,
                    product_id=infos[variant].product_id,
                    variant_id=variant,
                    position="A1",
                )
            ).code
            for variant in shop.variants
        ]
    await phone.take()
    assert {key for key in phone.entries if key[0] == "s"} == {f"s:{code}" for code in codes}
    async with db.transaction() as tx:
        (hidden,) = await tx.all(_HIDE)
    later(seconds=40)
    await phone.sync()
    assert len([key for key in phone.entries if key[0] == "s"]) == 2
    assert not [key for key, body in phone.entries.items() if str(hidden) in f"{key}{body}"]
