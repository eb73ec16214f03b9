"""Rows of a table or a feed into products: rows of one group are one product's variants, wherever in the file they stand.

A file is passed over twice: first its keys are counted, then each product is given as soon as its last row was read. So memory
holds the keys and the products that are still open, never the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from halles.catalog.types import Named, ProductDraft, VariantDraft
from halles.journeys.product_import.attributes import (
    BadField,
    Row,
    VariantRow,
    attribute_name,
    read_row,
    row_key,
)
from halles.journeys.product_import.reading import Source, table_rows
from halles.journeys.product_import.types import BadFile, Offered, Options, RowError

Raw = tuple[int, Row | str]
"""(line, the row, or why it cannot be read)."""


def read_rows(passes: Callable[[], Iterable[Raw]], options: Options) -> Iterator[Offered | RowError]:
    """Products and errors of a file that `passes` reads from its beginning at each call."""
    left: Counter[str] = Counter(row_key(row)[0] for _, row in passes() if not isinstance(row, str))
    open_groups: dict[str, list[VariantRow]] = {}
    seen: dict[str, int] = {}
    for line, row in passes():
        if isinstance(row, str):
            yield RowError(line=line, field="row", reason=row)
            continue
        group, sku = row_key(row)
        left[group] -= 1
        try:
            if sku in seen:
                raise BadField("id", f"{sku!r} is in line {seen[sku]} already")
            read = read_row(line, row, options)
            seen[sku] = line
            open_groups.setdefault(group, []).append(read)
        except BadField as error:
            yield RowError(
                line=line, field=error.name, reason=error.reason, product=group or None, sku=sku or None
            )
        if left[group] == 0 and group in open_groups:
            yield product_of(open_groups.pop(group))


def product_of(rows: list[VariantRow]) -> Offered:
    """One product of the rows of its group, in the order of the file; what belongs to the product is taken from the first."""
    first = rows[0]
    differing = {n for n in ("material", "pattern") if len({row.shared_or_option.get(n) for row in rows}) > 1}
    variants = tuple(_with_options(row, differing) for row in rows)
    shared = {**first.attributes, **{n: v for n, v in first.shared_or_option.items() if n not in differing}}
    return Offered(
        line=first.line,
        rows=len(rows),
        draft=ProductDraft(
            external_id=first.group,
            title=first.title,
            description=first.description,
            brand=first.brand,
            family=first.family,
            category=first.category,
            attributes=tuple(Named(name=name, value={"und": value}) for name, value in shared.items()),
            origin=first.origin,
            tax_category=first.tax_category,
            lane=first.lane,
            variants=variants,
        ),
        pictures=tuple(dict.fromkeys(picture for row in rows for picture in row.pictures)),
        variant_pictures={row.variant.sku: row.pictures for row in rows} if len(rows) > 1 else {},
        terms=tuple(row.terms for row in rows),
        stock=tuple(row.stock for row in rows if row.stock is not None),
        category_title=first.category_title,
    )


def read_table(source: Source, options: Options) -> Iterator[Offered | RowError]:
    """Products of a TSV or CSV file with a header of attribute names. Raises BadFile when the header lacks `id` or `title`."""
    empty: list[str] = []
    header = next((cells for _, cells in table_rows(source)), empty)
    if isinstance(header, str):
        raise BadFile(f"The first line of {source.name} {header}.")
    names = [attribute_name(cell.removeprefix("\ufeff")) for cell in header]
    for needed in ("id", "title"):
        if needed not in names and not (needed == "title" and {"title_en", "title_fr"} & set(names)):
            raise BadFile(
                f"{source.name} has no column {needed!r}; its columns are {', '.join(names[:20])}.",
                field=needed,
            )
    return read_rows(lambda: _table_pass(source, names), options)


def _table_pass(source: Source, names: list[str]) -> Iterator[Raw]:
    rows = table_rows(source)
    next(rows, None)
    for line, cells in rows:
        if isinstance(cells, str):
            yield line, cells
        elif len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            yield line, f"has {len(cells)} columns where the header names {len(names)}"
        else:
            row: dict[str, list[str]] = {}
            for name, cell in zip(names, cells, strict=False):
                if cell.strip():
                    row.setdefault(name, []).append(cell)
            yield line, row


def _with_options(row: VariantRow, differing: set[str]) -> VariantDraft:
    """The row's variant; what distinguishes it from its group's other variants counts among its options."""
    more = tuple(
        Named(name=n, value={"und": row.shared_or_option[n]})
        for n in sorted(differing)
        if n in row.shared_or_option
    )
    return replace(row.variant, options=(*row.variant.options, *more))
