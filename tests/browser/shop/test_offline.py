"""The shop in the basement: the server is really killed, the phone goes on, and what was ordered is placed once."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from halles.kernel.postgres import stop
from tests.browser.shop.conftest import LOCALES, SIZES, fill_address

pytestmark = pytest.mark.browser

PATIENCE_MS = 60_000
_KEPT = """async () => {
  const settled = (asked) => new Promise((yes, no) => {
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  if (!(await indexedDB.databases()).some((one) => one.name === 'halles')) return 0;
  const db = await settled(indexedDB.open('halles'));
  const found = await settled(db.transaction('state').objectStore('state').get('shop'));
  db.close();
  return found?.read_at ? found.version : 0;
}"""
"""The version of the shop on this phone, 0 without one."""


def _offspring(pid: int) -> list[int]:
    """The processes that a process began, and theirs, but for the database: they have sessions of their own."""
    found: list[int] = []
    for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        if Path(f"/proc/{child}/comm").read_text().strip() != "postgres":
            found += [child, *_offspring(child)]
    return found


class Demo:
    """A demo of its own, that can be killed and started again on what it left behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("HALLES_")}
        env |= {"HALLES_DATA": str(self.folder / "data"), "HALLES_RATE_LIMIT_FACTOR": "100"}
        command = [sys.executable, "-m", "halles", "demo", "--port", str(self.port)]
        with (self.folder / "log.txt").open("ab") as lines:
            self._process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=lines, stderr=lines
            )
        until = time.monotonic() + 300
        while time.monotonic() < until and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        pytest.fail(f"the demo did not start:\n{(self.folder / 'log.txt').read_text()[-4000:]}")

    def kill(self) -> None:
        """As a power cut does: every process of it at once, without a word."""
        assert self._process is not None
        for pid in [self._process.pid, *_offspring(self._process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(30)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        stop(self.folder / "data", mode="immediate")

    @contextmanager
    def staff(self, who: str = "head-office") -> Generator[httpx.Client]:
        """A browser of somebody at the office."""
        home = {"origin": self.url}
        with httpx.Client(base_url=self.url, headers=home, trust_env=False, timeout=60) as client:
            accounts = client.get("/api/demo/accounts").json()
            role = {"head-office": "head_office", "staff": "staff"}[who]
            email = next(one["email"] for one in accounts if one["role"] == role)
            client.post("/api/demo/sign-in", json={"email": email}).raise_for_status()
            yield client


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    made = Demo(tmp_path_factory.mktemp("basement"))
    made.start()
    expect.set_options(timeout=PATIENCE_MS)
    yield made
    expect.set_options(timeout=5_000)
    made.end()


@pytest.fixture
def phone(browser: Browser, demo: Demo) -> Iterator[BrowserContext]:
    """Camille's phone, with the service worker."""
    context = _device(browser, demo, "camille@demo.halles.example")
    yield context
    context.close()


def _device(
    browser: Browser, demo: Demo, email: str, size: str = "phone", lang: str = "en"
) -> BrowserContext:
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=demo.url,
        viewport={"width": width, "height": height},
        locale=LOCALES[lang],
        reduced_motion="reduce",
        has_touch=size == "phone",
        service_workers="allow",
    )
    context.set_default_timeout(PATIENCE_MS)
    answer = context.request.post("/api/demo/sign-in", data={"email": email}, headers={"origin": demo.url})
    assert answer.ok, answer.text()
    return context


def carry(context: BrowserContext) -> Page:
    """Come in by the showroom's code, and wait until the shop and the worker are on the phone."""
    page = context.new_page()
    page.goto("/?t=marais-photo")
    page.wait_for_function(_KEPT)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


def plain(demo: Demo, but: int = 0) -> tuple[dict[str, Any], dict[str, Any]]:
    """A product without options that is in stock, and its variant: the cheapest but so many."""
    items: list[dict[str, Any]] = httpx.get(
        f"{demo.url}/api/products", params={"limit": 60, "lang": "en"}, trust_env=False
    ).json()["items"]
    for card in sorted(items, key=lambda one: one["from_price"]["minor"] if one["from_price"] else 10**9):
        if card["variant_count"] == 1 and card["sellable"] and card["from_price"]:
            product: dict[str, Any] = httpx.get(
                f"{demo.url}/api/products/{card['product_id']}", params={"lang": "en"}, trust_env=False
            ).json()
            if product["variants"][0]["available"] == "yes":
                but -= 1
                if but < 0:
                    return product, product["variants"][0]
    pytest.fail("the demo has no plain product in stock")


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical on a page."""
    found: dict[str, Any] = Axe().run(page).response  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return [one["id"] for one in found["violations"] if one["impact"] in {"serious", "critical"}]


def orders(context: BrowserContext) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = context.request.get("/api/orders").json()["items"]
    return found


def reprice(demo: Demo, variant: dict[str, Any], minor: int) -> None:
    with demo.staff() as office:
        price = {"minor": minor, "currency": variant["price"]["currency"]}
        office.put(f"/api/console/variants/{variant['variant_id']}/price", json=price).raise_for_status()


def order_offline(page: Page, product: dict[str, Any]) -> None:
    """Find it, put it in the basket, order it: without a network."""
    page.goto(f"/search?q={product['title'].split()[0]}")
    page.get_by_role("article").filter(has_text=product["title"]).first.get_by_role("link").first.click()
    expect(page.get_by_text(re.compile("As it was at"))).to_be_visible()
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_role("button", name="See the basket").click()
    page.get_by_role("link", name="Check out").click()
    expect(page.get_by_text(re.compile("Your order waits on this phone"))).to_be_visible()
    fill_address(page)
    wallet = page.get_by_role("radio", name="From my wallet")
    if wallet.count():
        wallet.check(force=True)
    page.get_by_label("A delivery up to three days later").check()
    page.get_by_role("button", name=re.compile("Order when there is network")).click()
    expect(page.get_by_role("heading", name="Waiting on this phone")).to_be_visible()


def test_the_server_dies_and_the_order_is_placed_once_at_the_price_shown(
    phone: BrowserContext, demo: Demo
) -> None:
    product, variant = plain(demo)
    shown = variant["price"]["minor"]
    page = carry(phone)
    before = len(orders(phone))
    demo.kill()

    page.goto("/search")  # a deep link, opened with nobody there
    expect(page.get_by_text(re.compile("No network. Prices and stock are those of"))).to_be_visible()
    assert serious(page) == []
    order_offline(page, product)
    expect(page.get_by_text("Leaves when the network is back.")).to_be_visible()
    second = phone.new_page()
    second.goto("/orders")
    expect(second.get_by_text("Leaves when the network is back.")).to_be_visible()
    page.goto("/basket")
    expect(page.get_by_text("Your basket is empty")).to_be_visible()

    phone.set_offline(True)  # still in the basement while the shop comes back, and prices rise
    demo.start()
    reprice(demo, variant, shown + 500)
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/api/orders"):
            sent.append(request.url)

    phone.on("request", note)
    page.goto("/orders")
    phone.set_offline(False)
    expect(second.get_by_text(re.compile(r"Your order H-.* is placed")).first).to_be_visible()
    placed = orders(phone)
    assert len(placed) == before + 1
    assert placed[0]["total"]["minor"] == shown
    assert len(sent) <= 1  # the other tab, and the worker, found nothing left to send
    reprice(demo, variant, shown)


def test_a_price_that_is_not_honoured_is_asked_and_a_withdrawn_article_told(
    phone: BrowserContext, demo: Demo
) -> None:
    """Days in the basement: the seller honours nothing any more, the price rose, then the article went."""
    product, variant = plain(demo)
    shown = variant["price"]["minor"]
    page = carry(phone)
    before = len(orders(phone))
    phone.set_offline(True)
    order_offline(page, product)
    with demo.staff() as office:
        office.put("/api/console/offline", json={"honour_hours": 0}).raise_for_status()
    reprice(demo, variant, shown + 700)
    phone.set_offline(False)
    expect(page.get_by_text(re.compile(f"{re.escape(product['title'])} costs"))).to_be_visible()
    assert len(orders(phone)) == before
    assert serious(page) == []

    with demo.staff() as office:
        etag, edit = _editable(office, product["product_id"])
        office.put(
            f"/api/console/products/{product['product_id']}",
            json={**edit, "state": "hidden"},
            headers={"if-match": etag},
        ).raise_for_status()
    page.wait_for_timeout(6_000)  # what the order path knows of an article is at most five seconds old
    page.get_by_role("button", name=re.compile("^Order for")).click()
    expect(page.get_by_text("is not sold any more")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("button", name="Yes, do not order it").click()
    expect(page.get_by_role("heading", name="Waiting on this phone")).to_have_count(0)
    assert len(orders(phone)) == before
    with demo.staff() as office:
        etag, edit = _editable(office, product["product_id"])
        office.put(
            f"/api/console/products/{product['product_id']}",
            json=edit | {"state": "active"},
            headers={"if-match": etag},
        ).raise_for_status()
        office.put("/api/console/offline", json={"honour_hours": 24}).raise_for_status()
    reprice(demo, variant, shown)


def _editable(office: httpx.Client, product_id: str) -> tuple[str, dict[str, Any]]:
    answer = office.get(f"/api/console/products/{product_id}").raise_for_status()
    found = answer.json()
    names = ("title", "description", "brand", "category", "attributes", "state")
    edit = {name: found[name] for name in names}
    edit["attributes"] = [{"name": one["name"], "value": one["value"]} for one in found["attributes"]]
    return answer.headers["etag"], edit


def test_a_phone_that_is_full_and_wrong_about_the_time_says_so(browser: Browser, demo: Demo) -> None:
    context = _device(browser, demo, "camille@demo.halles.example", lang="fr")
    context.add_init_script(
        """const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...given) {
          if (this.name === 'parts') throw new DOMException('full', 'QuotaExceededError');
          return put.apply(this, given);
        };
        const Real = Date; const off = -400 * 86400000;
        globalThis.Date = class extends Real { constructor(...given) { given.length ? super(...given) : super(Real.now() + off); }
          static now() { return Real.now() + off; } };"""
    )
    page = context.new_page()
    page.goto("/on-this-phone?t=marais-photo")
    page.get_by_role("button", name="Emporter la boutique").click()
    expect(page.get_by_text(re.compile("n’a pas assez de place"))).to_be_visible()
    page.goto("/search")
    expect(page.get_by_role("article").first).to_be_visible()
    context.close()


def test_the_tablet_packs_without_a_network_and_tells_it_once(
    browser: Browser, demo: Demo, phone: BrowserContext
) -> None:
    product, variant = plain(demo, but=1)
    body = {
        "order_id": "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b77",
        "seller_id": product["seller_id"],
        "currency": variant["price"]["currency"],
        "lines": [
            {
                "variant_id": variant["variant_id"],
                "quantity": 1,
                "unit_price_minor": variant["price"]["minor"],
            }
        ],
        "promise": {"lane": "hub", "date": "2099-01-01"},
    }
    placed = phone.request.post("/api/orders", data=body, headers={"origin": demo.url})
    assert placed.ok, placed.text()
    number = placed.json()["number"]
    with demo.staff("staff") as staff:
        email = staff.get("/api/me").json()["email"]
        tablet = _device(browser, demo, email, size="desk")
        page = tablet.new_page()
        page.goto("/console/orders")
        expect(page.get_by_text(number).first).to_be_visible()
        page.wait_for_function("() => caches.match('/console').then((found) => !!found)")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        page.wait_for_timeout(3_000)
        tablet.set_offline(True)
        page.goto(f"/console/orders/{body['order_id']}")
        expect(page.get_by_text(re.compile("No network. Orders are as they were read at"))).to_be_visible()
        page.locator("[data-verb=pack]").click()
        expect(page.get_by_text("packed, not told yet")).to_be_visible()
        assert serious(page) == []
        assert staff.get(f"/api/console/orders/{body['order_id']}").json()["state"] == "placed"
        tablet.set_offline(False)
        expect(page.get_by_text("packed, not told yet")).to_have_count(0)
        assert staff.get(f"/api/console/orders/{body['order_id']}").json()["state"] == "packed"
        tablet.close()
