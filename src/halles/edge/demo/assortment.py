"""Demand of the demo's web shop before the showroom opened, by Paris and other postcodes, and a plan to begin with."""

from __future__ import annotations

import random
from datetime import date, timedelta
from uuid import UUID

from halles.assortments import api as assortments
from halles.assortments.types import Band, History, PostcodePoint, Wishes
from halles.catalog import api as catalog
from halles.journeys.assortment_planning.api import make_scenario
from halles.kernel.ids import SellerId, derived_uuid
from halles.kernel.web import Services
from halles.places import api as places

_POSTCODES = (
    ("75003", 48.863, 2.360, 90),
    ("75004", 48.855, 2.357, 80),
    ("75011", 48.859, 2.380, 150),
    ("92100", 48.835, 2.241, 60),
    ("69001", 45.769, 4.829, 110),
    ("13001", 43.300, 5.381, 100),
    ("33000", 44.837, -0.579, 70),
)
"""Postcode, point (WGS 84), shoppers."""
_WEEKS = 18


async def plan_assortment(services: Services, seller: SellerId) -> None:
    """Keep the history and two scenarios for the pop-up. Repeating it changes nothing."""
    now = services.clock()
    async with services.db.transaction() as tx:
        points = [
            PostcodePoint(country="FR", postcode=code, latitude=north, longitude=east)
            for code, north, east, _ in _POSTCODES
        ]
        await assortments.put_postcodes(tx, seller, points)
        products = sorted([card.product_id for card in await catalog.search(tx, seller, limit=500)])
        await assortments.put_history(tx, seller, _history(products, now.date()))
        (marais,) = [one for one in await places.list_places(tx, seller) if one.code == "marais"]
    bands = (
        Band(from_minor=0, below_minor=5_000, least_pct=20),
        Band(from_minor=5_000, below_minor=20_000, least_pct=20),
        Band(from_minor=20_000, most_pct=50),
    )
    for name, wishes in (
        ("24 samples", Wishes(samples=24, space_cm=800)),
        ("18 samples, every price", Wishes(samples=18, space_cm=600, bands=bands)),
    ):
        await make_scenario(
            services.db,
            seller,
            derived_uuid("demo.assortment", name),
            place_id=marais.place_id,
            name=name,
            wishes=wishes,
            by=seller,
            now=now,
            least_shoppers=services.settings.assortment_min_shoppers,
        )


def _history(products: list[UUID], today: date) -> list[History]:
    """Eighteen weeks of sales: every product has its own popularity, and in Paris another one."""
    dice = random.Random(7)
    everywhere = {product: dice.lognormvariate(0, 0.9) for product in products}
    in_paris = {product: much * dice.lognormvariate(0, 0.7) for product, much in everywhere.items()}
    found: list[History] = []
    for code, _, _, shoppers in _POSTCODES:
        likes = in_paris if code.startswith(("75", "92")) else everywhere
        for week in range(_WEEKS):
            for product in products:
                sales = min(40, int(likes[product] * shoppers / 60 * dice.random()))
                if sales:
                    found.append(
                        History(
                            country="FR",
                            postcode=code,
                            product_id=product,
                            day=today - timedelta(days=7 * week + 3),
                            sales=sales,
                            views=sales * dice.randint(8, 25),
                            searches=sales * dice.randint(0, 4),
                            shoppers=min(shoppers, sales * 3),
                        )
                    )
    return found
