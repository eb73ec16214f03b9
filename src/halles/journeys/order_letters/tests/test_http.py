"""The link of a mail, and the console's page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from halles.identity.types import MailRefused
from halles.journeys.order_letters.links import LIFE
from halles.journeys.order_letters.tests.post import Post
from halles.kernel.caller import Role
from halles.kernel.db import command, counting
from halles.kernel.ids import uuid7

SignIn = Callable[..., Awaitable[int]]
ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]
FORGET = command('update orders."order" set email = %(email)s where order_id = %(order_id)s')


async def linked(post: Post, *, several: bool = False) -> tuple[UUID, str]:
    """An order, and the key in the link of its mail."""
    order_id = await post.place(several=several)
    await post.work()
    (link,) = [word for word in post.box.mails[-1].text.split() if "/orders/" in word]
    where, _, key = link.partition("#")
    assert where.endswith(f"/orders/{order_id}")
    return order_id, key


async def ask(client: httpx.AsyncClient, order_id: UUID | str, key: str) -> httpx.Response:
    return await client.get(f"/api/orders/{order_id}/linked", headers={"order-key": key})


async def test_whoever_has_the_link_reads_the_order_and_does_nothing_to_it(
    post: Post, client: httpx.AsyncClient
) -> None:
    order_id, key = await linked(post, several=True)
    with counting() as counter:
        answer = await ask(client, order_id, key)
    assert answer.status_code == 200, answer.text
    assert counter.statements <= 15
    page = answer.json()
    assert (page["order_id"], page["can_cancel"], page["card"]) == (str(order_id), False, None)
    assert page["ship_to"]["name"] == "Camille"
    assert [part["can_cancel"] for part in page["parts"]] == [False, False]
    assert answer.headers["cache-control"] == "no-store"
    other = next(part["order_id"] for part in page["parts"] if part["order_id"] != str(order_id))
    assert (await ask(client, other, key)).status_code == 200, "the other seller's part is the same order"
    assert (await client.get(f"/api/orders/{order_id}")).status_code == 401
    cancel = {"order-key": key, "idempotency-key": "12345678"}
    assert (await client.post(f"/api/orders/{order_id}/cancel", headers=cancel)).status_code == 401


async def test_a_link_opens_no_other_order(post: Post, client: httpx.AsyncClient) -> None:
    first, key = await linked(post)
    second, its = await linked(post)
    ends, _, mark = key.partition(".")
    longer = f"{int(ends, 16) + 86_400:x}.{mark}"
    wrong = [
        "",
        ".",
        "x",
        key[:-1],
        key + "A",
        key.swapcase(),
        its,
        longer,
        f"-{key}",
        "ffffffffffff.x",
        "0" * 101,
    ]
    for text in wrong:
        answer = await ask(client, first, text)
        assert answer.status_code in {404, 422}, text
        assert answer.status_code == 422 or answer.json()["code"] == "order_letters.link_refused"
    for order_id in (second, uuid7()):
        assert (await ask(client, order_id, key)).json()["code"] == "order_letters.link_refused"
    assert (await client.get(f"/api/orders/{first}/linked")).status_code == 422


async def test_a_link_ends(post: Post, client: httpx.AsyncClient) -> None:
    order_id, key = await linked(post)
    post.at(seconds=(LIFE - timedelta(seconds=1)).total_seconds())
    assert (await ask(client, order_id, key)).status_code == 200
    post.at(seconds=LIFE.total_seconds())
    assert (await ask(client, order_id, key)).json()["code"] == "order_letters.link_expired"


@pytest.mark.parametrize("email", [None, "another@test.example"])
async def test_a_link_dies_with_the_address_it_went_to(
    post: Post, client: httpx.AsyncClient, email: str | None
) -> None:
    order_id, key = await linked(post)
    async with post.services.db.transaction() as tx:
        await tx.run(FORGET, {"email": email, "order_id": order_id})
    assert (await ask(client, order_id, key)).json()["code"] == "order_letters.link_refused"


async def test_the_console_shows_what_nobody_could_send(
    post: Post, client_as: ClientAs, sign_in: SignIn
) -> None:
    office = await client_as("visitor")
    await sign_in(office, Role.HEAD_OFFICE, post.shop.seller_id)
    order_id = await post.place()
    post.box.wrong = [MailRefused("unknown")]
    await post.work()
    page = (await office.get("/api/console/order-mails")).json()
    assert page["configured"] is True
    assert page["terms"] == {
        "off": [], "legal": "", "withdrawal_days": 14, "withdrawal_fr": "", "withdrawal_en": "", "version": 0,
    }  # fmt: skip
    (parked,) = page["parked"]
    assert (parked["order_id"], parked["kind"], parked["why"]) == (str(order_id), "confirmation", "refused")
    one = {"order_id": parked["order_id"], "kind": parked["kind"], "cause": parked["cause"]}
    stranger = await client_as("visitor")
    await sign_in(stranger, Role.STAFF, post.other.seller_id)
    refused = await stranger.post("/api/console/order-mails/retry", json=one)
    assert refused.json()["code"] == "letters.no_such_letter"
    assert (await office.post("/api/console/order-mails/retry", json=one)).json() == {"retried": 1}
    assert (await office.post("/api/console/order-mails/retry", json={})).json() == {"retried": 0}
    await post.work()
    assert len(post.box.mails) == 1


async def test_head_office_says_what_the_mails_say(post: Post, client_as: ClientAs, sign_in: SignIn) -> None:
    office, staff = await client_as("visitor"), await client_as("visitor")
    await sign_in(office, Role.HEAD_OFFICE, post.shop.seller_id)
    await sign_in(staff, Role.STAFF, post.shop.seller_id)
    wanted = {
        "off": ["delivered", "shipped"],
        "legal": " Maison\r\nParis ",
        "withdrawal_days": 30,
        "version": 0,
    }
    assert (await staff.put("/api/console/order-mails", json=wanted)).status_code == 403
    saved = (await office.put("/api/console/order-mails", json=wanted)).json()["terms"]
    assert (saved["off"], saved["legal"], saved["version"]) == (["shipped", "delivered"], "Maison\nParis", 1)
    late = await office.put("/api/console/order-mails", json=wanted | {"legal": "x"})
    assert late.json()["code"] == "letters.changed_meanwhile"
    for bad in ({"off": ["confirmation"]}, {"withdrawal_days": 13}, {"legal": "a\0b"}, {"legal": "x" * 2001}):
        assert (await office.put("/api/console/order-mails", json=wanted | bad)).status_code == 422
    await post.place()
    await post.work()
    assert "Maison\nParis" in post.box.mails[0].text
    assert "within 30 days" in post.box.mails[0].text


@pytest.mark.parametrize(
    ("email", "status"), [("camille", 422), ("a b@c.example", 422), ("c@d.example", 201), ("", 201)]
)
async def test_checkout_takes_only_what_looks_like_an_address(
    post: Post, client: httpx.AsyncClient, sign_in: SignIn, email: str, status: int
) -> None:
    await sign_in(client)
    line = {"variant_id": post.shop.variants[0], "quantity": 1, "unit_price_minor": 1200}
    body = {
        "order_id": str(uuid7()), "seller_id": post.shop.seller_id, "currency": "EUR", "lines": [line], "payment": "card",
        "promise": {"lane": "hub", "date": "2026-12-31"}, "email": email,
    }  # fmt: skip
    assert (await client.post("/api/orders", json=body)).status_code == status
