"""Orders in the console: from placed to delivered, and what happens when two people work at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]


def _open_first_placed(page: Page) -> str:
    expect(page.locator("main [data-row]").first).to_be_visible()
    page.locator("main [data-row]").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^H-"))
    return page.get_by_role("heading", level=1).inner_text()


def test_an_order_is_packed_shipped_and_delivered(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/orders?state=placed")
    number = _open_first_placed(page)

    page.locator("[data-verb=pack]").click()
    expect(page.get_by_text(f"{number} is packed.")).to_be_visible()
    page.locator("[data-verb=ship]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This cannot be undone")
    dialog.get_by_role("button", name="Yes, it has left").click()
    expect(dialog).to_be_hidden()
    page.locator("[data-verb=deliver]").click()
    expect(page.get_by_text(f"{number} is delivered.")).to_be_visible()

    expect(page.locator("[data-verb=deliver]")).to_have_count(0)
    expect(page.get_by_text("Paid", exact=True)).to_be_visible()
    tape = page.get_by_role("list", name="What happened so far")
    for event in ("Delivered", "Shipped", "Packed", "Order placed"):
        expect(tape.get_by_text(event)).to_be_visible()
    expect(tape.get_by_text("Sam").first).to_be_visible()
    expect(page.get_by_role("table", name="Stock movements")).to_contain_text("Shipped")


def test_a_cancelled_order_gives_back_the_money(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/orders?state=placed")
    number = _open_first_placed(page)
    page.locator("[data-verb=cancel]").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Leave it as it is").click()
    expect(dialog).to_be_hidden()
    page.locator("[data-verb=cancel]").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_text(f"{number} is cancelled")).to_be_visible()
    expect(page.get_by_text("Payment released", exact=True)).to_be_visible()


def test_a_colleague_sees_the_step_without_reloading(open_as: OpenAs) -> None:
    sam = open_as("sam", "/console/orders?state=placed")
    _open_first_placed(sam)
    helene = open_as("helene", sam.url)
    expect(helene.locator("[data-line=live]")).to_be_visible()
    sam.locator("[data-verb=pack]").click()
    expect(helene.locator("[data-verb=ship]")).to_be_visible()


def test_keys_search_walk_open_and_go_back(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/orders")
    expect(page.locator("main [data-row]").nth(1)).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("main [data-row]").nth(1)).to_be_focused()
    number = page.locator("main [data-row]").nth(1).inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")


def test_an_order_is_found_by_its_number(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/orders")
    number = page.locator("main [data-row]").nth(1).inner_text()
    page.get_by_role("searchbox").fill(number)
    expect(page.locator("main [data-row]")).to_have_count(1)
    expect(page.locator("main [data-row]").first).to_have_text(number)
    page.get_by_role("searchbox").fill("nobody@nowhere.example")
    expect(page.get_by_text("No order matches")).to_be_visible()
    page.get_by_role("button", name="Clear the search and filters").click()
    expect(page.locator("main [data-row]").nth(1)).to_be_visible()


def test_the_list_is_saved_as_csv(open_as: OpenAs) -> None:
    page = open_as("helene", "/console/orders")
    expect(page.locator("main [data-row]").first).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export CSV").click()
    text = waiting.value.path().read_text("utf-8-sig")
    assert text.startswith("Number,State,Placed")
    assert len(text.splitlines()) > 2


def test_an_order_that_is_not_there_says_so(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/orders/0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
