"""The door in the browser: staff set it up and count, a shopper books and queues, the wall says who may come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def serious(page: Page) -> list[str]:
    axe: Any = Axe()  # untyped
    found: dict[str, Any] = axe.run(page).response
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def _place(page: Page) -> tuple[int, str]:
    """A place of the demo that is open day and night, for four people."""
    code = f"door-{uuid4().hex[:8]}"
    made = page.request.post(
        "/api/console/places",
        data={
            "code": code,
            "name": f"Kiosk {code}",
            "kind": "showroom",
            "line1": None,
            "postcode": None,
            "city": "Paris",
            "country": "FR",
            "latitude": None,
            "longitude": None,
            "timezone": "Europe/Paris",
            "currency": "EUR",
            "label_currency": None,
            "capacity": 4,
            "opening_hours": {day: [["00:00", "24:00"]] for day in DAYS},
        },
        headers={"origin": page.url.split("/console")[0]},
    )
    assert made.ok, made.text()
    return made.json()["place_id"], code


def test_a_door_from_its_settings_to_the_shopper_s_turn(open_as: OpenAs) -> None:
    page = open_as("helene", "/console/door", locale="en-GB")
    place_id, code = _place(page)
    page.goto(f"/console/door/{place_id}")
    page.get_by_role("button", name="Add a zone").click()
    zone = page.get_by_role("group", name="Zones 1")
    for label, text in (("Code", "hall"), ("Name in French", "Salle"), ("Name in English", "Hall")):
        zone.get_by_label(label).fill(text)
    page.get_by_role("button", name="Add a door").click()
    door = page.get_by_role("group", name="Doors 1")
    for label, text in (("Code", f"{code}-street"), ("Name in French", "Rue"), ("Name in English", "Street")):
        door.get_by_label(label).fill(text)
    page.get_by_label("Clean your hands").check()
    assert serious(page) == []
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Doors")).to_be_visible()
    assert serious(page) == []
    page.context.set_offline(True)
    for _ in range(4):
        page.get_by_role("button", name="One person in: Street").click()
    expect(page.get_by_text("4 presses are not sent yet")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("4 presses are not sent yet")).to_be_hidden()

    shopper = open_as(None, f"/place/{code}", size="phone", locale="fr-FR")
    expect(shopper.get_by_text("Complet").first).to_be_visible()
    expect(shopper.get_by_text("Désinfectez vos mains en entrant.")).to_be_visible()
    assert serious(shopper) == []
    shopper.get_by_role("button", name="Prendre un ticket").click()
    expect(shopper.get_by_text("Numéro 1")).to_be_visible()
    expect(shopper.get_by_text("Vous êtes les prochains.")).to_be_visible()

    wall = open_as(None, f"/place/{code}/wall", locale="en-GB")
    expect(wall.get_by_text("Please wait")).to_be_visible()
    assert serious(wall) == []

    for _ in range(2):
        page.get_by_role("button", name="One person out: Street").click()
    expect(shopper.get_by_text("C’est à vous")).to_be_visible()
    expect(wall.get_by_text("Now calling")).to_be_visible()
    expect(page.get_by_role("button", name="Let in: 1")).to_be_visible()
    assert serious(page) == []
    page.get_by_label("Also count them at").select_option(label="Street")
    page.get_by_role("button", name="Let in: 1").click()
    expect(shopper.get_by_text("Vous êtes entrés. Bienvenue.")).to_be_visible()
    expect(page.get_by_text("Nobody waits.")).to_be_visible()


def test_a_visit_is_booked_on_the_phone_and_arrives_at_the_desk(open_as: OpenAs) -> None:
    office = open_as("helene", "/console/door", size="phone", locale="en-GB")
    place_id, code = _place(office)
    edit = {
        "version": 0,
        "zones": [{"zone": "hall", "name": {"fr": "Salle", "en": "Hall"}, "capacity": None}],
        "doors": [],
        "terms": {"bookable_pct": 100, "largest_party": 4, "slot_min": 60, "stay_min": 60},
        "rules": [],
    }
    origin = office.url.split("/console")[0]
    answer = office.request.put(
        f"/api/console/welcome/{place_id}/settings", data=edit, headers={"origin": origin}
    )
    assert answer.ok, answer.text()

    page = open_as("camille", f"/place/{code}", size="phone", locale="en-GB")
    days = page.get_by_label("Day")
    expect(days.locator("option").nth(1)).to_be_attached()
    days.select_option(index=1)
    page.get_by_text("12:00").click()
    assert serious(page) == []
    page.get_by_role("button", name="Book ").click()
    expect(page.get_by_text("Your code at the door")).to_be_visible()
    with page.expect_download() as event:
        page.get_by_role("link", name="Add to calendar").click()
    assert event.value.path().read_text("utf-8").startswith("BEGIN:VCALENDAR")
    assert serious(page) == []
    page.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_text("Your code at the door")).to_be_hidden()
    office.goto(f"/console/door?place={place_id}")
    office.get_by_label("Code of the visit").fill("ZZZZ")
    office.get_by_role("button", name="They are here").click()
    expect(office.get_by_text("No visit of today has this code.")).to_be_visible()
    assert serious(office) == []
