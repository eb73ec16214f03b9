"""The home page stands before the app's scripts have come, in the reader's language; other addresses wait for their own page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.shop.conftest import OpenShop

pytestmark = pytest.mark.browser

TITLES = {"fr": "Vu ici, livré", "en": "See it here."}


def without_app(page: Page) -> None:
    """From now on the app's entry never arrives; what the document itself holds still does."""
    page.route(re.compile(r"/assets/index-.*\.js$"), lambda route: route.abort())


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_home_page_comes_with_the_document(open_shop: OpenShop, lang: str) -> None:
    page = open_shop("/search", lang=lang)
    without_app(page)
    page.goto("/")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_count(1)
    expect(heading).to_contain_text(TITLES[lang])
    expect(page.locator("html")).to_have_attribute("lang", lang)
    page.get_by_role("searchbox").filter(visible=True).first.fill("trench")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=trench")


def test_the_chosen_language_shows_from_the_first_paint(open_shop: OpenShop) -> None:
    page = open_shop("/", lang="en")
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLES["fr"])
    without_app(page)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLES["fr"])


def test_no_other_page_shows_the_home_page_first(open_shop: OpenShop) -> None:
    page = open_shop("/")
    without_app(page)
    page.goto("/orders")
    expect(page.get_by_role("heading", level=1)).to_have_count(0)
    expect(page.locator("#app")).to_be_visible()


def test_what_stands_is_brought_to_life_not_drawn_again(open_shop: OpenShop) -> None:
    """The heading that the document brought is the very one the app goes on with, and there is one of everything."""
    page = open_shop("/search")
    page.add_init_script(
        "document.onreadystatechange = () => { window.stood ??= document.querySelector('[data-picture=en] h1'); };"
    )
    page.goto("/")
    expect(page.get_by_role("article").first).to_be_visible()
    assert page.evaluate("() => window.stood !== null && window.stood === document.querySelector('main h1')")
    expect(page.locator("main")).to_have_count(1)
    expect(page.locator("header")).to_have_count(2)  # the shop's head, and the stall's
    expect(page.locator("article")).to_have_count(12)
