"""Staff teach a sample with the camera of their phone, are told when it looks like something else, and see it known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from tests.browser.console.conftest import FLAGS, OpenAs
from tests.browser.shop.conftest import CAMERA, PHOTOS, film

pytestmark = pytest.mark.browser
SIDES = ("Front", "Back", "Left side", "Right side", "On the shelf")


@pytest.fixture(scope="module")
def phone(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Browser]]:
    """`phone("camille-trench")`: a browser whose camera sees that photo of the demo."""
    folder: Path = tmp_path_factory.mktemp("films")
    opened: list[Browser] = []

    def launch(photo: str) -> Browser:
        seen = f"--use-file-for-fake-video-capture={film(PHOTOS / f'{photo}.jpg', folder)}"
        options: dict[str, Any] = {**browser_type_launch_args, "args": [*FLAGS, *CAMERA, seen]}
        opened.append(browser_type.launch(**options))
        return opened[-1]

    yield launch
    for one in opened:
        one.close()


def _staff(browser: Browser, live_server: str) -> Page:
    context = browser.new_context(
        base_url=live_server,
        viewport={"width": 390, "height": 844},
        locale="en-GB",
        reduced_motion="reduce",
        has_touch=True,
        permissions=["camera"],
        service_workers="block",
    )
    context.set_default_timeout(20_000)
    answer = context.request.post(
        "/api/demo/sign-in", data={"email": "sam@demo.halles.example"}, headers={"origin": live_server}
    )
    assert answer.ok, answer.text()
    return context.new_page()


def _product(live_server: str, title: str) -> str:
    found = httpx.get(
        f"{live_server}/api/products", params={"q": title, "lang": "en"}, trust_env=False, timeout=30
    )
    return next(str(one["product_id"]) for one in found.json()["items"] if one["title"] == title)


def _photograph(page: Page, product_id: str) -> None:
    page.goto(f"/console/samples/new?product={product_id}")
    page.get_by_role("button", name="Take the photos").click()
    page.wait_for_url(re.compile(r"/console/samples/[0-9a-f-]{36}"))
    for side in SIDES:
        expect(page.locator(f"[data-side] .name:text-is('{side}')")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Take the photo", exact=True).click()
        expect(page.get_by_text("Looking at it…")).to_have_count(0, timeout=30_000)


def test_five_photos_and_the_showroom_knows_it(
    phone: Callable[[str], Browser], live_server: str, open_as: OpenAs
) -> None:
    page = _staff(phone("camille-trench"), live_server)
    _photograph(page, _product(live_server, "Camille trench coat"))
    expect(page.get_by_role("heading", name="Five photos. Are they right?")).to_be_visible(timeout=30_000)
    # A demo that has just begun may not know its own pictures yet, and doubt.
    page.get_by_role("button", name=re.compile("Teach the showroom|They are right, teach them")).click()
    expect(page.get_by_text("The showroom knows it now.")).to_be_visible(timeout=60_000)

    listed = open_as("sam", "/console/samples", size="phone")
    card = listed.locator("[data-sample]").first
    expect(card).to_contain_text("Camille trench coat")
    expect(card).to_contain_text("Known")
    listed.get_by_role("tab", name="How often right").click()
    listed.get_by_role("tab", name="Taken for each other").click()

    other = next(
        str(one["product_id"])
        for one in httpx.get(
            f"{live_server}/api/products", params={"limit": 20, "lang": "en"}, trust_env=False, timeout=30
        ).json()["items"]
        if one["title"] != "Camille trench coat"
    )
    _photograph(page, other)
    expect(page.get_by_role("alert")).to_contain_text("This looks like Camille trench coat.")
    expect(page.get_by_role("button", name="They are right, teach them")).to_be_visible()
    page.goto("/console/samples")
    row = page.locator("[data-sample]").first
    row.get_by_role("button", name="Retire").click()
    page.get_by_role("dialog").get_by_role("button", name="Retire").click()
    expect(page.get_by_text("Retired. The showroom forgets it within a minute.")).to_be_visible()
