"""Labels: what stands on them, at real size, and that machines read them."""

import io
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest

from halles.catalog import api as catalog
from halles.catalog.types import Gtin14, Named, ProductDraft, VariantDraft
from halles.identity import api as identity
from halles.journeys.labels.content import Label
from halles.journeys.labels.fonts import fonts_in, writable
from halles.journeys.labels.sheets import price_labels, qr_sheet
from halles.journeys.labels.words import amount, day, rate_of, word
from halles.kernel.money import Money
from halles.kernel.web import Role, Services
from halles.places import api as places
from halles.places.types import PlaceDraft, TouchpointKind
from halles.pricing import api as pricing
from halles.pricing.types import Per, PriceChange, UnitPrice

SignIn = Callable[..., Awaitable[int]]


def label(number: int = 1, **changes: object) -> Label:
    fields: dict[str, object] = {
        "title": "Confiture d’abricot, 日本 fraîche", "brand": "Maison Garrigue", "options": "Sable · 36 38", "origin": "FR",
        "price": Money(540, "EUR"), "several": False, "was": Money(690, "EUR"),
        "beside": Money(4449, "CNY"), "rate_date": date(2026, 11, 20),
        "unit": UnitPrice(money=Money(1459, "EUR"), per=Per.KILOGRAM), "tax_bp": 550, "tax": Money(28, "EUR"),
        "gtin14": "04006381333931", "link": f"https://halles.example/01/04006381333931?t={number}",
        "code": "8A2BCD", "position": "B4", **changes,
    }  # fmt: skip
    return Label(**fields)  # type: ignore[arg-type]


def pages(data: bytes) -> list[tuple[float, float]]:
    boxes = re.findall(rb"/MediaBox \[ ?([\d. ]+) ?\]", data)
    return [tuple(round(float(v) / 72 * 25.4) for v in box.split()[2:]) for box in boxes]  # type: ignore[misc]


def test_amounts_as_each_language_writes_them() -> None:
    assert amount(Money(148000, "CNY"), "fr") == "1\u00a0480,00\u00a0CNY"
    assert amount(Money(249900, "EUR"), "fr") == "2\u00a0499,00\u00a0€"
    assert amount(Money(249900, "EUR"), "en") == "€2,499.00"
    assert amount(Money(17942, "JPY"), "en") == "JPY\u00a017,942"
    assert (rate_of(2000, "fr"), rate_of(550, "fr"), rate_of(210, "en")) == ("20", "5,5", "2.1")
    assert day(date(2026, 11, 2), "en") == "2 Nov 2026"
    assert word("vat", "fr", rate="20", amount="1") == "TVA 20 % incluse (1)"


def test_the_font_writes_euros_and_french() -> None:
    font = fonts_in(Path("/nowhere")).price
    assert writable(font, "189,00 € Écru à Noël, œuf, ≈ ’…·") == "189,00 € Écru à Noël, œuf, ≈ ’…·"
    assert writable(font, "a日b") == "ab"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("draw", "each"), [(price_labels, 10), (qr_sheet, 12)])
def test_sheets_are_a4_and_full(draw: Callable[..., bytes], each: int, language: str) -> None:
    data = draw(
        [label(n) for n in range(each + 1)],
        fonts=fonts_in(Path("/nowhere")),
        language=language,
        title="Samples",
    )
    assert data.startswith(b"%PDF")
    assert pages(data) == [(210, 297)] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {
            "price": None,
            "was": None,
            "beside": None,
            "unit": None,
            "tax": None,
            "gtin14": None,
            "brand": None,
            "options": "",
        },
        {
            "title": "W" * 300,
            "brand": "B" * 200,
            "options": "o, " * 200,
            "price": Money(10**14, "EUR"),
            "several": True,
        },
        {"gtin14": "14006381333938"},
        {"gtin14": "00000096385074"},
        {"title": "\x00\u200b日本"},
    ],
)
def test_odd_labels_are_drawn_too(changes: dict[str, object]) -> None:
    assert price_labels(
        [replace(label(), **changes)], fonts=fonts_in(Path("/nowhere")), language="fr", title="x"
    ).startswith(b"%PDF")


async def test_labels_of_a_place(client: httpx.AsyncClient, services: Services, sign_in: SignIn) -> None:
    now = services.clock()
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Maison Halles", now=now)
        place = await places.add_place(
            tx, seller,
            PlaceDraft(code="marais", name="Le Marais", kind="showroom", city="Paris", country="FR", timezone="Europe/Paris",
                currency="EUR", label_currency="CNY", opening_hours={}),
        )  # fmt: skip
        await places.add_touchpoint(
            tx, seller, code="marais-qr", kind=TouchpointKind.QR, place_id=place.place_id
        )
        sizes = [
            VariantDraft(
                sku=f"t{size}",
                options=(Named(name="size", value={"und": size}),),
                gtin14=Gtin14("04006381333931") if size == "36" else None,
            )
            for size in ("36", "38")
        ]
        saved = await catalog.save_products(
            tx, seller, [ProductDraft(external_id="t", title={"fr": "Trench"}, variants=tuple(sizes))]
        )
        (card,) = await catalog.search(tx, seller)
        one = saved.variant_ids["t36"]
        await pricing.set_prices(
            tx,
            seller,
            [
                PriceChange(variant_id=v, currency="EUR", minor=18900, valid_from=now)
                for v in card.variant_ids
            ],
            now,
        )
        for variant in (None, one):
            await places.add_sample(
                tx, seller, place.place_id, product_id=card.product_id, variant_id=variant, position="A1"
            )
        samples = await places.samples(tx, seller, place.place_id)
    url = f"/api/console/places/{place.place_id}"
    assert (await client.get(f"{url}/labels.pdf")).status_code == 401
    await sign_in(client, Role.STAFF, seller_id=seller)
    for kind in ("labels", "qr"):
        answer = await client.get(f"{url}/{kind}.pdf", params={"lang": "fr"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF")
        assert _read(answer.content, Path(services.settings.data)) == {
            f"http://localhost:8000/s/{samples[0].code}", "http://localhost:8000/01/04006381333931?t=marais-qr",
        } | ({"4006381333931"} if kind == "labels" else set())  # fmt: skip
    assert (await client.get(f"{url}/labels.pdf", params={"samples": "999"})).json()[
        "code"
    ] == "labels.nothing_on_display"
    assert (await client.get(f"{url}/labels.pdf", params={"samples": "1;2"})).status_code == 422
    only = await client.get(f"{url}/labels.pdf", params={"samples": str(samples[1].sample_id)})
    assert only.status_code == 200


def _read(data: bytes, folder: Path) -> set[str]:
    """What a camera reads on the first page, as rendered by poppler; the test is skipped where that is not installed."""
    import shutil
    import subprocess

    import zxingcpp
    from PIL import Image

    renderer = shutil.which("pdftoppm")
    if renderer is None:
        pytest.skip("pdftoppm is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sheet.pdf").write_bytes(data)
    shown = subprocess.run(
        [renderer, "-r", "200", "-f", "1", "-l", "1", "-png", str(folder / "sheet.pdf")],
        check=True,
        capture_output=True,
    )
    return {code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(shown.stdout)))}
