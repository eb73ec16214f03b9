"""Whole imports against a real PostgreSQL and a real media folder."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from halles.catalog import api as catalog
from halles.inventory import api as inventory
from halles.journeys.product_import import api
from halles.journeys.product_import.importer import Importer
from halles.journeys.product_import.reading import look
from halles.journeys.product_import.types import BadFile, Options, Report
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, command, query
from halles.kernel.ids import SellerId
from halles.kernel.media import MediaStore
from halles.kernel.web import Services
from halles.pricing import api as pricing

SELLER = SellerId(7)
SHARED = Path(__file__).resolve().parents[6] / "shared" / "data" / "grocery"
Import = Callable[..., Awaitable[Report]]
_COUNTS = query(
    """select (select count(*) from catalog.product) || '/' || (select count(*) from catalog.variant) || '/'
      || (select count(*) from pricing.price) || '/' || (select count(*) from inventory.movement) || '/'
      || (select count(*) from kernel.waiting_event where kind <> 'catalog.import_advanced') || '/'
      || (select coalesce(sum(version), 0) from catalog.product)""",
    str,
)
_STALE = command("update catalog.import_run set heartbeat = now() - interval '1 hour'")


def picture(color: str = "red", size: tuple[int, int] = (64, 48), form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, form)
    return out.getvalue()


def jam(number: int, **changes: object) -> str:
    line: dict[str, object] = {
        "id": f"jam-{number}", "title": {"en": f"Jam {number}", "fr": f"Confiture {number}"}, "category": "groceries/sweet",
        "tax_category": "reduced", "images": ["red.png"],
        "variants": [{"sku": f"j{number}", "prices": {"EUR": 540 + number}, "content": {"amount": 370, "unit": "g"}}],
        **changes,
    }  # fmt: skip
    return json.dumps(line)


async def test_a_second_import_of_the_same_file_writes_nothing(
    db: Database, media: MediaStore, location: int, import_text: Import, tmp_path: Path
) -> None:
    (tmp_path / "red.png").write_bytes(picture())
    text = "\n".join(jam(n) for n in range(5))
    first = await import_text("p.jsonl", text, stock=4)
    assert (first.total, first.created, first.changed, first.unchanged, first.rejected, first.pictures) == (
        5,
        5,
        0,
        0,
        0,
        1,
    )
    async with db.reading() as tx:
        before = await tx.one(_COUNTS)
    again = await import_text("p.jsonl", text, stock=4)
    assert (again.created, again.changed, again.unchanged, again.pictures) == (0, 0, 5, 0)
    async with db.reading() as tx:
        assert await tx.one(_COUNTS) == before
    text = text.replace('"EUR": 542', '"EUR": 600')
    third = await import_text("p.jsonl", text, stock=4)
    assert (third.created, third.changed, third.unchanged) == (0, 1, 4)
    async with db.transaction() as tx:
        cards = await catalog.search(tx, SELLER, q="Jam 2")
        ids = [variant_id for card in cards for variant_id in card.variant_ids]
        levels = await inventory.levels(tx, SELLER, ids)
        runs = await catalog.list_runs(tx, SELLER)
    assert [level.on_hand for level in levels] == [4], "first stock comes once"
    assert [run.state for run in runs] == ["done"] * 3


async def test_prices_taxes_stock_and_pictures_arrive(
    db: Database, media: MediaStore, clock: FixedClock, location: int, import_text: Import, tmp_path: Path
) -> None:
    (tmp_path / "red.png").write_bytes(picture(size=(2400, 1200)))
    variants = [
        {
            "sku": "a",
            "prices": {"EUR": 540, "CNY": 4400},
            "stock": {"Roissy hub": 3, "Nowhere": 2},
            "images": ["red.png"],
        }
    ]
    report = await import_text("p.jsonl", jam(1, variants=variants))
    assert [(e.field, e.rejected) for e in report.errors] == [("stock", False)]
    async with db.transaction() as tx:
        (card,) = await catalog.search(tx, SELLER)
        (variant_id,) = card.variant_ids
        euro = (await pricing.prices(tx, SELLER, "EUR", [variant_id], clock()))[variant_id]
        yuan = (await pricing.prices(tx, SELLER, "CNY", [variant_id], clock()))[variant_id]
        levels = await inventory.levels(tx, SELLER, [variant_id])
    assert (euro.unit.minor, euro.tax_bp, yuan.unit.minor) == (540, 550, 4400)
    assert [level.on_hand for level in levels] == [3]
    assert card.image is not None
    assert (card.image.width, card.image.height) == (1600, 800)
    stem = card.image.name.removesuffix(".webp")
    sizes = [
        Image.open(io.BytesIO(media.get(name))).size
        for name in (card.image.name, f"{stem}-640.webp", f"{stem}-320.webp")
    ]
    assert sizes == [(1600, 800), (640, 320), (320, 160)]


async def test_pictures_that_cannot_be_read_are_reported_and_the_product_kept(
    db: Database, import_text: Import, tmp_path: Path
) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "cut.png").write_bytes(picture(size=(600, 600))[:200])
    (tmp_path / "tiny.png").write_bytes(picture(size=(4, 4)))
    (tmp_path.parent / "secret.png").write_bytes(picture())
    names = [
        "text.png",
        "cut.png",
        "tiny.png",
        "missing.png",
        "../secret.png",
        "/etc/passwd",
        "red.png",
        "http://127.0.0.1:1/x.png",
    ]
    (tmp_path / "red.png").write_bytes(picture())
    report = await import_text("p.jsonl", jam(1, images=names))
    reasons = {error.reason.split(" ", 1)[0]: error.reason for error in report.errors}
    assert set(reasons) == set(names) - {"red.png"}
    assert "outside" in reasons["../secret.png"]
    assert "outside" in reasons["/etc/passwd"]
    assert "private" in reasons["http://127.0.0.1:1/x.png"]
    assert report.rejected == 0
    async with db.transaction() as tx:
        (card,) = await catalog.search(tx, SELLER)
    assert card.image is not None


async def test_a_row_that_became_wrong_leaves_its_variant_as_it_was(
    db: Database, import_text: Import
) -> None:
    header = "id,item_group_id,title,price,size\n"
    good = header + "a36,a,Coat,10 EUR,36\na38,a,Coat,10 EUR,38\n"
    await import_text("f.csv", good)
    report = await import_text("f.csv", good.replace("a38,a,Coat,10 EUR", "a38,a,Coat,nothing"))
    assert report.rejected == 1
    async with db.transaction() as tx:
        (card,) = await catalog.search(tx, SELLER)
    assert card.variants == 2


async def test_a_crash_between_batches_is_completed_by_the_next_run(
    db: Database, media: MediaStore, clock: FixedClock, location: int, tmp_path: Path
) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text("\n".join(jam(n, images=[]) for n in range(10)))
    options = Options(stock=2)

    class Cut(Exception):
        pass

    def cut(report: Report) -> None:
        if report.created == 6:
            raise Cut

    async def run(progress: Callable[[Report], None] | None) -> Report:
        async with db.transaction() as tx:
            made = await catalog.start_run(tx, SELLER, source="p", stored=None, options={}, queued=False)
        importer = Importer(
            db=db, media=media, clock=clock, seller_id=SELLER, options=options, progress=progress, batch=3
        )
        return await importer.run(look(path, base=tmp_path), made)

    with pytest.raises(Cut):
        await run(cut)
    report = await run(None)
    assert (report.created, report.unchanged) == (4, 6)
    async with db.transaction() as tx:
        cards = await catalog.search(tx, SELLER)
        levels = await inventory.levels(tx, SELLER, [v for card in cards for v in card.variant_ids])
        runs = await catalog.list_runs(tx, SELLER)
    assert len(cards) == 10
    assert [level.on_hand for level in levels] == [2] * 10
    assert [run.state for run in runs] == ["done", "failed"]


async def test_an_upload_is_worked_on_by_whoever_comes_also_after_a_crash(services: Services) -> None:
    folder = api.imports_folder(services.settings)
    folder.mkdir(parents=True)
    file = folder / "x.jsonl"
    file.write_text(jam(1, images=["red.png"]))
    run = await api.queue_upload(services, SELLER, file, source="mine.jsonl", options=Options())
    async with services.db.transaction() as tx:
        claimed = await catalog.claim_run(tx)
        assert claimed is not None
        assert claimed.import_id == run.import_id
        assert await catalog.claim_run(tx) is None
        await tx.run(_STALE)  # the process that claimed it died an hour ago
    done = await asyncio.gather(api.run_queued(services), api.run_queued(services))
    assert sorted(done) == [0, 1]
    finished = await api.load_run(services.db, SELLER, run.import_id)
    assert (finished.state, finished.created) == ("done", 1)
    assert "cannot name files" in finished.errors[0]["reason"]
    assert not file.exists()


async def test_a_file_that_breaks_off_imports_nothing_and_says_why(db: Database, import_text: Import) -> None:
    feed = "<rss><channel>" + "<item><id>1</id><title>x</title><price>1 EUR</price></item>" * 3
    with pytest.raises(BadFile):
        await import_text("f.xml", feed)
    async with db.transaction() as tx:
        (run,) = await catalog.list_runs(tx, SELLER)
        assert await catalog.search(tx, SELLER) == []
    assert run.state == "failed"
    assert "not well-formed" in (run.failure or "")


async def test_a_sale_begins_and_ends_by_itself(db: Database, clock: FixedClock, import_text: Import) -> None:
    header = "id,title,price,sale_price,sale_price_effective_date\n"
    text = header + "1,Coat,100 EUR,70 EUR,2026-11-25T00:00+01:00/2026-11-30T00:00+01:00\n"
    await import_text("f.csv", text)
    async with db.transaction() as tx:
        (card,) = await catalog.search(tx, SELLER)
        (variant_id,) = card.variant_ids
        found = [
            (await pricing.prices(tx, SELLER, "EUR", [variant_id], clock() + timedelta(days=d)))[variant_id]
            for d in (0, 5, 12)
        ]
    assert [(price.unit.minor, price.was.minor if price.was else None) for price in found] == [
        (10000, None),
        (7000, 10000),
        (10000, None),
    ]


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the grocery data set does not lie beside the checkout")
async def test_the_grocery_data_set(db: Database, media: MediaStore, clock: FixedClock) -> None:
    options = Options(language="en", price_minor=249, tax_category="reduced", family="groceries")
    report = await api.import_file(db, media, clock, SELLER, SHARED / "catalog.csv", options)
    assert (report.created, report.rejected, report.pictures, report.errors) == (81, 0, 81, [])
    again = await api.import_file(db, media, clock, SELLER, SHARED / "catalog.csv", options)
    assert (again.created, again.changed, again.unchanged, again.pictures) == (0, 0, 81, 0)
    async with db.transaction() as tx:
        assert (await catalog.search(tx, SELLER, q="granny smith"))[0].title == {"en": "Granny Smith"}
