"""Who calls: sessions and API keys, as the door reads them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from halles.edge.tests.door import app_of, browser, settings_of
from halles.identity import api
from halles.identity.http import router as identity_router
from halles.identity.types import Scope
from halles.kernel.caller import Role
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, counting
from halles.kernel.ids import PLATFORM


async def start(db: Database, clock: FixedClock, *roles: Role, seller: int | None = None) -> str:
    """A person with roles, and the token of a session of theirs."""
    async with db.transaction() as tx:
        sellers = [] if seller is None else [seller]
        email = f"{'-'.join(roles) or 'shopper'}@example.com"
        party = await api.create_person(tx, email, now=clock(), roles=roles, seller_ids=sellers)
        return (await api.start_session(tx, party, agent="", now=clock(), days=30)).token


# ── sessions ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_session_names_its_party_and_rights(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock
) -> None:
    phone.cookies["halles_session"] = await start(db, clock, Role.STAFF, seller=1001)
    found = (await phone.get("/api/who")).json()
    assert found["roles"] == ["shopper", "staff"]
    assert found["sellers"] == [1001]


async def test_an_unknown_cookie_makes_a_visitor(phone: httpx.AsyncClient) -> None:
    for cookie in (b"x", b"y" * 43, b'"' + b"z" * 43 + b'"', "é".encode() * 20):
        answer = await phone.get("/api/who", headers=[(b"cookie", b"halles_session=" + cookie)])
        assert answer.json()["party_id"] is None


async def test_an_ended_session_is_refused_by_the_next_request(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock
) -> None:
    phone.cookies["halles_session"] = await start(db, clock)
    party = (await phone.get("/api/who")).json()["party_id"]
    assert party is not None
    async with db.transaction() as tx:
        assert await api.end_all_sessions(tx, party) == 1
    assert (await phone.get("/api/who")).json()["party_id"] is None


async def test_a_role_taken_back_is_gone_at_the_next_request(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock
) -> None:
    phone.cookies["halles_session"] = await start(db, clock, Role.STAFF, seller=1001)
    party = (await phone.get("/api/who")).json()["party_id"]
    async with db.transaction() as tx:
        assert await api.take_role(tx, party, Role.STAFF, 1001)
    assert (await phone.get("/api/who")).json()["roles"] == ["shopper"]


async def test_an_unused_session_ends_and_a_used_one_goes_on(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock
) -> None:
    phone.cookies["halles_session"] = await start(db, clock)
    for _ in range(4):
        clock.at += timedelta(days=20)
        assert (await phone.get("/api/who")).json()["party_id"] is not None
    clock.at += timedelta(days=30)
    assert (await phone.get("/api/who")).json()["party_id"] is None


async def test_signing_in_never_keeps_a_planted_token(
    shop: FastAPI, phone: httpx.AsyncClient, db: Database, clock: FixedClock
) -> None:
    """Session fixation: the attacker's own guest session in the victim's browser is not what the victim is signed in with."""
    async with browser(shop) as attacker:
        await attacker.post("/api/guest")
        planted = attacker.cookies["halles_session"]
        phone.cookies.set("halles_session", planted, domain="shop.test")
        async with db.transaction() as tx:
            await api.create_person(tx, "sam@demo.halles.example", now=clock())
        answer = await phone.post("/api/demo/sign-in", json={"email": "sam@demo.halles.example"})
        assert answer.json()["signed_in"] is True
        fresh = answer.cookies["halles_session"]
        assert fresh != planted
        assert (await attacker.get("/api/who")).json()["party_id"] is None


async def test_many_requests_at_once_read_their_sessions_together(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock
) -> None:
    phone.cookies["halles_session"] = await start(db, clock)
    with counting() as counter:
        answers = await asyncio.gather(*(phone.get("/api/who") for _ in range(40)))
    assert {answer.json()["party_id"] for answer in answers} == {answers[0].json()["party_id"]}
    assert counter.statements <= 8


async def test_signing_out_ends_the_session_on_both_sides(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock
) -> None:
    await phone.post("/api/guest")
    token = phone.cookies["halles_session"]
    assert (await phone.post("/api/sign-out")).status_code == 204
    assert "halles_session" not in phone.cookies
    async with db.reading() as tx:
        assert await api.find_session(tx, token, clock()) is None
    assert (await phone.post("/api/sign-out")).status_code == 401


async def test_cookies_are_closed_to_scripts_and_bound_on_https(
    db: Database, clock: FixedClock, tmp_path: Path
) -> None:
    home = "https://shop.test"
    app = app_of(db, clock, settings_of(tmp_path, public_url=home), identity_router)
    async with browser(app, home) as phone:
        answer = await phone.post("/api/guest")
        cookies = answer.headers.get_list("set-cookie")
        assert len(cookies) == 2
        for cookie in cookies:
            assert cookie.startswith("__Host-halles_")
            attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
            assert {"path=/", "httponly", "samesite=lax", "secure"} <= attributes
        assert "domain" not in "".join(cookies).lower()
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert (await phone.get("/api/me")).json()["guest"] is True


async def test_when_the_database_is_away_the_door_says_so(
    db: Database, clock: FixedClock, shop: FastAPI
) -> None:
    async with browser(shop) as phone:
        phone.cookies["halles_session"] = "a" * 43
        await db.close()
        answer = await phone.get("/api/who")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert "retry-after" in answer.headers


# ── API keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def make_key(
    db: Database, clock: FixedClock, *scopes: Scope, days: int | None = None
) -> tuple[str, str]:
    async with db.transaction() as tx:
        token, info = await api.create_api_key(
            tx,
            party_id=PLATFORM,
            name="till",
            seller_ids=[1001],
            scopes=scopes or [*Scope],
            now=clock(),
            days=days,
        )
    return token, info.key_id


async def test_an_api_key_is_a_service_for_its_sellers(
    shop: FastAPI, db: Database, clock: FixedClock
) -> None:
    token, key_id = await make_key(db, clock, days=7)
    async with browser(shop, authorization=f"Bearer {token}") as program:
        found = (await program.get("/api/who")).json()
        assert (found["party_id"], found["roles"], found["sellers"]) == (1, ["service"], [1001])
        assert "set-cookie" not in (await program.get("/api/who")).headers
        async with db.transaction() as tx:
            await api.revoke_api_key(tx, key_id, clock())
        assert (await program.get("/api/who")).status_code == 401
    token, _ = await make_key(db, clock, days=7)
    clock.at += timedelta(days=7)
    async with browser(shop, authorization=f"Bearer {token}") as program:
        assert (await program.get("/api/who")).status_code == 401


async def test_a_reading_key_cannot_write(shop: FastAPI, db: Database, clock: FixedClock) -> None:
    token, _ = await make_key(db, clock, Scope.READ)
    async with browser(shop, authorization=f"Bearer {token}") as program:
        assert (await program.get("/api/who")).status_code == 200
        refused = await program.post("/api/change")
        assert (refused.status_code, refused.json()["code"]) == (403, "identity.scope_missing")


@pytest.mark.parametrize(
    "header",
    ["Bearer hk_nobody", "Bearer", "Basic aGs6aGs=", "hk_x", "Bearer " + "hk_" + "a" * 500, "bearer sess"],
)
async def test_a_key_that_stands_for_nobody_is_refused(shop: FastAPI, header: str) -> None:
    async with browser(shop, authorization=header) as program:
        assert (await program.get("/api/who")).status_code == 401
