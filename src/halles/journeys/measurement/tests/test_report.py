"""Consent and report through the whole application: who may, what is told, what is hidden, what is deleted."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from conftest import ORIGIN, SignIn
from halles.assortments import api as assortments
from halles.assortments.types import History, PostcodePoint
from halles.identity import api as identity
from halles.journeys.doctor.api import examine
from halles.journeys.measurement.api import report
from halles.journeys.measurement.people import read_people
from halles.journeys.measurement.types import Question
from halles.kernel.caller import Role
from halles.kernel.clock import FixedClock
from halles.kernel.db import command, counting, query
from halles.kernel.ids import SellerId, uuid7
from halles.kernel.web import Services
from halles.places import api as places
from halles.places.types import PlaceDraft, PlaceKind, TouchpointKind
from halles.vision import api as vision
from halles.vision.api.touches import forget_visitors
from halles.vision.types import Candidate, FoundBy, MatchId, Outcome, PhotoMatch
from halles.visits import api as visits
from halles.visits.types import CONSENT_TEXT, Consent, VisitEvent, VisitKind

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
COAT = UUID(int=77)
OPENED = date(2026, 9, 7)
_ORDER = command(
    """with kept as (insert into orders.kept (seller_id, digest, body)
      values (%(seller_id)s, %(order_id)s::uuid::text::bytea, '{}') returning kept_id)
    insert into orders."order" (seller_id, order_id, owner_id, total_minor, tax_minor, currency, state, payment, placed_at,
      promise_id, fingerprint, lines, ship_to)
    select %(seller_id)s, %(order_id)s, %(owner_id)s, 9900, 0, 'EUR', 1, 1, %(at)s, kept_id, '\\x00',
      array[1, 1, 9900, 2000, 1, kept_id]::bigint[], '{"country": "FR", "postcode": "75 003"}' from kept"""
)
_PARTIES = query("select count(*) from visits.tie where party_id = %(party)s", int)


@dataclass(frozen=True, slots=True)
class Shop:
    seller: SellerId
    place: int
    touchpoint: int


@pytest.fixture
async def shop(services: Services, clock: FixedClock) -> Shop:
    """A showroom in Paris that opened on OPENED, with points for postcodes and fourteen regions' history."""
    assert clock() == NOW
    draft = PlaceDraft(
        code="marais",
        name="Pop-up Le Marais",
        kind=PlaceKind.SHOWROOM,
        city="Paris",
        postcode="75003",
        country="FR",
        timezone="Europe/Paris",
        currency="EUR",
        latitude=48.86,
        longitude=2.36,
        opening_hours={},
    )
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Maison Halles", now=clock())
        place = await places.add_place(tx, seller, draft)
        point = await places.add_touchpoint(
            tx, seller, code="marais-photo", kind=TouchpointKind.PHOTO, place_id=place.place_id
        )
        await places.add_touchpoint(tx, seller, code="web", kind=TouchpointKind.WEB, place_id=None)
        await places.add_sample(
            tx,
            seller,
            place.place_id,
            product_id=COAT,
            variant_id=None,
            position="A1",
            placed_at=datetime(2026, 9, 7, 9, tzinfo=UTC),
        )
        codes = [
            "75003",
            *(f"{number:02d}000" for number in (6, 13, 31, 33, 34, 35, 38, 44, 57, 59, 67, 69, 76, 83)),
        ]
        points = [
            PostcodePoint(country="FR", postcode=code, latitude=48.86 - 0.5 * at, longitude=2.36)
            for at, code in enumerate(codes)
        ]
        await assortments.put_postcodes(tx, seller, points)
        rows = [
            History(
                country="FR",
                postcode=code,
                product_id=COAT,
                day=OPENED + timedelta(days=7 * week + 2),
                sales=30 + (at + week) % 5 + (15 if at == 0 and week >= 0 else 0),
                views=0,
                searches=0,
                shoppers=120,
            )
            for at, code in enumerate(codes)
            for week in range(-14, 10)
        ]
        await assortments.put_history(tx, seller, rows)
    return Shop(seller, place.place_id, point)


@pytest.fixture
async def office(app: FastAPI, shop: Shop, sign_in: SignIn) -> AsyncIterator[httpx.AsyncClient]:
    async with _browser(app) as made:
        await sign_in(made, Role.MERCHANT, shop.seller)
        yield made


def _browser(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN})


def _yes(**others: Any) -> dict[str, Any]:
    body = {"consent_id": str(uuid7()), "agreed": True, "text_version": CONSENT_TEXT, "language": "fr"}
    return {**body, "touchpoint": "marais-photo", **others}


def _told(kind: str, at: datetime, **others: Any) -> dict[str, Any]:
    return {
        "event_id": str(uuid7()),
        "kind": kind,
        "touchpoint": "marais-photo",
        "at": at.isoformat(),
        **others,
    }


async def test_a_person_agrees_is_tied_reads_it_and_withdraws(
    app: FastAPI, services: Services, shop: Shop, clock: FixedClock
) -> None:
    async with _browser(app) as phone, _browser(app) as other:
        asked = (await phone.get("/api/me/measuring?touchpoint=marais-photo&lang=fr")).json()
        assert (asked["agreed"], asked["ask"], asked["seller"]) == (None, True, "Maison Halles")
        assert "90 jours" in asked["text"]
        assert (await phone.put("/api/me/measuring", json=_yes())).status_code == 401
        party = (await phone.post("/api/guest")).json()["party_id"]
        body = _yes()
        for _ in range(2):
            said = await phone.put("/api/me/measuring", json=body)
            assert (said.status_code, said.json()["agreed"], said.json()["ask"]) == (200, True, False)
        clash = await phone.put("/api/me/measuring", json={**body, "agreed": False})
        assert (clash.status_code, clash.json()["code"]) == (409, "visits.consent_id_reused")
        old = await phone.put("/api/me/measuring", json=_yes(text_version=99))
        assert (old.status_code, old.json()["code"]) == (422, "visits.old_consent_text")
        clock.at += timedelta(minutes=5)
        events = [_told("opened", clock()), _told("product_seen", clock(), product_id=str(COAT))]
        assert (await phone.post("/api/visits/events", json={"events": events})).status_code == 202
        kept = (await phone.get("/api/me/measuring/kept")).json()
        assert [one["agreed"] for one in kept["answers"]] == [True]
        assert "90 jours" in kept["answers"][0]["text"]
        assert [one["browser"] for one in kept["stretches"]] == [1]
        assert {one["kind"] for one in kept["events"]} == {"opened", "product_seen"}

        await other.post("/api/guest")
        theirs = (await other.get("/api/me/measuring/kept")).json()
        assert theirs == {"answers": [], "stretches": [], "events": []}

        assert (await phone.put("/api/me/measuring", json=_yes(agreed=False))).json()["agreed"] is False
        async with services.db.reading() as tx:
            assert await tx.one(_PARTIES, {"party": party}) == 0
        assert (await phone.get("/api/me/measuring/kept")).json()["stretches"] == []
        assert (await phone.delete("/api/me/measuring")).status_code == 204
        assert (await phone.get("/api/me/measuring/kept")).json()["answers"] == []
        assert (await examine(services.db)).healthy


async def _people(services: Services, shop: Shop, many: int, buyers: int, looked: int) -> None:
    """So many people agreed and came ten days ago; the first `looked` looked at the coat, the first `buyers` bought something."""
    async with services.db.transaction() as tx:
        for number in range(many):
            at = NOW - timedelta(days=10, minutes=number)
            guest = await identity.start_guest(tx, agent="test", now=at, days=90)
            said = Consent(
                seller_id=shop.seller,
                party_id=guest.party_id,
                consent_id=uuid7(),
                agreed=True,
                text_version=CONSENT_TEXT,
                language="fr",
                at=at,
            )
            await visits.say(tx, said)
            kinds = [(VisitKind.OPENED, None)] + ([(VisitKind.PRODUCT_SEEN, COAT)] if number < looked else [])
            events = [
                VisitEvent(
                    seller_id=shop.seller,
                    event_id=uuid7(),
                    kind=kind,
                    place_id=shop.place,
                    touchpoint_id=shop.touchpoint,
                    visitor=f"v{number}",
                    product_id=product,
                    at=at,
                    day=at.date(),
                )
                for kind, product in kinds
            ]
            await visits.record(tx, events, announce=False)
            await visits.tie(tx, [shop.seller], guest.party_id, f"v{number}", [at])
            if number < buyers:
                params = {"seller_id": shop.seller, "owner_id": guest.party_id, "order_id": uuid7()}
                await tx.run(_ORDER, {**params, "at": at + timedelta(days=2)})


async def test_the_report_tells_what_visits_led_to(
    services: Services, shop: Shop, office: httpx.AsyncClient
) -> None:
    await _people(services, shop, 40, 12, 20)
    address = f"/api/console/measurement?place={shop.place}&from=2026-11-02&to=2026-11-20&window=7"
    with counting() as counter:
        answer = await office.get(address)
    assert counter.statements <= 32
    found = answer.json()
    assert (answer.status_code, found["since"], found["until"]) == (200, "2026-11-02", "2026-11-21")
    assert (found["coverage"]["people"], found["coverage"]["tied"]["count"]) == (40, 40)
    assert (found["purchases"]["buyers"]["count"], found["purchases"]["buyers"]["of"]) == (12, 40)
    assert [one["count"] for one in found["purchases"]["delays"]] == [0, 12, 0]
    assert (found["customers"]["first_visit"]["count"], found["customers"]["existing"]) == (12, 0)
    lift = found["lift"]
    assert (lift["why"], lift["opened"], lift["controls"]) == ("measured", "2026-09-07", 14)
    assert lift["synthetic"]["effect"] == pytest.approx(0.47, abs=0.1)
    assert lift["p"] == pytest.approx(1 / 15)
    (sample,) = found["samples"]
    assert (sample["why_cause"], sample["rank"], sample["at_opening"]) == ("measured", 1, True)
    assert sample["cause"]["low"] > 0

    table = await office.get(address.replace("measurement?", "measurement/report.csv?") + "&lang=fr")
    rows = list(csv.reader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert rows[0][0] == "Partie"
    assert next(row for row in rows if row[1] == "visiteurs ayant acheté")[:5] == [
        "Achats après une visite",
        "visiteurs ayant acheté",
        "",
        "12",
        "40",
    ]
    file = await office.get(address.replace("measurement?", "measurement/report.json?"))
    assert {**file.json(), "computed_at": ""} == {**found, "computed_at": ""}


async def test_a_recognised_photo_is_a_look_of_whose_browser_it_was_then(
    services: Services, shop: Shop
) -> None:
    await _people(services, shop, 2, 0, 0)
    came = NOW - timedelta(days=10)
    async with services.db.transaction() as tx:
        for visitor, at in (
            ("v0", came - timedelta(minutes=9)),
            ("v0", came + timedelta(days=1)),
            ("v7", came),
        ):
            photo = PhotoMatch(
                match_id=MatchId(uuid7()),
                seller_id=shop.seller,
                place_id=shop.place,
                touchpoint_id=shop.touchpoint,
                visitor=visitor,
                model_id="test",
                outcome=Outcome.PRODUCT,
                found_by=FoundBy.PICTURE,
                gtin=None,
                candidates=(Candidate(product_id=COAT, variant_id=None, score=0.9),),
                cpu_ms=1.0,
                taken_at=at,
            )
            await vision.record_match(tx, photo)
    asked = Question(place_id=shop.place, since=date(2026, 11, 2), until=date(2026, 11, 20))
    async with services.db.reading() as tx:
        found = await read_people(tx, shop.seller, asked, ZoneInfo("Europe/Paris"), NOW)
    assert list(found.touches.values()) == [{COAT: [came - timedelta(minutes=9)]}]
    async with services.db.transaction() as tx:
        assert await forget_visitors(tx, NOW) == 3


async def test_few_people_are_never_told(services: Services, shop: Shop, office: httpx.AsyncClient) -> None:
    await _people(services, shop, 30, 3, 30)
    address = f"/api/console/measurement?place={shop.place}&from=2026-11-02&to=2026-11-20"
    found = (await office.get(address)).json()
    assert found["purchases"]["buyers"] == {
        "count": None,
        "of": None,
        "share": None,
        "low": None,
        "high": None,
    }
    assert found["purchases"]["orders"] is None
    assert found["customers"]["existing"] is None
    assert all(one["first_visit"] in {None, 0} for one in found["customers"]["weeks"])
    table = (await office.get(address.replace("measurement?", "measurement/report.csv?"))).text
    assert "not shown" in table


async def test_a_report_is_for_those_who_run_the_seller(
    app: FastAPI, shop: Shop, office: httpx.AsyncClient, client_as: Any
) -> None:
    address = f"/api/console/measurement?place={shop.place}"
    assert (await office.get(address)).status_code == 200
    stranger = await client_as(Role.MERCHANT)
    assert (await stranger.get(address)).status_code == 404
    assert (await stranger.get(f"{address}&seller_id={shop.seller}")).status_code == 403
    for role in ("visitor", "guest", Role.STAFF, Role.SHOPPER):
        assert (await (await client_as(role)).get(address)).status_code in {401, 403}
    for wrong in (
        "window=8",
        "radius=3",
        "from=2026-11-20&to=2026-11-01",
        "from=2020-01-01",
        "opened=2027-01-01",
    ):
        refused = await office.get(f"{address}&{wrong}")
        assert (refused.status_code, refused.json()["code"]) == (422, "measurement.bad_question"), wrong
    assert (await office.get(f"{address}&outcome=clicks")).status_code == 422


async def test_an_empty_place_says_why_nothing_can_be_told(services: Services, shop: Shop) -> None:
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Neuve", now=NOW)
        draft = PlaceDraft(
            code="neuve",
            name="Neuve",
            kind=PlaceKind.SHOWROOM,
            city="Lyon",
            country="FR",
            timezone="Europe/Paris",
            currency="EUR",
            opening_hours={},
        )
        made = await places.add_place(tx, seller, draft)
    asked = Question(place_id=made.place_id, since=date(2026, 11, 2), until=date(2026, 11, 9))
    found = await report(services.db, seller, asked, now=NOW, least_shoppers=10, language="fr")
    assert (found.lift.why, found.samples, found.coverage.visits) == ("not_open", [], 0)
    opened = replace(asked, opened=date(2026, 10, 1))
    found = await report(services.db, seller, opened, now=NOW, least_shoppers=10, language="fr")
    assert found.lift.why == "no_point"
