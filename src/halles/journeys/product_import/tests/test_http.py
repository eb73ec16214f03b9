"""The console's uploads."""

from collections.abc import Awaitable, Callable

import httpx

from halles.identity import api as identity
from halles.journeys.product_import import api
from halles.kernel.ids import uuid7
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
