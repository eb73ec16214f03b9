"""What a showroom leads to, on the console: read on both sizes, asked otherwise, taken away as a file."""

from __future__ import annotations

import json
import re
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


def test_a_merchant_reads_what_the_showroom_led_to(open_as: OpenAs) -> None:
    page = open_as("malik", "/console/measure")
    expect(page.get_by_role("heading", name="Sales around the place")).to_be_visible()
    expect(page.get_by_text("against the synthetic control", exact=True)).to_be_visible()
    expect(page.get_by_text("not shown", exact=True).first).to_be_visible()
    page.get_by_text("How is this computed?").first.click()
    expect(page.get_by_text("The interval is Wilson’s.")).to_be_visible()
    assert serious(page) == []
    page.get_by_label("Around", exact=True).select_option("50")
    expect(page).to_have_url(re.compile("radius=50"))
    expect(page.get_by_text("Deliveries within 50 km")).to_be_visible()
    with page.expect_download() as file:
        page.get_by_role("link", name="Data (JSON)").click()
    told = json.loads(file.value.path().read_text())
    assert told["lift"]["radius_km"] == 50
    assert "party" not in json.dumps(told)


def test_the_report_on_a_phone(open_as: OpenAs) -> None:
    page = open_as("helene", "/console/measure", size="phone", locale="fr-FR")
    expect(page.get_by_role("heading", name="Échantillon par échantillon")).to_be_visible()
    assert serious(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_staff_see_no_measurement(open_as: OpenAs) -> None:
    page = open_as("sam", "/console/orders")
    expect(page.get_by_role("link", name="Orders").first).to_be_visible()
    expect(page.get_by_role("link", name="Measure")).to_have_count(0)
