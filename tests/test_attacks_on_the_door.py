"""What a thief tries at the door and against the machine itself; `test_attacks.py` is about money, goods and secrets."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from halles.edge.app import create_app
from halles.edge.tests.thief import (
    GOOD_CARD,
    ORIGIN,
    ClientAs,
    as_json,
    browser,
    ordered,
    top_up,
)
from halles.identity import api as identity
from halles.journeys.checkout.tests.small_shop import Shop
from halles.journeys.product_import import api as product_import
from halles.journeys.product_import.convert import convert
from halles.journeys.product_import.fetch import is_public
from halles.journeys.product_import.types import PictureRefused
from halles.kernel.db import Database
from halles.kernel.live import LiveHub, TooManyWatchers
from halles.kernel.web import Services

# ── to come in ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_to_use_the_demos_doors_outside_the_demo(services: Services) -> None:
    real = replace(
        services, settings=services.settings.model_copy(update={"demo": False}), extra=_without_psp(services)
    )
    async with browser(create_app(real)) as thief:
        assert (
            await thief.post("/api/demo/sign-in", json={"email": "sam@demo.halles.example"})
        ).status_code == 404
        for path in ("/api/demo/mailbox", "/api/demo/accounts"):
            assert (await thief.get(path)).status_code == 404
        await thief.post("/api/guest")
        assert (await top_up(thief, 5000)).json()["code"] == "payments.off"


async def test_to_plant_a_session(client_as: ClientAs, app: FastAPI) -> None:
    planted = "A" * 43
    async with browser(app) as victim:
        victim.cookies.set("halles_session", planted, domain="localhost.local", path="/")
        answer = await victim.post("/api/guest")
        assert planted not in answer.headers["set-cookie"]
        assert "HttpOnly" in answer.headers["set-cookie"]
    thief = await client_as("visitor")
    thief.cookies.set("halles_session", planted, domain="localhost.local", path="/")
    assert (await thief.get("/api/wallet")).status_code == 401


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"origin": ORIGIN, "sec-fetch-site": "cross-site"}, {}]
)  # fmt: skip
async def test_to_order_from_another_sites_page(
    shop: Shop, victim: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    del victim.headers["origin"]
    answer = await victim.post("/api/orders", json=as_json(shop.order()), headers=headers)
    assert answer.json()["code"] == "edge.cross_site"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_to_order_by_a_plain_form(shop: Shop, victim: httpx.AsyncClient, kind: str) -> None:
    answer = await victim.post("/api/orders", content=b"{}", headers={"content-type": kind})
    assert answer.status_code == 415


async def test_to_learn_who_has_an_account(client: httpx.AsyncClient, services: Services) -> None:
    async with services.db.transaction() as tx:
        await identity.create_person(tx, "known@test.example", now=services.clock())
    asked = [
        await client.post("/api/sign-in/code", json={"email": f"{who}@test.example"})
        for who in ("known", "unknown")
    ]
    tried = [
        await client.post("/api/sign-in/code/verify", json={"email": f"{who}@test.example", "code": "000000"})
        for who in ("known", "unknown")
    ]
    for known, unknown in (asked, tried):
        hide = {"request_id": None}
        assert (known.status_code, known.json() | hide) == (unknown.status_code, unknown.json() | hide)


async def test_to_hide_behind_a_header_from_limits(services: Services) -> None:
    strict = replace(services, settings=services.settings.model_copy(update={"rate_limit_factor": 1.0}))
    async with browser(create_app(strict)) as thief:
        statuses = [
            (
                await thief.post(
                    "/api/demo/sign-in",
                    json={"email": "x@demo.halles.example"},
                    headers={"x-forwarded-for": f"10.0.0.{n}"},
                )
            ).status_code
            for n in range(32)
        ]
    assert statuses[0] == 404
    assert statuses[-1] == 429


# ── to break things ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_ZERO = {"params": {"touchpoint": "a\x00b"}}
_DEEP = base64.urlsafe_b64encode(b"[" * 3000).decode()
_BAD_ID = base64.urlsafe_b64encode(b'[0, "zz"]').decode()


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("GET", "/api/bootstrap", _ZERO), ("GET", "/api/basket", _ZERO),
        ("GET", "/api/products", {"params": {"category": "\x00"}}),
        ("GET", "/api/products", {"params": {"cursor": _BAD_ID}}), ("GET", "/api/orders", {"params": {"cursor": _DEEP}}),
        ("PATCH", "/api/me", {"json": {"name": "a\x00b"}}), ("DELETE", "/api/sessions/a%00b", {}),
        ("GET", "/api/demo/payments/a%00b", {}), ("GET", "/api/console/orders", {"params": {"q": "²"}}),
        ("GET", "/api/console/live", {"params": {"from": "0001-01-01T00:00:00+23:59"}}),
        ("POST", f"/api/photos/{UUID(int=1)}/chosen", {"json": {"variant_id": 2**70}}),
        ("PATCH", "/api/me", {"content": b'{"name":' + b"[" * 50_000, "headers": {"content-type": "application/json"}}),
    ],
)  # fmt: skip
async def test_to_cause_an_internal_error(
    shop: Shop, rival_staff: httpx.AsyncClient, method: str, path: str, given: Any
) -> None:
    answer = await rival_staff.request(method, path, **given)
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    "path",
    ["/media/..%2f..%2fsecret", "/media/" + "0" * 40 + ".%2e%2fsecret", "/assets/..%2f..%2fapp.py",
     "/..%2f..%2fetc%2fpasswd.x"]
)  # fmt: skip
async def test_to_read_the_servers_files(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_to_fill_the_disk_without_an_account(
    client: httpx.AsyncClient, thief: httpx.AsyncClient
) -> None:
    sent: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        for number in range(64):
            sent.append(number)
            yield b"x" * 2**20

    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert (await client.post("/api/console/imports", content=endless(), headers=kind)).status_code == 401
    assert (await thief.post("/api/console/imports", content=endless(), headers=kind)).status_code in {
        401,
        403,
    }
    assert len(sent) <= 2, "nothing is read of what nobody may send"


async def test_to_take_every_live_page(db: Database) -> None:
    hub, kept = LiveHub(db, each=3), list[Any]()
    for _ in range(3):
        watch = hub.watch(["order:1"], who="thief", keep_alive_s=0.001)
        await anext(watch)
        kept.append(watch)
    with pytest.raises(TooManyWatchers):
        hub.admit("thief")
    hub.admit("victim")
    for watch in kept:
        await watch.aclose()
    hub.admit("thief")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
     "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::1", "fec0::1", "fe80::1", "fd00::1", "ff02::1"],
)  # fmt: skip
def test_to_look_into_the_operators_network(address: str) -> None:
    assert not is_public(address)


async def test_to_read_files_through_an_import(services: Services, rival_staff: httpx.AsyncClient) -> None:
    entity = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><id>1</id><title>&x;</title></item></rss>'
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><item><id>1</id><title>&b;</title></item></rss>'
    paths = b"id\ttitle\tprice\timage_link\n1\tT\t1 EUR\tfile:///etc/passwd\n2\tT\t1 EUR\t../../secret\n"
    deep = b'{"id":"1","title":' + b"[" * 100_000 + b"\n{}\n"
    told: list[dict[str, Any]] = []
    for name, content in (("a.xml", entity), ("b.xml", bomb), ("c.tsv", paths), ("d.jsonl", deep)):
        started = await rival_staff.post("/api/console/imports", files={"file": (name, content)})
        await product_import.run_queued(services)
        told.append((await rival_staff.get(f"/api/console/imports/{started.json()['import_id']}")).json())
    assert [run["state"] for run in told] == ["failed", "failed", "done", "done"]
    assert "document type" in told[0]["failure"]
    assert [error["field"] for error in told[2]["errors"]] == ["image", "image"]
    assert [error["line"] for error in told[3]["errors"]] == [1, 2]


def test_to_have_a_drawing_run_as_a_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    with pytest.raises(PictureRefused):
        convert(drawing, str(tmp_path_factory.mktemp("media")))


async def test_to_find_secrets_in_the_log(
    shop: Shop, app: FastAPI, capfd: pytest.CaptureFixture[str]
) -> None:
    async with browser(app) as victim:
        await victim.post("/api/guest")
        await top_up(victim, 5000)
        await victim.post("/api/sign-in/code", json={"email": "camille@test.example"})
        await ordered(victim, shop)
        secrets = [victim.cookies["halles_session"], GOOD_CARD, "camille@test.example", "rue des Archives"]
    said = capfd.readouterr()
    assert not [secret for secret in secrets if secret in said.out + said.err]


def _without_psp(services: Services) -> dict[str, Any]:
    return {name: port for name, port in services.extra.items() if name != "Psp"}
