"""Taking one's data along and closing the account: on the phone and at the desk, in French and in English."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.shop.conftest import LOCALES, SIZES, OpenShop
from tests.browser.shop.test_axe import findings

pytestmark = pytest.mark.browser


def code_for(page: Page, email: str, mails: int = 1) -> str:
    """The code of the newest mail to this address, in the demo's mailbox, once so many came."""
    for _ in range(240):
        listed: list[dict[str, Any]] = page.request.get("/api/demo/mailbox").json()
        found = [str(one["code"]) for one in listed if one["to"] == email and one["code"]]
        if len(found) >= mails:
            return found[0]
        page.wait_for_timeout(250)
    raise AssertionError("no mail came")


def sign_up(page: Page, live_server: str) -> str:
    """A fresh account in this browser; its address."""
    email = f"zoe-{uuid.uuid4().hex[:8]}@example.com"
    origin = {"origin": live_server}
    assert page.request.post("/api/sign-in/code", data={"email": email}, headers=origin).ok
    code = code_for(page, email)
    answer = page.request.post(
        "/api/sign-in/code/verify", data={"email": email, "code": code}, headers=origin
    )
    assert answer.ok, answer.text()
    return email


def test_a_shopper_takes_the_data_along_and_leaves(
    open_shop: OpenShop, live_server: str, tmp_path: Path
) -> None:
    page = open_shop("/", lang="fr")
    email = sign_up(page, live_server)
    page.request.patch("/api/me", data={"name": "Zoé"}, headers={"origin": live_server})
    page.goto("/me")
    page.get_by_role("link", name="Vos données, et fermer votre compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos données")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Télécharger mes données").click()
    target = tmp_path / "mine.json"
    coming.value.save_as(target)
    made = json.loads(target.read_bytes())
    assert made["identity"]["emails"][0]["address"] == email
    assert made["identity"]["parties"][0]["name"] == "Zoé"

    page.get_by_role("button", name="M’envoyer un code").click()
    code = page.get_by_role("textbox", name="Code")
    expect(code).to_be_visible()
    leave = page.get_by_role("button", name="Fermer mon compte pour de bon")
    expect(leave).to_be_disabled()
    assert findings(page) == []
    page.get_by_label("Je sais que rien ne le fait revenir").check()
    code.fill("000000")
    leave.click()
    expect(page.get_by_text(re.compile("code"))).not_to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos données")
    code.fill(code_for(page, email, mails=2))
    leave.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre compte est fermé")
    assert findings(page) == []
    assert page.request.get("/api/me").json()["party_id"] is None
    assert "example.com" not in page.evaluate("JSON.stringify(localStorage)")


def test_money_is_given_up_in_so_many_words(open_shop: OpenShop, live_server: str) -> None:
    page = open_shop("/", size="desk")
    email = sign_up(page, live_server)
    body = {
        "topup_id": str(uuid.uuid4()),
        "amount": {"minor": 1500, "currency": "EUR"},
        "method": {"demo_card": "4242424242424242"},
    }
    answer = page.request.post("/api/topups", data=body, headers={"origin": live_server})
    assert answer.ok, answer.text()
    page.goto("/me/data")
    expect(page.get_by_text("There is €15.00 in your wallet")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_role("textbox", name="Code").fill(code_for(page, email, mails=2))
    page.get_by_label("I know that nothing brings it back").check()
    leave = page.get_by_role("button", name="Close my account for good")
    expect(leave).to_be_disabled()
    page.get_by_label("I give up €15.00").check()
    leave.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account is closed")


def test_a_guest_deletes_what_the_visit_left(open_shop: OpenShop, live_server: str) -> None:
    page = open_shop("/me/data")
    expect(page.get_by_text("There is nothing of yours here")).to_be_visible()
    page.request.post("/api/guest", headers={"origin": live_server})
    page.goto("/me/data")
    page.get_by_label("I know that nothing brings it back").check()
    page.get_by_role("button", name="Delete it for good").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account is closed")


@pytest.mark.parametrize("lang", LOCALES)
@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_fit_for_everybody(open_shop: OpenShop, size: str, lang: str) -> None:
    page = open_shop("/me/data", who="camille", size=size, lang=lang)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    assert findings(page) == []
