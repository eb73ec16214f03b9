"""Making and ending lanes, hubs, carriers, customs and holidays; what a change would do, told before and done after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from halles.journeys.promise_keeping.looking import look_again
from halles.journeys.promise_keeping.tests.way_home import Home
from halles.kernel.caller import Role
from halles.promises import api as promises

BASE = "/api/console/promises"
ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]
SignIn = Callable[..., Awaitable[int]]
Staff = Callable[[], Awaitable[httpx.AsyncClient]]
LANE: dict[str, Any] = {
    "lane": "hub", "origin": "Lyon depot", "origin_country": "FR", "country": "BE", "location_id": None,
    "quantile": 0.9, "active": True,
    "legs": [
        {"kind": "pick_pack", "earliest_days": 0, "likely_days": 0, "latest_days": 1, "cutoff": "14:00"},
        {"kind": "hub", "earliest_days": 0, "likely_days": 1, "latest_days": 1, "hub": "Roissy hub"},
        {"kind": "last_mile", "earliest_days": 1, "likely_days": 1, "latest_days": 2, "carrier": "Bpost"},
    ],
}  # fmt: skip


@pytest.fixture
async def office(home: Home, staff: Staff) -> httpx.AsyncClient:
    return await staff()


async def network(office: httpx.AsyncClient) -> dict[str, Any]:
    return (await office.get(f"{BASE}/network")).json()


def lane_to(found: dict[str, Any], country: str, origin: str = "Lyon depot") -> dict[str, Any] | None:
    return next((x for x in found["lanes"] if (x["country"], x["origin"]) == (country, origin)), None)


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_lane_is_seen_before_it_is_made_and_made_once(office: httpx.AsyncClient) -> None:
    before = await network(office)
    seen = (await office.post(f"{BASE}/preview", json={"lane": {**LANE, "version": ""}})).json()
    [tried] = seen["lanes"]
    assert tried["before"] is None
    assert await network(office) == before
    made = await office.put(f"{BASE}/lanes", json={**LANE, "version": ""})
    lane = lane_to(made.json(), "BE")
    assert lane is not None
    assert (lane["earliest"], lane["latest"]) == (tried["after"]["earliest"], tried["after"]["latest"])
    again = await office.put(f"{BASE}/lanes", json={**LANE, "version": ""})
    assert again.json() == made.json()
    other = {**LANE, "quantile": 0.95}
    refused(await office.put(f"{BASE}/lanes", json={**other, "version": ""}), 409, "promises.lane_changed")
    refused(
        await office.put(f"{BASE}/lanes", json={**other, "version": "0" * 16}), 409, "promises.lane_changed"
    )
    changed = await office.put(f"{BASE}/lanes", json={**other, "version": lane["version"]})
    now = lane_to(changed.json(), "BE")
    assert now is not None
    assert (now["quantile"], now["version"] == lane["version"]) == (0.95, False)


async def test_of_two_who_change_a_lane_at_once_one_is_told(office: httpx.AsyncClient) -> None:
    made = (await office.put(f"{BASE}/lanes", json=LANE)).json()
    lane = lane_to(made, "BE")
    assert lane is not None
    asked = [{**LANE, "quantile": share, "version": lane["version"]} for share in (0.6, 0.7, 0.8)]
    answers = await asyncio.gather(*(office.put(f"{BASE}/lanes", json=one) for one in asked))
    assert sorted(one.status_code for one in answers) == [200, 409, 409]


async def test_what_a_lane_needs_cannot_go(office: httpx.AsyncClient) -> None:
    made = (await office.put(f"{BASE}/lanes", json=LANE)).json()
    hub = next(one["hub_id"] for one in made["hubs"] if one["name"] == "Roissy hub")
    bpost = next(one["carrier_id"] for one in made["carriers"] if one["name"] == "Bpost")
    used = await office.delete(f"{BASE}/hubs/{hub}")
    refused(used, 409, "promises.still_used")
    assert "Lyon depot → BE" in used.json()["lanes"]
    refused(await office.delete(f"{BASE}/carriers/{bpost}"), 409, "promises.still_used")
    more = (await office.put(f"{BASE}/hubs", json={"name": "Liège", "country": "BE"})).json()
    liege = next(one for one in more["hubs"] if one["name"] == "Liège")
    assert liege["timezone"] == "Europe/Brussels"
    legs = [LANE["legs"][0], LANE["legs"][2] | {"carrier": "Fil de Soie"}]
    await office.put(f"{BASE}/lanes", json={**LANE, "legs": legs})
    rest = {"first_day": "2026-12-01", "last_day": "2026-12-02"}
    await office.put(f"{BASE}/carriers/{bpost}/rests", json=rest)
    for _ in range(2):
        after = (await office.delete(f"{BASE}/carriers/{bpost}")).json()
        assert bpost not in [one["carrier_id"] for one in after["carriers"]]
        assert after["rests"] == []
        gone = await office.delete(f"{BASE}/hubs/{liege['hub_id']}")
        assert "Liège" not in [one["name"] for one in gone.json()["hubs"]]


async def test_customs_for_a_pair_of_countries_come_and_go(office: httpx.AsyncClient) -> None:
    before = lane_to(await network(office), "FR", "Hangzhou warehouse")
    body = {"origin": "CN", "destination": "FR", "earliest_days": 8, "likely_days": 9, "latest_days": 12}
    seen = (await office.post(f"{BASE}/preview", json={"customs": body})).json()
    slower = lane_to((await office.put(f"{BASE}/customs", json=body)).json(), "FR", "Hangzhou warehouse")
    assert before is not None
    assert slower is not None
    assert slower["latest"] == seen["lanes"][0]["after"]["latest"] > before["latest"]
    for _ in range(2):
        gone = (await office.delete(f"{BASE}/customs/CN/FR")).json()
        assert gone["customs"] == []
        assert (lane_to(gone, "FR", "Hangzhou warehouse") or {})["latest"] == before["latest"]


async def test_open_promises_are_counted_before_and_looked_at_after(
    home: Home, office: httpx.AsyncClient
) -> None:
    await home.deliver_events()
    await look_again(home.services)
    async with home.db.reading() as tx:
        watch = (await promises.watches(tx, [home.key]))[home.order_id]
    carrier = next(x for x in (await network(office))["carriers"] if x["name"] == "Colis du Marché")
    strike = {"first_day": "2026-11-23", "last_day": "2027-02-01", "reason": "strike"}
    rest = {**strike, "carrier_id": carrier["carrier_id"]}
    seen = (await office.post(f"{BASE}/preview", json={"rest": rest})).json()
    assert seen["open"] == {
        "promises": 1,
        "looked_at": 1,
        "before": {"kept": 1, "at_risk": 0, "missed": 0},
        "after": {"kept": 0, "at_risk": 0, "missed": 1},
    }
    assert await look_again(home.services) == 0
    await office.put(f"{BASE}/carriers/{carrier['carrier_id']}/rests", json=strike)
    assert await look_again(home.services) == 1
    async with home.db.reading() as tx:
        after = (await promises.watches(tx, [home.key]))[home.order_id]
    assert (after.state, after.deadline, after.promised_on) == (3, watch.deadline, watch.promised_on)
    await office.put(f"{BASE}/hubs", json={"name": "Liège", "country": "BE"})
    assert await look_again(home.services) == 0, "what touches no lane wakes nobody"


async def test_holidays_are_the_operators_and_every_sellers(
    home: Home, office: httpx.AsyncClient, client_as: ClientAs, sign_in: SignIn
) -> None:
    body = {"country": "FR", "first_day": "2026-11-23", "last_day": "2026-12-04", "name": "Trêve"}
    refused(await office.put(f"{BASE}/holidays", json=body), 403, "kernel.forbidden")
    operator = await client_as("visitor")
    await sign_in(operator, Role.OPERATOR, None)
    seen = (await office.post(f"{BASE}/preview", json={"holidays": body})).json()
    await home.deliver_events()
    await look_again(home.services)
    for _ in range(2):
        saved = (await operator.put(f"{BASE}/holidays", json=body)).json()
        assert len(saved["holidays"]) == 12
    assert await look_again(home.services) == 1
    now = await network(office)
    assert (lane_to(now, "FR", "Hangzhou warehouse") or {})["latest"] == max(
        one["after"]["latest"] for one in seen["lanes"]
    )
    assert {x["day"]: x["name"] for x in now["holidays"]}["2026-11-24"] == "Trêve"
    for change in ({"last_day": "2026-11-22"}, {"last_day": "2026-12-31"}, {"name": "  "}):
        refused(await operator.put(f"{BASE}/holidays", json={**body, **change}), 422, "promises.bad_calendar")
    days = {"first_day": "2026-11-23", "last_day": "2026-12-04"}
    for _ in range(2):
        gone = await operator.delete(f"{BASE}/holidays/FR", params=days)
        assert gone.json()["holidays"] == []


async def test_a_preview_refuses_what_the_change_would(
    office: httpx.AsyncClient, client_as: ClientAs
) -> None:
    for asked, code in (
        ({"lane": {**LANE, "legs": LANE["legs"][::-1]}}, "promises.bad_lane"),
        ({"hub": {"name": "x", "country": "BE", "timezone": "Europe/Atlantis"}}, "promises.bad_lane"),
        ({"lane": {**LANE, "location_id": 2**40}}, "promises.bad_lane"),
        ({"lane": LANE, "ordered_at": "2029-01-01T10:00:00Z"}, "promises.bad_calendar"),
        ({}, "kernel.invalid_request"),
        ({"lane": LANE, "hub": {"name": "x", "country": "BE"}}, "kernel.invalid_request"),
    ):
        refused(await office.post(f"{BASE}/preview", json=asked), 422, code)
    clerk = await client_as("staff")
    assert (await clerk.post(f"{BASE}/preview", json={"lane": LANE})).status_code == 403


async def test_the_examples_of_the_document_work(office: httpx.AsyncClient, app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    example = schemas["ChangeAsked"]["examples"][0]
    carrier_id = (await network(office))["carriers"][0]["carrier_id"]
    asked = {**example, "rest": {**example["rest"], "carrier_id": carrier_id}}
    assert (await office.post(f"{BASE}/preview", json=asked)).status_code == 200
    holidays = {"holidays": schemas["HolidaysAsked"]["examples"][0]}
    assert (await office.post(f"{BASE}/preview", json=holidays)).status_code == 200
