"""Choosing samples in the console: a plan is made, read, compared, approved and exported, on the phone and the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]


def serious(page: Page) -> list[str]:
    axe: Any = Axe()  # untyped
    found: dict[str, Any] = axe.run(page).response
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def test_a_plan_from_wish_to_paper(open_as: OpenAs) -> None:
    page = open_as("helene", "/console/assortments", size="phone")
    page.get_by_role("button", name="New plan").click()
    page.get_by_label("Name of the plan").fill("Small table")
    page.get_by_label("Place", exact=True).select_option(label="Pop-up Le Marais")
    page.get_by_label("Samples", exact=True).fill("6")
    page.get_by_role("button", name="Add a price band").click()
    page.get_by_label("Below").fill("50")
    page.get_by_label("From").fill("0")
    page.get_by_label("At least (%)").fill("30")
    assert serious(page) == []
    page.get_by_role("button", name="Choose the samples").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Small table")
    expect(page.locator("main ol > li")).to_have_count(6)
    expect(page.get_by_text("within 10 km in 90 days").first).to_be_visible()
    assert serious(page) == []
    with page.expect_download() as table:
        page.get_by_role("link", name="Table (CSV)").click()
    assert table.value.path().read_text("utf-8-sig").count("\n") == 7
    address = page.get_by_role("link", name="Sheet to print").get_attribute("href") or ""
    assert page.request.get(address).body().startswith(b"%PDF")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Plan approved")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


def test_plans_side_by_side(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/assortments", locale="fr-FR")
    expect(page.get_by_role("heading", level=1)).to_have_text("Que montrer")
    page.get_by_label("Comparer 24 samples").check()
    page.get_by_label("Comparer 18 samples, every price").check()
    page.get_by_role("button", name="Comparer").click()
    expect(page.get_by_role("heading", name="Côte à côte")).to_be_visible()
    expect(page.get_by_role("row", name="Place occupée")).to_contain_text("540 cm")
    expect(page.get_by_text("non exposé").first).to_be_visible()
    assert serious(page) == []
