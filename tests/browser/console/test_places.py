"""Places: samples on display, their labels and QR sheets, touchpoints."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]


def _open_showroom(page: Page) -> None:
    page.get_by_role("link", name="Pop-up Le Marais").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pop-up Le Marais")
    expect(page.locator("main [data-row]").first).to_be_visible()


def test_labels_and_qr_sheets_open_as_pdf(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/places")
    _open_showroom(page)
    page.locator("main tbody input[type=checkbox]").first.check()
    page.locator("main tbody input[type=checkbox]").nth(1).check()
    expect(page.get_by_text("2 samples chosen")).to_be_visible()
    for name in ("Price labels", "QR sheet"):
        link = page.get_by_role("link", name=name)
        expect(link).to_have_attribute("target", "_blank")
        address = link.get_attribute("href") or ""
        assert "samples=" in address
        answer = page.request.get(address)
        assert answer.ok, answer.text()
        assert answer.headers["content-type"].startswith("application/pdf")
        assert answer.body().startswith(b"%PDF")


def test_a_sample_is_put_on_display_and_removed(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/places", size="phone")
    _open_showroom(page)
    page.get_by_role("button", name="Add a sample").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("li button").first.click()
    dialog.get_by_label("Position").fill("Test shelf")
    dialog.get_by_role("button", name="Put on display").click()
    expect(page.get_by_text("is on display. Print its label.")).to_be_visible()
    row = page.locator("main tbody tr", has_text="Test shelf")
    expect(row).to_have_count(1)
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("1 sample removed.")).to_be_visible()
    expect(row).to_have_count(0)


def test_a_touchpoint_shows_its_qr_code(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/places?show=touchpoints")
    expect(page.get_by_text("marais-photo").first).to_be_visible()
    page.get_by_role("button", name="QR code").first.click()
    code = page.get_by_role("dialog").get_by_role("img")
    expect(code).to_be_visible()
    assert (code.get_attribute("src") or "").startswith("data:image/svg+xml")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_opening_hours_are_read_as_people_write_them(open_as: OpenAs) -> None:
    page = open_as("helene", "/console/places")
    _open_showroom(page)
    page.get_by_role("button", name="Edit the place").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Sunday").fill("all day")
    dialog.get_by_role("button", name="Save the place").click()
    expect(dialog.get_by_text("Write it like 11:00–19:30.")).to_be_visible()
    dialog.get_by_label("Sunday").fill("14h-18h")
    dialog.get_by_role("button", name="Save the place").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("14:00–18:00")).to_be_visible()
