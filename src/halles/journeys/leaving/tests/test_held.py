"""Nothing that names a person is forgotten: every such column of the migrated database is declared."""

from __future__ import annotations

import re

import msgspec

from halles.journeys.leaving.archive import Archive
from halles.journeys.leaving.held import HELD
from halles.kernel.db import Database, query
from halles.kernel.personal import Fate

_COLUMNS = query(
    """select table_schema || '.' || table_name || '.' || column_name from information_schema.columns
    where table_schema not in ('information_schema', 'pg_catalog', 'public')
      and (table_schema, table_name) not in (select table_schema, table_name from information_schema.views)
    order by 1""",
    str,
)
_OF_A_PERSON = re.compile(
    r"(^|_)(owner|party|person|people|visitor|shopper|customer|email|recipient|agent|network|phone|by|ship_to|holder|author)(_|$)"
    r"|^(address|merged_into)$"
)
_NOT = {
    "assortments.history.shoppers",
    "flash.sale.per_customer",
    "kernel.lease.holder",
    "orders.order.pay_by",
    "welcome.ticket.come_by",
    "welcome.headcount.people",
    "welcome.terms.largest_party",
}
"""Numbers of people, processes and deadlines, not people."""


async def test_every_column_that_names_a_person_is_declared(db: Database) -> None:
    async with db.reading() as tx:
        columns = await tx.all(_COLUMNS)
    wanted = {one for one in columns if _OF_A_PERSON.search(one.rpartition(".")[2])} - _NOT
    declared = {held.column for held in HELD}
    assert wanted - declared == set(), "say in the capability's HELD what becomes of it"
    assert declared - set(columns) == set(), "declared, and in no table"


def test_each_is_declared_once_and_with_its_reason() -> None:
    columns = [held.column for held in HELD]
    assert len(set(columns)) == len(columns)
    assert all(held.why and not held.why.endswith(".") for held in HELD)
    assert all(not held.given for held in HELD if held.fate is Fate.APART)


def test_the_archive_has_a_schema() -> None:
    schema = msgspec.json.schema(Archive)
    assert "OwnOrder" in schema["$defs"]
