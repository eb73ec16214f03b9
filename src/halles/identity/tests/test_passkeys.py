"""Passkeys, with a software authenticator that signs for real."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from halles.edge.tests.door import browser
from halles.identity import api
from halles.identity.tests.authenticator import Authenticator, b64, unb64
from halles.identity.types import GuestBecame
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, query

SAM = "sam@demo.halles.example"
_MERGES = query(f"select count(*)::int from kernel.waiting_event where kind = '{GuestBecame.kind}'", int)


@pytest.fixture
async def sam(phone: httpx.AsyncClient, db: Database, clock: FixedClock) -> httpx.AsyncClient:
    """A browser signed in as Sam."""
    async with db.transaction() as tx:
        await api.create_person(tx, SAM, now=clock(), name="Sam")
    assert (await phone.post("/api/demo/sign-in", json={"email": SAM})).status_code == 200
    return phone


async def register(page: httpx.AsyncClient, key: Authenticator) -> httpx.Response:
    options = (await page.post("/api/passkeys/options")).json()
    return await page.post("/api/passkeys", json={"credential": key.create(options)})


async def sign_in(page: httpx.AsyncClient, key: Authenticator) -> httpx.Response:
    options = (await page.post("/api/sign-in/passkey/options")).json()
    return await page.post("/api/sign-in/passkey", json={"credential": key.get(options)})


async def test_a_passkey_is_registered_and_signs_in_elsewhere(shop: FastAPI, sam: httpx.AsyncClient) -> None:
    key = Authenticator()
    made = await register(sam, key)
    assert made.status_code == 201
    assert made.json()["id"] == b64(key.credential_id)
    assert (await sam.get("/api/me")).json()["has_passkey"] is True
    async with browser(shop) as elsewhere:
        me = (await sign_in(elsewhere, key)).json()
        assert (me["name"], me["signed_in"]) == ("Sam", True)
    listed = (await sam.get("/api/passkeys")).json()
    assert listed[0]["last_used_at"] is not None


async def test_the_options_name_nobody(shop: FastAPI, sam: httpx.AsyncClient) -> None:
    key = Authenticator()
    await register(sam, key)
    async with browser(shop) as stranger:
        options = (await stranger.post("/api/sign-in/passkey/options")).json()
    assert not options.get("allowCredentials")
    assert b"sam" not in key.handle
    assert len(key.handle) == 16


async def test_a_guest_follows_their_passkey(shop: FastAPI, sam: httpx.AsyncClient, db: Database) -> None:
    key = Authenticator()
    await register(sam, key)
    async with browser(shop) as phone:
        await phone.post("/api/guest")
        assert (await sign_in(phone, key)).json()["name"] == "Sam"
    async with db.reading() as tx:
        assert await tx.one(_MERGES) == 1


async def test_guests_and_visitors_register_nothing(shop: FastAPI) -> None:
    async with browser(shop) as phone:
        assert (await phone.post("/api/passkeys/options")).status_code == 401
        await phone.post("/api/guest")
        assert (await phone.post("/api/passkeys/options")).status_code == 401


async def test_an_answer_works_once(shop: FastAPI, sam: httpx.AsyncClient) -> None:
    key = Authenticator()
    await register(sam, key)
    async with browser(shop) as phone:
        options = (await phone.post("/api/sign-in/passkey/options")).json()
        answer = {"credential": key.get(options)}
        assert (await phone.post("/api/sign-in/passkey", json=answer)).status_code == 200
        replayed = await phone.post("/api/sign-in/passkey", json=answer)
        assert (replayed.status_code, replayed.json()["code"]) == (401, "identity.passkey_refused")


async def test_a_failed_answer_uses_its_challenge_up(shop: FastAPI, sam: httpx.AsyncClient) -> None:
    key = Authenticator()
    await register(sam, key)
    async with browser(shop) as phone:
        options = (await phone.post("/api/sign-in/passkey/options")).json()
        good = key.get(options)
        bad = deepcopy(good)
        bad["response"]["signature"] = b64(b"\x30\x06\x02\x01\x01\x02\x01\x01")
        assert (await phone.post("/api/sign-in/passkey", json={"credential": bad})).status_code == 401
        assert (await phone.post("/api/sign-in/passkey", json={"credential": good})).status_code == 401


async def test_a_challenge_is_of_one_browser_and_five_minutes(
    shop: FastAPI, sam: httpx.AsyncClient, clock: FixedClock
) -> None:
    key = Authenticator()
    await register(sam, key)
    async with browser(shop) as phone, browser(shop) as attacker:
        await attacker.get("/api/me")
        options = (await phone.post("/api/sign-in/passkey/options")).json()
        stolen = await attacker.post("/api/sign-in/passkey", json={"credential": key.get(options)})
        assert stolen.status_code == 401
        options = (await phone.post("/api/sign-in/passkey/options")).json()
        clock.at += timedelta(minutes=5)
        assert (
            await phone.post("/api/sign-in/passkey", json={"credential": key.get(options)})
        ).status_code == 401


@pytest.mark.parametrize("wrong", ["origin", "rp_id", "key", "handle", "clone"])
async def test_what_does_not_prove_it_is_refused(shop: FastAPI, sam: httpx.AsyncClient, wrong: str) -> None:
    key = Authenticator()
    key.count = 5
    await register(sam, key)
    if wrong == "origin":
        key.origin = "https://shop.test.evil.test"
    elif wrong == "rp_id":
        key.rp_id = "evil.test"
    elif wrong == "key":
        key.key = Authenticator().key
    elif wrong == "handle":
        key.handle = b"someone else....."[:16]
    else:
        key.count = 1  # a clone that signed less often
    async with browser(shop) as phone:
        answer = await sign_in(phone, key)
        assert (answer.status_code, answer.json()["code"]) == (401, "identity.passkey_refused")
        assert (await phone.get("/api/me")).json()["signed_in"] is False


async def test_a_registration_of_another_origin_is_refused(sam: httpx.AsyncClient) -> None:
    answer = await register(sam, Authenticator(origin="https://evil.test"))
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.passkey_refused")


async def test_an_authenticator_belongs_to_one_account(shop: FastAPI, sam: httpx.AsyncClient) -> None:
    key = Authenticator()
    await register(sam, key)
    again = await register(sam, key)
    assert (again.status_code, again.json()["code"]) == (409, "identity.passkey_known")


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 1},
        {"id": "!!", "response": {"clientDataJSON": "!!"}},
        {"id": "AA", "response": []},
        {"id": "AA", "response": {"clientDataJSON": b64(b"[]")}},
        {"id": "AA", "response": {"clientDataJSON": b64(b'{"type":1,"challenge":2,"origin":3}')}},
        {"id": "AA", "response": {"clientDataJSON": b64(b"\xff\xfe")}},
    ],
)
async def test_noise_is_refused_not_crashed_on(sam: httpx.AsyncClient, credential: dict[str, Any]) -> None:
    for path in ("/api/sign-in/passkey", "/api/passkeys"):
        answer = await sam.post(path, json={"credential": credential})
        assert (answer.status_code, answer.json()["code"]) == (401, "identity.passkey_refused"), answer.text


async def test_noise_after_a_true_challenge_is_refused(shop: FastAPI, sam: httpx.AsyncClient) -> None:
    key = Authenticator()
    await register(sam, key)
    async with browser(shop) as phone:
        noise: list[tuple[str, object]] = [
            ("authenticatorData", "AA"),
            ("signature", None),
            ("authenticatorData", 7),
            ("userHandle", {}),
        ]
        for part, value in noise:
            options = (await phone.post("/api/sign-in/passkey/options")).json()
            credential = key.get(options)
            credential["response"][part] = value
            answer = await phone.post("/api/sign-in/passkey", json={"credential": credential})
            assert answer.status_code == 401, (part, value, answer.text)


async def test_a_dropped_passkey_signs_nobody_in(shop: FastAPI, sam: httpx.AsyncClient) -> None:
    key = Authenticator()
    made = (await register(sam, key)).json()["id"]
    assert unb64(made) == key.credential_id
    async with browser(shop) as other:
        await other.post("/api/guest")
        assert (await other.delete(f"/api/passkeys/{made}")).status_code == 404, "it is not theirs"
    assert (await sam.delete(f"/api/passkeys/{made}")).status_code == 204
    assert (await sam.delete(f"/api/passkeys/{made}")).status_code == 404
    async with browser(shop) as phone:
        assert (await sign_in(phone, key)).status_code == 401
