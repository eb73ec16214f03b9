"""A door over HTTP: counters, shoppers, staff, and what each of them may see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from halles.identity import api as identity
from halles.identity.types import GuestBecame, Scope
from halles.journeys.doctor.api import examine
from halles.journeys.welcoming import api as welcoming
from halles.journeys.welcoming.http import states
from halles.journeys.wiring import reactions, topics
from halles.kernel import outbox
from halles.kernel.clock import FixedClock
from halles.kernel.ids import uuid7
from halles.kernel.live import LiveHub
from halles.kernel.relay import Relay
from halles.kernel.web import Role, Services
from halles.places import api as places
from halles.places.types import PlaceDraft

ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]
SignIn = Callable[..., Awaitable[int]]
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
AT_TWO = "2026-11-21T13:00:00Z"
SETTINGS: dict[str, Any] = {
    "version": 0,
    "zones": [
        {"zone": "ground", "name": {"fr": "Rez-de-chaussée", "en": "Ground floor"}, "capacity": None},
        {"zone": "basement", "name": {"fr": "Sous-sol", "en": "Basement"}, "capacity": 8},
    ],
    "doors": [
        {"door": "street", "name": {"fr": "Rue", "en": "Street"}, "from_zone": None, "to_zone": "ground"},
        {"door": "stairs", "name": {"fr": "Escalier", "en": "Stairs"}, "from_zone": "ground", "to_zone": "basement"},
    ],
    "terms": {"slot_min": 30, "stay_min": 60, "bookable_pct": 50, "largest_party": 4, "come_min": 5},
    "rules": [
        {"kind": "hands_clean"},
        {"kind": "distance", "value": 1.5},
        {"kind": "contactless_only"},
        {"kind": "other", "text": {"fr": "Pas de chiens.", "en": "No dogs."}},
    ],
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class House:
    """A showroom for twenty people with two floors; `office`: its head office's browser; `counter`: a program with its key."""

    services: Services
    seller_id: int
    place_id: int
    office: httpx.AsyncClient
    counter: httpx.AsyncClient

    @property
    def desk(self) -> str:
        return f"/api/console/welcome/{self.place_id}"

    async def cross(self, inward: int, outward: int = 0, door: str = "street") -> None:
        told = {"event_id": str(uuid7()), "at": self.services.clock().isoformat()}
        body = {"door": door, "crossings": [{**told, "inward": inward, "outward": outward}]}
        (await self.counter.post("/api/welcome/crossings", json=body)).raise_for_status()

    async def deliver(self) -> None:
        await Relay(self.services.db, reactions(self.services), topics).drain()


@pytest.fixture
async def house(services: Services, client_as: ClientAs, sign_in: SignIn) -> House:
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Maison", now=services.clock())
        draft = PlaceDraft(
            code="marais",
            name="Pop-up Le Marais",
            kind="showroom",
            line1="12 rue des Filles-du-Calvaire",
            postcode="75003",
            city="Paris",
            country="FR",
            timezone="Europe/Paris",
            currency="EUR",
            opening_hours={"sat": [["10:00", "20:00"]], "mon": [["10:00", "20:00"]]},
            capacity=20,
        )
        place = await places.add_place(tx, seller, draft)
        token, _ = await identity.create_api_key(
            tx, party_id=seller, name="door", seller_ids=[seller], scopes=[Scope.WRITE], now=services.clock()
        )
    office, counter = await client_as("visitor"), await client_as("visitor")
    await sign_in(office, Role.HEAD_OFFICE, seller)
    counter.headers["authorization"] = f"Bearer {token}"
    made = House(services=services, seller_id=seller, place_id=place.place_id, office=office, counter=counter)
    answer = await office.put(f"{made.desk}/settings", json=SETTINGS)
    assert answer.status_code == 200, answer.text
    return made


async def test_a_counter_s_crossings_show_on_the_page(
    house: House, client: httpx.AsyncClient, clock: FixedClock
) -> None:
    told = {"event_id": str(uuid7()), "at": NOW.isoformat(), "inward": 9, "outward": 1}
    body = {"door": "street", "crossings": [told, {**told, "event_id": str(uuid7()), "inward": 1}]}
    answer = await house.counter.post("/api/welcome/crossings", json=body)
    assert (answer.status_code, answer.json()) == (202, {"recorded": 2})
    assert (await house.counter.post("/api/welcome/crossings", json=body)).json() == {"recorded": 0}
    await house.cross(3, 0, door="stairs")
    page = (await client.get(f"/api/welcome/places/{house.place_id}")).json()
    assert (page["people"], page["capacity"], page["level"], page["open"]) == (8, 20, "quiet", True)
    assert [(zone["people"], zone["capacity"]) for zone in page["zones"]] == [(5, 20), (3, 8)]
    assert [rule["kept_by"] is not None for rule in page["rules"]] == [False, False, True, False]
    assert page["rules"][1]["text"]["fr"] == "Gardez 1,5 m de distance avec les autres."
    assert page["queue"]["eta_s"] == 0.0
    by_hand = {
        "door": "stairs",
        "source": "manual",
        "crossings": [{**told, "event_id": str(uuid7()), "inward": 1, "outward": 0}],
    }
    assert (await house.counter.post("/api/welcome/crossings", json=by_hand)).status_code == 202
    desk = (await house.office.get(house.desk)).json()
    assert [(one["inward"], one["outward"], one["sources"]) for one in desk["doors"]] == [
        (10, 2, ["camera"]),
        (4, 0, ["camera", "manual"]),
    ]
    assert [one["silent"] for one in desk["doors"]] == [False, False]
    clock.at = NOW + timedelta(minutes=31)
    await house.cross(0, 9)
    desk = (await house.office.get(house.desk)).json()
    assert [one["silent"] for one in desk["doors"]] == [False, True]
    assert [(one["people"], one["drift"]) for one in desk["zones"]] == [(0, 5), (4, 0)]
    assert [one["sure"] for one in desk["door"]["zones"]] == [False, True]


async def test_a_camera_that_says_nothing_in_opening_hours_is_told(house: House, clock: FixedClock) -> None:
    async def counters(door: int = 0) -> list[tuple[str, bool]]:
        desk = (await house.office.get(house.desk)).json()
        return [(one["source"], one["silent"]) for one in desk["doors"][door]["counters"]]

    assert await counters() == []
    await house.cross(0, 0)
    assert await counters() == [("camera", False)]
    for minutes, silent in ((29, False), (30, True)):
        clock.at = NOW + timedelta(minutes=minutes)
        assert await counters() == [("camera", silent)], (
            "nobody is inside, and a camera says all the same that it sees"
        )
    await house.cross(0, 0)
    assert await counters() == [("camera", False)]
    told = {"event_id": str(uuid7()), "at": clock.at.isoformat(), "inward": 0, "outward": 0}
    body = {"door": "stairs", "source": "sensor", "crossings": [told]}
    (await house.counter.post("/api/welcome/crossings", json=body)).raise_for_status()
    clock.at = NOW + timedelta(hours=8)
    assert await counters(1) == [("sensor", False)], "a sensor tells of people alone"
    clock.at = NOW + timedelta(hours=11)
    assert await counters() == [("camera", False)], "closed"
    clock.at = NOW + timedelta(days=1, hours=2)
    assert await counters() == [("camera", False)], "closed all day"
    clock.at = datetime(2026, 11, 23, 9, 29, tzinfo=UTC)
    assert await counters() == [("camera", False)]
    clock.at += timedelta(minutes=1)
    assert await counters() == [("camera", True)], "open for half an hour"
    clock.at = NOW + timedelta(days=8)
    assert await counters() == [], "it hangs there no more"


async def test_what_cannot_have_been_counted_is_refused(house: House) -> None:
    for change, status, code in (
        ({"door": "nowhere"}, 404, "welcome.unknown_door"),
        ({"at": "2026-11-14T09:00:00Z"}, 422, "welcome.bad_count"),
        ({"at": "2026-11-21T11:00:00Z"}, 422, "welcome.bad_count"),
        ({"at": "2026-11-21T10:00:00"}, 422, None),
        ({"inward": -1}, 422, None),
    ):
        told = {"event_id": str(uuid7()), "at": NOW.isoformat(), "inward": 1, "outward": 0, **change}
        body = {"door": told.pop("door", "street"), "crossings": [told]}
        answer = await house.counter.post("/api/welcome/crossings", json=body)
        assert answer.status_code == status
        assert code in {None, answer.json()["code"]}
    assert (await house.office.get(house.desk)).json()["door"]["people"] == 0


async def test_another_seller_s_key_counts_nothing_here(house: House, client_as: ClientAs) -> None:
    stranger = await client_as(Role.SERVICE)
    told = {"event_id": str(uuid7()), "at": NOW.isoformat(), "inward": 1, "outward": 0}
    body = {"door": "street", "crossings": [told]}
    assert (await stranger.post("/api/welcome/crossings", json=body)).status_code == 404
    wrong = f"/api/welcome/crossings?seller_id={house.seller_id}"
    assert (await stranger.post(wrong, json=body)).status_code == 403
    other = await client_as(Role.HEAD_OFFICE)
    assert (await other.get(house.desk)).status_code == 404
    assert (await other.put(f"{house.desk}/settings", json=SETTINGS)).status_code == 404


async def _book(
    client: httpx.AsyncClient, house: House, size: int = 2, booking_id: UUID | None = None
) -> httpx.Response:
    body = {
        "booking_id": str(booking_id or uuid7()),
        "place_id": house.place_id,
        "starts_at": AT_TWO,
        "size": size,
    }
    return await client.post("/api/welcome/bookings", json=body)


async def test_a_visit_is_booked_confirmed_and_used(
    house: House, client: httpx.AsyncClient, client_as: ClientAs, sign_in: SignIn, clock: FixedClock
) -> None:
    await sign_in(client)
    slots = (await client.get(f"/api/welcome/places/{house.place_id}/slots")).json()
    assert slots["slots"][0] == {
        "starts_at": "2026-11-21T10:30:00Z",
        "ends_at": "2026-11-21T11:30:00Z",
        "left": 10,
    }
    booking_id = uuid7()
    made = await _book(client, house, 3, booking_id)
    assert made.status_code == 201, made.text
    assert made.json()["come_by"] == "2026-11-21T13:15:00Z"
    assert (await _book(client, house, 3, booking_id)).json() == made.json()
    assert (await _book(client, house, 2, booking_id)).json()["code"] == "welcome.booking_reused"
    second = await _book(client, house)
    assert (second.status_code, second.json()["code"]) == (409, "welcome.too_many_bookings")

    await house.deliver()
    async with house.services.db.reading() as tx:
        (mail,) = [one for one in await identity.mailbox(tx) if "visit" in one.subject]
    assert mail.subject == "Your visit to Pop-up Le Marais, Saturday 21 November at 14:00"
    assert made.json()["code"] in mail.body
    assert "Clean your hands" in mail.body
    assert "No dogs." in mail.body

    event = await client.get(f"/api/welcome/bookings/{booking_id}/visit.ics?lang=fr")
    assert event.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "DTSTART:20261121T130000Z\r\n" in event.text
    assert "SUMMARY:Visite : Pop-up Le Marais\r\n" in event.text

    stranger = await client_as("shopper")
    for path in (
        f"/api/welcome/bookings/{booking_id}",
        f"/api/welcome/bookings/{booking_id}/visit.ics",
    ):
        assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"/api/welcome/bookings/{booking_id}/cancel")).status_code == 404

    clock.at = datetime(2026, 11, 21, 12, 58, tzinfo=UTC)
    await sign_in(house.office, Role.STAFF, house.seller_id)
    code = made.json()["code"]
    wrong = await house.office.post(f"{house.desk}/arrivals", json={"code": "ZZZZZ"})
    assert (wrong.status_code, wrong.json()["code"]) == (404, "welcome.no_such_booking")
    for _ in range(2):
        here = await house.office.post(f"{house.desk}/arrivals", json={"code": code, "door": "street"})
        assert (here.status_code, here.json()["state"]) == (200, "arrived")
    desk = (await house.office.get(house.desk)).json()
    assert (desk["door"]["people"], desk["bookings"][0]["state"]) == (3, "arrived")
    assert (await examine(house.services.db)).findings == []


async def test_a_guest_s_booking_follows_into_their_account(
    house: House, client_as: ClientAs, sign_in: SignIn, services: Services
) -> None:
    guest, owner = await client_as("guest"), await client_as("visitor")
    made = (await _book(guest, house)).json()
    party = (await guest.get("/api/me")).json()["party_id"]
    account = await sign_in(owner)
    async with services.db.transaction() as tx:
        await outbox.append(tx, [GuestBecame(old_party_id=party, party_id=account)])
    await house.deliver()
    (booking,) = (await owner.get("/api/welcome/mine")).json()["bookings"]
    assert (booking["code"], booking["state"]) == (made["code"], "booked")
    assert (await guest.get("/api/welcome/mine")).json()["bookings"] == []


async def test_the_queue_from_a_phone_and_from_the_desk(
    house: House, client_as: ClientAs, clock: FixedClock
) -> None:
    await house.cross(18)
    phones = [await client_as("guest") for _ in range(3)]
    tickets: list[dict[str, Any]] = []
    for phone in phones:
        body = {"ticket_id": str(uuid7()), "place_id": house.place_id, "size": 2}
        answer = await phone.post("/api/welcome/tickets", json=body)
        assert answer.status_code == 201, answer.text
        tickets.append(answer.json())
        assert (await phone.post("/api/welcome/tickets", json=body)).json()["number"] == answer.json()[
            "number"
        ]
    assert [(one["number"], one["state"], one["ahead"], one["eta_s"]) for one in tickets] == [
        (1, "called", None, None),
        (2, "waiting", 0, None),
        (3, "waiting", 1, None),
    ]
    mine = f"/api/welcome/tickets/{tickets[1]['ticket_id']}"
    assert (await phones[0].get(mine)).status_code == 404
    assert (await phones[0].post(f"{mine}/leave")).status_code == 404
    again = {"ticket_id": str(uuid7()), "place_id": house.place_id, "size": 1}
    refused = await phones[1].post("/api/welcome/tickets", json=again)
    assert refused.json()["code"] == "welcome.in_queue_already"

    entered = f"{house.desk}/tickets/{tickets[0]['ticket_id']}/enter"
    await house.office.post(entered, json={"door": "street"})
    desk = await house.office.post(entered, json={"door": "street"})
    assert desk.status_code == 200, desk.text
    assert (desk.json()["door"]["people"], desk.json()["room"]) == (20, 0)
    early = await house.office.post(f"{house.desk}/tickets/{tickets[1]['ticket_id']}/enter", json={})
    assert (early.status_code, early.json()["code"]) == (409, "welcome.ticket_over")

    clock.at = NOW + timedelta(minutes=20)
    await house.cross(0, 8)
    assert await welcoming.look_again(house.services) == 2
    assert (await phones[1].get(mine)).json()["state"] == "called"
    assert (await phones[1].post(f"{mine}/leave")).json()["state"] == "left"
    paper = {"ticket_id": str(uuid7()), "size": 4}
    desk = await house.office.post(f"{house.desk}/tickets", json=paper)
    assert [(one["number"], one["state"]) for one in desk.json()["tickets"]] == [(3, "called"), (4, "called")]
    clock.at = NOW + timedelta(minutes=26)
    await welcoming.look_again(house.services)
    assert (await phones[2].get("/api/welcome/mine")).json()["tickets"][0]["state"] == "expired"
    assert (await examine(house.services.db)).findings == []


async def test_a_wait_is_told_from_who_leaves(house: House, client_as: ClientAs, clock: FixedClock) -> None:
    await house.cross(26)
    clock.at = NOW + timedelta(minutes=30)
    await house.cross(0, 6)
    phone = await client_as("guest")
    ids = [str(uuid7()) for _ in range(2)]
    for ticket_id in ids:
        await house.office.post(f"{house.desk}/tickets", json={"ticket_id": ticket_id, "size": 2})
    body = {"ticket_id": str(uuid7()), "place_id": house.place_id, "size": 1}
    mine = (await phone.post("/api/welcome/tickets", json=body)).json()
    assert (mine["ahead"], mine["eta_s"]) == (2, (1 + 4 - 0) * 1800 / 6)


async def test_settings_have_a_version_and_say_what_is_wrong(house: House) -> None:
    stale = await house.office.put(f"{house.desk}/settings", json=SETTINGS)
    assert (stale.status_code, stale.json()["code"]) == (412, "welcome.changed_meanwhile")
    read = (await house.office.get(f"{house.desk}/settings")).json()
    edit = {name: read[name] for name in SETTINGS}
    assert edit["version"] == 1
    wrong = edit | {"doors": [{**edit["doors"][0], "to_zone": "attic"}]}
    answer = await house.office.put(f"{house.desk}/settings", json=wrong)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "welcome.bad_settings",
        "doors",
    )
    answer = await house.office.put(f"{house.desk}/settings", json=edit)
    assert answer.json()["version"] == 2


async def test_a_page_hears_of_every_count(house: House, client: httpx.AsyncClient) -> None:
    hub = house.services.port(LiveHub)
    frames = states(house.services, hub, house.place_id, "test")
    assert await anext(frames) == ": still here\n\n"
    assert '"people":0' in await anext(frames)
    await house.cross(5)
    await house.deliver()
    async with asyncio.timeout(10):
        while '"people":5' not in (text := await anext(frames)):
            assert text
    await frames.aclose()


async def test_a_closed_door_takes_nobody(house: House, client_as: ClientAs, clock: FixedClock) -> None:
    clock.at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    guest = await client_as("guest")
    body = {"ticket_id": str(uuid7()), "place_id": house.place_id, "size": 1}
    assert (await guest.post("/api/welcome/tickets", json=body)).json()["code"] == "welcome.closed"
    page = (await guest.get(f"/api/welcome/places/{house.place_id}")).json()
    assert (page["open"], page["opens_at"]) == (False, "2026-11-23T09:00:00Z")
