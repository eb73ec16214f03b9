"""What the poster sends is what the server takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from halles.identity import api as identity
from halles.identity.types import Scope
from halles.journeys.door_camera.adapters.poster import Poster
from halles.journeys.door_camera.adapters.spool import Spool
from halles.journeys.door_camera.types import Told
from halles.kernel.ids import uuid7
from halles.kernel.web import Role, Services
from halles.places import api as places
from halles.places.types import PlaceDraft

ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]
SignIn = Callable[..., Awaitable[int]]
SETTINGS: dict[str, Any] = {
    "version": 0,
    "zones": [{"zone": "ground", "name": {"fr": "Rez-de-chaussée", "en": "Ground floor"}, "capacity": None}],
    "doors": [
        {"door": "street", "name": {"fr": "Rue", "en": "Street"}, "from_zone": None, "to_zone": "ground"}
    ],
    "terms": {},
    "rules": [],
}


async def _door(services: Services, office: httpx.AsyncClient, sign_in: SignIn) -> tuple[int, str]:
    """A place with a door called street; and a key for a counter."""
    draft = PlaceDraft(
        code="marais",
        name="Le Marais",
        kind="showroom",
        line1="12 rue des Filles-du-Calvaire",
        postcode="75003",
        city="Paris",
        country="FR",
        timezone="Europe/Paris",
        currency="EUR",
        opening_hours={"sat": [["10:00", "20:00"]]},
        capacity=20,
    )
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Maison", now=services.clock())
        place = await places.add_place(tx, seller, draft)
        token, _ = await identity.create_api_key(
            tx,
            party_id=seller,
            name="door",
            seller_ids=[seller],
            scopes=[Scope.WRITE],
            now=services.clock(),
        )
    await sign_in(office, Role.HEAD_OFFICE, seller)
    answer = await office.put(f"/api/console/welcome/{place.place_id}/settings", json=SETTINGS)
    assert answer.status_code == 200, answer.text
    return place.place_id, token


def _sent(spool: Spool, key: str, services: Services, answer: httpx.Response | None) -> list[httpx.Request]:
    """The requests of one attempt, which get this answer, or none."""
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if answer is None:
            raise httpx.ConnectError("away")
        return answer

    client = httpx.Client(transport=httpx.MockTransport(handle))
    url = "https://shop.example.com"
    poster = Poster(
        spool, client, url=url, door="street", key=key, clock=services.clock, report=lambda *_, **__: None
    )
    poster.send_waiting()
    return requests


async def test_the_server_takes_what_the_poster_sends_and_counts_it_once(
    services: Services, client: httpx.AsyncClient, client_as: ClientAs, sign_in: SignIn, tmp_path: Path
) -> None:
    place_id, key = await _door(services, await client_as("visitor"), sign_in)
    counter = await client_as("visitor")
    spool = Spool(tmp_path / "s.jsonl", "street")
    ids: list[UUID] = [uuid7() for _ in range(5)]
    ways = (1, 1, 1, 0, 1)
    at = services.clock() - timedelta(days=1)
    spool.add([
        Told(event_id=one, at=at, inward=way, outward=1 - way) for one, way in zip(ids, ways, strict=True)
    ])  # fmt: skip

    for recorded in (5, 0):
        (request,) = _sent(spool, key, services, None)
        headers = {name: request.headers[name] for name in ("authorization", "content-type")}
        answer = await counter.post(request.url.path, content=request.content, headers=headers)
        assert (answer.status_code, answer.json()) == (202, {"recorded": recorded})
    _sent(spool, key, services, httpx.Response(answer.status_code, content=answer.content))
    assert len(spool) == 0
    spool.close()
    page = await client.get(f"/api/welcome/places/{place_id}")
    assert page.status_code == 200
