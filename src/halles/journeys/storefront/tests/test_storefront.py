"""The shop's pages by status, body and number of statements."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from halles.catalog import api as catalog
from halles.catalog.types import Content, Gtin14, Image, Named, ProductDraft, VariantDraft
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.inventory.types import Lane, LocationKind, StockCommand, StockItem
from halles.kernel.db import counting
from halles.kernel.ids import SellerId, uuid7
from halles.kernel.web import Role, Services, cursor
from halles.places import api as places
from halles.places.types import PlaceDraft, TouchpointKind
from halles.pricing import api as pricing
from halles.pricing.cli import seed_rates
from halles.pricing.types import PriceChange
from halles.promises import api as promises
from halles.promises.types import LaneKind

SignIn = Callable[..., Awaitable[int]]


@dataclass(frozen=True)
class Shop:
    seller: SellerId
    place: int
    variants: dict[str, int]
    product: UUID
    sample: str
    sample_id: int


@pytest.fixture
async def shop(services: Services) -> Shop:
    now = services.clock()
    await seed_rates(services.db)
    async with services.db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Maison Halles", now=now)
        place = await places.add_place(
            tx, seller,
            PlaceDraft(code="marais", name="Pop-up Le Marais", kind="showroom", city="Paris", country="FR",
                timezone="Europe/Paris",
                currency="EUR", label_currency="CNY", opening_hours={}),
        )  # fmt: skip
        await places.add_touchpoint(tx, seller, code="web", kind=TouchpointKind.WEB, place_id=None)
        await places.add_touchpoint(
            tx, seller, code="marais-qr", kind=TouchpointKind.QR, place_id=place.place_id
        )
        hub = await inventory.save_location(
            tx, seller, kind=LocationKind.HUB, name="Roissy hub", lane=Lane.HUB, country="FR"
        )
        await promises.save_lane(
            tx,
            seller,
            lane=LaneKind.HUB,
            origin="Roissy hub",
            origin_country="FR",
            location_id=hub,
            country="FR",
            transit_days=3,
            spread_days=1,
        )
        drafts = [_draft(n) for n in range(30)]
        saved = await catalog.save_products(tx, seller, drafts)
        prices = [
            PriceChange(variant_id=v, currency="EUR", minor=18900, valid_from=now)
            for v in saved.variant_ids.values()
        ]
        prices.append(
            PriceChange(variant_id=saved.variant_ids["s0-36"], currency="CNY", minor=148000, valid_from=now)
        )
        await pricing.set_prices(tx, seller, prices, now)
        items = (
            StockItem(location_id=hub, variant_id=saved.variant_ids["s0-36"], quantity=3),
            StockItem(location_id=hub, variant_id=saved.variant_ids["s1-36"], quantity=30),
        )
        await inventory.receive(
            tx, StockCommand(seller_id=seller, command_id=uuid7(), items=items, by="test"), now
        )
        (card,) = await catalog.search(tx, seller, q="s0-36")
        sample = await places.add_sample(
            tx, seller, place.place_id, product_id=card.product_id, variant_id=None, position="A1"
        )
    return Shop(seller, place.place_id, saved.variant_ids, card.product_id, sample.code, sample.sample_id)


def _draft(number: int) -> ProductDraft:
    return ProductDraft(
        external_id=f"p{number}",
        title={"en": f"Trench coat {number}", "fr": f"Trench écru {number}"},
        description={"en": "Keeps out the rain.", "fr": "Ne craint pas la pluie."},
        brand="Atelier Rivoli",
        family="fashion",
        category="fashion/coats",
        attributes=(Named(name="material", value={"en": "Cotton", "fr": "Coton"}),),
        origin="PT",
        images=(Image(name="a" * 40 + ".webp", width=800, height=1000),),
        variants=(
            VariantDraft(
                sku=f"s{number}-36",
                gtin14=Gtin14("04006381333931") if number == 0 else None,
                options=(Named(name="size", value={"und": "36"}),),
                content=Content(amount=Decimal(500), unit="g"),
            ),
            VariantDraft(sku=f"s{number}-38", options=(Named(name="size", value={"und": "38"}),)),
        ),
    )


async def test_the_start_of_the_shop(client: httpx.AsyncClient, shop: Shop) -> None:
    found = (await client.get("/api/bootstrap", params={"touchpoint": "marais-qr"})).json()
    assert found["seller"] == {"seller_id": shop.seller, "name": "Maison Halles"}
    assert found["place"]["name"] == "Pop-up Le Marais"
    assert (found["currency"], found["label_currency"], found["currencies"]) == ("EUR", "CNY", ["CNY", "EUR"])
    assert found["me"]["party_id"] is None
    assert found["payments"] == {"provider": "demo", "publishable_key": None}
    web = (await client.get("/api/bootstrap", params={"touchpoint": "unknown"})).json()
    assert (web["place"], web["touchpoint"]) == (None, {"code": "web", "kind": "web"})
    await client.post("/api/guest")
    assert (await client.get("/api/bootstrap")).json()["me"]["guest"] is True


async def test_an_empty_system_says_what_to_do(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/bootstrap")
    assert answer.status_code == 404
    assert answer.json()["code"] == "places.unknown_touchpoint"


@pytest.mark.parametrize("limit", [1, 30])
async def test_a_list_of_products_costs_six_statements_whatever_its_size(
    client: httpx.AsyncClient, shop: Shop, limit: int
) -> None:
    with counting() as counter:
        answer = await client.get(
            "/api/products", params={"place": shop.place, "limit": limit, "q": "trench"}
        )
    assert answer.status_code == 200
    assert len(answer.json()["items"]) == limit
    assert counter.statements <= 6


async def test_cards_and_their_pages(client: httpx.AsyncClient, shop: Shop) -> None:
    first = await client.get("/api/products", params={"place": shop.place, "limit": 20, "lang": "fr"})
    card = first.json()["items"][0]
    assert card == {
        "product_id": str(shop.product), "seller_id": shop.seller, "title": "Trench écru 0", "brand": "Atelier Rivoli",
        "category": "fashion/coats", "family": "fashion",
        "image": {"name": "a" * 40 + ".webp", "width": 800, "height": 1000, "alt": "Trench écru 0"},
        "from_price": {"minor": 18900, "currency": "EUR"}, "label_price": {"minor": 148000, "currency": "CNY"},
        "variant_count": 2, "one_price": True, "on_display": True, "sellable": True,
    }  # fmt: skip
    other = first.json()["items"][1]
    assert other["label_price"] == {"minor": 155706, "currency": "CNY"}, "converted at the rate of the day"
    assert (other["on_display"], other["sellable"]) == (False, True)
    second = await client.get(
        "/api/products", params={"place": shop.place, "limit": 20, "cursor": first.json()["next"]}
    )
    assert len(second.json()["items"]) == 10
    assert second.json()["next"] is None
    assert not {c["product_id"] for c in first.json()["items"]} & {
        c["product_id"] for c in second.json()["items"]
    }
    again = await client.get(
        "/api/products",
        params={"place": shop.place, "limit": 20, "lang": "fr"},
        headers={"if-none-match": first.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get("/api/products", params={"q": "sofa"})).json() == {"items": [], "next": None}
    forged = await client.get("/api/products", params={"cursor": cursor(0, "nobody")})
    assert (forged.status_code, forged.json()["code"]) == (422, "kernel.bad_id")
    bad = await client.get("/api/products", params={"cursor": "nonsense"})
    assert (bad.status_code, bad.json()["code"]) == (422, "kernel.bad_cursor")
    assert (await client.get("/api/products", params={"place": 999})).status_code == 404


async def test_a_product_page(client: httpx.AsyncClient, shop: Shop) -> None:
    with counting() as counter:
        answer = await client.get(f"/api/products/{shop.product}", params={"place": shop.place, "lang": "en"})
    assert counter.statements <= 9
    page = answer.json()
    assert page["attributes"] == [{"name": "material", "label": "Material", "value": "Cotton"}]
    few, none = page["variants"]
    assert (few["available"], few["left"], none["available"], none["left"]) == ("few", 3, "no", None)
    assert few["tax"] == {"included_minor": 3150, "rate_bp": 2000}
    assert few["unit_price"] == {"money": {"minor": 37800, "currency": "EUR"}, "per": "kg"}
    assert few["options"] == [{"name": "size", "label": "Size", "value": "36"}]
    assert (few["label_price"], few["rate_date"]) == ({"minor": 148000, "currency": "CNY"}, None)
    assert (none["label_price"], none["rate_date"]) == ({"minor": 155706, "currency": "CNY"}, "2026-11-20")
    assert few["promise"]["from"] == "Roissy hub"
    assert (few["promise"]["date"], few["promise"]["latest"], few["promise"]["days"]) == (
        "2026-11-26",
        "2026-11-27",
        3,
    )
    assert none["promise"] is None
    ld = page["json_ld"]
    assert (ld["@type"], ld["offers"][0]["price"], ld["offers"][0]["priceCurrency"]) == (
        "Product",
        "189.00",
        "EUR",
    )
    assert ld["offers"][1]["availability"] == "https://schema.org/OutOfStock"
    again = await client.get(
        f"/api/products/{shop.product}",
        params={"place": shop.place, "lang": "en"},
        headers={"if-none-match": answer.headers["etag"]},
    )
    assert again.status_code == 304
    assert (await client.get(f"/api/products/{uuid7()}")).json()["code"] == "catalog.unknown_product"


async def test_a_shopper_may_pay_in_another_currency_where_the_seller_has_a_price(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    page = (await client.get(f"/api/products/{shop.product}", params={"currency": "CNY"})).json()
    assert page["variants"][0]["price"] == {"minor": 148000, "currency": "CNY"}
    assert page["variants"][0]["label_price"] == {"minor": 18900, "currency": "EUR"}
    assert page["variants"][1]["price"] == {"minor": 18900, "currency": "EUR"}, (
        "no price in yuan: the home currency is charged"
    )


async def test_categories_have_names(client: httpx.AsyncClient, shop: Shop) -> None:
    found = (await client.get("/api/categories", params={"lang": "fr"})).json()
    assert found == [{"category": "fashion/coats", "family": "fashion", "title": "Manteaux", "count": 30}]


async def test_codes_lead_to_products(client: httpx.AsyncClient, shop: Shop) -> None:
    variant = shop.variants["s0-36"]
    expected = {
        "product_id": str(shop.product),
        "variant_id": variant,
        "gtin": "04006381333931",
        "sample_id": None,
    }
    for code in (
        "4006381333931",
        "04006381333931",
        "https://id.example/01/04006381333931/10/AB?17=271231",
        "(01)04006381333931",
        "4006 3813 3393 1",
    ):
        found = await client.get(f"/api/scan/{quote(code, safe='')}")
        assert (found.status_code, found.json()) == (200, expected), code
    for code in (shop.sample, shop.sample.lower(), f"http://localhost:8000/s/{shop.sample}"):
        found = await client.get(f"/api/scan/{quote(code, safe='')}")
        assert found.json() == {
            "product_id": str(shop.product),
            "variant_id": None,
            "gtin": None,
            "sample_id": shop.sample_id,
        }
    for code in ("4006381333932", "96385074", "hello", "https://evil.example/", "🥖"):
        found = await client.get(f"/api/scan/{quote(code, safe='')}")
        assert (found.status_code, found.json()["code"]) == (404, "catalog.unknown_code"), code


async def test_digital_links_and_samples_redirect(client: httpx.AsyncClient, shop: Shop) -> None:
    variant = shop.variants["s0-36"]
    found = await client.get("/01/04006381333931/10/AB", params={"t": "marais-qr"})
    assert (found.status_code, found.headers["location"]) == (
        302,
        f"/p/{shop.product}?variant={variant}&t=marais-qr",
    )
    links = await client.get("/01/4006381333931", headers={"accept": "application/linkset+json"})
    assert links.headers["content-type"].startswith("application/linkset+json")
    (entry,) = links.json()["linkset"]
    assert entry["anchor"] == "http://localhost:8000/01/04006381333931"
    assert entry["https://gs1.org/voc/defaultLink"][0]["href"].endswith(
        f"/p/{shop.product}?variant={variant}"
    )
    assert (await client.get("/01/4006381333932")).status_code == 422
    assert (await client.get("/01/96385074")).status_code == 404
    sample = await client.get(f"/s/{shop.sample}")
    assert (sample.status_code, sample.headers["location"]) == (302, f"/p/{shop.product}?t=marais-qr")
    assert (await client.get("/s/ZZZZZZ")).status_code == 404


async def test_the_console_edits_from_the_version_it_saw(
    client: httpx.AsyncClient, shop: Shop, sign_in: SignIn
) -> None:
    await sign_in(client, Role.HEAD_OFFICE, seller_id=shop.seller)
    listed = (await client.get("/api/console/products", params={"limit": 2})).json()
    assert len(listed["items"]) == 2
    row = listed["items"][0]
    assert (row["title"], row["stock"], row["price"]) == (
        {"fr": "Trench écru 0", "en": "Trench coat 0"},
        3,
        {"minor": 18900, "currency": "EUR"},
    )
    page = await client.get(f"/api/console/products/{shop.product}", params={"lang": "fr"})
    body = page.json()
    assert body["variants"][0]["prices"] == [
        {"minor": 148000, "currency": "CNY"},
        {"minor": 18900, "currency": "EUR"},
    ]
    assert body["variants"][0]["stock"][0]["location"]["name"] == "Roissy hub"
    assert body["samples"][0]["code"] == shop.sample
    edit = {key: body[key] for key in ("title", "description", "brand", "category", "attributes", "state")}
    edit["title"] = {"fr": "Trench Camille", "en": "Camille trench"}
    edit["attributes"][0]["value"] = "Coton bio"
    url = f"/api/console/products/{shop.product}?lang=fr"
    assert (await client.put(url, json=edit)).status_code == 428
    changed = await client.put(url, json=edit, headers={"if-match": page.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != page.headers["etag"]
    assert (await client.put(url, json=edit, headers={"if-match": page.headers["etag"]})).status_code == 412
    english = (await client.get(f"/api/products/{shop.product}?lang=en")).json()
    assert (english["title"], english["attributes"][0]["value"]) == ("Camille trench", "Cotton")
    hidden = await client.put(
        url, json={**edit, "state": "hidden"}, headers={"if-match": changed.headers["etag"]}
    )
    assert hidden.status_code == 200
    assert (await client.get(f"/api/products/{shop.product}")).status_code == 404
    assert (await client.get("/api/scan/4006381333931")).status_code == 404


async def test_a_price_set_by_hand_holds_from_now(
    client: httpx.AsyncClient, shop: Shop, sign_in: SignIn, services: Services
) -> None:
    await sign_in(client, Role.STAFF, seller_id=shop.seller)
    services.clock.at += timedelta(minutes=1)  # type: ignore[attr-defined]
    url = f"/api/console/variants/{shop.variants['s0-36']}/price"
    for _ in range(2):
        assert (await client.put(url, json={"currency": "EUR", "minor": 17900})).status_code == 200
    page = (await client.get(f"/api/products/{shop.product}")).json()
    assert page["variants"][0]["price"]["minor"] == 17900
    assert (
        await client.put("/api/console/variants/99/price", json={"currency": "EUR", "minor": 1})
    ).status_code == 404
    assert (await client.put(url, json={"currency": "EUR", "minor": 0})).status_code == 422


async def test_the_consoles_places_and_samples(
    client: httpx.AsyncClient, shop: Shop, sign_in: SignIn
) -> None:
    await sign_in(client, Role.HEAD_OFFICE, seller_id=shop.seller)
    (place,) = (await client.get("/api/console/places")).json()
    assert place["samples"] == 1
    body = {
        key: value for key, value in place.items() if key not in {"place_id", "samples", "version", "etag"}
    }
    body["opening_hours"] = {"mon": [["10:00", "19:30"]]}
    url = f"/api/console/places/{shop.place}"
    changed = await client.put(url, json=body, headers={"if-match": place["etag"]})
    assert changed.json()["opening_hours"] == {"mon": [["10:00", "19:30"]]}
    assert (await client.put(url, json=body, headers={"if-match": place["etag"]})).status_code == 412
    made = await client.post(
        "/api/console/places", json={**body, "code": "daguerre", "name": "Halles Daguerre", "kind": "store"}
    )
    assert made.status_code == 201
    assert (await client.post("/api/console/places", json={**body, "code": "daguerre"})).json()[
        "code"
    ] == "places.code_taken"
    added = await client.post(f"{url}/samples", json={"variant_id": shop.variants["s1-36"], "position": "B2"})
    assert (added.status_code, added.json()["options"][0]["value"], added.json()["price"]["minor"]) == (
        201,
        "36",
        18900,
    )
    assert [s["position"] for s in (await client.get(f"{url}/samples")).json()] == ["A1", "B2"]
    assert (await client.delete(f"{url}/samples/{added.json()['sample_id']}")).status_code == 204
    assert (await client.delete(f"{url}/samples/{added.json()['sample_id']}")).status_code == 404
    assert (await client.post(f"{url}/samples", json={"product_id": str(uuid7())})).status_code == 404
    points = (await client.get("/api/console/touchpoints")).json()
    assert [(p["code"], p["url"]) for p in points] == [
        ("marais-qr", "http://localhost:8000/?t=marais-qr"),
        ("web", "http://localhost:8000/?t=web"),
    ]


async def test_another_sellers_staff_sees_nothing(
    client: httpx.AsyncClient, shop: Shop, sign_in: SignIn, services: Services
) -> None:
    async with services.db.transaction() as tx:
        other = await identity.create_organisation(tx, "Other", now=services.clock())
    await sign_in(client, Role.HEAD_OFFICE, seller_id=other)
    assert (await client.get("/api/console/products")).json()["items"] == []
    assert (await client.get(f"/api/console/products/{shop.product}")).status_code == 404
    assert (await client.get("/api/console/products", params={"seller_id": shop.seller})).status_code == 403
    assert (await client.get(f"/api/console/places/{shop.place}/samples")).status_code == 404
    assert (await client.get(f"/api/console/places/{shop.place}/labels.pdf")).status_code == 404
