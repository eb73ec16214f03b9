"""Head office: the live page, the ledger, parked events."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenAs = Callable[..., Page]


def test_the_ledger_adds_up_to_zero(open_as: OpenAs) -> None:
    page = open_as("helene", "/console/accounts")
    expect(page.locator("main [data-row]").first).to_be_visible()
    expect(page.locator("[data-sum=zero]")).to_contain_text("The sum of all balances is zero")


def test_postings_lead_to_their_orders(open_as: OpenAs, live_server: str) -> None:
    page = open_as("helene", "/console/accounts")
    _ship_one(page, live_server)
    account = _earning(page)
    page.goto(f"/console/accounts/{account['owner']['party_id']}/{account['account_id']}")
    expect(page.locator(".postings li").first).to_be_visible()
    page.get_by_role("link", name="The order").first.click()
    expect(page.get_by_role("table", name="Payment")).to_contain_text("Seller’s earnings")


def _ship_one(page: Page, origin: str) -> None:
    """Take the payment of one order, so that the seller has earned something."""
    waiting = page.request.get("/api/console/orders?state=placed&limit=1").json()["items"]
    for step in ("pack", "ship") if waiting else ():
        headers = {"origin": origin, "idempotency-key": str(uuid.uuid4())}
        answer = page.request.post(f"/api/console/orders/{waiting[0]['order_id']}/{step}", headers=headers)
        assert answer.ok, answer.text()


def _earning(page: Page) -> dict[str, Any]:
    cursor = ""
    while True:
        found = page.request.get(f"/api/console/accounts?limit=200{cursor}").json()
        for account in found["items"]:
            if account["kind"] == "payable" and account["balance"]["minor"] > 0:
                return account
        cursor = f"&cursor={found['next']}"
        assert found["next"], "no seller has earned anything"


def test_the_live_page_hears_a_visit(open_as: OpenAs, live_server: str) -> None:
    page = open_as("helene", "/console/live")
    expect(page.locator("[data-line=live]")).to_be_visible()
    expect(page.get_by_text("Visits and photos")).to_be_visible()
    page.get_by_role("button", name="Show the figures").first.click()
    expect(page.get_by_role("region", name="Visits and photos").get_by_role("table")).to_be_visible()

    shopper = open_as("camille", "/?t=marais-qr")
    answer = shopper.evaluate(
        """async () => (await fetch('/api/visits/events', {method: 'POST', headers: {'content-type': 'application/json'},
            body: JSON.stringify({events: [{event_id: crypto.randomUUID(), kind: 'opened', touchpoint: 'marais-qr',
            at: new Date().toISOString()}]})})).status"""
    )
    assert answer == 202
    expect(page.locator(".recent li").first).to_contain_text("Pop-up Le Marais")


def test_the_live_page_is_filtered_by_place_and_period(open_as: OpenAs) -> None:
    page = open_as("helene", "/console/live")
    page.get_by_label("Period").select_option("week")
    expect(page).to_have_url(f"{page.url.split('?')[0]}?period=week")
    page.get_by_label("Place").first.select_option(label="Halles Daguerre")
    expect(page.get_by_role("table", name="By place").locator("tbody tr")).to_have_count(1)


def test_nothing_parked_is_said_calmly(open_as: OpenAs) -> None:
    page = open_as("helene", "/console/events")
    expect(page.get_by_role("heading", level=1)).to_have_text("Parked events")
    parked = page.get_by_role("button", name="Try again")
    expect(page.get_by_text("Nothing is parked").or_(parked.first)).to_be_visible()


def test_a_server_that_is_away_is_no_blank_page(open_as: OpenAs) -> None:
    page = open_as("helene", "/console/accounts")
    expect(page.locator("main [data-row]").first).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("link", name="Parked events").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parked events")
