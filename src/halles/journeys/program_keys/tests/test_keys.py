"""Keys for programs in the console: made, narrowed, refused elsewhere, taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from halles.identity import api as identity
from halles.identity.types import Scope
from halles.kernel.caller import Role
from halles.kernel.ids import uuid7
from halles.kernel.web import Services
from halles.places import api as places
from halles.places.types import PlaceDraft

BASE = "/api/console/api-keys"
ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]
SignIn = Callable[..., Awaitable[int]]
DRAFT = PlaceDraft(
    code="marais", name="Le Marais", kind="showroom", line1="12 rue Vieille", postcode="75003", city="Paris", country="FR",
    timezone="Europe/Paris", currency="EUR", opening_hours={}, capacity=20,
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Shops:
    """A seller with two places, each with a door; `office`: its head office's browser."""

    services: Services
    client_as: ClientAs
    office: httpx.AsyncClient
    seller_id: int
    place_ids: list[int]

    async def make(self, **more: Any) -> httpx.Response:
        body = {"name": "street door", "seller_id": self.seller_id, "scopes": ["write"], **more}
        return await self.office.put(f"{BASE}/{uuid7().hex[-12:]}", json=body)

    async def program(self, token: str) -> httpx.AsyncClient:
        client = await self.client_as("visitor")
        client.headers["authorization"] = f"Bearer {token}"
        return client

    async def count(self, client: httpx.AsyncClient, door: str) -> httpx.Response:
        told = {"event_id": str(uuid7()), "at": self.services.clock().isoformat(), "inward": 1, "outward": 0}
        return await client.post("/api/welcome/crossings", json={"door": door, "crossings": [told]})


@pytest.fixture
async def shops(services: Services, client_as: ClientAs, sign_in: SignIn) -> Shops:
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Maison", now=services.clock())
        drafts = [DRAFT, replace(DRAFT, code="lyon", name="Lyon")]
        found = [(await places.add_place(tx, seller, draft)).place_id for draft in drafts]
    office = await client_as("visitor")
    await sign_in(office, Role.HEAD_OFFICE, seller)
    for place_id, code in zip(found, ("street", "quay"), strict=True):
        name = {"fr": code, "en": code}
        settings: dict[str, Any] = {
            "version": 0,
            "zones": [{"zone": "in", "name": name, "capacity": None}],
            "doors": [{"door": code, "name": name, "from_zone": None, "to_zone": "in"}],
            "terms": {},
            "rules": [],
        }
        answer = await office.put(f"/api/console/welcome/{place_id}/settings", json=settings)
        assert answer.status_code == 200, answer.text
    return Shops(services=services, client_as=client_as, office=office, seller_id=seller, place_ids=found)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_key_for_one_door_counts_there_and_nowhere_else(shops: Shops) -> None:
    made = await shops.make(uses=["counting"], place_ids=shops.place_ids[:1])
    assert made.status_code == 201
    camera = await shops.program(made.json()["token"])
    assert (await shops.count(camera, "street")).json() == {"recorded": 1}
    assert code(await shops.count(camera, "quay")) == (403, "kernel.key_narrowed")
    parcel = f"/api/shipments/{uuid7()}/events"
    event = {"event_id": str(uuid7()), "code": "packed", "at": shops.services.clock().isoformat()}
    assert code(await camera.post(parcel, json={"events": [event]})) == (403, "kernel.key_narrowed")
    refused = (await camera.post(parcel, json={"events": [event]})).json()
    assert (refused["uses"], refused["place_ids"]) == (["counting"], shops.place_ids[:1])


async def test_a_key_that_is_not_narrowed_does_as_before(shops: Shops) -> None:
    whole = await shops.program((await shops.make()).json()["token"])
    for door in ("street", "quay"):
        assert (await shops.count(whole, door)).status_code == 202
    assert (await shops.make()).json()["key"]["uses"] == []
    parcels = await shops.program((await shops.make(uses=["parcels"])).json()["token"])
    assert code(await shops.count(parcels, "street")) == (403, "kernel.key_narrowed")
    here = await shops.program((await shops.make(place_ids=shops.place_ids[1:])).json()["token"])
    assert (await shops.count(here, "quay")).status_code == 202
    assert code(await shops.count(here, "street")) == (403, "kernel.key_narrowed")


async def test_a_key_is_made_once_shown_once_and_taken_back(shops: Shops) -> None:
    key_id, body = "3f9c0a1b2d4e", {"name": "door", "seller_id": shops.seller_id, "uses": ["counting"]}
    answers = await asyncio.gather(*(shops.office.put(f"{BASE}/{key_id}", json=body) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"identity.key_made"}
    token = next(one.json()["token"] for one in answers if one.status_code == 201)
    listed = await shops.office.get(BASE)
    assert [(one["key_id"], one["uses"], one["mine"]) for one in listed.json()] == [
        (key_id, ["counting"], True)
    ]
    assert token.split("_")[2] not in listed.text
    camera = await shops.program(token)
    assert (await shops.count(camera, "street")).status_code == 202
    for _ in range(2):
        assert (await shops.office.delete(f"{BASE}/{key_id}")).status_code == 204
    assert (await shops.count(camera, "street")).status_code == 401
    assert (await shops.office.delete(f"{BASE}/000000000000")).status_code == 404


async def test_a_key_that_could_do_nothing_is_refused(shops: Shops) -> None:
    for more in (
        {"uses": ["metrics"]},
        {"uses": ["parcels"], "place_ids": shops.place_ids},
        {"place_ids": [2**40]},
    ):
        assert code(await shops.make(**more)) == (422, "program_keys.bad_key")
    assert (await shops.make(uses=["everything"])).status_code == 422


async def test_each_sees_and_takes_back_their_own(
    shops: Shops, client_as: ClientAs, sign_in: SignIn, services: Services
) -> None:
    made = (await shops.make()).json()
    key_id = made["key"]["key_id"]
    other = await client_as(Role.HEAD_OFFICE)
    assert (await other.get(BASE)).json() == [] or key_id not in (await other.get(BASE)).text
    assert code(await other.delete(f"{BASE}/{key_id}")) == (404, "identity.no_such_api_key")
    theirs = {"name": "x", "seller_id": shops.seller_id}
    assert (await other.put(f"{BASE}/000000000001", json=theirs)).status_code == 403
    assert (await shops.make(seller_id=None)).status_code == 403
    assert (await (await shops.program(made["token"])).get(BASE)).status_code == 403
    operator = await client_as("visitor")
    party = await sign_in(operator, Role.OPERATOR, None)
    assert key_id in (await operator.get(BASE)).text
    metrics = {"name": "collector", "scopes": ["read"], "uses": ["metrics"]}
    token = (await operator.put(f"{BASE}/000000000002", json=metrics)).json()["token"]
    collector = await shops.program(token)
    assert (await collector.get("/api/metrics")).status_code == 200
    assert code(await collector.get("/api/console/events/parked")) == (403, "kernel.key_narrowed")
    async with services.db.transaction() as tx:
        whole, _ = await identity.create_api_key(
            tx, party_id=party, name="all", seller_ids=[], scopes=list(Scope), now=services.clock()
        )
    program = await shops.program(whole)
    answer = await program.put(f"{BASE}/000000000003", json=metrics)
    assert code(answer) == (403, "kernel.forbidden")


async def test_the_example_of_the_document_works(shops: Shops, app: FastAPI) -> None:
    example = app.openapi()["components"]["schemas"]["KeyAsked"]["examples"][0]
    body = {**example, "seller_id": shops.seller_id, "place_ids": shops.place_ids[:1]}
    assert (await shops.office.put(f"{BASE}/00000000000a", json=body)).status_code == 201
