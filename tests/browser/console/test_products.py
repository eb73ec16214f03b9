"""Products: an edit, two edits at once, a price, an import with a line that is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]

FEED = """id,title,description,price,product_type,brand
console-test-1,Wool scarf,A warm scarf.,39.00 EUR,fashion/scarf,Maison Halles
console-test-2,Silk scarf,A light scarf.,not a price,fashion/scarf,Maison Halles
"""


def _open_one(page: Page) -> None:
    """A product that no other test photographs or buys: the demo is shared by all of them."""
    page.locator("main [data-row]").nth(11).click()
    expect(page.get_by_label("Title in English")).to_be_visible()


def test_two_people_edit_the_same_product(open_as: OpenAs) -> None:
    sam = open_as("sam", "/console/products")
    _open_one(sam)
    helene = open_as("helene", sam.url)
    expect(helene.get_by_label("Title in English")).to_be_visible()

    sam.get_by_label("Title in English").fill("Title by Sam")
    sam.get_by_label("Brand").fill("Brand by Sam")
    sam.get_by_role("button", name="Save the product").click()
    expect(sam.get_by_text("Saved. Shoppers see it now.")).to_be_visible()

    helene.get_by_label("Title in English").fill("Title by Hélène")
    helene.get_by_role("button", name="Save the product").click()
    note = helene.get_by_role("alert")
    expect(note).to_contain_text("Somebody else saved this product meanwhile")
    note.get_by_role("button", name="See theirs").click()
    expect(note).to_contain_text("Title by Sam")
    expect(note).to_contain_text("Title by Hélène")
    expect(helene.get_by_label("Brand")).to_have_value("Brand by Sam")
    note.get_by_role("button", name="Keep mine and save").click()
    expect(helene.get_by_text("Saved. Shoppers see it now.")).to_be_visible()
    expect(helene.get_by_role("heading", level=1)).to_have_text("Title by Hélène")

    sam.reload()
    expect(sam.get_by_label("Title in English")).to_have_value("Title by Hélène")
    expect(sam.get_by_label("Brand")).to_have_value("Brand by Sam")


def test_words_not_saved_survive_a_reload(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/products")
    _open_one(page)
    page.get_by_label("Description in French").fill("Une phrase pas encore enregistrée.")
    expect(page.get_by_text("1 change not saved yet")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_label("Description in French")).to_have_value("Une phrase pas encore enregistrée.")
    page.get_by_role("button", name="Drop my changes").first.click()
    expect(page.get_by_text("not saved yet")).to_have_count(0)


def test_a_price_is_changed(open_as: OpenAs) -> None:
    page = open_as("helene", "/console/products")
    _open_one(page)
    page.get_by_role("button", name="Change the price").first.click()
    field = page.get_by_role("textbox", name="Price in EUR").first
    field.fill("twelve")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Write an amount such as 12.40.")).to_be_visible()
    field.fill("12,40")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("€12.40 from now on")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="€12.40").first).to_be_visible()


def test_an_import_reports_the_line_it_refused(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/imports")
    page.locator("#import-file").set_input_files(
        {"name": "scarves.csv", "mimeType": "text/csv", "buffer": FEED.encode()}
    )
    expect(page.get_by_role("heading", level=1)).to_have_text("scarves.csv")
    expect(page.get_by_text("Done", exact=True)).to_be_visible(timeout=60_000)
    expect(page.locator("[data-count=rejected]")).to_have_text("1")
    table = page.get_by_role("table", name="Lines that were refused")
    expect(table).to_contain_text("price")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download this list").click()
    lines = waiting.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "Line,Field,Reason"
    assert lines[1].startswith("3,price,")
    page.get_by_role("link", name="Imports").last.click()
    expect(page.get_by_role("link", name="scarves.csv").first).to_be_visible()


def test_a_picture_is_not_a_catalogue(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/imports")
    page.locator("#import-file").set_input_files({"name": "cat.png", "mimeType": "image/png", "buffer": b"x"})
    expect(page.get_by_role("alert")).to_contain_text("cat.png is not a catalogue file")
