"""How often: buckets, who shares one, and whose network it is."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from halles.edge.limits import GUEST, GUESTS, PHOTO, SESSION, Bucket, Limits, Rate, network_of
from halles.edge.tests.door import Ticker, browser
from halles.kernel.caller import Caller
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import PartyId

# ── how often ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    bucket = Bucket(Rate(burst=3, per_minute=60))
    assert [bucket.wait_s("a", 0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 1.0]
    assert bucket.wait_s("b", 0.0) == 0.0, "another name has a bucket of its own"
    assert bucket.wait_s("a", 0.9) == pytest.approx(0.1)
    assert bucket.wait_s("a", 1.0) == 0.0
    assert [bucket.wait_s("a", 100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 1.0], (
        "it never holds more than its burst"
    )


def test_the_factor_multiplies_burst_and_rate() -> None:
    bucket = Bucket(Rate(burst=3, per_minute=60), 2.0)
    assert [bucket.wait_s("a", 0.0) for _ in range(7)] == [0.0] * 6 + [0.5]


def test_full_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halles.edge.limits._REMEMBERED", 100)
    bucket = Bucket(Rate(burst=1, per_minute=60))
    for moment in range(1000):
        bucket.wait_s(str(moment), float(moment))
    assert len(bucket._paid) <= 101  # pyright: ignore[reportPrivateUsage]


def test_many_guests_of_a_network_are_no_way_around_its_limit() -> None:
    limits = Limits(lambda: 0.0, 1.0)

    def ask(number: int, network: str = "192.0.2.1", *, guest: bool = True) -> float:
        caller = Caller(party_id=PartyId(number), guest=guest, session_id=str(number))
        return limits.wait_s("GET", "/api/orders", caller, network)

    assert not any(ask(number) for number in range(GUESTS.burst - 1))
    refused = [ask(GUESTS.burst + number) for number in range(3)]
    assert refused[-1] > 0
    assert ask(1, "192.0.2.2") == 0
    assert ask(2 * GUESTS.burst, guest=False) == 0


async def test_photos_are_limited_by_visitor_and_come_back(phone: httpx.AsyncClient, ticker: Ticker) -> None:
    kind = {"content-type": "image/jpeg"}
    await phone.get("/api/who")
    for _ in range(PHOTO.burst):
        assert (await phone.post("/api/photos", content=b"x", headers=kind)).status_code == 200
    refused = await phone.post("/api/photos", content=b"x", headers=kind)
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (
        429,
        "edge.rate_limited",
        "2",
    )
    ticker.at += 2.0
    assert (await phone.post("/api/photos", content=b"x", headers=kind)).status_code == 200


async def test_a_session_has_its_own_limit_and_made_up_cookies_share_one(
    shop: FastAPI, db: Database, clock: FixedClock
) -> None:
    async with browser(shop) as one, browser(shop) as two:
        await one.post("/api/guest")
        await two.post("/api/guest")
        answers = [await one.get("/api/who") for _ in range(SESSION.burst + 1)]
        assert [answer.status_code for answer in answers[-2:]] == [200, 429]
        assert (await two.get("/api/who")).status_code == 200


async def test_guests_cannot_be_made_without_end(shop: FastAPI) -> None:
    statuses: list[int] = []
    for _ in range(GUEST.burst + 1):
        async with browser(shop) as phone:
            statuses.append((await phone.post("/api/guest")).status_code)
    assert statuses[-2:] == [200, 429]


@pytest.mark.parametrize(
    ("client", "forwarded", "proxies", "network"),
    [
        ("192.0.2.7", None, 0, "192.0.2.7"),
        ("192.0.2.7", "203.0.113.9", 0, "192.0.2.7"),
        ("10.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9", 2, "10.0.0.1"),
        ("10.0.0.1", None, 1, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", None, 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", None, 0, "192.0.2.7"),
        ("10.0.0.1", "not:an:address", 1, "not:an:address"),
    ],
)
def test_the_network_is_who_the_trusted_proxies_say(
    client: str, forwarded: str | None, proxies: int, network: str
) -> None:
    headers = {} if forwarded is None else {b"x-forwarded-for": forwarded.encode()}
    assert network_of({"type": "http", "client": (client, 1)}, headers, proxies) == network
    assert network_of({"type": "http", "client": None}, {}, proxies) == "local"
