"""What a thief tries with prices that a phone was given: to invent one, to backdate one, to keep one for ever, to lend one.

Nothing of it is worth anything: a quote says when, and the price is read from what was really charged then.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from msgspec.structs import replace

from halles.edge.tests.thief import ClientAs, SignIn, as_json, rich, spendable
from halles.journeys.checkout.quotes import Quote, Quotes, read_quote, sign_quote
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.journeys.checkout.types import Command
from halles.journeys.offline_sync.tests.conftest import Phone, Reprice
from halles.journeys.offline_sync.tests.conftest import later as later  # noqa: PLC0414  a fixture
from halles.journeys.offline_sync.tests.conftest import reprice as reprice  # noqa: PLC0414  a fixture
from halles.kernel.caller import Role
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, counting, query
from halles.kernel.ids import uuid7

Later = Callable[..., object]
_ANNOUNCE = query(
    """insert into pricing.price (seller_id, price_list_id, variant_id, valid_from, minor, recorded_at)
    select seller_id, price_list_id, variant_id, %(from)s, %(minor)s, %(recorded)s from pricing.price
    where seller_id = %(seller_id)s and variant_id = %(variant_id)s limit 1 returning minor""",
    int,
)


@pytest.fixture
async def phone(thief: httpx.AsyncClient, shop: Shop) -> Phone:
    found = Phone(thief, shop.touchpoint)
    await found.take()
    return found


def refused(answer: httpx.Response) -> tuple[int, str, str | None]:
    body = answer.json()
    return answer.status_code, body["code"], body.get("unkept")


async def test_the_price_that_was_shown_is_honoured(
    phone: Phone, shop: Shop, reprice: Reprice, later: Later, thief: httpx.AsyncClient
) -> None:
    later(hours=1)
    await reprice(1900)
    before = await spendable(thief)
    answer = await phone.order(shop, 1200)
    assert (answer.status_code, answer.json()["total"]["minor"]) == (201, 1200)
    assert before - await spendable(thief) == 1200


async def test_without_a_quote_todays_price_counts(
    phone: Phone, shop: Shop, reprice: Reprice, later: Later
) -> None:
    later(hours=1)
    await reprice(1900)
    answer = await phone.order(shop, 1200, quote=None)
    assert refused(answer) == (409, "pricing.price_changed", None)
    assert answer.json()["unit_price_minor"] == 1900


@pytest.mark.parametrize("invented", [0, 1, 1199, 1201, 1500])
async def test_to_invent_a_price(
    phone: Phone, shop: Shop, reprice: Reprice, later: Later, invented: int
) -> None:
    later(hours=1)
    await reprice(1900)
    answer = await phone.order(shop, invented)
    assert refused(answer) == (409, "pricing.price_changed", "never_shown")


async def test_to_forge_or_bend_a_quote(phone: Phone, shop: Shop, reprice: Reprice, later: Later) -> None:
    later(hours=1)
    await reprice(1900)
    good = str(phone.told["quote"])
    seller, currency, country, ms, mac = good.split(".")
    bent = [
        f"{seller}.{currency}.{country}.{int(ms) + 1}.{mac}",
        f"{seller}.{currency}.{country}.0{ms}.{mac}",
        f"{seller}.{currency}.{country}.{ms}.{mac[:-1]}",
        f"{seller}.{currency}.{country}.{ms}.{mac}=",
        f"{seller}.{currency}.{country}.{ms}.{'A' * 22}",
        f" {good}",
        good + "\n",
        good.upper(),
        "....",
        "",
        "é" * 20,
    ]
    for quote in bent:
        answer = await phone.order(shop, 1200, quote=quote)
        assert refused(answer) == (409, "pricing.price_changed", None), quote
    assert (await phone.order(shop, 1200, quote="x" * 201)).status_code == 422


async def test_to_backdate(phone: Phone, shop: Shop, reprice: Reprice, later: Later) -> None:
    """The article cost less a week ago: a quote of that time cannot be made now, nor one of today moved there."""
    later(days=7)
    await reprice(1900)
    later(minutes=1)
    fresh = Phone(phone.client, phone.touchpoint)
    await fresh.take()
    assert refused(await fresh.order(shop, 1200)) == (409, "pricing.price_changed", "never_shown")
    assert refused(await phone.order(shop, 1200)) == (409, "pricing.price_changed", "too_old")


async def test_to_keep_a_quote_for_long(phone: Phone, shop: Shop, reprice: Reprice, later: Later) -> None:
    later(hours=1)
    await reprice(1900)
    later(hours=22, minutes=59)
    assert (await phone.order(shop, 1200)).status_code == 201
    later(hours=2)
    assert refused(await phone.order(shop, 1200)) == (409, "pricing.price_changed", "too_old")
    later(days=10)
    assert refused(await phone.order(shop, 1200)) == (409, "pricing.price_changed", None)


async def test_to_keep_a_price_beyond_its_announced_end(
    phone: Phone, shop: Shop, db: Database, clock: FixedClock, later: Later
) -> None:
    """A reduction until noon is not bought at one o'clock, however fresh the phone."""
    values = {
        "seller_id": shop.seller_id,
        "variant_id": shop.variants[0],
        "from": clock() + timedelta(hours=2),
    }
    async with db.transaction() as tx:
        await tx.all(_ANNOUNCE, {**values, "minor": 1900, "recorded": clock() - timedelta(hours=1)})
    later(minutes=1)
    await phone.sync()
    later(hours=1)
    assert (await phone.order(shop, 1200)).status_code == 201
    later(hours=1)
    assert refused(await phone.order(shop, 1200)) == (409, "pricing.price_changed", "ended")


async def test_a_mistake_in_a_price_is_called_back(
    phone: Phone, shop: Shop, reprice: Reprice, later: Later, client_as: ClientAs, sign_in: SignIn
) -> None:
    """The article stood at a hundredth of its price for a while, and phones carried that away."""
    later(minutes=1)
    await reprice(12)
    later(minutes=1)
    await phone.sync()
    later(minutes=1)
    await reprice(1200)
    assert (await phone.order(shop, 12)).status_code == 201
    office = await client_as("visitor")
    await sign_in(office, Role.HEAD_OFFICE, shop.seller_id)
    (
        await office.put("/api/console/offline", json={"honour_hours": 24, "call_back": True})
    ).raise_for_status()
    assert refused(await phone.order(shop, 12)) == (409, "pricing.price_changed", "called_back")
    (await office.put("/api/console/offline", json={"honour_hours": 168})).raise_for_status()
    assert refused(await phone.order(shop, 12)) == (409, "pricing.price_changed", "called_back")


async def test_to_use_a_quote_in_another_shop_or_currency(
    phone: Phone, shop: Shop, rival: Shop, reprice: Reprice, later: Later
) -> None:
    later(hours=1)
    await reprice(1900, seller=rival)
    await reprice(1900)
    body = as_json(rival.order(unit_price_minor=1200))
    answer = await phone.client.post("/api/orders", json={**body, "quote": phone.told["quote"]})
    assert refused(answer) == (409, "pricing.price_changed", None)
    abroad = {**as_json(shop.order())["ship_to"], "country": "DE"}
    assert refused(await phone.order(shop, 1200, ship_to=abroad)) == (409, "pricing.price_changed", None)


async def test_to_pay_more_by_mistake(phone: Phone, shop: Shop, reprice: Reprice, later: Later) -> None:
    """A price that fell meanwhile is told: nobody pays the old one for having been in a basement."""
    later(hours=1)
    await reprice(900)
    answer = await phone.order(shop, 1200)
    assert refused(answer) == (409, "pricing.price_changed", None)
    assert answer.json()["unit_price_minor"] == 900


async def test_to_place_it_twice(
    phone: Phone, shop: Shop, reprice: Reprice, later: Later, thief: httpx.AsyncClient
) -> None:
    """The same order with a fresher quote is the same order; with another price it is another one."""
    later(hours=1)
    await reprice(1900)
    order_id, before = str(uuid7()), await spendable(thief)
    first = await phone.order(shop, 1200, order_id=order_id)
    await phone.sync()
    again = await phone.order(shop, 1200, order_id=order_id)
    other = await phone.order(shop, 1900, order_id=order_id)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["number"] == again.json()["number"]
    assert refused(other) == (409, "orders.id_reused", None)
    assert before - await spendable(thief) == 1200


async def test_a_lent_quote_opens_no_more_than_the_shop_itself(
    phone: Phone, shop: Shop, client_as: ClientAs, reprice: Reprice, later: Later, db: Database
) -> None:
    """Quotes are not secret: whoever has one pays what anybody in the shop at that hour would pay, out of their own money."""
    later(hours=1)
    await reprice(1900)
    other = Phone(await rich(await client_as("guest")), shop.touchpoint, told=phone.told)
    await open_shop(db, name="Tierce")
    assert (await other.order(shop, 1200)).json()["total"]["minor"] == 1200
    visitor = Phone(await client_as("visitor"), shop.touchpoint, told=phone.told)
    assert (await visitor.order(shop, 1200)).status_code == 401


async def test_to_make_a_batch_long_with_quotes_of_many_moments(
    shop: Shop, reprice: Reprice, later: Later, db: Database, clock: FixedClock
) -> None:
    """Quotes of every half minute, one an order, all at once: each is read at its own moment, and they cost what orders with one
    quote for all would."""
    quotes = Quotes(db, b"a" * 64)
    commands: list[Command] = []
    for minor in range(1900, 1940):
        await reprice(minor)
        quote = Quote(seller_id=shop.seller_id, currency="EUR", country="FR", at=clock())
        order = replace(shop.order(unit_price_minor=minor), quote=quotes.sign(quote))
        commands.append(Command(order, 1, b"", (order,), (order.order_id.bytes,), country="FR"))
        later(seconds=30)
    commands.append(commands[0])
    with counting() as counter:
        await quotes.weigh(commands, clock())
    assert counter.statements == 3
    kept = [command.order.lines[0].unit_price_minor for command in commands]
    assert [list((command.shown or {}).values()) for command in commands] == [[minor] for minor in kept]


def test_a_key_of_another_installation_signs_nothing_here(clock: FixedClock) -> None:
    quote = Quote(seller_id=2, currency="EUR", country="FR", at=clock())
    token = sign_quote(b"a" * 64, quote)
    assert read_quote(b"a" * 64, token) == quote
    assert read_quote(b"b" * 64, token) is None
    assert read_quote(b"a" * 64, token.replace("EUR", "USD")) is None
