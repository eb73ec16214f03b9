"""From the photo of a sample to the paid order: by thumb, by keyboard alone, and through everything that can come between."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.shop.conftest import OpenShop, cheap, fill_address, order_ids, put_in_basket, top_up

pytestmark = pytest.mark.browser

Lens = Callable[[str], Browser]
Catalogue = list[dict[str, Any]]


def to_checkout(page: Page, path: str) -> None:
    put_in_basket(page, path)
    page.goto("/basket")
    page.get_by_role("link", name="Check out").click()
    expect(page.get_by_role("heading", name="Check out")).to_be_visible()


@pytest.mark.usefixtures("eyes")
def test_a_guest_photographs_and_pays(open_shop: OpenShop, lens: Lens) -> None:
    page = open_shop("/?t=marais-photo", within=lens("camille-trench"))
    page.get_by_role("link", name="Photograph a sample").first.click()
    page.get_by_role("button", name="Take the photo").click()
    answer = page.get_by_role("region", name="What we found")
    expect(answer).to_be_visible()
    expect(answer).to_contain_text("Camille trench coat")
    found = answer.get_by_role("link", name=re.compile("Choose size|See the details"))
    if found.count():
        found.first.click()
    else:
        answer.get_by_role("button", name=re.compile("Camille trench coat")).click()
    expect(page.get_by_role("heading", name="Camille trench coat")).to_be_visible()
    page.get_by_role("radio", name="Navy").check()
    page.get_by_role("button", name="Choose size").click()  # nobody guesses it
    expect(page.get_by_role("radio", name="36")).to_be_focused()
    page.get_by_role("radio", name="38").check()
    expect(page.get_by_text(re.compile("At your door"))).to_be_visible()
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_role("button", name="See the basket").click()
    page.get_by_role("link", name="Check out").click()

    fill_address(page)
    top_up(page, "4000000000000002")
    expect(page.get_by_text("The card was declined")).to_be_visible()
    top_up(page)
    page.get_by_role("button", name=re.compile(r"Pay €\d")).click()
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}"))
    expect(page.get_by_role("heading", name="Order placed")).to_be_visible()
    expect(page.get_by_role("list", name="What happened so far")).to_be_visible()
    expect(page.get_by_text("Ordered at Pop-up Le Marais")).to_be_visible()


def test_by_keyboard_alone(open_shop: OpenShop, live_server: str, catalogue: Catalogue) -> None:
    """Tab, arrows, Space and Enter reach everything between the shelf and the order."""
    path, _ = cheap(live_server, catalogue)
    page = open_shop("/", who="camille", size="desk")
    for line in page.request.get("/api/basket").json()["lines"]:
        page.request.delete(f"/api/basket/lines/{line['variant_id']}", headers={"origin": live_server})
    page.goto(path)
    keys = page.keyboard

    def tab_to(name: str, role: Literal["button", "link", "textbox"] = "button") -> None:
        wanted = page.get_by_role(role, name=re.compile(name)).first
        expect(wanted).to_be_visible()
        for _ in range(60):
            if wanted.evaluate("node => node === document.activeElement"):
                outlines = wanted.evaluate(
                    "node => [node, node.parentElement].map(one => getComputedStyle(one).outlineStyle)"
                )
                assert set(outlines) != {"none"}, f"no focus to be seen on {name}"
                return
            keys.press("Tab")
        pytest.fail(f"the keyboard does not reach {name}")

    tab_to("Add to basket")
    keys.press("Enter")
    expect(page.get_by_text("In your basket.")).to_be_visible()
    tab_to("Basket, 1 item", "link")
    keys.press("Enter")
    tab_to("Check out", "link")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Check out")).to_be_focused()
    for name, text in (
        ("Name", "Camille"),
        ("Street", "1 rue Rambuteau"),
        ("Postcode", "75004"),
        ("City", "Paris"),
    ):
        tab_to(name, "textbox")
        keys.type(text)
    tab_to("Pay €")
    keys.press("Enter")
    page.wait_for_url(re.compile("/orders/"))
    expect(page.get_by_role("heading", name="Order placed")).to_be_visible()
    tab_to("Cancel the order")
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel this order?")
    expect(dialog).to_be_visible()
    keys.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel the order")).to_be_focused()


def test_a_double_touch_is_one_order(open_shop: OpenShop, live_server: str, catalogue: Catalogue) -> None:
    page = open_shop("/", who="camille")
    before = len(order_ids(page))
    to_checkout(page, cheap(live_server, catalogue)[0])
    fill_address(page)
    page.get_by_role("button", name=re.compile("Pay €")).dblclick()
    page.wait_for_url(re.compile("/orders/"))
    assert len(order_ids(page)) == before + 1


def test_a_lost_answer_is_asked_again(open_shop: OpenShop, live_server: str, catalogue: Catalogue) -> None:
    """The order arrives, its answer does not: the phone keeps it over a reload and finds the one order."""
    page = open_shop("/", who="camille")
    before = len(order_ids(page))
    to_checkout(page, cheap(live_server, catalogue)[0])
    fill_address(page)

    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(json.loads(route.request.post_data or "{}")["order_id"])
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/orders", lose)
    page.get_by_role("button", name=re.compile("Pay €")).click()
    expect(page.get_by_role("heading", name="Your order waits for an answer")).to_be_visible()
    page.goto("/")
    expect(page.get_by_text(re.compile("is placed"))).to_be_visible()
    assert order_ids(page)[0] == lost[0]
    assert len(order_ids(page)) == before + 1
    page.goto("/checkout")
    expect(page.get_by_text("Your basket is empty")).to_be_visible()


def test_without_a_network_the_order_waits(
    open_shop: OpenShop, live_server: str, catalogue: Catalogue
) -> None:
    page = open_shop("/", who="camille")
    to_checkout(page, cheap(live_server, catalogue)[0])
    fill_address(page)
    page.context.set_offline(True)
    expect(page.get_by_text(re.compile("^No network\\. You can look around"))).to_be_visible()
    page.get_by_role("button", name=re.compile("Pay €")).click()
    expect(page.get_by_text(re.compile("leaves by itself"))).to_be_visible()
    expect(page.get_by_role("button", name="Do not order after all")).to_be_visible()
    page.context.set_offline(False)
    page.wait_for_url(re.compile("/orders/[0-9a-f]"))
    expect(page.get_by_role("heading", name="Order placed")).to_be_visible()


REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("pricing.price_changed", {"unit_price_minor": 99_00}, "The price of"),
    ("inventory.insufficient_stock", {"sellable": 0}, "has just been sold out"),
    ("wallet.insufficient_funds", {"missing_minor": 500, "available_minor": 0}, "is missing in your wallet"),
    ("promises.changed", {}, "The delivery day changed"),
]


@pytest.mark.parametrize(("code", "facts", "words"), REFUSALS, ids=[code for code, _, _ in REFUSALS])
def test_a_refusal_has_a_way_on(
    open_shop: OpenShop, live_server: str, catalogue: Catalogue, code: str, facts: dict[str, Any], words: str
) -> None:
    """The first answer is a refusal; the page tells it, nothing was charged, and the next touch is a new order."""
    page = open_shop("/", who="camille")
    path, variant = cheap(live_server, catalogue)
    to_checkout(page, path)
    fill_address(page)
    sent: list[str] = []

    def refuse(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        sent.append(json.loads(route.request.post_data or "{}")["order_id"])
        if len(sent) > 1:
            route.continue_()
            return
        body = {
            "code": code,
            "title": code,
            "detail": code,
            "status": 409,
            "variant_id": variant["variant_id"],
            **facts,
        }
        route.fulfill(status=409, json=body, content_type="application/problem+json")

    page.route("**/api/orders", refuse)
    page.get_by_role("button", name=re.compile("Pay €")).click()
    note = page.get_by_role("alert")
    expect(note).to_contain_text(words)
    expect(note).to_contain_text("Nothing was charged.")
    page.get_by_role("button", name=re.compile("Pay €")).click()
    page.wait_for_url(re.compile("/orders/[0-9a-f]"))
    assert len(set(sent)) == 2


def test_a_barcode_is_read_on_the_way(open_shop: OpenShop, lens: Lens) -> None:
    page = open_shop("/scan", within=lens("barcode-1"))
    page.wait_for_url(re.compile("/p/"), timeout=30_000)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_without_a_camera_a_code_is_enough(
    open_shop: OpenShop, live_server: str, catalogue: Catalogue
) -> None:
    path, variant = cheap(live_server, catalogue)
    page = open_shop("/scan")
    expect(
        page.get_by_role("heading", name=re.compile("No camera here|The camera stays off"))
    ).to_be_visible()
    page.get_by_label("Code on the label").fill("9999999999994")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text(re.compile("No product has the code"))).to_be_visible()
    page.get_by_label("Code on the label").fill(variant["gtin"])
    page.get_by_role("button", name="Look up").click()
    page.wait_for_url(re.compile(re.escape(path)))


def test_the_order_page_hears_what_happens(
    open_shop: OpenShop, live_server: str, catalogue: Catalogue
) -> None:
    page = open_shop("/", who="camille")
    to_checkout(page, cheap(live_server, catalogue)[0])
    fill_address(page)
    page.get_by_role("button", name=re.compile("Pay €")).click()
    page.wait_for_url(re.compile("/orders/[0-9a-f]"))
    order_id = page.url.split("/orders/")[1].split("?")[0]
    staff = open_shop("/demo/mailbox", who="sam")
    packed = staff.request.post(
        f"/api/console/orders/{order_id}/pack",
        headers={"origin": live_server, "idempotency-key": f"pack-{order_id}"},
    )
    assert packed.ok, packed.text()
    expect(page.get_by_role("heading", name="Packed")).to_be_visible()


def test_a_code_by_mail_signs_in(open_shop: OpenShop) -> None:
    page = open_shop("/sign-in?next=/wallet")
    page.get_by_label("E-mail").fill("camille@demo.halles.example")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_label("Code", exact=True)).to_be_visible()
    box = page.context.new_page()
    box.goto("/demo/mailbox")
    code = box.get_by_role("link", name=re.compile("Sign in with")).first
    expect(code).to_be_visible()
    digits = re.sub(r"\D", "", code.inner_text())
    page.get_by_label("Code", exact=True).fill(digits)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/wallet")
    expect(page.get_by_text("Ready to spend")).to_be_visible()


def test_a_passkey_is_made_and_used(open_shop: OpenShop) -> None:
    page = open_shop("/me", who="camille")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")  # pyright: ignore[reportUnknownMemberType]
    device.send(  # pyright: ignore[reportUnknownMemberType]
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.get_by_role("button", name="Add this device").click()
    expect(page.get_by_text("This device can sign you in now.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"/$"))
    page.goto("/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile(r"/$"))
    page.goto("/me")
    expect(page.get_by_role("heading", name=re.compile("Hello Camille"))).to_be_visible()
    page.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_role("button", name="Remove")).to_have_count(0)


def test_the_shell_stands_without_a_network(open_shop: OpenShop) -> None:
    """Installed once, the app opens offline and says so instead of showing the browser's own page."""
    page = open_shop("/", worker="allow")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=90_000)
    page.wait_for_timeout(2_000)  # the rest of the shell is still being put away
    page.context.set_offline(True)
    page.goto("/orders")
    expect(page.get_by_role("heading", name="Your orders")).to_be_visible()
    expect(page.get_by_text(re.compile("^No network[.,]"))).to_be_visible()
    page.context.set_offline(False)
