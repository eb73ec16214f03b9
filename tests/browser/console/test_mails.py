"""Mails about orders in the console: what they say is written once, for both languages of the house."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console.test_assortments import serious
from tests.browser.console.test_keeping import fits

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]


@pytest.mark.parametrize(("size", "locale"), [("phone", "fr-FR"), ("desk", "en-GB")])
def test_head_office_says_who_sells(open_as: OpenAs, size: str, locale: str) -> None:
    french = locale == "fr-FR"
    page = open_as("helene", "/console/orders", size=size, locale=locale)
    page.get_by_role("link", name="E-mails" if french else "Mails", exact=True).click()
    legal = page.get_by_label("Qui vend" if french else "Who sells")
    expect(legal).to_be_visible()
    assert serious(page) == []
    assert fits(page)
    legal.fill(f"Maison Exemple ({size})\n1 rue d’Exemple, 75001 Paris")
    arrived = page.get_by_label("Arrivée" if french else "Arrived")
    was = arrived.is_checked()
    arrived.set_checked(not was)
    days = page.get_by_label("Jours pour se rétracter" if french else "Days to withdraw")
    save = page.get_by_role("button", name="Enregistrer" if french else "Save")
    days.fill("13")
    expect(save).to_be_disabled()
    days.fill("30")
    save.click()
    expect(
        page.get_by_text("Les prochains e-mails le disent." if french else "The next mails say so.")
    ).to_be_visible()
    page.reload()
    expect(legal).to_have_value(f"Maison Exemple ({size})\n1 rue d’Exemple, 75001 Paris")
    expect(days).to_have_value("30")
    expect(arrived).to_be_checked(checked=not was)
    assert serious(page) == []
