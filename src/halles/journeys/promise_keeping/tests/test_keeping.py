"""An order on its way, by HTTP and by the worker: scans, warnings, the kept share, and that nothing is lost between them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from halles.identity import api as identity
from halles.identity.types import Mail, Mailer, MailNotConfigured
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import NOW
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.api import take_step
from halles.journeys.promise_keeping.api import TellShopper, learn, look_again, look_at
from halles.journeys.promise_keeping.tests.way_home import Home, event, order_from_abroad, tell
from halles.kernel.db import counting, query
from halles.kernel.ids import uuid7
from halles.kernel.relay import Delivery
from halles.kernel.web import Services
from halles.orders.types import Step
from halles.promises import api as promises
from halles.promises.types import PromiseShifted, Watch, WatchState

ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]
EMAIL = "shopper@test.example"
_WAITS = query(
    "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')",
    bool,
)
Staff = Callable[[], Awaitable[httpx.AsyncClient]]


async def watch_of(home: Home) -> Watch:
    async with home.db.reading() as tx:
        return (await promises.watches(tx, [home.key]))[home.order_id]


async def mails(home: Home) -> list[str]:
    async with home.db.reading() as tx:
        return [mail.subject for mail in await identity.mailbox(tx) if mail.recipient == EMAIL]


async def test_a_new_order_is_watched_when_there_is_time(home: Home) -> None:
    await home.deliver_events()
    assert await look_again(home.services) == 1
    found = await watch_of(home)
    assert (found.state, found.told, found.placed_at) == (WatchState.KEPT, 0, NOW)
    assert found.chance >= 0.9
    assert found.lane_id > 0
    assert await look_again(home.services) == 0, "nothing is due before midnight"
    assert (await examine(home.db)).findings == []


async def test_the_event_of_an_order_may_come_after_others_took_it_up(home: Home) -> None:
    await looked(home)
    await home.deliver_events()
    assert await look_again(home.services) == 1
    assert await look_again(home.services) == 0, "seen once, it is not new again"


async def test_an_order_that_lies_is_warned_of_once(home: Home, staff: Staff) -> None:
    await home.deliver_events()
    warned: list[int] = []
    for day in range(40):
        home.at(day)
        await look_again(home.services)
        await home.deliver_events()
        warned.append(len(await mails(home)))
    subjects = await mails(home)
    assert [subject.split(" ", 2)[2] for subject in reversed(subjects)] == ["may be late", "is late"], (
        subjects
    )
    assert warned == sorted(warned)
    page = (await (await staff()).get("/api/console/promises/at-risk")).json()["items"]
    assert [(one["order_id"], one["cause"], one["owner"]) for one in page] == [
        (str(home.order_id), "pick_pack", "Hangzhou warehouse")
    ]
    shown = (await (await staff()).get(f"/api/orders/{home.order_id}")).json()["promise"]
    assert (shown["confidence"], shown["expected"]) == ("missed", page[0]["expected"])
    assert shown["expected"] > shown["latest"]


SCANS = [
    ("handed_over", 1.0), ("departed", 2.0), ("arrived", 6.0), ("customs_in", 6.1), ("customs_released", 8.0), ("at_hub", 8.2),
    ("left_hub", 9.2), ("out_for_delivery", 10.0), ("delivered", 10.2),
]  # fmt: skip


async def test_scans_in_any_order_and_twice_leave_one_state(home: Home, carrier: httpx.AsyncClient) -> None:
    await home.step(Step.PACK, days=0.5)
    await home.step(Step.SHIP, days=1)
    home.at(11)
    told = [event(code, NOW + timedelta(days=days)) for code, days in SCANS]
    random.Random(3).shuffle(told)
    for one in told:
        first = await tell(carrier, home.order_id, one)
        assert (first.status_code, first.json()["recorded"]) == (200, 1), first.text
        again = await tell(carrier, home.order_id, one)
        assert (again.json()["recorded"], again.json()["repeated"]) == (0, 1)
    everything = await tell(carrier, home.order_id, *told, *told)
    assert everything.json()["recorded"] == 0
    assert (everything.json()["state"], everything.json()["confidence"]) == ("delivered", "kept")
    await home.deliver_events()
    found = await watch_of(home)
    assert (found.state, found.delivered_on) == (WatchState.WAS_KEPT, (NOW + timedelta(days=10.2)).date())
    assert (await examine(home.db)).findings == []


async def test_many_carriers_at_once(home: Home, carrier: httpx.AsyncClient) -> None:
    await home.step(Step.PACK, Step.SHIP, days=1)
    home.at(11)
    told = [event(code, NOW + timedelta(days=days)) for code, days in SCANS]
    answers = await asyncio.gather(
        *(tell(carrier, home.order_id, one) for one in told * 3),
        look_again(home.services),
        home.deliver_events(),
    )
    heard = [one for one in answers if isinstance(one, httpx.Response)]
    assert {one.status_code for one in heard} == {200}, [one.text for one in heard if one.status_code != 200]
    assert sum(one.json()["recorded"] for one in heard) == len(told)
    await home.deliver_events()
    assert (await watch_of(home)).state == WatchState.WAS_KEPT
    async with home.db.reading() as tx:
        assert len(await promises.scans(tx, [home.key])) == len(told)
    assert (await examine(home.db)).findings == []


async def test_who_looks_while_the_order_is_delivered_sees_it(home: Home) -> None:
    """Two take up the same promise; the one that began to read before the other was done must not write what it read."""
    await home.step(Step.PACK, Step.SHIP, days=1)
    home.at(11)
    async with home.db.transaction() as tx:
        await take_step(tx, *home.key, Step.DELIVER, by="staff:1", at=home.services.clock())
        await look_at(tx, [home.key], home.services.clock())
        slow = asyncio.create_task(looked(home))
        async with asyncio.timeout(10):
            while not await waits_for_a_lock(home):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    await slow
    assert (await watch_of(home)).state == WatchState.WAS_KEPT
    await home.deliver_events()
    assert (await examine(home.db)).findings == []


async def looked(home: Home) -> None:
    async with home.db.transaction() as tx:
        await look_at(tx, [home.key], home.services.clock())


async def waits_for_a_lock(home: Home) -> bool:
    async with home.db.reading() as tx:
        return await tx.one(_WAITS)


async def test_what_cannot_have_happened_is_refused_whole(
    home: Home, carrier: httpx.AsyncClient, client_as: ClientAs
) -> None:
    good = event("departed", NOW)
    cases: list[tuple[dict[str, Any], int, str]] = [
        (event("departed", NOW + timedelta(days=2)), 422, "promises.bad_tracking"),
        (event("departed", NOW - timedelta(days=2)), 422, "promises.bad_tracking"),
        (event("teleported", NOW), 422, "kernel.invalid_request"),
        ({**good, "at": "2026-11-21T10:00:00"}, 422, "kernel.invalid_request"),
        ({**good, "code": "arrived"}, 409, "promises.id_reused"),
    ]
    for wrong, status, code in cases:
        answer = await tell(carrier, home.order_id, good, wrong)
        assert answer.status_code == status, answer.text
        if code.startswith("promises"):
            assert answer.json()["code"] == code
    async with home.db.reading() as tx:
        assert await promises.scans(tx, [home.key]) == []
    assert (await tell(carrier, home.order_id, good)).status_code == 200
    other = await tell(carrier, home.order_id, {**good, "code": "arrived"})
    assert (other.status_code, other.json()["code"]) == (409, "promises.id_reused")
    for role in ("service", "staff"):
        stranger = await client_as(role)
        answer = await tell(stranger, home.order_id, event("delivered", NOW))
        assert (answer.status_code, answer.json()["code"]) == (404, "promises.no_such_shipment")
    nowhere = await tell(carrier, uuid7(), event("departed", NOW))
    assert nowhere.json()["code"] == "promises.no_such_shipment"


async def test_two_parcels_and_the_last_one_delivers(
    home: Home, carrier: httpx.AsyncClient, staff: Staff
) -> None:
    await home.step(Step.PACK, Step.SHIP, days=1)
    home.at(10.5)
    office, second = await staff(), uuid7()
    path, body = (
        f"/api/console/orders/{home.order_id}/shipments/{second}",
        {"carrier": "Fil de Soie", "tracking": "FS-2"},
    )
    for _ in range(2):
        assert (await office.put(path, json=body)).status_code == 200
    clash = await office.put(path, json={**body, "tracking": "FS-3"})
    assert (clash.status_code, clash.json()["code"]) == (409, "promises.id_reused")
    there = event("delivered", NOW + timedelta(days=10))
    first = await tell(carrier, home.order_id, there)
    assert first.json()["state"] == "shipped", "one parcel is still on its way"
    last = await tell(carrier, second, event("delivered", NOW + timedelta(days=10.4)))
    assert last.json()["state"] == "delivered"
    shown = (await office.get(f"/api/console/orders/{home.order_id}/shipments")).json()
    assert [(one["tracking"], [x["code"] for x in one["events"]]) for one in shown] == [
        ("", ["delivered"]),
        ("FS-2", ["delivered"]),
    ]


async def test_a_carrier_who_is_faster_than_the_shop(home: Home, carrier: httpx.AsyncClient) -> None:
    await home.step(Step.PACK, days=0.5)
    home.at(9)
    early = await tell(carrier, home.order_id, event("delivered", NOW + timedelta(days=8.9)))
    assert early.json()["state"] == "packed"
    await home.step(Step.SHIP, days=9)
    await home.deliver_events()
    page = await carrier.get(f"/api/shipments/{home.order_id}")
    assert [one["code"] for one in page.json()["events"]] == ["delivered"]
    async with home.db.reading() as tx:
        from halles.orders import api as orders

        assert (await orders.load_order(tx, home.order_id)).state.word == "delivered"
    assert (await examine(home.db)).findings == []


async def test_an_epcis_document(home: Home, carrier: httpx.AsyncClient, app: FastAPI) -> None:
    operation = app.openapi()["paths"]["/api/shipments/{shipment_id}/epcis"]["post"]
    (document,) = operation["requestBody"]["content"]["application/json"]["schema"]["examples"]
    home.at(0.1)
    path = f"/api/shipments/{home.order_id}/epcis"
    for recorded in (1, 0):
        answer = await carrier.post(path, json=document)
        assert (answer.status_code, answer.json()["recorded"]) == (200, recorded), answer.text
    bodies: list[dict[str, Any]] = [
        {},
        {"epcisBody": {"eventList": [{"type": "ObjectEvent"}]}},
        {"epcisBody": {"eventList": []}},
    ]
    for wrong in bodies:
        answer = await carrier.post(path, json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "promises.bad_tracking")
    odd = {
        **document["epcisBody"]["eventList"][0],
        "bizStep": "cycle_counting",
        "eventID": "ni:///sha-256;x",
        "disposition": "",
    }
    answer = await carrier.post(path, json={"epcisBody": {"eventList": [odd]}})
    assert (answer.status_code, answer.json()["field"]) == (422, "bizStep")


async def test_the_kept_share_names_who_was_late(
    home: Home, carrier: httpx.AsyncClient, staff: Staff
) -> None:
    await home.step(Step.PACK, Step.SHIP, days=1)
    home.at(35)
    late = [
        ("handed_over", 1.0), ("arrived", 6.0), ("customs_held", 7.0), ("customs_released", 28.0), ("left_hub", 29.0),
        ("delivered", 30.0),
    ]  # fmt: skip
    heard = await tell(
        carrier, home.order_id, *(event(code, NOW + timedelta(days=days)) for code, days in late)
    )
    assert heard.json()["confidence"] == "missed"
    office = await staff()
    with counting() as counter:
        page = (await office.get("/api/console/promises/kept", params={"days": 30})).json()
    assert counter.statements <= 8
    assert (page["kept"], page["missed"], page["share"]) == (0, 1, 0.0)
    assert page["causes"] == [{"cause": "customs", "owner": "customs FR", "orders": 1}]
    (lane,) = page["lanes"]
    assert (lane["origin"], lane["actual_days"]) == ("Hangzhou warehouse", 30.0)
    assert await learn(home.services) == 5, "every leg was seen once"
    assert await learn(home.services) == 5, "counted anew, not added"
    async with home.db.reading() as tx:
        ways = await promises.load_ways(tx, [home.shop.seller_id], home.services.clock())
    customs = next(leg for lane in ways.lanes for leg in lane.legs if leg.kind == "customs")
    assert sum(customs.days[10:]) > 0.04, "one parcel in twenty-one took so long"


async def test_a_cancelled_order_is_let_go(home: Home) -> None:
    await home.deliver_events()
    await look_again(home.services)
    await home.step(Step.CANCEL, days=1)
    home.at(1)
    await home.deliver_events()
    assert (await watch_of(home)).state == WatchState.ENDED
    home.at(60)
    assert await look_again(home.services) == 0
    assert (await examine(home.db)).findings == []
    assert await mails(home) == []


async def test_what_becomes_of_a_mail(home: Home) -> None:
    """Nobody waits for a mail server that is not there; a shopper is told in their own language, and no more than once."""
    sent: list[Mail] = []

    class Box:
        async def send(self, mail: Mail) -> None:
            if not sent:
                sent.append(mail)
                raise MailNotConfigured("none")
            sent.append(mail)

    box: Mailer = Box()
    teller = TellShopper(box, "https://shop.example/")
    kind: dict[str, Any] = {
        "seller_id": home.shop.seller_id,
        "order_id": home.order_id,
        "owner_id": 1,
        "expected_on": NOW.date(),
    }
    shifts = [
        PromiseShifted(**kind, state=state, first=first)
        for state, first in (("at_risk", True), ("missed", True), ("at_risk", False), ("kept", True))
    ]
    await teller(shifts, Delivery(event_ids=[uuid7() for _ in shifts], db=home.db, tx=None))
    assert len(sent) == 2
    assert f"https://shop.example/orders/{home.order_id}" in sent[1].text
    assert sent[1].recipient == EMAIL


async def test_an_order_page_with_a_parcel_costs_little(
    home: Home, carrier: httpx.AsyncClient, staff: Staff
) -> None:
    await home.step(Step.PACK, Step.SHIP, days=1)
    home.at(3)
    await tell(carrier, home.order_id, event("departed", NOW + timedelta(days=2), place="Ningbo"))
    page = (await (await staff()).get(f"/api/orders/{home.order_id}")).json()
    assert [line["code"] for line in page["tape"]] == [
        "orders.placed",
        "orders.packed",
        "orders.shipped",
        "parcel.departed",
    ]
    assert page["tape"][-1]["detail"] == {"place": "Ningbo"}
    assert page["promise"]["likely"] is not None


async def test_looking_at_a_hundred_promises_costs_as_many_statements_as_at_one(services: Services) -> None:
    home = await order_from_abroad(services)

    async def place() -> UUID:
        command = home.shop.order((1, 1))
        await services.port(Intake).place(command, home.shop.shoppers[1])
        return command.order_id

    for _ in range(8):
        await place()
    await home.deliver_events()
    with counting() as counter:
        assert await look_again(services) == 9
    assert counter.statements <= 14
