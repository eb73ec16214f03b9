"""What browsers tell reaches head office, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from halles.edge.tests.door import app_of, browser, settings_of
from halles.identity import api as identity
from halles.identity.http import router as identity_router
from halles.journeys.live_page import rules
from halles.journeys.live_page.http import router
from halles.kernel.caller import Role
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, counting, query
from halles.kernel.ids import SellerId, uuid7
from halles.kernel.live import LiveHub
from halles.places import api as places
from halles.places.types import PlaceDraft, PlaceKind, TouchpointKind
from halles.vision import api as vision
from halles.vision.types import FoundBy, MatchId, Outcome, PhotoMatch

HELENE = "helene@demo.halles.example"
_ANNOUNCED = query("select count(*)::int from kernel.waiting_event where kind = 'visits.recorded'", int)


@pytest.fixture
def hub(db: Database) -> LiveHub:
    return LiveHub(db)


@pytest.fixture
def shop(db: Database, clock: FixedClock, tmp_path: Path, hub: LiveHub) -> FastAPI:
    return app_of(db, clock, settings_of(tmp_path), router, identity_router, LiveHub=hub)


@pytest.fixture
async def seller(db: Database, clock: FixedClock) -> tuple[SellerId, int]:
    """A seller with one place in Paris, a touchpoint there, the web's touchpoint, and Hélène at head office."""
    draft = PlaceDraft(
        code="marais",
        name="Pop-up Le Marais",
        kind=PlaceKind.SHOWROOM,
        city="Paris",
        country="FR",
        timezone="Europe/Paris",
        currency="EUR",
        opening_hours={},
    )
    async with db.transaction() as tx:
        made = await identity.create_organisation(tx, "Maison Halles", now=clock())
        place = await places.add_place(tx, made, draft)
        await places.add_touchpoint(
            tx, made, code="marais-photo", kind=TouchpointKind.PHOTO, place_id=place.place_id
        )
        await places.add_touchpoint(tx, made, code="web", kind=TouchpointKind.WEB, place_id=None)
        await identity.create_person(tx, HELENE, now=clock(), roles=[Role.HEAD_OFFICE], seller_ids=[made])
    return made, place.place_id


@pytest.fixture
async def office(shop: FastAPI, seller: tuple[SellerId, int]) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(shop) as page:
        assert (await page.post("/api/demo/sign-in", json={"email": HELENE})).status_code == 200
        yield page


def told(at: datetime, kind: str = "opened", touchpoint: str | None = "marais-photo") -> dict[str, Any]:
    return {"event_id": str(uuid7()), "kind": kind, "touchpoint": touchpoint, "at": at.isoformat()}


async def test_what_browsers_tell_is_seen_at_head_office(
    shop: FastAPI, office: httpx.AsyncClient, seller: tuple[SellerId, int], clock: FixedClock
) -> None:
    _, place_id = seller
    events = [
        told(clock()),
        told(clock(), "product_seen"),
        told(clock() - timedelta(hours=1)),
        told(clock(), touchpoint=None),
    ]
    async with browser(shop) as phone:
        answer = await phone.post("/api/visits/events", json={"events": events})
        assert (answer.status_code, answer.json()) == (202, {"recorded": 4})
        assert (await phone.post("/api/visits/events", json={"events": events})).json() == {"recorded": 0}
    clock.at += timedelta(minutes=1)
    with counting() as counter:
        live = (await office.get("/api/console/live")).json()
    assert counter.statements <= 8
    assert (live["visits"], live["photos"], live["recognised_share"], live["orders"], live["revenue"]) == (
        2,
        0,
        None,
        0,
        [],
    )
    assert [hour["hour"] for hour in live["by_hour"]] == [
        f"2026-11-21T{hour:02}:00:00Z" for hour in range(11)
    ]
    assert live["by_hour"][9]["visits"] == 1
    assert live["by_place"] == [
        {
            "place_id": place_id,
            "name": "Pop-up Le Marais",
            "visits": 1,
            "photos": 0,
            "recognised": 0,
            "orders": 0,
            "revenue": [],
        }
    ]
    assert live["recent"][0]["text"].startswith("Somebody came in")
    only = (await office.get("/api/console/live", params={"place": place_id, "lang": "fr"})).json()
    assert only["visits"] == 1
    assert "Quelqu’un est entré · Pop-up Le Marais" in {one["text"] for one in only["recent"]}


async def test_photos_count_as_recognition_says(
    office: httpx.AsyncClient, seller: tuple[SellerId, int], db: Database, clock: FixedClock
) -> None:
    seller_id, place_id = seller
    async with db.transaction() as tx:
        for outcome in (Outcome.PRODUCT, Outcome.CANDIDATES, Outcome.UNKNOWN):
            await vision.record_match(tx, _match(seller_id, place_id, outcome, clock()))
    clock.at += timedelta(minutes=1)
    live = (await office.get("/api/console/live")).json()
    assert (live["photos"], live["recognised_share"]) == (3, 0.6667)
    assert (live["by_place"][0]["photos"], live["by_place"][0]["recognised"]) == (3, 2)


def _match(seller_id: int, place_id: int, outcome: Outcome, at: datetime) -> PhotoMatch:
    return PhotoMatch(
        seller_id=seller_id,
        match_id=MatchId(uuid7()),
        place_id=place_id,
        touchpoint_id=None,
        visitor=None,
        model_id="m",
        outcome=outcome,
        found_by=FoundBy.PICTURE,
        gtin=None,
        candidates=(),
        cpu_ms=1.0,
        taken_at=at,
    )


async def test_only_head_office_and_staff_look(shop: FastAPI, seller: tuple[SellerId, int]) -> None:
    async with browser(shop) as phone:
        assert (await phone.get("/api/console/live")).status_code == 401
        await phone.post("/api/guest")
        assert (await phone.get("/api/console/live")).status_code == 401
        assert (await phone.get("/api/console/live/events")).status_code == 401


async def test_another_sellers_place_is_not_shown(
    office: httpx.AsyncClient, db: Database, clock: FixedClock, seller: tuple[SellerId, int]
) -> None:
    async with db.transaction() as tx:
        other = await identity.create_organisation(tx, "Another", now=clock())
        draft = PlaceDraft(
            code="other",
            name="Other",
            kind=PlaceKind.STORE,
            city="Lyon",
            country="FR",
            timezone="Europe/Paris",
            currency="EUR",
            opening_hours={},
        )
        place = await places.add_place(tx, other, draft)
    assert (await office.get("/api/console/live", params={"place": place.place_id})).status_code == 403
    assert (await office.get("/api/console/live", params={"place": 999_999})).status_code == 404


@pytest.mark.parametrize(
    "period",
    [
        {"from": "2026-11-21T10:00:00Z", "to": "2026-11-21T10:00:00Z"},
        {"from": "2026-11-21T10:00:00Z", "to": "2026-11-20T10:00:00Z"},
        {"from": "2020-01-01T00:00:00Z", "to": "2026-11-20T10:00:00Z"},
        {"from": "2026-11-21T10:00:00"},
        {"from": "yesterday"},
    ],
)
async def test_a_silly_period_is_refused(office: httpx.AsyncClient, period: dict[str, str]) -> None:
    assert (await office.get("/api/console/live", params=period)).status_code == 422


@pytest.mark.parametrize(
    "events", [[], [{}], [{"kind": "order"}], [{"kind": "opened", "event_id": "x"}], "x", [None] * 3]
)
async def test_what_makes_no_sense_is_refused(shop: FastAPI, events: Any) -> None:
    async with browser(shop) as phone:
        assert (await phone.post("/api/visits/events", json={"events": events})).status_code == 422


async def test_a_busy_hour_is_announced_once_a_second(
    shop: FastAPI, seller: tuple[SellerId, int], db: Database, clock: FixedClock
) -> None:
    async with browser(shop) as phone:
        for _ in range(5):
            await phone.post("/api/visits/events", json={"events": [told(clock())]})
        clock.at += timedelta(seconds=1)
        await phone.post("/api/visits/events", json={"events": [told(clock())]})
    async with db.reading() as tx:
        assert await tx.one(_ANNOUNCED) == 2


async def test_watchers_hear_of_their_sellers_changes_only(hub: LiveHub) -> None:
    from halles.journeys.live_page.http import _changes  # pyright: ignore[reportPrivateUsage]

    stream = _changes(hub, [SellerId(5)])
    assert (await anext(stream)).startswith(":")
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    hub.publish("live:6")
    hub.publish("live:5")
    assert await asyncio.wait_for(waiting, 5) == 'event: changed\ndata: {"topic":"live:5"}\n\n'
    hub.close()


def test_every_hour_of_a_period_has_its_row() -> None:
    begin = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    assert [hour.hour for hour in rules.hours(begin, begin + timedelta(hours=2))] == [9, 10, 11]
    assert [hour.hour for hour in rules.hours(begin, begin + timedelta(minutes=30))] == [9]


async def test_events_are_counted_one_by_one_however_they_are_told(
    shop: FastAPI, seller: tuple[SellerId, int], clock: FixedClock
) -> None:
    async with browser(shop) as phone:
        batch = [told(clock(), touchpoint=None) for _ in range(50)]
        answers = [await phone.post("/api/visits/events", json={"events": batch}) for _ in range(9)]
    assert [answer.status_code for answer in answers] == [202] * 8 + [429]
    assert answers[-1].json()["code"] == "edge.rate_limited"
