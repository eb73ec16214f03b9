"""No serious or critical finding of axe on any page of the shop: phone and desk, French and English, day and night."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.shop.conftest import LOCALES, SIZES, OpenShop, cheap, put_in_basket

pytestmark = pytest.mark.browser

VISITOR = [
    "/?t=marais-photo",
    "/search?family=fashion",
    "/search?q=zebra",
    "/scan",
    "/basket",
    "/sign-in",
    "/demo/mailbox",
    "/orders",
    "/me",
    "/nowhere",
]
SHOPPER = ["/wallet", "/me", "/orders", "/basket", "/checkout"]


def findings(page: Page) -> list[str]:
    """What axe calls serious or critical, each with the element it is about; and a page wider than its screen."""
    found: dict[str, Any] = Axe().run(page).response  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    serious = [
        f"{one['id']}: {one['help']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        serious.append("the page is wider than the screen")
    return serious


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)


@pytest.mark.parametrize("lang", LOCALES)
@pytest.mark.parametrize("size", SIZES)
def test_pages_of_a_visitor(
    open_shop: OpenShop, catalogue: list[dict[str, Any]], size: str, lang: str
) -> None:
    page = open_shop("/", size=size, lang=lang)
    for path in [*VISITOR, f"/p/{catalogue[0]['product_id']}"]:
        page.goto(path)
        settle(page)
        assert (path, findings(page)) == (path, [])


@pytest.mark.parametrize("lang", LOCALES)
@pytest.mark.parametrize("size", SIZES)
def test_pages_of_a_shopper(
    open_shop: OpenShop, live_server: str, catalogue: list[dict[str, Any]], size: str, lang: str
) -> None:
    path, variant = cheap(live_server, catalogue)
    page = open_shop(path, who="camille", size=size, lang=lang)
    answer = page.request.put(
        f"/api/basket/lines/{variant['variant_id']}", data={"quantity": 2}, headers={"origin": live_server}
    )
    assert answer.ok, answer.text()
    for path in SHOPPER:
        page.goto(path)
        settle(page)
        assert (path, findings(page)) == (path, [])


@pytest.mark.parametrize("size", SIZES)
def test_by_night(open_shop: OpenShop, catalogue: list[dict[str, Any]], size: str) -> None:
    page = open_shop("/", size=size, dark=True)
    for path in ["/", f"/p/{catalogue[0]['product_id']}", "/sign-in"]:
        page.goto(path)
        settle(page)
        assert (path, findings(page)) == (path, [])


@pytest.mark.parametrize("size", SIZES)
def test_the_kit(open_shop: OpenShop, size: str) -> None:
    page = open_shop("/kit", size=size)
    settle(page)
    assert findings(page) == []


def test_the_question_before_cancelling(
    open_shop: OpenShop, live_server: str, catalogue: list[dict[str, Any]]
) -> None:
    page = open_shop("/", who="camille")
    put_in_basket(page, cheap(live_server, catalogue)[0])
    page.goto("/checkout")
    for label, text in (
        ("Name", "Camille"),
        ("Street and number", "1 rue Rambuteau"),
        ("Postcode", "75004"),
        ("City", "Paris"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.locator("[data-pay]").click()
    page.wait_for_url("**/orders/**")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(300)
    assert findings(page) == []
