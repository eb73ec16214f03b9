"""Stock by hand: receive, count, adjust; twice pressed is once done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]


def _open_first(page: Page) -> int:
    page.locator("main [data-row]").first.click()
    level = page.locator("[data-level=on_hand]")
    expect(level).to_be_visible()
    return _number(level.inner_text())


def _number(text: str) -> int:
    return int("".join(digit for digit in text if digit.isdigit()))


def test_goods_are_received_once_though_pressed_twice(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/stock")
    before = _open_first(page)
    page.get_by_label("Pieces").fill("3")
    page.get_by_label("Reason").fill("Delivery from the supplier")
    expect(page.get_by_text(f"On hand: {before:,} → {before + 3:,}")).to_be_visible()
    page.get_by_role("button", name="Receive 3 pieces").dblclick()
    expect(page.get_by_text("3 pieces received.")).to_be_visible()
    expect(page.locator("[data-level=on_hand]")).to_have_text(f"{before + 3:,}")
    first = page.locator(".moves li").first
    expect(first).to_contain_text("Received")
    expect(first).to_contain_text("+3")
    expect(first).to_contain_text("Delivery from the supplier")


def test_a_reason_and_a_number_are_asked_for(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/stock", size="phone")
    _open_first(page)
    page.get_by_label("Pieces").fill("two")
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.get_by_text("Write a whole number above zero.")).to_be_visible()
    expect(page.get_by_text("Say why, in a word or two")).to_be_visible()


def test_a_count_replaces_what_is_on_hand(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/stock")
    before = _open_first(page)
    page.get_by_role("tab", name="Count").click()
    page.get_by_label("Counted").fill(str(before + 1))
    page.get_by_label("Reason").fill("Cycle count")
    page.get_by_role("button", name="Counted:").click()
    expect(page.locator("[data-level=on_hand]")).to_have_text(f"{before + 1:,}")


def test_more_than_there_is_cannot_go(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/stock")
    before = _open_first(page)
    page.get_by_role("tab", name="Adjust").click()
    page.get_by_label("Change").fill(f"-{before + 1}")
    page.get_by_label("Reason").fill("Lost")
    page.get_by_role("button", name="Adjust by").click()
    expect(page.get_by_role("alert")).to_contain_text("The stock is as it was")
    expect(page.locator("[data-level=on_hand]")).to_have_text(f"{before:,}")
    expect(page.get_by_label("Reason")).to_have_value("Lost")
