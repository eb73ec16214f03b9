"""What a thief tries where many requests are answered together, with keys for programs, and with the network that promises are
made of: see `test_attacks.py`."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from halles.edge.tests.thief import ClientAs, SignIn, ordered
from halles.journeys.checkout.tests.small_shop import PRICE, Shop
from halles.journeys.leaving.tests.conftest import shop as shop  # noqa: PLC0414  a fixture
from halles.kernel import lanes
from halles.kernel.caller import Role
from halles.kernel.db import Database, query
from halles.kernel.web import Services

PROMISES = "/api/console/promises"
_PID = query("select pg_backend_pid()", int)
_NETWORK = query(
    """select md5(string_agg(t, '|' order by t)) from (
      select l::text t from promises.lane l union all select l::text from promises.leg l union all
      select c::text from promises.carrier c union all select h::text from promises.hub h union all
      select r::text from promises.rest r union all select c::text from promises.customs c union all
      select h::text from promises.holiday h) all_of_it""",
    str,
)
LEGS: list[dict[str, Any]] = [
    {"kind": "pick_pack", "earliest_days": 0, "likely_days": 1, "latest_days": 1, "timezone": "Europe/Paris", "cutoff": "14:00"},
    {"kind": "last_mile", "earliest_days": 1, "likely_days": 2, "latest_days": 3, "carrier": "Colis"},
]  # fmt: skip


def lane(**more: Any) -> dict[str, Any]:
    return {"lane": "hub", "origin": "Lyon", "origin_country": "FR", "country": "BE", "legs": LEGS, **more}


@pytest.fixture
async def office(client_as: ClientAs, sign_in: SignIn, shop: Shop) -> httpx.AsyncClient:
    made = await client_as("visitor")
    await sign_in(made, Role.HEAD_OFFICE, shop.seller_id)
    return made


@pytest.fixture
async def rival_office(client_as: ClientAs, sign_in: SignIn, rival: Shop) -> httpx.AsyncClient:
    made = await client_as("visitor")
    await sign_in(made, Role.HEAD_OFFICE, rival.seller_id)
    return made


async def network(db: Database) -> str:
    async with db.reading() as tx:
        return await tx.one(_NETWORK)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_a_zero_byte_costs_nobody_else_the_lane(
    db: Database, shop: Shop, victim: httpx.AsyncClient, thief: httpx.AsyncClient
) -> None:
    """What the server refuses ends the connection that all pages share: it must not come so far."""
    before = await lanes.reads(db).tx.one(_PID)
    asked = [thief.get("/api/basket", params={"touchpoint": f"{n}\0"}) for n in range(5)]
    *refused, fine = await asyncio.gather(*asked, victim.get("/api/basket"))
    assert {code(one) for one in refused} == {(422, "kernel.unstorable")}
    assert fine.status_code == 200
    assert await lanes.reads(db).tx.one(_PID) == before


async def test_who_asks_at_the_same_moment_gets_their_own(shop: Shop, client_as: ClientAs) -> None:
    people = [await client_as("guest") for _ in range(6)]
    for number, one in enumerate(people, 1):
        put = await one.put(f"/api/basket/lines/{shop.variants[0]}", json={"quantity": number})
        assert put.status_code == 200, put.text
    for _ in range(3):
        looks = [
            one.get(
                "/api/basket", params={"lang": "fr" if n % 2 else "en", "currency": "EUR" if n % 3 else "JPY"}
            )
            for n, one in enumerate(people)
        ]
        for n, answer in enumerate(await asyncio.gather(*looks)):
            (line,) = answer.json()["lines"]
            assert line["quantity"] == n + 1
            assert line["title"].startswith("Chemise" if n % 2 else "Linen") or line["title"]
            assert answer.json()["currency"] == ("EUR" if n % 3 else "JPY")
            assert (line["line_total"] is None) == (n % 3 == 0)
            assert n % 3 == 0 or line["line_total"]["minor"] == PRICE * (n + 1)


async def test_an_order_asked_for_together_with_its_owner_is_nobody_elses(
    shop: Shop, victim: httpx.AsyncClient, thief: httpx.AsyncClient, rival_staff: httpx.AsyncClient
) -> None:
    order_id = await ordered(victim, shop)
    for _ in range(3):
        answers = await asyncio.gather(
            *(one.get(f"/api/orders/{order_id}") for one in (victim, thief, rival_staff))
        )
        assert [one.status_code for one in answers] == [200, 404, 404]
        tag = answers[0].headers["etag"]
        stolen = await thief.get(f"/api/orders/{order_id}", headers={"if-none-match": tag})
        assert stolen.status_code == 404


async def test_a_cookie_line_that_was_read_before_opens_nothing_after_signing_out(
    shop: Shop, victim: httpx.AsyncClient, client_as: ClientAs
) -> None:
    line = "; ".join(f"{name}={value}" for name, value in victim.cookies.items())
    copy = await client_as("visitor")
    copy.cookies.clear()
    assert (await copy.get("/api/basket", headers={"cookie": line})).status_code == 200
    assert (await victim.post("/api/sign-out")).status_code == 204
    assert (await copy.get("/api/basket", headers={"cookie": line})).status_code == 401
    assert (await copy.get("/api/orders", headers={"cookie": line})).status_code == 401


async def test_days_at_the_end_of_the_calendar_and_names_of_nothing_are_refused(
    office: httpx.AsyncClient, client_as: ClientAs, sign_in: SignIn, db: Database
) -> None:
    made = await office.put(f"{PROMISES}/carriers", json={"name": "Colis"})
    carrier = made.json()["carriers"][0]["carrier_id"]
    last = {"first_day": "9999-12-30", "last_day": "9999-12-31"}
    rest = {**last, "reason": "the end"}
    long = {**rest, "first_day": "0001-01-01"}
    feast = {**last, "country": "FR", "name": "the end"}
    before = await network(db)
    for asked in ({"rest": {**rest, "carrier_id": carrier}}, {"holidays": feast}):
        assert (await office.post(f"{PROMISES}/preview", json=asked)).status_code == 200
    for asked in (
        {"rest": {**long, "carrier_id": carrier}},
        {"holidays": {**feast, "first_day": "0001-01-01"}},
    ):
        assert (await office.post(f"{PROMISES}/preview", json=asked)).status_code == 422
    assert code(await office.put(f"{PROMISES}/hubs", json={"name": "  ", "country": "FR"})) == (
        422,
        "promises.bad_lane",
    )
    assert await network(db) == before
    assert (await office.put(f"{PROMISES}/carriers/{carrier}/rests", json=rest)).status_code == 200
    operator = await client_as("visitor")
    await sign_in(operator, Role.OPERATOR)
    assert (await operator.put(f"{PROMISES}/holidays", json=feast)).status_code == 200
    assert (await office.get(f"{PROMISES}/network")).status_code == 200


async def test_another_sellers_network_is_not_reached(
    office: httpx.AsyncClient, rival_office: httpx.AsyncClient, shop: Shop, rival: Shop, db: Database
) -> None:
    await rival_office.put(f"{PROMISES}/carriers", json={"name": "Colis de la Rivale"})
    theirs = (await rival_office.put(f"{PROMISES}/hubs", json={"name": "Lille", "country": "FR"})).json()
    carrier, hub, way = (
        theirs["carriers"][0]["carrier_id"],
        theirs["hubs"][0]["hub_id"],
        theirs["lanes"][0]["lane_id"],
    )
    before = await network(db)
    days = {"first_day": "2026-12-24", "last_day": "2026-12-26", "reason": "strike"}
    tries = [
        ("PUT", f"/lanes/{way}/switch", {"active": False, "quantile": 0.9}),
        ("PUT", f"/carriers/{carrier}/rests", days),
        ("PUT", "/lanes", lane(location_id=rival.hub)),
        ("PUT", "/hubs", {"name": "Roubaix", "country": "FR", "location_id": rival.hub}),
        ("POST", "/preview", {"rest": {**days, "carrier_id": carrier}}),
        ("POST", "/preview", {"lane": lane(location_id=rival.hub)}),
        ("DELETE", f"/hubs/{hub}", None),
        ("DELETE", f"/carriers/{carrier}", None),
        ("PUT", f"/carriers?seller_id={rival.seller_id}", {"name": "Mine"}),
        ("POST", f"/preview?seller_id={rival.seller_id}", {"carrier": {"name": "Mine"}}),
        ("GET", f"/network?seller_id={rival.seller_id}", None),
        (
            "PUT",
            "/holidays",
            {"country": "FR", "first_day": "2026-12-24", "last_day": "2026-12-24", "name": "x"},
        ),
    ]
    for method, path, body in tries:
        answer = await office.request(method, PROMISES + path, json=body)
        assert answer.status_code in ({200} if method == "DELETE" else {403, 404, 422}), (
            f"{path}: {answer.text}"
        )
    assert await network(db) == before


async def test_staff_look_and_change_nothing_and_a_preview_leaves_nothing(
    office: httpx.AsyncClient,
    client_as: ClientAs,
    sign_in: SignIn,
    shop: Shop,
    db: Database,
    services: Services,
) -> None:
    staff = await client_as("visitor")
    await sign_in(staff, Role.STAFF, shop.seller_id)
    assert (await staff.get(f"{PROMISES}/network")).status_code == 200
    day = f"{services.clock() + timedelta(days=20):%Y-%m-%d}"
    asked: list[dict[str, Any]] = [
        {"lane": lane(location_id=shop.hub)},
        {"carrier": {"name": "Colis", "weekdays": 1}},
        {"hub": {"name": "Lille", "country": "FR"}},
        {"holidays": {"country": "FR", "first_day": day, "last_day": day, "name": "x"}},
        {
            "customs": {
                "origin": "CH",
                "destination": "FR",
                "earliest_days": 1,
                "likely_days": 2,
                "latest_days": 3,
            }
        },
    ]
    before = await network(db)
    for body in asked:
        assert (await staff.post(f"{PROMISES}/preview", json=body)).status_code == 403
    answers = await asyncio.gather(*(office.post(f"{PROMISES}/preview", json=body) for body in asked * 2))
    assert [one.status_code for one in answers] == [200] * 10, [one.text for one in answers]
    assert await network(db) == before
    locked = query("select count(*) from pg_locks where locktype = 'advisory' and classid = 4407363", int)
    async with db.reading() as tx:
        assert await tx.one(locked) == 0


async def test_a_body_that_nests_without_end_is_refused_as_any_other(
    shop: Shop, victim: httpx.AsyncClient
) -> None:
    kind = {"content-type": "application/json"}
    for deep in (b"[" * 100_000, b'{"quantity": ' + b'{"a": ' * 50_000):
        put = await victim.put(f"/api/basket/lines/{shop.variants[0]}", content=deep, headers=kind)
        assert put.status_code in {400, 422}, put.text
        closed = await victim.post("/api/me/closing", content=deep, headers=kind)
        assert closed.status_code in {400, 422}, closed.text
        placed = await victim.post("/api/orders", content=deep, headers=kind)
        assert placed.status_code in {413, 422}, placed.text
    unknown = b'{"x": ' + b"[" * 60_000
    assert (await victim.post("/api/orders", content=unknown, headers=kind)).status_code in {413, 422}
