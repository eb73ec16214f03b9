"""The door: from which page, with how much, and what browsers are told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from halles.edge.headers import page_policy
from halles.edge.tests.door import HOME, app_of, browser, settings_of
from halles.identity.http import router as identity_router
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database

# ── from which page ─────────────────────────────────────────────────────────────────────────────────────────────────────────

SAME = {"origin": HOME}
MATRIX: list[tuple[dict[str, str], bool, int]] = [
    # headers, with the session cookie, expected
    (SAME, True, 200),
    (SAME, False, 200),
    ({"sec-fetch-site": "same-origin"}, True, 200),
    ({"sec-fetch-site": "none"}, True, 200),
    ({**SAME, "sec-fetch-site": "same-origin"}, True, 200),
    ({}, True, 403),
    ({}, False, 200),
    ({"sec-fetch-site": "cross-site"}, True, 403),
    ({"sec-fetch-site": "cross-site"}, False, 403),
    ({"sec-fetch-site": "same-site"}, True, 403),
    ({**SAME, "sec-fetch-site": "cross-site"}, True, 403),
    ({"origin": "https://evil.test", "sec-fetch-site": "same-origin"}, True, 403),
    ({"origin": "https://evil.test"}, True, 403),
    ({"origin": "https://evil.test"}, False, 403),
    ({"origin": "null"}, True, 403),
    ({"origin": "http://shop.test.evil.test"}, True, 403),
    ({"origin": "https://shop.test"}, True, 403),
    ({"origin": "http://shop.test:8080"}, True, 403),
    ({"origin": "http://SHOP.test"}, True, 200),
]


@pytest.mark.parametrize(("headers", "signed_in", "status"), MATRIX)
async def test_no_other_sites_page_changes_anything(
    shop: FastAPI, headers: dict[str, str], signed_in: bool, status: int
) -> None:
    async with browser(shop) as phone:
        if signed_in:
            await phone.post("/api/guest")
        del phone.headers["origin"]
        answer = await phone.post("/api/change", headers=headers)
        assert answer.status_code == status, answer.text
        if status == 403:
            assert answer.json()["code"] == "edge.cross_site"
        assert (await phone.get("/api/who", headers=headers)).status_code == 200


async def test_a_phone_on_the_shops_network_may_use_its_address(
    db: Database, clock: FixedClock, tmp_path: Path, probes: APIRouter
) -> None:
    app = app_of(db, clock, settings_of(tmp_path), probes, identity_router)
    async with browser(app, "http://192.168.1.20:8000") as phone:
        assert (await phone.post("/api/guest")).status_code == 200
        assert (await phone.post("/api/change")).status_code == 200


@pytest.mark.parametrize(
    ("host", "demo", "status"),
    [
        ("evil.test", False, 403),
        ("evil.test:8000", False, 403),
        ("shop.internal", False, 403),
        ("shop.internal", True, 200),
        ("192.168.1.20:8000", False, 200),
        ("[fd00::2]:8000", False, 200),
        ("localhost:8000", False, 200),
        ("localhost.evil.test", False, 403),
        ("1.2.3.4.evil.test", False, 403),
    ],
)
async def test_a_name_that_was_led_here_is_not_ours(
    db: Database, clock: FixedClock, tmp_path: Path, probes: APIRouter, host: str, demo: bool, status: int
) -> None:  # fmt: skip
    """The Host header alone proves nothing: a page's own name may lead to this machine (DNS rebinding)."""
    app = app_of(db, clock, settings_of(tmp_path, demo=demo), probes, identity_router)
    async with browser(app, f"http://{host}") as page:
        assert (await page.post("/api/change")).status_code == status


# ── with how much, of which kind ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/api/change", "application/json; charset=utf-8", 200),
        ("/api/change", "text/plain", 415),
        ("/api/change", "application/x-www-form-urlencoded", 415),
        ("/api/change", "multipart/form-data; boundary=x", 415),
        ("/api/change", "", 415),
        ("/api/photos", "image/jpeg", 200),
        ("/api/photos", "text/plain", 415),
        ("/api/console/imports", "multipart/form-data; boundary=x", 401),  # right kind, but from nobody
        ("/api/demo/payments/x", "application/x-www-form-urlencoded", 200),
    ],
)
async def test_a_plain_form_of_another_page_cannot_speak_to_the_api(
    phone: httpx.AsyncClient, path: str, kind: str, status: int
) -> None:
    answer = await phone.post(path, content=b"{}", headers={"content-type": kind})
    assert answer.status_code == status


async def test_a_body_too_large_is_refused_before_and_while_it_arrives(
    phone: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    async def stream(megabytes: int) -> AsyncIterator[bytes]:
        for _ in range(megabytes):
            yield b" " * 2**20

    json_kind = {"content-type": "application/json"}
    told = await phone.post("/api/change", content=b" " * (2**20 + 1), headers=json_kind)
    assert (told.status_code, told.json()["code"]) == (413, "kernel.payload_too_large")
    untold = await phone.post("/api/change", content=stream(3), headers=json_kind)
    assert (untold.status_code, untold.json()["code"]) == (413, "kernel.payload_too_large")
    assert (await phone.post("/api/change", content=stream(1), headers=json_kind)).json() == {"bytes": 2**20}
    photo = await phone.post("/api/photos", content=stream(12), headers={"content-type": "image/jpeg"})
    assert photo.json() == {"bytes": 12 * 2**20}
    assert (
        await phone.post("/api/photos", content=stream(13), headers={"content-type": "image/jpeg"})
    ).status_code == 413
    said = capfd.readouterr()
    assert "http.bug" not in said.out + said.err


# ── what browsers are told ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_answers_carry_what_their_kind_needs(phone: httpx.AsyncClient) -> None:
    answer = await phone.get("/api/who")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    html = await phone.get("/page")
    policy = html.headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "stripe" not in policy
    assert html.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=(self)" in html.headers["permissions-policy"]
    assert "strict-transport-security" not in html.headers
    file = await phone.get("/assets/x.js")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" not in file.headers


def test_stripes_origins_stand_in_the_policy_only_where_stripe_is_used() -> None:
    assert "https://js.stripe.com" in page_policy(stripe=True)
    assert "stripe" not in page_policy(stripe=False)
    assert "unsafe-inline'" not in page_policy(stripe=True).split("script-src", 1)[1].split(";", 1)[0]


async def test_a_visitor_keeps_an_anonymous_id_that_nobody_can_link(phone: httpx.AsyncClient) -> None:
    first = await phone.get("/api/who")
    cookie = phone.cookies["halles_visitor"]
    second = await phone.get("/api/who")
    assert first.json()["visitor"] == second.json()["visitor"]
    assert "set-cookie" not in second.headers
    assert cookie not in json.dumps(first.json()), "what is kept is a keyed hash, not the cookie"
    forged = await phone.get("/api/who", headers={"cookie": "halles_visitor=../../etc"})
    assert "halles_visitor=" in forged.headers["set-cookie"]


async def test_refusals_at_the_door_are_problem_details_with_the_doors_headers(
    phone: httpx.AsyncClient,
) -> None:
    answer = await phone.post("/api/change", headers={"origin": "https://evil.test"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "edge.cross_site"
    assert answer.headers["x-content-type-options"] == "nosniff"
