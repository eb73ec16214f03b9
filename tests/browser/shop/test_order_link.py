"""The link of a confirmation: whoever got the mail reads their order in any browser, and no other order."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.shop.conftest import LOCALES, OpenShop, cheap
from tests.browser.shop.test_axe import findings

pytestmark = pytest.mark.browser
Catalogue = list[dict[str, Any]]


def order_by_card(live_server: str, path: str, lang: str) -> tuple[str, str]:
    """A guest's paid order, as a page of the shop would place it; its id and the address it is confirmed to."""
    email = f"lou-{uuid.uuid4().hex[:8]}@example.com"
    headers = {"origin": live_server, "accept-language": lang}
    with httpx.Client(base_url=live_server, headers=headers, timeout=30) as guest:
        guest.post("/api/guest").raise_for_status()
        product = guest.get(f"/api/products/{path.rpartition('/')[2]}", params={"currency": "EUR"}).json()
        variant = next(one for one in product["variants"] if one["available"] != "no")
        basket = guest.put(f"/api/basket/lines/{variant['variant_id']}", json={"quantity": 1}).json()
        part = basket["parts"][0]
        order_id = str(_uuid7())
        body = {
            "order_id": order_id,
            "seller_id": part["seller_id"],
            "currency": "EUR",
            "lines": [
                {
                    "variant_id": line["variant_id"],
                    "quantity": line["quantity"],
                    "unit_price_minor": line["unit_price"]["minor"],
                }
                for line in part["lines"]
            ],
            "promise": {name: part["promise"][name] for name in ("lane", "date", "latest")},
            "ship_to": {
                "name": "Lou",
                "line1": "1 rue du Test",
                "postcode": "75001",
                "city": "Paris",
                "country": "FR",
            },
            "email": email,
            "payment": "card",
        }
        placed = guest.post("/api/orders", json=body)
        assert placed.status_code == 201, placed.text
        paid = guest.post(
            f"/api/orders/{order_id}/payment", json={"method": {"demo_card": "4242424242424242"}}
        )
        assert paid.is_success, paid.text
    return order_id, email


def _uuid7() -> uuid.UUID:
    from halles.kernel.ids import uuid7

    return uuid7()


def confirmation(page: Page, email: str) -> dict[str, Any]:
    """The mail, in the demo's mailbox."""
    for _ in range(120):
        listed: list[dict[str, Any]] = page.request.get("/api/demo/mailbox").json()
        for mail in listed:
            if mail["to"] == email:
                return mail
        page.wait_for_timeout(250)
    raise AssertionError("no mail came")


@pytest.mark.parametrize(("lang", "size"), [("fr", "phone"), ("en", "desk")])
def test_a_guest_finds_the_order_again_by_the_link_of_the_mail(
    open_shop: Callable[..., Page] | OpenShop, live_server: str, catalogue: Catalogue, lang: str, size: str
) -> None:
    path, _ = cheap(live_server, catalogue)
    order_id, email = order_by_card(live_server, path, LOCALES[lang])
    page = open_shop("/", size=size, lang=lang)
    mail = confirmation(page, email)
    assert re.search("est confirmée$" if lang == "fr" else "is confirmed$", mail["subject"]), mail["subject"]
    (link,) = re.findall(rf"https?://[^/\s]+(/orders/{order_id}#\S+)", mail["text"])
    page.goto("/demo/mailbox")
    mailed = page.locator(f'a[href$="{link}"]')
    expect(mailed).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    mailed.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Commande passée" if lang == "fr" else "Order placed"
    )
    said = "Ouverte avec le lien" if lang == "fr" else "Opened with the link"
    expect(page.get_by_text(said)).to_be_visible()
    expect(page.get_by_text("1 rue du Test")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Annuler|Cancel"))).to_have_count(0)
    assert findings(page) == []
    page.reload()
    expect(page.get_by_text(said)).to_be_visible()
    page.goto("/")
    page.goto(link[:-2])
    expect(page.get_by_role("heading", level=1)).not_to_have_text(
        "Commande passée" if lang == "fr" else "Order placed"
    )
    expect(page.get_by_text("1 rue du Test")).to_have_count(0)
