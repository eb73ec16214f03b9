"""The caller's account, the demo's accounts, where they are signed in, what the terminal does."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from halles.edge.tests.door import browser
from halles.identity import api, rules
from halles.identity.types import BadEmail, EmailTaken
from halles.kernel.caller import Role
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database

SAM = "sam@demo.halles.example"


async def test_a_visitor_is_nobody_in_their_language(phone: httpx.AsyncClient) -> None:
    me = (await phone.get("/api/me", headers={"accept-language": "de, fr-FR;q=0.8"})).json()
    assert (me["signed_in"], me["guest"], me["party_id"], me["locale"]) == (False, False, None, "fr")
    assert (await phone.patch("/api/me", json={"name": "X"})).status_code == 401


async def test_a_shopper_changes_what_is_given(phone: httpx.AsyncClient) -> None:
    await phone.post("/api/guest")
    me = (await phone.patch("/api/me", json={"name": "Camille", "locale": "fr"})).json()
    assert (me["name"], me["locale"], me["currency"]) == ("Camille", "fr", "EUR")
    assert (await phone.patch("/api/me", json={"currency": "CNY"})).json()["name"] == "Camille"
    for bad in (
        {"locale": "de"},
        {"currency": "euro"},
        {"name": ""},
        {"name": "x" * 81},
        {"roles": ["head_office"]},
    ):
        assert (await phone.patch("/api/me", json=bad)).status_code == 422


async def test_the_demo_lists_its_accounts_and_signs_in_only_those(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock
) -> None:
    async with db.transaction() as tx:
        seller = await api.create_organisation(tx, "Maison Halles", now=clock())
        await api.create_person(tx, SAM, now=clock(), name="Sam", roles=[Role.STAFF], seller_ids=[seller])
        await api.create_person(tx, "real@example.com", now=clock())
    listed = (await phone.get("/api/demo/accounts")).json()
    assert listed == [{"label": "Sam", "email": SAM, "role": "staff"}]
    me = (await phone.post("/api/demo/sign-in", json={"email": SAM})).json()
    assert (me["roles"], me["seller_ids"]) == (["shopper", "staff"], [seller])
    for email in ("real@example.com", "nobody@demo.halles.example", "x@evil.demo.halles.example"):
        assert (await phone.post("/api/demo/sign-in", json={"email": email})).status_code == 404


async def test_one_signs_out_elsewhere(shop: FastAPI, db: Database, clock: FixedClock) -> None:
    async with db.transaction() as tx:
        await api.create_person(tx, SAM, now=clock())
    phone_agent = "Mozilla/5.0 (Linux; Android 16) Gecko/148.0 Firefox/148.0"
    async with browser(shop) as desk, browser(shop, **{"user-agent": phone_agent}) as phone:
        for page in (desk, phone):
            await page.post("/api/demo/sign-in", json={"email": SAM})
        listed = (await desk.get("/api/sessions")).json()
        assert {session["agent"] for session in listed} == {"Browser", "Firefox on Android"}
        other = next(session["id"] for session in listed if not session["current"])
        assert (await desk.delete(f"/api/sessions/{other}")).status_code == 204
        assert (await desk.delete(f"/api/sessions/{other}")).status_code == 404
        assert (await phone.get("/api/me")).json()["signed_in"] is False
        assert (await desk.get("/api/me")).json()["signed_in"] is True


async def test_nobody_ends_a_strangers_session(shop: FastAPI, db: Database, clock: FixedClock) -> None:
    async with browser(shop) as one, browser(shop) as two:
        await one.post("/api/guest")
        await two.post("/api/guest")
        theirs = (await two.get("/api/sessions")).json()[0]["id"]
        assert (await one.delete(f"/api/sessions/{theirs}")).status_code == 404


async def test_an_address_belongs_to_one_account(db: Database, clock: FixedClock) -> None:
    async with db.transaction() as tx:
        await api.create_person(tx, "Camille@Example.com", now=clock())
        assert await api.find_by_email(tx, " CAMILLE@example.com") is not None
    with pytest.raises(EmailTaken):
        async with db.transaction() as tx:
            await api.create_person(tx, "camille@example.com", now=clock())


async def test_what_expired_is_forgotten(db: Database, clock: FixedClock) -> None:
    async with db.transaction() as tx:
        guest = await api.start_guest(tx, agent="", now=clock(), days=1)
        assert await api.forget_expired(tx, clock()) == 0
        assert await api.forget_expired(tx, guest.expires_at) == 1


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("A@B.fr", "a@b.fr"),
        ("jean.dupont+shop@Sous-Domaine.Example.com ", "jean.dupont+shop@sous-domaine.example.com"),
        ("x@müller.de", "x@xn--mller-kva.de"),
    ],
)
def test_addresses_have_one_form(text: str, address: str) -> None:
    assert rules.normal_email(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "@", "a@", "@b.fr", "a@b", "a@b..fr", "a@-b.fr", "a b@c.fr", "a@b.fr\n", "a@b.fr,c@d.fr", "a@b.1"],
)
def test_other_texts_are_no_addresses(text: str) -> None:
    if text.strip() != text:
        assert rules.normal_email(text) == "a@b.fr"
        return
    with pytest.raises(BadEmail):
        rules.normal_email(text)


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605 Version/19.0 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/148.0 Safari/537.36 Edg/148.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0", "Firefox on Linux"),
        ("curl/8", "Browser"),
        ("", "Browser"),
    ],
)
def test_a_device_is_told_in_words(agent: str, label: str) -> None:
    assert rules.agent_label(agent) == label
