"""The console's uploads."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from halles.identity import api as identity
from halles.journeys.product_import import api
from halles.journeys.product_import.http import live_frames
from halles.journeys.product_import.importer import Importer
from halles.journeys.product_import.types import BadFile
from halles.journeys.wiring import reactions, topics
from halles.kernel.ids import uuid7
from halles.kernel.relay import Relay
from halles.kernel.web import Role, Services

SignIn = Callable[..., Awaitable[int]]
CSV = b"id,title,price\n1,Coat,100 EUR\n2,Bad,nothing\n"


async def test_an_upload_is_accepted_worked_on_and_told(
    client: httpx.AsyncClient, services: Services, sign_in: SignIn
) -> None:
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Shop", now=services.clock())
    files = {"file": ("mine.csv", CSV, "text/csv")}
    assert (await client.post("/api/console/imports", files=files)).status_code == 401
    await sign_in(client, Role.MERCHANT, seller_id=seller)
    answer = await client.post("/api/console/imports", files=files, data={"language": "fr"})
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["source"]) == ("running", "mine.csv")
    assert await api.run_queued(services) == 1
    url = f"/api/console/imports/{answer.json()['import_id']}"
    found = (await client.get(url)).json()
    assert (found["state"], found["total"], found["created"], found["rejected"]) == ("done", 2, 1, 1)
    assert [(error["line"], error["field"]) for error in found["errors"]] == [(3, "price")]
    listed = (await client.get("/api/console/imports", params={"limit": 1})).json()
    assert [run["import_id"] for run in listed["items"]] == [found["import_id"]]
    assert (await client.get(f"/api/console/imports/{uuid7()}")).json()["code"] == "catalog.unknown_import"


async def test_what_is_no_product_file_is_refused_at_once_and_not_kept(
    client: httpx.AsyncClient, services: Services, sign_in: SignIn
) -> None:
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Shop", now=services.clock())
    await sign_in(client, Role.STAFF, seller_id=seller)
    for content in (b"", b"%PDF-1.7", b"PK\x03\x04"):
        answer = await client.post(
            "/api/console/imports", files={"file": ("../../x.csv", content, "text/csv")}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "product_import.bad_file")
    assert list(api.imports_folder(services.settings).iterdir()) == []
    assert (await client.get("/api/console/imports")).json()["items"] == []


async def test_a_page_follows_an_import_to_its_end(
    client: httpx.AsyncClient, services: Services, sign_in: SignIn
) -> None:
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Shop", now=services.clock())
        rival = await identity.create_organisation(tx, "Other", now=services.clock())
    await sign_in(client, Role.MERCHANT, seller_id=seller)
    files = {"file": ("mine.csv", CSV, "text/csv")}
    queued = (await client.post("/api/console/imports", files=files)).json()
    import_id = UUID(queued["import_id"])
    frames = live_frames(services, seller, import_id, "me")
    assert '"state":"running"' in await asyncio.wait_for(anext(frames), 10)
    assert await api.run_queued(services) == 1
    relay = Relay(services.db, reactions(services), topics)
    stop = asyncio.Event()
    relaying = asyncio.create_task(relay.run(stop))
    last = ""
    async with asyncio.timeout(20):
        async for text in frames:
            last = text
    stop.set()
    await relaying
    assert '"state":"done"' in last
    assert '"created":1' in last
    url = f"/api/console/imports/{import_id}/events"
    over = await client.get(url)
    assert over.text.count("event: changed") == 1
    await sign_in(client, Role.MERCHANT, seller_id=rival)
    assert (await client.get(url)).json()["code"] == "catalog.unknown_import"


async def test_no_upload_stays_behind(
    client: httpx.AsyncClient, services: Services, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of an import that failed, nor of a process that died before it remembered the upload."""
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Shop", now=services.clock())
    await sign_in(client, Role.STAFF, seller_id=seller)
    folder = api.imports_folder(services.settings)
    files = {"file": ("mine.csv", CSV, "text/csv")}
    (await client.post("/api/console/imports", files=files)).raise_for_status()
    left, fresh = folder / "left.csv", folder / "fresh.csv"
    for path in (left, fresh):
        path.write_bytes(CSV)
    os.utime(left, (1, 1))

    async def broken(*_: object) -> None:
        raise BadFile("It cannot be read.")

    monkeypatch.setattr(Importer, "_import", broken)
    assert await api.run_queued(services) == 1
    assert (await client.get("/api/console/imports")).json()["items"][0]["state"] == "failed"
    assert list(folder.iterdir()) == [fresh]
