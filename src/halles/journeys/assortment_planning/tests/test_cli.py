"""`halles assortment`, each command on a real database: files in, a plan with its reasons out."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner, Result

from halles.assortments.types import BadHistory, BadWishes
from halles.catalog.types import UnknownVariant
from halles.journeys.assortment_planning.cli import NoSellerYet, app
from halles.journeys.checkout.tests.small_shop import open_shop
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.places import api as places
from halles.places.types import PlaceDraft, UnknownPlace


async def halles(db: Database, *words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(words), obj=lambda: db.dsn)


async def test_from_files_to_a_plan(db: Database, tmp_path: Path) -> None:
    day = (system_clock() - timedelta(days=5)).date()
    demand, points, wishes = (tmp_path / name for name in ("demand.csv", "points.csv", "wishes.json"))
    demand.write_text(
        "country,postcode,sku,day,shoppers,sales\n"
        f"FR,75003,SKU-1,{day},30,60\nFR,75004,SKU-3,{day},20,25\nFR,69001,SKU-0,{day},300,900\n"
    )
    points.write_text(
        "country,postcode,latitude,longitude\nFR,75003,48.8630,2.3593\nFR,75004,48.8554,2.3571\n"
    )
    assert isinstance((await halles(db, "import-demand", str(demand))).exception, NoSellerYet)

    shop = await open_shop(db, variants=4)
    seller = ["--seller", str(shop.seller_id)]
    async with db.transaction() as tx:
        draft = PlaceDraft(
            code="around", name="Around", kind="showroom", city="Paris", country="FR", timezone="Europe/Paris",
            currency="EUR", postcode="75003", latitude=48.86, longitude=2.36, opening_hours={},
        )  # fmt: skip
        await places.add_place(tx, shop.seller_id, draft)
    for _ in range(2):
        read = await halles(db, "import-demand", str(demand), *seller)
        assert (read.exit_code, read.output) == (0, "3 lines read, 3 rows of demand kept.\n")
    assert (await halles(db, "import-postcodes", str(points), *seller)).output == "2 postcodes kept.\n"

    plan = ["plan", "around", "--samples", "2", *seller]
    made = json.loads((await halles(db, *plan, "--json")).output)
    assert [one["title"]["en"] for one in made["chosen"]] == ["Linen shirt 1", "Linen shirt 3"]
    told = (await halles(db, *plan, "--must", "SKU-0", "--without", "SKU-1", "--lang", "fr")).output
    assert "Chemise en lin 0" in told
    assert "Chemise en lin 1" not in told
    assert len(told.splitlines()) == 4
    wishes.write_text('{"samples": 1, "radius_km": 5}')
    alone = json.loads((await halles(db, *plan, "--wishes", str(wishes), "--json")).output)
    assert len(alone["chosen"]) == 1

    demand.write_text("country,postcode,sku,day,shoppers,sales\nFR,75003,SKU-1,yesterday,30,60\n")
    wishes.write_text('{"samples": "many"}')
    refusals = {
        BadHistory: ["import-demand", str(demand), *seller],
        BadWishes: [*plan, "--wishes", str(wishes)],
        UnknownPlace: ["plan", "nowhere", *seller],
        UnknownVariant: [*plan, "--must", "SKU-99"],
    }
    for kind, words in refusals.items():
        assert isinstance((await halles(db, *words)).exception, kind), kind
