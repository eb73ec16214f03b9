"""Promises kept, shelf labels and exchange rates in the console, on the phone and the desk."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console.test_assortments import serious

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]
RATES = {
    "name": "rates.csv",
    "mimeType": "text/csv",
    "buffer": b"date,currency,rate\n2020-01-02,ISK,136.9\n",
}


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_promises_tell_who_was_late(open_as: OpenAs, size: str) -> None:
    page = open_as("helene", "/console/promises", size=size)
    lanes = page.get_by_role("table", name="By lane")
    expect(lanes).to_be_visible()
    expect(lanes.get_by_role("row")).not_to_have_count(1)
    expect(page.get_by_role("button", name="30 days")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="90 days").click()
    expect(page.get_by_role("button", name="90 days")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("days=90"))
    assert serious(page) == []
    assert fits(page)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_shelf_labels_say_what_to_do_first_and_then_show_a_label(open_as: OpenAs, size: str) -> None:
    page = open_as("helene", "/console/places/labels", size=size)
    if size == "phone":
        expect(page.get_by_text("No label hangs here yet")).to_be_visible()
        expect(page.locator("main ol > li")).to_have_count(3)
        assert serious(page) == []
        page.get_by_role("button", name="Add a gateway").click()
        page.get_by_label("Identifier").fill("marais-1")
        page.get_by_label("Name", exact=True).fill("Ground floor")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_text("halles-labels/")).to_be_visible()
        page.reload()
        expect(page.get_by_text("Ground floor")).to_be_visible()
    assert serious(page) == []
    assert fits(page)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_rates_are_read_by_staff_and_brought_by_the_operator(open_as: OpenAs, size: str) -> None:
    page = open_as("sam", "/console/places/rates", size=size)
    expect(page.get_by_role("heading", level=1)).to_have_text("Exchange rates")
    expect(page.locator("input[type=file]")).to_have_count(0)
    expect(page.get_by_text("all sellers share them")).to_be_visible()
    page.get_by_role("button", name="USD").click()
    expect(page.get_by_role("heading", name="USD")).to_be_visible()
    assert serious(page) == []
    assert fits(page)
    operator = open_as("helene", "/console/accounts", size=size)
    operator.get_by_role("link", name="Exchange rates").click()
    operator.locator("input[type=file]").set_input_files([RATES])  # pyright: ignore[reportArgumentType]
    expect(operator.get_by_role("button", name="ISK")).to_be_visible()
    assert serious(operator) == []
    assert fits(operator)
