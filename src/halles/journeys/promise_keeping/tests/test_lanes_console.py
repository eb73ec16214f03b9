"""Lanes, carriers and calendars in the console: what is refused, and that dates follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from fastapi import FastAPI

from halles.journeys.promise_keeping.tests.way_home import Home

ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]
Staff = Callable[[], Awaitable[httpx.AsyncClient]]


async def test_lanes_in_the_console(home: Home, staff: Staff, client_as: ClientAs, app: FastAPI) -> None:
    office = await staff()
    network = (await office.get("/api/console/promises/network")).json()
    abroad = next(lane for lane in network["lanes"] if lane["lane"] == "abroad")
    assert [leg["kind"] for leg in abroad["legs"]] == [
        "pick_pack",
        "line_haul",
        "customs",
        "hub",
        "last_mile",
    ]
    assert "2026-12-25" in [one["day"] for one in network["holidays"] if one["country"] == "FR"]
    body = {
        name: abroad[name]
        for name in ("lane", "origin", "origin_country", "country", "location_id", "active")
    }
    legs = [{k: v for k, v in leg.items() if k not in {"learned_days", "owner"}} for leg in abroad["legs"]]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"legs": list(reversed(legs))}, "legs"),
        ({"legs": [{**legs[0], "cutoff": None}, *legs[1:]]}, "cutoff"),
        ({"legs": [legs[0], {**legs[1], "likely_days": 9}, *legs[2:]]}, "line_haul.days"),
        ({"legs": [{**legs[0], "timezone": "Europe/Atlantis"}, *legs[1:]]}, "pick_pack.timezone"),
        ({"legs": [*legs[:3], {**legs[3], "hub": "Nowhere"}, legs[4]]}, "hub"),
    ]
    for change, field in wrong:
        answer = await office.put(
            "/api/console/promises/lanes", json={**body, "quantile": 0.9, "legs": legs, **change}
        )
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
            422,
            "promises.bad_lane",
            field,
        )
    slower = [legs[0], {**legs[1], "earliest_days": 20, "likely_days": 20, "latest_days": 25}, *legs[2:]]
    saved = await office.put("/api/console/promises/lanes", json={**body, "quantile": 0.95, "legs": slower})
    after = next(lane for lane in saved.json()["lanes"] if lane["lane"] == "abroad")
    assert after["lane_id"] == abroad["lane_id"]
    assert after["earliest"] > abroad["latest"]
    carrier_id = next(one["carrier_id"] for one in network["carriers"] if one["name"] == "Colis du Marché")
    rest = {"first_day": "2026-12-01", "last_day": "2027-01-31", "reason": "strike"}
    rested = await office.put(f"/api/console/promises/carriers/{carrier_id}/rests", json=rest)
    strike = next(lane for lane in rested.json()["lanes"] if lane["lane"] == "abroad")
    assert strike["earliest"] >= "2027-02-01"
    assert (
        await office.delete(f"/api/console/promises/carriers/{carrier_id}/rests/2026-12-01")
    ).status_code == 204
    missing = await office.put("/api/console/promises/carriers/999999/rests", json=rest)
    assert (missing.status_code, missing.json()["code"]) == (404, "promises.no_such_lane")
    off = await office.put(
        f"/api/console/promises/lanes/{abroad['lane_id']}/switch", json={"active": False, "quantile": 0.9}
    )
    assert (
        next(lane for lane in off.json()["lanes"] if lane["lane_id"] == abroad["lane_id"])["active"] is False
    )
    clerk = await client_as("staff")
    assert (await clerk.put("/api/console/promises/carriers", json={"name": "x"})).status_code == 403
    example = app.openapi()["components"]["schemas"]["LaneAsked"]["examples"][0]
    assert (
        await office.put("/api/console/promises/lanes", json={**example, "location_id": None})
    ).status_code == 200
