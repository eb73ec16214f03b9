"""No serious or critical finding of axe on any page of the console, at both sizes, by day and by night."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]

SIZES = ["phone", "desk"]
LISTS = [
    "live",
    "orders",
    "stock",
    "products",
    "samples",
    "samples?tab=recall",
    "samples/new",
    "imports",
    "places",
    "places?show=touchpoints",
    "places/new",
    "accounts",
    "events",
]
DETAILS = ["orders", "stock", "products", "imports", "places", "accounts"]


def findings(page: Page) -> list[str]:
    """What axe calls serious or critical, each with the element it is about."""
    axe: Any = Axe()  # untyped
    found: dict[str, Any] = axe.run(page).response
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", LISTS)
def test_lists(open_as: OpenAs, path: str, size: str) -> None:
    page = open_as("helene", f"/console/{path}", size=size)
    page.wait_for_load_state("networkidle") if path not in {"live", "orders"} else page.wait_for_timeout(800)
    assert findings(page) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", DETAILS)
def test_details(open_as: OpenAs, path: str, size: str) -> None:
    page = open_as("helene", f"/console/{path}", size=size)
    row = page.locator("main [data-row]")
    if path == "imports" and not row.count():
        pytest.skip("no import has run yet")
    row.first.click()
    expect(page.locator("[data-back]").first).to_be_visible()
    page.wait_for_timeout(800)
    assert findings(page) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["live", "orders", "stock", "places"])
def test_by_night(open_as: OpenAs, path: str, size: str) -> None:
    page = open_as("helene", f"/console/{path}", size=size, dark=True)
    page.wait_for_timeout(800)
    assert findings(page) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_gate(open_as: OpenAs, size: str) -> None:
    assert findings(open_as(None, "/console", size=size)) == []
