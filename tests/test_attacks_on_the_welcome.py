"""What a thief tries at the door of a showroom, with what is measured, and with the counter above the door: see
`test_attacks.py`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import httpx
import pytest

from halles.edge.app import create_app
from halles.edge.tests.thief import ClientAs, SignIn, browser
from halles.identity import api as identity
from halles.identity.adapters.mail import SmtpMailer
from halles.identity.types import Mail
from halles.journeys.door_camera.adapters.poster import Poster
from halles.journeys.door_camera.adapters.spool import Spool
from halles.journeys.door_camera.types import Told
from halles.journeys.welcoming.tests.test_http import AT_TWO, NOW, SETTINGS, House
from halles.journeys.welcoming.tests.test_http import house as house  # noqa: PLC0414  a fixture
from halles.kernel.caller import Role
from halles.kernel.clock import FixedClock
from halles.kernel.db import command
from halles.kernel.ids import uuid7
from halles.kernel.web import Services
from halles.places import api as places
from halles.places.types import PlaceDraft, TouchpointKind
from halles.visits.types import CONSENT_TEXT, VISIT

_MANY = command(
    """insert into welcome.crossing (seller_id, event_id, place_id, door, from_zone, to_zone, at, inward, outward, source,
      noted_at)
    select %(seller_id)s, gen_random_uuid(), %(place_id)s, 'street', null, 'ground', %(at)s, 2000000000, 0, 'camera', %(at)s
    from generate_series(1, 3)"""
)


@pytest.fixture
async def second(house: House) -> int:
    """Another place of the same seller, with bookings and a queue."""
    draft = PlaceDraft(
        code="daguerre", name="Halles Daguerre", kind="showroom", city="Paris", country="FR", timezone="Europe/Paris",
        currency="EUR", opening_hours={"sat": [["10:00", "20:00"]]}, capacity=20,
    )  # fmt: skip
    async with house.services.db.transaction() as tx:
        place_id = (await places.add_place(tx, house.seller_id, draft)).place_id
    body: dict[str, Any] = {**SETTINGS, "doors": []}
    answer = await house.office.put(f"/api/console/welcome/{place_id}/settings", json=body)
    assert answer.status_code == 200, answer.text
    return place_id


def _visit(place_id: int, **more: Any) -> dict[str, Any]:
    return {"booking_id": str(uuid7()), "place_id": place_id, "starts_at": AT_TWO, "size": 2, **more}


# ── bookings and the queue ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_to_hold_a_place_s_door_for_ever_by_one_id_at_two_places(
    house: House, second: int, client_as: ClientAs
) -> None:
    """Two requests of one moment, one id, two places that are locked apart: one books, the other is refused, and both end."""
    guests = [await client_as("guest") for _ in range(2)]
    for _ in range(6):
        same = str(uuid7())
        async with asyncio.timeout(20):
            answers = await asyncio.gather(
                *(
                    guest.post("/api/welcome/bookings", json=_visit(at, booking_id=same))
                    for guest, at in zip(guests, (house.place_id, second), strict=True)
                )
            )
        assert sorted(one.status_code for one in answers) == [201, 409]
        refused = next(one for one in answers if one.status_code == 409)
        assert refused.json()["code"] == "welcome.booking_reused"
        for guest in guests:
            await guest.post(f"/api/welcome/bookings/{same}/cancel")


async def test_to_break_the_queue_by_one_ticket_at_two_places(
    house: House, second: int, client_as: ClientAs
) -> None:
    guests = [await client_as("guest") for _ in range(2)]
    for _ in range(6):
        same = str(uuid7())
        answers = await asyncio.gather(
            *(
                guest.post("/api/welcome/tickets", json={"ticket_id": same, "place_id": at, "size": 1})
                for guest, at in zip(guests, (house.place_id, second), strict=True)
            )
        )
        assert sorted(one.status_code for one in answers) == [201, 409]
        refused = next(one for one in answers if one.status_code == 409)
        assert refused.json()["code"] == "welcome.ticket_reused"
        for guest in guests:
            await guest.post(f"/api/welcome/tickets/{same}/leave")


async def test_to_take_every_visit_of_a_showroom_as_a_crowd_of_guests(
    house: House, services: Services
) -> None:
    """One booking a guest and a day, but anybody may become any number of guests: what they book together is counted."""
    strict = replace(services, settings=services.settings.model_copy(update={"rate_limit_factor": 1.0}))
    guest = browser(create_app(strict))
    (await guest.post("/api/guest")).raise_for_status()
    codes: set[str] = set()
    for _ in range(80):
        answer = await guest.post("/api/welcome/bookings", json=_visit(house.place_id, size=4))
        if answer.status_code == 201:
            await guest.post(f"/api/welcome/bookings/{answer.json()['booking_id']}/cancel")
        else:
            codes.add(answer.json()["code"])
            break
    assert codes == {"edge.rate_limited"}
    ticket = {"ticket_id": str(uuid7()), "place_id": house.place_id, "size": 1}
    assert (await guest.post("/api/welcome/tickets", json=ticket)).status_code == 429
    await guest.aclose()


async def test_to_book_a_slot_beyond_what_it_takes_all_at_once(house: House, client_as: ClientAs) -> None:
    guests = [await client_as("guest") for _ in range(8)]
    answers = await asyncio.gather(
        *(one.post("/api/welcome/bookings", json=_visit(house.place_id)) for one in guests)
    )
    assert sorted(one.status_code for one in answers) == [201] * 5 + [409] * 3
    again = await asyncio.gather(
        *(guests[0].post("/api/welcome/bookings", json=_visit(house.place_id)) for _ in range(4))
    )
    assert not [one for one in again if one.status_code == 201]


async def test_to_read_leave_or_move_somebody_s_ticket(
    house: House, client_as: ClientAs, sign_in: SignIn
) -> None:
    owner, thief, stranger = await client_as("guest"), await client_as("guest"), await client_as("visitor")
    ticket = {"ticket_id": str(uuid7()), "place_id": house.place_id, "size": 1}
    (await owner.post("/api/welcome/tickets", json=ticket)).raise_for_status()
    path = f"/api/welcome/tickets/{ticket['ticket_id']}"
    assert (await thief.get(path)).status_code == 404
    assert (await thief.post(f"{path}/leave")).status_code == 404
    taken = await thief.post("/api/welcome/tickets", json=ticket)
    assert (taken.status_code, taken.json()["code"]) == (409, "welcome.ticket_reused")
    await sign_in(stranger, Role.STAFF, 99)
    moved = await stranger.post(f"{house.desk}/tickets/{ticket['ticket_id']}/expire", json={})
    assert moved.status_code == 404
    page = await stranger.get(f"/api/welcome/places/{house.place_id}")
    assert str(ticket["ticket_id"]) not in page.text


async def test_to_stop_a_queue_by_a_party_that_never_fits(house: House, client_as: ClientAs) -> None:
    """A party that was passed thrice stops who waits behind it until there is room for it; in a house smaller than it, that is
    never."""
    shrink = command("update places.place set capacity = 3 where place_id = %(place_id)s")
    async with house.services.db.transaction() as tx:
        await tx.run(shrink, {"place_id": house.place_id})
    await house.cross(3)
    for size in (4, 1, 1, 1, 1):
        guest = await client_as("guest")
        ticket = {"ticket_id": str(uuid7()), "place_id": house.place_id, "size": size}
        answer = await guest.post("/api/welcome/tickets", json=ticket)
        assert answer.status_code == (201 if size == 1 else 422), answer.text
        await house.cross(0, size)
    desk = (
        await house.office.post(f"{house.desk}/tickets", json={"ticket_id": str(uuid7()), "size": 4})
    ).json()
    assert desk["code"] == "welcome.bad_party"
    desk = (await house.office.get(house.desk)).json()
    assert [one["size"] for one in desk["tickets"]] == [1, 1, 1, 1]


async def test_to_blind_a_place_by_more_people_than_a_number_holds(
    house: House, client: httpx.AsyncClient
) -> None:
    """A counter gone mad, or told to: the page and the queue go on, and a headcount puts it right."""
    params = {"seller_id": house.seller_id, "place_id": house.place_id, "at": NOW - timedelta(minutes=5)}
    async with house.services.db.transaction() as tx:
        await tx.run(_MANY, params)
    assert (await client.get(f"/api/welcome/places/{house.place_id}")).status_code == 200
    assert (await house.office.get(house.desk)).status_code == 200
    counted = {"event_id": str(uuid7()), "zone": "ground", "people": 3}
    assert (await house.office.post(f"{house.desk}/headcounts", json=counted)).status_code == 200
    assert (await client.get(f"/api/welcome/places/{house.place_id}")).json()["people"] == 3


async def test_to_write_lines_of_one_s_own_into_mails_and_calendars(
    house: House, client_as: ClientAs, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place whose name holds line breaks: neither the head of a mail nor a calendar takes them."""
    rename = command("update places.place set name = %(name)s where place_id = %(place_id)s")
    name = "Marais\r\nBcc: all@thief.example\r\nATTENDEE:x\n\u2028<script>"
    async with house.services.db.transaction() as tx:
        await tx.run(rename, {"name": name, "place_id": house.place_id})
    shopper = await client_as("visitor")
    await sign_in(shopper)
    made = (await shopper.post("/api/welcome/bookings", json=_visit(house.place_id))).json()
    event = await shopper.get(f"/api/welcome/bookings/{made['booking_id']}/visit.ics")
    assert "\r\nBcc:" not in event.text
    assert "\r\nATTENDEE" not in event.text
    assert all(len(line.encode()) <= 75 for line in event.text.split("\r\n"))
    await house.deliver()
    sent: list[EmailMessage] = []

    async def send(message: EmailMessage, **_: Any) -> None:
        sent.append(message)

    monkeypatch.setattr(aiosmtplib, "send", send)
    mail = Mail(
        message_id="1",
        recipient="a@shop.example",
        subject=f"Your visit to {name}",
        text="x",
        html="x",
        calendar=event.text,
    )
    await SmtpMailer("smtp://mail.shop.example", "Maison <shop@shop.example>").send(mail)
    assert sent[0]["Bcc"] is None
    assert "\n" not in sent[0]["Subject"]


# ── what is measured ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def touchpoint(house: House) -> str:
    async with house.services.db.transaction() as tx:
        await places.add_touchpoint(
            tx, house.seller_id, code="tablet", kind=TouchpointKind.PHOTO, place_id=house.place_id
        )
    return "tablet"


async def _tell(browser: httpx.AsyncClient, touchpoint: str, *moments: datetime) -> None:
    events = [
        {"event_id": str(uuid7()), "kind": "opened", "touchpoint": touchpoint, "at": at.isoformat()}
        for at in moments
    ]
    (await browser.post("/api/visits/events", json={"events": events})).raise_for_status()


async def _agree(browser: httpx.AsyncClient, touchpoint: str) -> None:
    said = {"consent_id": str(uuid7()), "agreed": True, "text_version": CONSENT_TEXT, "language": "en"}
    (await browser.put("/api/me/measuring", json={**said, "touchpoint": touchpoint})).raise_for_status()


async def _kept(browser: httpx.AsyncClient) -> list[datetime]:
    events = (await browser.get("/api/me/measuring/kept")).json()["events"]
    return [datetime.fromisoformat(one["at"]) for one in events]


async def test_to_read_what_others_did_on_a_tablet_days_ago(
    house: House, touchpoint: str, client_as: ClientAs, clock: FixedClock
) -> None:
    """A thief who agreed long ago sits down at a shared tablet and tells of visits there in the days before, when others used
    it. Only what happened since they are signed in there, and the two hours before, may be theirs."""
    tablet, own = await client_as("visitor"), await client_as("guest")
    await _agree(own, touchpoint)
    for hours in range(1, 6):
        clock.at = NOW + timedelta(hours=10 * hours)
        await _tell(tablet, touchpoint, clock.at)
    clock.at = NOW + timedelta(days=3)
    await _sit_down(tablet, own, house)
    await _tell(tablet, touchpoint, *(NOW + timedelta(hours=h) for h in range(1, 49)))
    assert [at for at in await _kept(tablet) if at < clock.at - VISIT] == []
    await _tell(tablet, touchpoint, clock.at)
    assert clock.at in await _kept(tablet)


async def _sit_down(tablet: httpx.AsyncClient, own: httpx.AsyncClient, house: House) -> None:
    """Sign in on the tablet as who has the session of `own`."""
    party = (await own.get("/api/me")).json()["party_id"]
    async with house.services.db.transaction() as tx:
        signed = await identity.start_session(tx, party, agent="tablet", now=house.services.clock(), days=1)
    tablet.cookies.set("halles_session", signed.token, domain="localhost.local", path="/")


async def test_what_a_phone_tells_late_of_its_own_session_is_still_its_owner_s(
    house: House, touchpoint: str, client_as: ClientAs, clock: FixedClock
) -> None:
    phone = await client_as("guest")
    await _agree(phone, touchpoint)
    clock.at = NOW + timedelta(days=2)
    offline = NOW + timedelta(days=1)
    await _tell(phone, touchpoint, offline)
    assert await _kept(phone) == [offline]


async def test_to_read_what_somebody_did_who_signed_out_of_a_shared_browser(
    house: House, touchpoint: str, client_as: ClientAs, sign_in: SignIn, clock: FixedClock
) -> None:
    """Who withdrew, or never agreed, and signed out is not the next person's past."""
    shared = await client_as("visitor")
    await sign_in(shared)
    await _tell(shared, touchpoint, clock())
    (await shared.post("/api/sign-out")).raise_for_status()
    clock.at = NOW + timedelta(minutes=20)
    await sign_in(shared)
    await _tell(shared, touchpoint, clock())
    await _agree(shared, touchpoint)
    assert [at for at in await _kept(shared) if at < clock()] == []


async def test_to_learn_how_often_one_person_came(
    house: House, touchpoint: str, client_as: ClientAs, sign_in: SignIn, clock: FixedClock
) -> None:
    """Six visits of one person are six visits, but of one: what is tied is hidden by the people behind it."""
    regular = await client_as("guest")
    await _agree(regular, touchpoint)
    for day in range(6):
        clock.at = NOW + timedelta(days=day)
        await _tell(regular, touchpoint, clock.at)
    clock.at = NOW + timedelta(days=7)
    await sign_in(house.office, Role.HEAD_OFFICE, house.seller_id)
    coverage = (await house.office.get(f"/api/console/measurement?place={house.place_id}")).json()["coverage"]
    assert (coverage["visits"], coverage["people"], coverage["tied"]["count"]) == (6, None, None)


async def test_to_ask_for_a_report_of_no_time_or_of_another_s_place(
    house: House, client_as: ClientAs, sign_in: SignIn
) -> None:
    ask = f"/api/console/measurement?place={house.place_id}"
    for period in (
        "&to=0001-01-01",
        "&to=0001-01-20",
        "&from=0001-01-01&to=9999-12-31",
        "&opened=0001-01-01",
    ):
        answer = await house.office.get(ask + period)
        assert (answer.status_code, answer.json()["code"]) == (422, "measurement.bad_question"), period
    other = await client_as(Role.HEAD_OFFICE)
    for path in (ask, ask.replace("?", "/report.csv?"), ask.replace("?", "/report.json?")):
        assert (await other.get(path)).status_code == 404
        assert (await other.get(f"{path}&seller_id={house.seller_id}")).status_code == 403
    staff = await client_as("visitor")
    await sign_in(staff, Role.STAFF, house.seller_id)
    assert (await staff.get(ask)).status_code == 403


# ── the counter above the door ────────────────────────────────────────────────────────────────────────────────────────────


_HOSTILE: dict[str, tuple[dict[str, str], bytes]] = {
    "a date beyond all numbers": ({"date": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, b"{}"),
    "a date before all": ({"date": "Mon, 01 Jan 0001 00:00:00 +2359"}, b"{}"),
    "brackets without end": ({}, b"[" * 200_000),
    "a number without end": ({}, b"9" * 20_000),
    "no text": ({"content-type": "application/json; charset=utf-7"}, b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("what", list(_HOSTILE))
def test_to_silence_a_counter_by_a_hostile_answer(tmp_path: Path, what: str) -> None:
    """What the server answers is tried again later; it ends no thread and takes no crossing away."""
    headers, body = _HOSTILE[what]
    spool = Spool(tmp_path / "s.jsonl", "main")
    spool.add([Told(event_id=uuid7(), at=NOW, inward=1, outward=0)])
    heard: list[str] = []

    def report(kind: str, **_: object) -> None:
        heard.append(kind)

    def answered(_: httpx.Request) -> httpx.Response:
        return httpx.Response(500, headers=headers, content=body)

    with httpx.Client(transport=httpx.MockTransport(answered)) as client:
        poster = Poster(
            spool, client, url="https://shop.example.com", door="main", key="hk_x", clock=lambda: NOW,
            report=report,
        )  # fmt: skip
        assert poster.send_waiting() is False
    assert len(spool) == 1
    assert "not_sending" in heard
    spool.close()


def test_to_have_the_key_carried_elsewhere_by_a_redirect(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s.jsonl", "main")
    spool.add([Told(event_id=uuid7(), at=NOW, inward=1, outward=0)])
    asked: list[str] = []

    def answered(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"location": "http://thief.example/api/welcome/crossings"})

    with httpx.Client(transport=httpx.MockTransport(answered), follow_redirects=False) as client:
        poster = Poster(
            spool, client, url="https://shop.example.com", door="main", key="hk_x", clock=lambda: NOW,
            report=lambda *_, **__: None,
        )  # fmt: skip
        assert poster.send_waiting() is False
    assert asked == ["https://shop.example.com/api/welcome/crossings"]
    spool.close()
