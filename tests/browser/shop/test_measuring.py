"""May visits be tied to orders? Asked once in the showroom, changed at any time on the account's page."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def serious(page: Page) -> list[str]:
    found: dict[str, Any] = Axe().run(page).response  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")]


def test_asked_in_the_showroom_and_taken_back_on_the_account(open_shop: Any) -> None:
    page: Page = open_shop("/?t=marais-photo", lang="fr")
    question = page.get_by_role("complementary").filter(has_text="relier vos visites")
    expect(question).to_be_visible()
    assert serious(page) == []
    question.get_by_role("button", name="Oui, les relier").click()
    expect(question).to_have_count(0)
    page.goto("/me")
    mine = page.get_by_role("region", name="Vos visites et vos commandes")
    expect(mine).to_contain_text("Vous avez accepté le")
    assert serious(page) == []
    kept = page.request.get("/api/me/measuring/kept").json()
    assert [one["agreed"] for one in kept["answers"]] == [True]
    assert kept["stretches"]
    mine.get_by_role("button", name="Ne plus relier").click()
    expect(mine).to_contain_text("Rien n’est relié.")
    assert page.request.get("/api/me/measuring/kept").json()["stretches"] == []
    page.goto("/?t=marais-photo")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("complementary").filter(has_text="relier vos visites")).to_have_count(0)
