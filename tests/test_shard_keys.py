"""The order path on a cluster: every statement that it sends asks for its table's key and stays in one group."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

import msgspec
import psycopg
import pytest

import halles
from halles.flash import store as flash
from halles.inventory import store as inventory
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import NOW, open_shop
from halles.journeys.checkout.types import Part
from halles.kernel import cluster
from halles.kernel.arrays import bigints, texts
from halles.kernel.clock import FixedClock
from halles.kernel.db import REGISTRY, Database, Statement, Tx
from halles.kernel.distribute import listed
from halles.kernel.lanes import Asked, Lane
from halles.kernel.pipe import Pipe
from halles.kernel.tests.shard_keys import faults, is_bound_lock
from halles.orders import store as orders
from halles.wallet import store as wallet

TABLES = listed().tables
for _module in pkgutil.walk_packages(halles.__path__, "halles."):
    if ".store" in _module.name and ".tests" not in _module.name:
        importlib.import_module(_module.name)
CONTROL = ("begin", "commit", "rollback")
SCATTERED: Mapping[str, str] = {}
"""Statement of the order path → why it may ask every shard; only shrinks."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Statement[Any]]:
    """Every statement that this process sends from now on, on pipes, on lanes and on connections of the pool."""
    found: list[Statement[Any]] = []
    send, execute = Pipe.send, Tx._execute  # pyright: ignore[reportPrivateUsage]

    def tapped(self: Pipe, statement: Statement[Any], **values: bytes | None) -> None:
        found.append(statement)
        send(self, statement, **values)

    async def tapped_too(self: Tx, statement: Statement[Any], params: Any) -> Any:
        found.append(statement)
        return await execute(self, statement, params)

    async def tapped_on_lanes(self: Lane, *asked: Asked) -> list[list[Any]]:
        found.extend(statement for statement, _ in asked)
        return await ask(self, *asked)

    ask = Lane.ask
    monkeypatch.setattr(Lane, "ask", tapped_on_lanes)
    monkeypatch.setattr(Pipe, "send", tapped)
    monkeypatch.setattr(Tx, "_execute", tapped_too)
    return found


async def _orders_of_every_kind(db: Database, sent: list[Statement[Any]]) -> list[Statement[Any]]:
    """A plain order, one of two sellers, one by card, and a repeat; only what they send."""
    shop, other = await open_shop(db), await open_shop(db, name="Voisine")
    sent.clear()
    intake = Intake(db, FixedClock(NOW))
    plain = shop.order(touchpoint=shop.touchpoint)
    second = other.order()
    part = Part(seller_id=second.seller_id, lines=second.lines, promise=second.promise)
    both = msgspec.structs.replace(shop.order(), also=(part,))
    card = msgspec.structs.replace(shop.order(), payment="card")
    for order in (plain, plain, both, card):
        await intake.place(order, shop.shoppers[0])
    await intake.close()
    found: dict[str, Statement[Any]] = {one.sql: one for one in sent}
    return [one for sql, one in found.items() if sql not in CONTROL]


async def test_the_order_path_asks_by_key_and_stays_in_its_group(
    db: Database, sent: list[Statement[Any]]
) -> None:
    path = await _orders_of_every_kind(db, sent)
    texts_ = {one.sql for one in path}
    expected = (
        inventory.LOCK, inventory.RESERVE, wallet.LOCK_MAIN, wallet.CHANGE, wallet.HOLD,
        orders.EXISTING, orders.PLACE, orders.EMPTY_BASKETS, orders.KEEP,
    )  # fmt: skip
    assert texts_ >= {one.sql for one in expected}, "the net has caught the path"
    assert texts_ <= {one.sql for one in REGISTRY}
    wrong = {one.sql: why for one in path if (why := faults(cluster.text(one, cluster=True), TABLES))}
    assert {sql: why for sql, why in wrong.items() if sql not in SCATTERED} == {}
    assert set(SCATTERED) <= set(wrong), "an exception that is no longer needed"


BESIDE = [
    *(flash.RUNNING, flash.LOCK_SALES, flash.LOCK_TAKEN, flash.TAKE_SALES, flash.TAKE_OWNERS),
    *(inventory.LOCK_RESERVATIONS, inventory.MARK_ORDERED),
]
"""What the path sends besides for a flash sale or a reserved basket."""


@pytest.mark.parametrize("statement", BESIDE, ids=lambda one: " ".join(one.sql.split())[:50])
def test_flash_sales_and_reservations_keep_to_it_too(statement: Statement[Any]) -> None:
    assert not faults(cluster.text(statement, cluster=True), TABLES)


WRONG = {
    "a filter without the key": ("select on_hand from inventory.stock where variant_id = %(variant_id)s", "without seller_id"),
    "the key in one branch only": (
        "select on_hand from inventory.stock where seller_id = %(seller_id)s or variant_id = %(variant_id)s",
        "without seller_id",
    ),
    "the key of another column of the same name": (
        """select o.order_id from orders."order" o join pricing.item i on i.variant_id = o.place_id
        where i.seller_id = %(seller_id)s""",
        '"order" without seller_id',
    ),
    "two groups in a join": (
        """select h.amount_minor from wallet.hold h join orders."order" o on o.order_id = h.hold_id
        where h.owner_id = %(owner_id)s and o.seller_id = %(seller_id)s""",
        "joins groups",
    ),
    "two groups in a subquery": (
        """update wallet.account set held_minor = 0 where owner_id = %(owner_id)s
        and exists (select from inventory.stock where seller_id = %(seller_id)s)""",
        "joins groups",
    ),
    "a subquery without the key": (
        """select k.body from orders.kept k where k.seller_id = %(seller_id)s and k.kept_id in
        (select o.promise_id from orders."order" o where o.order_id = %(order_id)s)""",
        '"order" without seller_id',
    ),
    "an insert without the key": ("insert into wallet.hold (hold_id, legs) values (%(hold_id)s, '{}')", "hold without owner_id"),
    "an update from a set without the key": (
        """update inventory.stock s set reserved = 0 from unnest(%(variants)s::bigint[]) d(variant_id)
        where s.variant_id = d.variant_id""",
        "without seller_id",
    ),
    "a delete without the key": ("delete from orders.basket_line where seller_id = %(seller_id)s", "without owner_id"),
    "a table that no list knows": ("select 1 from orders.secret", "unlisted"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_the_net_catches_a_statement_that_is_wrong(name: str) -> None:
    sql, why = WRONG[name]
    assert any(why in fault for fault in faults(sql, TABLES)), faults(sql, TABLES)


def test_on_one_server_the_order_path_may_ask_by_id_alone() -> None:
    assert faults(orders.EXISTING.sql, TABLES)
    assert not faults(cluster.text(orders.EXISTING, cluster=True), TABLES)


NOT_YET = {
    "update catalog.import_run set state = 'running'": "an import that waits is taken up by another process",
    'from orders."order" o where o.payment = 5 and o.pay_by': "unpaid orders expire, oldest first over all sellers",
}
"""Locks that Citus refuses: part of the statement → what then stands still on a cluster, as docs/howto/cluster.md tells."""


def test_every_lock_over_shards_has_a_text_for_a_cluster() -> None:
    """Citus refuses a `for update` that is not held to one shard."""
    locks = {one.sql: one for one in REGISTRY if " for update" in one.sql or " for share" in one.sql}
    bound = {sql for sql in locks if is_bound_lock(sql, TABLES)}
    refused = [one for sql, one in locks.items() if sql not in bound and sql not in cluster.variants()]
    told = [" ".join(one.sql.split()) for one in refused if one.module.startswith("halles.")]
    assert [sql for sql in told if not any(part in sql for part in NOT_YET)] == []
    assert all(any(part in sql for sql in told) for part in NOT_YET), "an exception that is no longer needed"
    assert inventory.LOCK_ITEMS.sql in bound, "one seller's rows are on one shard"
    assert not is_bound_lock("select 1 from inventory.stock where variant_id = %(v)s for update", TABLES)


async def test_a_cluster_s_texts_give_the_same_rows_as_one_server_s(dsn: str, db: Database) -> None:
    """They are plain SQL, so that one server can show it: the same columns, kinds and order, and the rows are locked."""
    shop = await open_shop(db)
    sellers, variants = [shop.seller_id] * 3, sorted(shop.variants)
    given: dict[Statement[Any], dict[str, Any]] = {
        inventory.LOCK: {"sellers": sellers, "variants": variants},
        wallet.LOCK_MAIN: {"owners": list(shop.shoppers), "currencies": ["EUR"] * len(shop.shoppers)},
        wallet.LOCK_OWNERS: {"owners": list(shop.shoppers)},
    }
    for statement, params in given.items():
        async with db.transaction() as tx:
            one = await tx.all(statement, params)
        async with db.transaction() as tx:
            many = await Tx(tx.connection, cluster=True).all(statement, params)
            assert many == one
            assert len(one) >= 3
            with psycopg.connect(dsn) as second, pytest.raises(psycopg.errors.LockNotAvailable):
                second.execute("set lock_timeout = '50ms'")
                second.execute(cluster.text(statement, cluster=True).encode(), params)


def test_every_text_for_a_cluster_is_understood_and_asks_by_key(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        for sql, text in cluster.variants().items():
            described: list[list[str]] = []
            for one in (sql, text):
                names: dict[str, int] = {}
                raw = connection.pgconn.prepare(b"", _numbered(one, names))
                assert not raw.error_message, (text, raw.error_message)
                found = connection.pgconn.describe_prepared(b"")
                described.append([str(found.ftype(n)) for n in range(found.nfields)])
            assert described[0] == described[1], text


def _numbered(sql: str, names: dict[str, int]) -> bytes:
    from halles.kernel.tests.shard_keys import PARAMETER

    return (
        PARAMETER.sub(lambda m: f"${names.setdefault(m[1], len(names) + 1)}", sql).replace("%%", "%").encode()
    )


async def test_the_path_s_own_pipe_speaks_a_cluster_s_text(db: Database) -> None:
    from halles.kernel import pipe

    shop = await open_shop(db)
    async with pipe.opened(db, "set lock_timeout = '5s'", ()) as plain:
        spread = Pipe(plain._connection, {}, cluster=True)  # pyright: ignore[reportPrivateUsage]
        spread.send(inventory.LOCK, sellers=bigints([shop.seller_id]), variants=bigints(shop.variants[:1]))
        spread.send(wallet.LOCK_MAIN, owners=bigints([shop.shoppers[0]]), currencies=texts(["EUR"]))
        levels, funds = await spread.sync()
    assert [row[3] for row in levels] == [10, 10]
    assert funds[0][3] == 100_000
