"""What a thief tries with the shop on the phone, with stock that is kept for others, and with customer groups: see
`test_attacks.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from halles.catalog import api as catalog
from halles.catalog.types import ProductEdit, State
from halles.edge.tests.thief import ClientAs, SignIn, ordered
from halles.journeys.checkout.tests.small_shop import Shop
from halles.journeys.flash_sale import planning
from halles.journeys.flash_sale.tests.sales import START, plan
from halles.journeys.offline_sync.tests.conftest import Phone, Reprice
from halles.journeys.offline_sync.tests.conftest import later as later  # noqa: PLC0414  a fixture
from halles.journeys.offline_sync.tests.conftest import reprice as reprice  # noqa: PLC0414  a fixture
from halles.kernel.caller import Role
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, command
from halles.kernel.ids import uuid7

Later = Callable[..., object]
_NAME = command("update identity.party set name = %(name)s where party_id = %(party_id)s")


@pytest.fixture
async def phone(thief: httpx.AsyncClient, shop: Shop) -> Phone:
    return Phone(thief, shop.touchpoint)


async def _show(db: Database, shop: Shop, state: State) -> None:
    """Hide the first article, or put it up."""
    async with db.transaction() as tx:
        info = (await catalog.load_variants(tx, shop.seller_id, shop.variants))[shop.variants[0]]
        product = (await catalog.load_products(tx, shop.seller_id, [info.product_id]))[info.product_id]
        edit = ProductEdit(
            title=product.title, description=product.description, brand=None, category=product.category,
            attributes=(), state=state,
        )  # fmt: skip
        await catalog.edit_product(tx, shop.seller_id, info.product_id, product.version, edit)


async def test_to_pay_the_draft_price_of_what_was_put_up_since(
    phone: Phone, shop: Shop, reprice: Reprice, later: Later, db: Database
) -> None:
    """A hidden article stands with a price nobody was shown (one cent, until somebody sets it): a quote of that hour does not
    speak for it."""
    await _show(db, shop, State.HIDDEN)
    await reprice(1)
    later(minutes=1)
    await phone.take()
    assert not [key for key in phone.entries if key == f"v:{shop.variants[0]}"]
    later(hours=1)
    await reprice(1900)
    await _show(db, shop, State.ACTIVE)
    later(minutes=1)
    answer = await phone.order(shop, 1)
    assert (answer.status_code, answer.json().get("code")) == (409, "pricing.price_changed")


async def test_to_buy_at_the_price_of_a_sale_that_was_stopped_beyond_its_announced_end(
    phone: Phone, shop: Shop, db: Database, clock: FixedClock
) -> None:
    """A sale from ten past ten for an hour, two a customer, is stopped after five minutes: at noon its price counts for nobody,
    as it would not had it run to its end."""
    sale_id = await plan(db, shop, waiting_room=False)
    clock.at = START + timedelta(minutes=1)
    await phone.take()
    await planning.stop(db, shop.seller_id, sale_id, START + timedelta(minutes=5))
    clock.at = START + timedelta(hours=2)
    answer = await phone.order(shop, 900)
    assert (answer.status_code, answer.json().get("unkept")) == (409, "ended")


async def test_to_keep_a_price_whose_announced_end_came_early(
    phone: Phone, shop: Shop, db: Database, reprice: Reprice, later: Later, clock: FixedClock
) -> None:
    """1200 until eleven, as everybody could read; the seller ends it at five past ten: at noon no quote brings it back."""
    await reprice(1900, at=clock() + timedelta(hours=1))
    await phone.take()
    later(minutes=5)
    await reprice(1900)
    later(hours=2)
    answer = await phone.order(shop, 1200)
    assert (answer.status_code, answer.json().get("unkept")) == (409, "ended")


async def test_to_read_the_names_of_others_customers_by_making_a_group(
    db: Database, client_as: ClientAs, sign_in: SignIn, shop: Shop, rival: Shop, victim: httpx.AsyncClient
) -> None:
    """Customer numbers are counted up: a group of all of them would be a list of everybody's names."""
    await ordered(victim, shop)
    owner_id = (await victim.get("/api/me")).json()["party_id"]
    async with db.transaction() as tx:
        await tx.run(_NAME, {"party_id": owner_id, "name": "Camille Martin"})
    theirs, others = await client_as("visitor"), await client_as("visitor")
    await sign_in(theirs, Role.HEAD_OFFICE, shop.seller_id)
    await sign_in(others, Role.HEAD_OFFICE, rival.seller_id)
    group = {"name": "All", "members": [owner_id]}
    answer = await others.put(f"/api/console/ring-fences/groups/{uuid7()}", json=group)
    assert "Camille" not in answer.text
    assert [one["name"] for one in answer.json()[0]["members"]] == [None]
    own = await theirs.put(f"/api/console/ring-fences/groups/{uuid7()}", json=group)
    assert own.status_code == 200
    assert own.json()[0]["members"] == [{"party_id": owner_id, "name": "Camille Martin"}]
