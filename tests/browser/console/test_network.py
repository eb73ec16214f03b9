"""The delivery network in the console: made, changed and ended, each change seen before it is made."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console.test_assortments import serious
from tests.browser.console.test_keeping import fits

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]
LANES = "/console/promises/lanes"


def card(page: Page, name: str) -> None:
    """Open the part of the list that is about a lane."""
    found = page.locator("details.panel").filter(has_text=name)
    if found.get_attribute("open") is None:
        found.locator("summary").first.click()


def test_a_lane_is_made_changed_and_ended(open_as: OpenAs) -> None:
    page = open_as("helene", LANES)
    page.get_by_role("link", name="New lane").click()
    page.get_by_label("Leaves from").fill("Lyon depot")
    page.get_by_label("To country").fill("lu")
    page.get_by_role("button", name="Add: Regional hub").click()
    preview = page.get_by_role("heading", name="What this changes").locator("..")
    expect(preview.get_by_text("Fill in the form")).to_be_visible()
    hub = page.get_by_role("group", name="Regional hub")
    for label, days in (("At least", "0"), ("Likely", "1"), ("At most", "1")):
        hub.get_by_label(label).fill(days)
    expect(preview.get_by_text("Lyon depot → Luxembourg")).to_be_visible()
    expect(preview.get_by_text("nothing is promised")).to_be_visible()
    expect(preview.get_by_text("No order is on its way there.")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("button", name="Save the lane").click()
    expect(page.get_by_text("The lane counts from now on")).to_be_visible()
    card(page, "Lyon depot → Luxembourg")
    page.locator("details.panel").filter(has_text="Lyon depot").get_by_role("link").click()
    page.get_by_role("group", name="Last mile").get_by_label("At most").fill("9")
    expect(preview.get_by_text("Lyon depot → Luxembourg")).to_be_visible()
    page.get_by_role("button", name="End this lane").click()
    expect(page.get_by_text("Dates that were given on it stand")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="End this lane").click()
    expect(page).to_have_url(re.compile(f"{LANES}$"))
    expect(page.locator("details.panel").filter(has_text="Lyon depot")).to_contain_text("Closed")
    page.get_by_role("link", name="New lane").click()
    page.get_by_label("Leaves from").fill("Lyon depot")
    page.get_by_label("To country").fill("LU")
    expect(page.get_by_text("A lane leaves there for this country already")).to_be_visible()
    expect(page.get_by_role("button", name="Save the lane")).to_be_disabled()


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_days_of_rest_tell_who_waits_longer(open_as: OpenAs, size: str) -> None:
    page = open_as("helene", LANES, size=size)
    expect(page.get_by_role("heading", name="Hubs")).to_be_visible()
    assert serious(page) == []
    assert fits(page)
    page.get_by_role("button", name="Add days of rest").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Carrier").select_option(label="Colis du Marché")
    sheet.get_by_label("From").fill("2027-03-01")
    sheet.get_by_label("To and including").fill("2027-03-05")
    sheet.get_by_label("Reason").fill("stocktaking")
    expect(
        sheet.get_by_text("Their dates stand").or_(sheet.get_by_text("No order is on its way"))
    ).to_be_visible()
    assert serious(page) == []
    assert fits(page)
    page.keyboard.press("Escape")
    expect(page.get_by_text("stocktaking")).to_have_count(0)


def test_hubs_and_carriers_that_lanes_need_stay(open_as: OpenAs) -> None:
    page = open_as("helene", LANES)
    page.get_by_role("button", name="Remove: Colis du Marché").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Lanes still need it")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a hub").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Name").fill("Gare de Bercy")
    sheet.get_by_role("button", name="Save the hub").click()
    page.get_by_role("button", name="Remove: Gare de Bercy").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Gare de Bercy")).to_have_count(0)


def test_in_french_and_for_who_only_reads(open_as: OpenAs) -> None:
    page = open_as("helene", f"{LANES}/new", size="phone", locale="fr-FR")
    expect(page.get_by_role("heading", level=1)).to_have_text("Un nouveau trajet")
    page.get_by_label("Part de").fill("Dépôt de Lyon")
    page.get_by_label("Vers le pays").fill("NL")
    expect(page.get_by_text("Dépôt de Lyon → Pays-Bas")).to_be_visible()
    assert serious(page) == []
    assert fits(page)
    page.goto(LANES)
    page.get_by_role("button", name="Ajouter des jours fériés").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Du", exact=True).fill("2027-03-01")
    sheet.get_by_label("Au (inclus)").fill("2027-03-01")
    sheet.get_by_label("Ce qui est célébré").fill("Fête des halles")
    sheet.get_by_role("button", name="Enregistrer les jours fériés").click()
    expect(page.get_by_text("Fête des halles")).to_be_visible()
    page.get_by_role("button", name=re.compile("Retirer : Fête des halles|Retirer: Fête des halles")).click()
    page.get_by_role("dialog").get_by_role("button", name="Retirer").click()
    expect(page.get_by_text("Fête des halles")).to_have_count(0)
    clerk = open_as("sam", LANES)
    expect(clerk.get_by_role("heading", name="Hubs")).to_be_visible()
    expect(clerk.get_by_role("link", name="New lane")).to_have_count(0)
    expect(clerk.get_by_role("button", name=re.compile("^Add"))).to_have_count(0)
