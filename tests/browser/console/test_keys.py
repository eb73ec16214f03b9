"""Keys for programs in the console: made narrow, shown once, taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console.test_assortments import serious
from tests.browser.console.test_keeping import fits

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]


@pytest.mark.parametrize(("size", "locale"), [("phone", "fr-FR"), ("desk", "en-GB")])
def test_a_key_for_one_place(open_as: OpenAs, size: str, locale: str) -> None:
    french = locale == "fr-FR"
    page = open_as("helene", "/console/accounts", size=size, locale=locale)
    page.get_by_role("link", name="Clés pour programmes" if french else "Keys for programs").click()
    page.get_by_role("button", name="Nouvelle clé" if french else "New key").click()
    sheet = page.get_by_role("dialog")
    name = f"{size} door"
    sheet.get_by_label("À quoi elle sert" if french else "What it is for").fill(name)
    sheet.get_by_label("Où" if french else "Where").select_option(index=1)
    assert serious(page) == []
    sheet.get_by_role("button", name="Créer la clé" if french else "Make the key").click()
    token = page.locator("code")
    expect(token).to_have_text(re.compile(r"^hk_[0-9a-f]{12}_[\w-]{43}$"))
    assert serious(page) == []
    assert fits(page)
    secret = token.inner_text()
    answer = page.request.post(
        "/api/console/promises/preview", headers={"authorization": f"Bearer {secret}"}, data={}
    )
    assert answer.json()["code"] == "kernel.key_narrowed"
    page.get_by_role("button", name="Je l’ai copiée" if french else "I have copied it").click()
    expect(page.get_by_text("Compter aux portes" if french else "Count at doors").first).to_be_visible()
    assert secret not in page.content()
    assert serious(page) == []
    assert fits(page)
    take = "Retirer" if french else "Take back"
    page.get_by_role("button", name=f"{take}: {name}").click()
    page.get_by_role("dialog").get_by_role("button", name=take).click()
    expect(page.get_by_role("button", name=f"{take}: {name}")).to_have_count(0)
    expect(page.get_by_text("retirée" if french else "taken back", exact=False).first).to_be_visible()
