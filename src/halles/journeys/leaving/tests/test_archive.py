"""Taking one's data along: everything is there, nobody else's is, and the terminal writes the same."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from conftest import SignIn
from halles.edge.cli import app as terminal
from halles.identity import api as identity
from halles.identity.api import closing
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, top_up
from halles.journeys.doctor.api import examine
from halles.journeys.leaving.archive import Archive
from halles.journeys.leaving.tests.conftest import Closing, Deliver
from halles.journeys.leaving.tests.test_closing import buy, fund, other
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import PartyId, uuid7
from halles.visits import api as visits
from halles.visits.types import CONSENT_TEXT, Consent


async def test_the_archive_tells_everything(
    app: FastAPI,
    client: httpx.AsyncClient,
    db: Database,
    clock: FixedClock,
    shop: Shop,
    shopper: int,
    sign_in: SignIn,
    deliver: Deliver,
) -> None:
    await client.patch("/api/me", json={"name": "Zoé"})
    await fund(db, shopper, 5 * PRICE)
    order_id = await buy(client, shop, email="zoe@example.com")
    await deliver(order_id)
    await client.put(f"/api/basket/lines/{shop.variants[1]}", json={"quantity": 2})
    await client.post("/api/basket/reservation", json={"reservation_id": str(uuid7())})
    async with db.transaction() as tx:
        said = Consent(
            seller_id=shop.seller_id,
            party_id=shopper,
            consent_id=uuid7(),
            agreed=False,
            text_version=CONSENT_TEXT,
            language="fr",
            at=clock(),
        )
        await visits.say(tx, said)
    answer = await client.get("/api/me/data")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="halles-my-data-2026-11-21.json"'
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert (made["format"], made["party_ids"]) == ("halles.archive/1", [shopper])
    assert made["identity"]["parties"][0]["name"] == "Zoé"
    assert made["identity"]["sessions"][0]["agent"] == "Browser"
    (order,) = made["orders"]["orders"]
    assert (order["order_id"], order["state"], order["email"]) == (order_id, "delivered", "zoe@example.com")
    assert order["ship_to"]["line1"] == "12 rue des Archives"
    assert order["lines"][0]["title"]["fr"] == "Chemise en lin 0"
    assert [one["code"] for one in order["timeline"]][:2] == ["orders.placed", "orders.packed"]
    assert "staff:7" not in answer.text
    assert made["orders"]["basket"][0]["quantity"] == 2
    assert sum(one["amount_minor"] for one in made["wallet"]["postings"]) == 4 * PRICE
    assert made["set_aside"]["reservations"][0]["state"] == 1
    assert made["measuring"][0]["answers"][0]["agreed"] is False
    assert set(made) == set(msgspec.json.schema(Archive)["$defs"]["Archive"]["properties"])
    async with other(app) as stranger:
        await sign_in(stranger)
        theirs = (await stranger.get("/api/me/data")).json()
        assert theirs["orders"] == {"orders": [], "basket": []}
        assert "Zoé" not in json.dumps(theirs, ensure_ascii=False)
        assert (await stranger.get("/api/me/data", headers={"cookie": ""})).status_code in {200, 401}


async def test_many_orders_come_along_page_after_page(
    client: httpx.AsyncClient, db: Database, shop: Shop, shopper: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halles.journeys.leaving.archive._PAGE", 2)
    monkeypatch.setattr("halles.wallet.api.people._PAGE", 2)
    for _ in range(5):
        await fund(db, shopper, PRICE)
    placed = [await buy(client, shop) for _ in range(5)]
    made = (await client.get("/api/me/data")).json()
    assert sorted(one["order_id"] for one in made["orders"]["orders"]) == sorted(placed)
    assert len(made["wallet"]["postings"]) == 5


async def test_an_operator_answers_a_letter(
    client: httpx.AsyncClient,
    db: Database,
    dsn: str,
    shop: Shop,
    shopper: int,
    deliver: Deliver,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    email = (await client.get("/api/me")).json()["email"]
    await fund(db, shopper, 2 * PRICE)
    await deliver(await buy(client, shop))
    run = CliRunner()

    async def halles(*words: str) -> tuple[int, str, BaseException | None]:
        result = await asyncio.to_thread(run.invoke, terminal, ["identity", *words], obj=lambda: dsn)
        return result.exit_code, result.stdout, result.exception

    target = tmp_path / "letter.json"
    target.touch(mode=0o644)
    code, _, _ = await halles("export", email, "--out", str(target))
    assert code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert json.loads(target.read_bytes())["party_ids"] == [shopper]
    _, _, refused = await halles("close", email)
    assert getattr(refused, "code", "") == "leaving.money_left"
    _, _, refused = await halles("close", email, "--paid-out", "FR76 3000 6000")
    assert getattr(refused, "code", "") == "leaving.bad_reference"
    _, _, refused = await halles("close", email, "--paid-out", "R-1", "--give-up")
    assert getattr(refused, "code", "") == "leaving.one_way"
    code, said, _ = await halles("close", email, "--paid-out", "SEPA-2026-17")
    assert (code, f"paid out (SEPA-2026-17): {PRICE} EUR" in said) == (0, True)
    assert (await client.get("/api/me")).json()["signed_in"] is False
    _, listed, _ = await halles("closings")
    assert f"party {shopper}" in listed
    assert "forgotten" in listed
    assert email not in listed
    async with db.transaction() as tx:
        await top_up(tx, PartyId(shopper), 700)  # a refund that came later
    code, said, _ = await halles("close", str(shopper), "--paid-out", "SEPA-2026-18")
    assert (code, said.strip()) == (0, "700 EUR paid out")
    assert (await examine(db)).findings == []
    _, _, refused = await halles("close", email)
    assert getattr(refused, "code", "") == "identity.no_such_party"


async def test_a_guest_who_became_the_account_is_closed_with_it(
    client: httpx.AsyncClient, db: Database, clock: FixedClock, shop: Shop, leave: Closing
) -> None:
    guest = (await client.post("/api/guest")).json()["party_id"]
    async with db.transaction() as tx:
        account = await identity.create_person(tx, "zoe@example.com", now=clock())
        caller = identity.caller_of(PartyId(guest), [], guest=True)
        signed = await identity.sign_in(tx, account, caller, agent="", now=clock(), days=1)
    client.cookies.set("halles_session", signed.token, domain="localhost.local", path="/")
    await fund(db, guest, 300)  # before the relay handed the guest's wallet over
    made = (await client.get("/api/me/data")).json()
    assert made["party_ids"] == sorted([guest, account])
    assert (await leave(client)).json()["code"] == "leaving.money_left"
    assert (await leave(client, give_up=(300,))).status_code == 200
    async with db.reading() as tx:
        both = await closing.closures(tx)
    assert {one.party_id for one in both} == {guest, account}
    assert len({one.closure_id for one in both}) == 1
    assert isinstance(both[0].closure_id, UUID)
