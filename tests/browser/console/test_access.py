"""Who sees what of the console."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]


def test_a_visitor_is_asked_to_sign_in_and_comes_back(open_as: OpenAs) -> None:
    page = open_as(None, "/console/stock?q=linen")
    door = page.get_by_role("link", name="Sign in")
    expect(door).to_have_attribute("href", "/sign-in?next=%2Fconsole%2Fstock%3Fq%3Dlinen")
    door.click()
    page.get_by_role("button", name="Sam Okafor").click()
    page.wait_for_url("**/console/stock?q=linen")


def test_a_shopper_has_no_key(open_as: OpenAs) -> None:
    page = open_as("camille", "/console")
    expect(page.get_by_text("has no key to the console")).to_be_visible()
    expect(page.get_by_role("button", name="Use another account")).to_be_visible()


def test_staff_see_goods_but_not_the_ledger(open_as: OpenAs) -> None:
    page = open_as("sam", "/console")
    rail = page.get_by_role("navigation", name="Sections").first
    for name in ("Orders", "Stock", "Products", "Imports", "Places"):
        expect(rail.get_by_role("link", name=name)).to_be_visible()
    expect(rail.get_by_role("link", name="Accounts")).to_have_count(0)
    page.goto("/console/accounts")
    expect(page.get_by_text("There is no such page here")).to_be_visible()


def test_head_office_begins_with_the_live_page(open_as: OpenAs) -> None:
    page = open_as("helene", "/console")
    expect(page.get_by_role("heading", level=1)).to_have_text("The house, live")
    expect(page.get_by_role("link", name="Parked events")).to_be_visible()


def test_a_merchant_sees_their_own_goods(open_as: OpenAs) -> None:
    page = open_as("malik", "/console/stock")
    expect(page.get_by_role("heading", level=1)).to_have_text("Stock")
    expect(page.get_by_role("link", name="Places")).to_have_count(0)


def test_the_console_speaks_french(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/orders", locale="fr-FR")
    expect(page.get_by_role("heading", level=1)).to_have_text("Commandes")
    page.get_by_role("button", name="English").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
