"""Browsers for the shop's tests: Debian's Chromium, a phone and a desk, a camera that looks at a picture of the demo."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect

SIZES = {"phone": (390, 844), "desk": (1440, 900)}
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CAMERA = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
PHOTOS = Path(__file__).parents[3] / "src/halles/edge/demo/catalogue/photos"
PATIENCE_MS = 15_000

OpenShop = Callable[..., Page]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = shutil.which("chromium")
    where = {} if found is None else {"executable_path": found}
    return {**browser_type_launch_args, **where, "args": FLAGS}


def film(photo: Path, folder: Path) -> Path:
    """A still film of a photo, as a fake camera reads it: JPEG frames one after the other."""
    picture = Image.open(photo).convert("RGB")
    picture.thumbnail((1280, 1280))
    picture = picture.crop((0, 0, picture.width // 2 * 2, picture.height // 2 * 2))
    frame = io.BytesIO()
    picture.save(frame, "JPEG", quality=88)
    path = folder / f"{photo.stem}.mjpeg"
    path.write_bytes(frame.getvalue() * 6)
    return path


@pytest.fixture(scope="session")
def lens(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Browser]]:
    """`lens("camille-trench")`: a browser whose camera sees that photo of the demo. One browser a photo."""
    folder = tmp_path_factory.mktemp("films")
    browsers: dict[str, Browser] = {}

    def launch(photo: str) -> Browser:
        if photo not in browsers:
            source = PHOTOS / f"{photo}.jpg"
            if not source.exists():
                pytest.skip(f"the demo has no photo {photo}")
            capture = f"--use-file-for-fake-video-capture={film(source, folder)}"
            options: dict[str, Any] = {**browser_type_launch_args, "args": [*FLAGS, *CAMERA, capture]}
            browsers[photo] = browser_type.launch(**options)
        return browsers[photo]

    yield launch
    for one in browsers.values():
        one.close()


@pytest.fixture
def open_shop(browser: Browser, live_server: str) -> Iterator[OpenShop]:
    """`open_shop("/basket", who="camille", lang="fr", size="phone")`: a page of its own browser profile; who None: a visitor.

    The test fails when a page threw, so that no error is swallowed.
    """
    opened: list[BrowserContext] = []
    thrown: list[str] = []

    def open_page(
        path: str,
        *,
        who: str | None = None,
        lang: str = "en",
        size: str = "phone",
        dark: bool = False,
        within: Browser | None = None,
        worker: str = "block",
    ) -> Page:
        width, height = SIZES[size]
        context = (within or browser).new_context(
            base_url=live_server,
            viewport={"width": width, "height": height},
            locale=LOCALES[lang],
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            has_touch=size == "phone",
            service_workers="allow" if worker == "allow" else "block",
            permissions=["camera"] if within else [],
        )
        opened.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if who is not None:
            answer = context.request.post(
                "/api/demo/sign-in",
                data={"email": f"{who}@demo.halles.example"},
                headers={"origin": live_server},
            )
            assert answer.ok, answer.text()
        page = context.new_page()
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(path)
        page.wait_for_selector("h1", state="attached")
        return page

    yield open_page
    for context in opened:
        context.close()
    assert thrown == []


@pytest.fixture(scope="session")
def catalogue(live_server: str) -> list[dict[str, Any]]:
    """What is on the shelves, as the shop lists it in English."""
    answer = httpx.get(f"{live_server}/api/products", params={"limit": 60, "lang": "en"}, trust_env=False)
    items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return items


@pytest.fixture(scope="session")
def eyes(live_server: str, catalogue: list[dict[str, Any]]) -> None:
    """Wait until the fresh demo knows its own pictures: they are learnt by the worker after the doors are open."""
    photo = (PHOTOS / "camille-trench.jpg").read_bytes()
    until = time.monotonic() + 120
    while time.monotonic() < until:
        answer = httpx.post(
            f"{live_server}/api/photos",
            content=photo,
            headers={"content-type": "image/jpeg", "origin": live_server},
            params={"lang": "en"},
            timeout=30,
            trust_env=False,
        )
        titles = [one["product"]["title"] for one in answer.json().get("candidates", [])]
        if "Camille trench coat" in titles:
            return
        time.sleep(1)
    pytest.fail("the demo does not recognise its own photo")


def cheap(live_server: str, catalogue: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """A product without options that is in stock: its page's path and its only variant."""
    for card in sorted(catalogue, key=lambda one: one["from_price"]["minor"] if one["from_price"] else 10**9):
        if card["variant_count"] == 1 and card["sellable"] and card["from_price"]:
            product = httpx.get(
                f"{live_server}/api/products/{card['product_id']}", params={"lang": "en"}, trust_env=False
            ).json()
            if product["variants"][0]["available"] == "yes":
                return f"/p/{card['product_id']}", product["variants"][0]
    pytest.fail("the demo has no plain product in stock")


def fill_address(page: Page) -> None:
    """A guest's address and e-mail, where the page asks for them."""
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    email = page.get_by_label("E-mail")
    if email.count():
        email.fill("zoe@example.com")
    page.get_by_label("Name", exact=True).fill("Zoé Martin")
    page.get_by_label("Street and number").fill("3 rue des Halles")
    page.get_by_label("Postcode").fill("75001")
    page.get_by_label("City").fill("Paris")


def top_up(page: Page, card: str = "4242424242424242") -> None:
    """Money into the wallet: on the checkout page that is the other way to pay, on the wallet's own the only one."""
    wallet = page.get_by_role("radio", name="From my wallet")
    if wallet.count():
        wallet.check(force=True)
    page.get_by_label("Card number").fill(card)
    page.get_by_label("Valid until").fill("12/30")
    page.get_by_label("Security code").fill("123")
    page.get_by_role("button", name="Add €").click()


def put_in_basket(page: Page, path: str) -> None:
    """That product alone, once."""
    origin = {"origin": page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2]}
    before = page.request.get("/api/basket")
    lines: list[dict[str, Any]] = before.json()["lines"] if before.ok else []
    for line in lines:
        page.request.delete(f"/api/basket/lines/{line['variant_id']}", headers=origin)
    page.goto(path)
    page.get_by_role("button", name="Add to basket").click()
    expect(page.get_by_text("In your basket.")).to_be_visible()


def order_ids(page: Page) -> list[str]:
    """The orders of whoever is in this browser, newest first."""
    answer = page.request.get("/api/orders?limit=100")
    return [one["order_id"] for one in answer.json()["items"]]
