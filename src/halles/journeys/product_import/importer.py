"""One import from its file to its end: read, fetch pictures, save a batch in one transaction, go on.

A batch is products, pictures, prices, taxes, first stock, events and the run's progress together or not at all. So a crash
leaves whole batches, and the next run finds them unchanged.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from halles.catalog import api as catalog
from halles.catalog.types import Image, ImportAdvanced, ImportRun, Picture, ProductDraft, SaveReport
from halles.inventory import api as inventory
from halles.inventory.types import StockCommand, StockItem
from halles.journeys.product_import import feed_xml, jsonl, rows
from halles.journeys.product_import.pictures import Pictures
from halles.journeys.product_import.reading import Format, Source, table_rows
from halles.journeys.product_import.types import (
    Offered,
    Options,
    Report,
    RowError,
    Terms,
)
from halles.kernel import outbox
from halles.kernel.clock import Clock
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal
from halles.kernel.ids import SellerId, uuid7
from halles.kernel.media import MediaStore
from halles.pricing import api as pricing
from halles.pricing.types import PriceChange

BATCH = 200
_HEARTBEAT_S = 5.0
Progress = Callable[[Report], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Imports files of one seller. `progress` is called after each batch.

    `stock_by_lane` with `pieces`: first stock of variants for which the file says nothing, as pieces by SKU at the location of
    their product's lane.
    """

    db: Database
    media: MediaStore
    clock: Clock
    seller_id: SellerId
    options: Options
    progress: Progress | None = None
    batch: int = BATCH
    stock_by_lane: Mapping[str, int] = field(default_factory=dict[str, int])
    pieces: Callable[[str], int] | None = None

    async def run(self, source: Source, run: ImportRun) -> Report:
        """Import a file under a run that was begun; the run ends done, or failed with the reason. Raises the refusal too."""
        report = Report(notes=[source.note] if source.note else [])
        try:
            await self._import(source, run, report)
        except Refusal as error:
            await self._finish(run, report, error.message)
            raise
        except Exception as error:
            with suppress(Refusal):
                await self._finish(
                    run, report, f"{type(error).__name__}: nothing more of it was imported; run it again."
                )
            raise
        await self._finish(run, report, None)
        return report

    async def _import(self, source: Source, run: ImportRun, report: Report) -> None:
        report.total = await asyncio.to_thread(count, source)
        self._tell(report)
        found = read(source, self.options)
        opening = Pictures.opened(
            self.db, self.media, self.seller_id, base=source.base, allow_private=self.options.allow_private
        )
        async with self._heartbeat(run, report), opening as pictures:
            while True:
                batch = await asyncio.to_thread(_take, found, self.batch)
                if not batch:
                    return
                await self._save_batch(pictures, batch, run, report)
                self._tell(report)

    async def _save_batch(
        self, pictures: Pictures, batch: Sequence[Offered | RowError], run: ImportRun, report: Report
    ) -> None:
        """One transaction for everything of a batch; pictures are read before it opens."""
        errors = [item for item in batch if isinstance(item, RowError)]
        good: list[Offered] = []
        for offered in (item for item in batch if isinstance(item, Offered)):
            flaws = catalog.flaws(offered.draft)
            errors.extend(
                RowError(line=offered.line, field=f, reason=r, product=offered.draft.external_id)
                for f, r in flaws[:1]
            )
            if not flaws:
                good.append(offered)
        read_pictures, refused, new_pictures = await pictures.read(
            {s for offered in good for s in offered.pictures}
        )
        for offered in good:
            wrong = [s for s in offered.pictures if s in refused]
            errors.extend(
                RowError(line=offered.line, field="image", reason=f"{s[:200]} {refused[s]}", rejected=False)
                for s in wrong
            )
        drafts = [_draft(offered, read_pictures) for offered in good]
        async with self.db.transaction() as tx:
            await catalog.save_pictures(tx, self.seller_id, new_pictures)
            saved = await catalog.save_products(
                tx, self.seller_id, drafts, spare={e.sku for e in errors if e.sku}
            )
            await self._save_rest(tx, good, saved, errors)
            _count_in(
                report,
                saved,
                errors,
                rows_read=sum(_rows(item) for item in batch),
                pictures=len(new_pictures),
            )
            await _record(tx, run, report)
            await _announce(tx, run)

    async def _save_rest(
        self, tx: Tx, good: Sequence[Offered], saved: SaveReport, errors: list[RowError]
    ) -> None:
        """Prices, taxes and category names of what changed, and the first stock of variants that are new."""
        touched = [offered for offered in good if offered.draft.external_id in saved.touched]
        if not touched:
            return
        now, ids = self.clock(), saved.variant_ids
        titles = {o.draft.category: o.category_title for o in touched if o.category_title}
        await catalog.save_categories(tx, self.seller_id, titles)
        taxes = {ids[v.sku]: o.draft.tax_category for o in touched for v in o.draft.variants}
        await pricing.set_tax_categories(tx, self.seller_id, taxes)
        changes = [
            change
            for o in touched
            for terms in o.terms
            for change in price_changes(terms, ids[terms.sku], now)
        ]
        await pricing.set_prices(tx, self.seller_id, changes, now)
        items = await self._first_stock(tx, touched, saved, errors)
        if items:
            command = StockCommand(
                seller_id=self.seller_id,
                command_id=uuid7(),
                items=tuple(items),
                by="system",
                reason="first import",
            )
            await inventory.receive(tx, command, now)

    async def _first_stock(
        self, tx: Tx, touched: Sequence[Offered], saved: SaveReport, errors: list[RowError]
    ) -> list[StockItem]:
        """What lies where of variants that are new: as the file says, else as the options say, else as `stock_by_lane` says."""
        new = {
            sku: variant_id
            for sku, variant_id in saved.variant_ids.items()
            if variant_id in saved.new_variant_ids
        }
        said = {stock.sku for offered in touched for stock in offered.stock}
        silent = [(o, v.sku) for o in touched for v in o.draft.variants if v.sku in new and v.sku not in said]
        items: list[StockItem] = []
        if self.pieces is not None:
            for offered, sku in silent:
                location_id, quantity = self.stock_by_lane.get(offered.draft.lane), self.pieces(sku)
                if location_id is not None and quantity > 0:
                    items.append(StockItem(location_id=location_id, variant_id=new[sku], quantity=quantity))
        wanted = [
            (o.line, s.sku, s.location or self.options.location, s.quantity)
            for o in touched
            for s in o.stock
            if s.sku in new
        ]
        if self.options.stock is not None:
            wanted += [(o.line, sku, self.options.location, self.options.stock) for o, sku in silent]
        wanted = [want for want in wanted if want[3] > 0]
        if not wanted:
            return items
        by_name = {place.name: place.location_id for place in await inventory.locations(tx, [self.seller_id])}
        only = next(iter(by_name.values())) if len(by_name) == 1 else None
        for line, sku, name, quantity in wanted:
            location_id = only if name is None else by_name.get(name)
            if location_id is None:
                known = ", ".join(sorted(by_name)) or "none yet"
                reason = f"no stock location is called {name!r}" if name else "say at which with --location"
                reason = f"{reason} (there are: {known})"
                errors.append(RowError(line=line, field="stock", reason=f"{sku}: {reason}", rejected=False))
            else:
                items.append(StockItem(location_id=location_id, variant_id=new[sku], quantity=quantity))
        return items

    @asynccontextmanager
    async def _heartbeat(self, run: ImportRun, report: Report) -> AsyncGenerator[None]:
        """Keep the run's row alive while a batch takes long (pictures from slow addresses)."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(_HEARTBEAT_S)
                with suppress(Refusal):
                    async with self.db.transaction() as tx:
                        await _record(tx, run, report)

        task = asyncio.create_task(beat())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _finish(self, run: ImportRun, report: Report, failure: str | None) -> None:
        async with self.db.transaction() as tx:
            await _record(tx, run, report)
            await catalog.finish_run(tx, run, failure)
            await _announce(tx, run)

    def _tell(self, report: Report) -> None:
        if self.progress is not None:
            self.progress(report)


def read(source: Source, options: Options) -> Iterator[Offered | RowError]:
    """Products and errors of a file of any format, streamed. Raises BadFile."""
    if source.format is Format.XML:
        return feed_xml.read_feed(source, options)
    if source.format is Format.JSONL:
        return jsonl.read_jsonl(source, options)
    return rows.read_table(source, options)


def count(source: Source) -> int:
    """Rows in a file: what a progress bar counts to. Raises BadFile."""
    if source.format is Format.XML:
        return feed_xml.count_items(source)
    if source.format is Format.JSONL:
        return jsonl.count_lines(source)
    return max(0, sum(1 for _ in table_rows(source)) - 1)


def price_changes(terms: Terms, variant_id: int, now: datetime) -> list[PriceChange]:
    """What a price with its sale means from now on. Pure."""
    regular = PriceChange(variant_id=variant_id, currency=terms.currency, minor=terms.minor, valid_from=now)
    if terms.sale_minor is None or (terms.sale_to is not None and terms.sale_to <= now):
        return [regular]
    begin = max(terms.sale_from or now, now)
    sale = replace(regular, minor=terms.sale_minor, regular_minor=terms.minor, valid_from=begin)
    after = [] if terms.sale_to is None else [replace(regular, valid_from=terms.sale_to)]
    return [*([regular] if begin > now else []), sale, *after]


def _draft(offered: Offered, pictures: dict[str, Picture]) -> ProductDraft:
    """The draft with the pictures that could be had, and a mark of its prices."""
    images = {
        s: Image(name=pictures[s].name, width=pictures[s].width, height=pictures[s].height)
        for s in offered.pictures
        if s in pictures
    }
    unique = tuple({image.name: image for image in images.values()}.values())
    by_sku = {
        sku: tuple(images[s].name for s in sources if s in images)
        for sku, sources in offered.variant_pictures.items()
    }
    variants = tuple(replace(v, images=by_sku.get(v.sku, ())) for v in offered.draft.variants)
    return replace(
        offered.draft, images=unique, variants=variants, terms=msgspec.json.encode(offered.terms).decode()
    )


def _take(found: Iterator[Offered | RowError], limit: int) -> list[Offered | RowError]:
    taken: list[Offered | RowError] = []
    for item in found:
        taken.append(item)
        if len(taken) == limit:
            break
    return taken


def _rows(item: Offered | RowError) -> int:
    return 1 if isinstance(item, RowError) else item.rows


def _count_in(
    report: Report, saved: SaveReport, errors: Sequence[RowError], *, rows_read: int, pictures: int
) -> None:
    report.read += rows_read
    report.created += saved.created
    report.changed += saved.changed
    report.unchanged += saved.unchanged
    report.pictures += pictures
    for error in sorted(errors, key=lambda error: error.line):
        report.refuse(error)


async def _announce(tx: Tx, run: ImportRun) -> None:
    """Whoever watches the run reads it again."""
    await outbox.append(tx, [ImportAdvanced(seller_id=run.seller_id, import_id=run.import_id)])


async def _record(tx: Tx, run: ImportRun, report: Report) -> None:
    errors = [{"line": e.line, "field": e.field, "reason": e.reason} for e in report.errors]
    await catalog.record_progress(
        tx,
        run,
        total=report.total,
        created=report.created,
        changed=report.changed,
        unchanged=report.unchanged,
        rejected=report.rejected,
        errors=errors,
    )
