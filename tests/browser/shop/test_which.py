"""Photos that do not answer at once: two products in one, and a package that is read after the first answer."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import numpy as np
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.shop.conftest import PHOTOS, OpenShop

pytestmark = pytest.mark.browser
Catalogue = list[dict[str, Any]]


def serious(page: Page) -> list[str]:
    axe: Any = Axe()  # untyped
    found: dict[str, Any] = axe.run(page).response
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def labels(gtins: list[str]) -> bytes:
    """A photo of printed codes side by side."""
    ground = Image.new("L", (500 * len(gtins), 600), 190)
    for n, gtin in enumerate(gtins):
        code = zxingcpp.create_barcode(gtin[-13:], zxingcpp.BarcodeFormat.EAN13)  # pyright: ignore[reportUnknownMemberType]
        bars = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(code, scale=3), np.uint8))
        ground.paste(bars.resize((bars.width, 160)), (500 * n + 60, 200))
    file = io.BytesIO()
    ground.convert("RGB").save(file, "JPEG", quality=92)
    return file.getvalue()


def choose(page: Page, photo: bytes) -> None:
    page.set_input_files(
        "input[type=file]",
        files=[{"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo}],
    )


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_two_codes_in_a_photo_ask_which(
    open_shop: OpenShop, live_server: str, catalogue: Catalogue, size: str
) -> None:
    products: list[dict[str, Any]] = [
        httpx.get(
            f"{live_server}/api/products/{one['product_id']}", params={"lang": "en"}, trust_env=False
        ).json()
        for one in catalogue[:2]
    ]
    gtins: list[str] = [product["variants"][0]["gtin"] for product in products]
    page = open_shop("/scan", size=size)
    choose(page, labels(list(reversed(gtins))))
    expect(page.get_by_role("heading", name="Which of the two?")).to_be_visible()
    keys = page.get_by_role("list", name="Which of the two?").get_by_role("button")
    expect(keys).to_have_count(2)
    for key, product in zip(keys.all(), reversed(products), strict=True):
        expect(key).to_contain_text(product["title"])
        box = key.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 120
    assert serious(page) == []
    keys.last.click()
    expect(page.get_by_role("heading", level=1, name=products[0]["title"])).to_be_visible()


@pytest.mark.usefixtures("eyes")
def test_what_the_package_says_moves_nothing_until_it_is_asked_for(
    open_shop: OpenShop, catalogue: Catalogue
) -> None:
    """The server's answers are as they are; only that one refines, and what it then says, is put in here."""
    page = open_shop("/scan")
    first: dict[str, Any] = {}
    may_end: list[bool] = []

    def answered(route: Route) -> None:
        told = json.loads(route.fetch().text())
        cards = [{"product": one, "variant_id": None, "score": 0.3} for one in catalogue[:3]]
        first.update(told, outcome="candidates", by="picture", candidates=cards, refines=True)
        route.fulfill(json=first)

    def later(route: Route) -> None:
        better = list(reversed(first["candidates"]))
        route.fulfill(json={**first, "candidates": better, "refines": False} if may_end else first)

    page.route("**/api/photos?*", answered)
    page.route("**/api/photos/*", later)
    choose(page, (PHOTOS / "camille-trench.jpg").read_bytes())
    expect(page.get_by_text("Reading the package")).to_be_visible()
    shown = page.get_by_role("list", name="Products that look like your photo").get_by_role("button")
    expect(shown).to_have_count(3)
    before = [one.bounding_box() for one in shown.all()]
    may_end.append(True)
    offer = page.get_by_role("button", name=f"The package says: {catalogue[2]['title']}")
    expect(offer).to_be_visible()
    assert [one.bounding_box() for one in shown.all()] == before
    expect(shown.first).to_contain_text(catalogue[0]["title"])
    assert serious(page) == []
    offer.click()
    expect(shown.first).to_contain_text(catalogue[2]["title"])
    expect(offer).to_have_count(0)
