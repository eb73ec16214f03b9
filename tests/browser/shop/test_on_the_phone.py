"""Recognition on the phone itself: live with its answer laid over the product, and without a network."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from halles.edge.app import STATIC
from tests.browser.shop.conftest import OpenShop

pytestmark = pytest.mark.browser

Lens = Callable[[str], Browser]
PATIENCE_MS = 90_000
"""A loaded machine compiles the runtime and looks at several frames meanwhile."""

LOOK = """async (chunk) => {
  const vision = await import('/' + chunk);
  const picture = await createImageBitmap(document.querySelector('video'));
  return await vision.recognise(picture);
}"""


def until_carried(page: Page) -> dict[str, Any]:
    """What phones may carry, once the inference process has seen every picture of the demo."""
    before = -1
    for _ in range(120):
        answer = page.request.get("/api/recognition?touchpoint=marais-photo")
        if answer.ok:
            now = answer.json()["index"]
            if now["products"] > 50 and now["pictures"] == before:
                return answer.json()
            before = now["pictures"]
        time.sleep(2)
    pytest.fail("the demo's pictures were never made ready for phones")


def look_live(page: Page) -> None:
    page.goto("/scan")
    page.get_by_role("button", name="Look live").click()


@pytest.mark.usefixtures("eyes")
def test_a_product_is_named_where_it_is_seen_with_a_note_of_ones_own(open_shop: OpenShop, lens: Lens) -> None:
    page = open_shop("/?t=marais-photo", who="camille", within=lens("camille-trench"))
    told = until_carried(page)
    assert told["index"]["bytes"] / told["index"]["pictures"] < 1_300
    look_live(page)
    tag = page.get_by_role("article", name="Camille trench coat")
    expect(tag).to_be_visible(timeout=PATIENCE_MS)
    expect(tag).to_contain_text("€")
    tag.get_by_role("button", name="Add a note").click()
    tag.get_by_role("textbox").fill("Sand, size 38")
    page.wait_for_timeout(1_500)  # a frame that was under way is answered meanwhile
    tag.get_by_role("button", name="Keep the note").click()
    expect(tag).to_contain_text("Sand, size 38")

    chunk = json.loads((STATIC / ".vite/manifest.json").read_text())["src/lib/vision/index.ts"]["file"]
    page.context.set_offline(True)
    answer = page.evaluate(LOOK, chunk)
    assert answer["outcome"] in {"product", "candidates"}
    named = answer["candidates"][0]["product_id"]
    page.context.set_offline(False)
    assert page.request.get(f"/api/products/{named}").json()["title"] == "Camille trench coat"

    tag.get_by_role("button", name="Not now").click()
    expect(tag).to_be_hidden()
    page.get_by_role("button", name="Stop looking live").click()
    expect(page.get_by_role("button", name="Look live")).to_be_visible()


def test_a_code_is_laid_over_instead_of_leading_away(open_shop: OpenShop, lens: Lens) -> None:
    page = open_shop("/?t=marais-photo", within=lens("barcode-1"))
    until_carried(page)
    page.evaluate("() => sessionStorage.setItem('halles.live', 'true')")
    page.goto("/scan")
    tag = page.get_by_role("article")
    expect(tag).to_be_visible(timeout=PATIENCE_MS)
    tag.get_by_role("link", name="See the details").click()
    page.wait_for_url(re.compile("/p/"))
