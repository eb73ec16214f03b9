"""Steps of an order across orders, inventory and wallet; races; guests who become somebody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from halles.identity.types import GuestBecame
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, money_sums, open_shop, stock_sums
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.api import merge_guest, take_step
from halles.journeys.fulfilment.view import console_page, order_page
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, counting
from halles.kernel.ids import uuid7
from halles.kernel.relay import Delivery
from halles.orders import api as orders
from halles.orders.types import NoSuchOrder, Order, OrderState, PaymentState, Step, WrongState
from halles.wallet import api as wallet


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await open_shop(db)


@pytest.fixture
async def intake(db: Database, clock: FixedClock) -> AsyncIterator[Intake]:
    made = Intake(db, clock)
    yield made
    await made.close()


async def walk(db: Database, shop: Shop, order_id: UUID, clock: FixedClock, *steps: Step) -> Order | None:
    order: Order | None = None
    for step in steps:
        async with db.transaction() as tx:
            order = await take_step(tx, shop.seller_id, order_id, step, by="staff:7", at=clock())
    return order


async def test_the_whole_way(db: Database, shop: Shop, intake: Intake, clock: FixedClock) -> None:
    command = shop.order((0, 2), (1, 1))
    await intake.place(command, shop.shoppers[0])
    order = await walk(db, shop, command.order_id, clock, Step.PACK, Step.SHIP)
    assert order is not None
    assert (order.state, order.payment) == (OrderState.SHIPPED, PaymentState.CAPTURED)
    assert await stock_sums(db) == (37, 0)
    assert await money_sums(db) == (0, 0, 0)
    order = await walk(db, shop, command.order_id, clock, Step.DELIVER, Step.TAKE_BACK)
    assert order is not None
    assert order.payment is PaymentState.REFUNDED
    assert await stock_sums(db) == (40, 0)
    async with db.reading() as tx:
        (account,) = await wallet.accounts(tx, [shop.shoppers[0]])
        assert (account.balance_minor, account.held_minor) == (100_000, 0)
        tape = await orders.timeline(tx, order)
    assert [entry.code.partition(".")[2] for entry in tape] == [
        "placed",
        "packed",
        "shipped",
        "delivered",
        "returned",
    ]
    assert (await examine(db)).findings == []


async def test_cancelling_gives_back(db: Database, shop: Shop, intake: Intake, clock: FixedClock) -> None:
    command = shop.order((0, 2))
    await intake.place(command, shop.shoppers[0])
    await walk(db, shop, command.order_id, clock, Step.PACK, Step.CANCEL)
    assert await stock_sums(db) == (40, 0)
    assert await money_sums(db) == (0, 0, 0)
    for step in Step:
        with pytest.raises(WrongState):
            await walk(db, shop, command.order_id, clock, step)
    with pytest.raises(NoSuchOrder):
        await walk(db, shop, uuid7(), clock, Step.PACK)
    assert (await examine(db)).findings == []


async def test_cancel_races_ship(db: Database, shop: Shop, intake: Intake, clock: FixedClock) -> None:
    for _ in range(8):
        command = shop.order((1, 1))
        await intake.place(command, shop.shoppers[0])
        await walk(db, shop, command.order_id, clock, Step.PACK)
        found = await asyncio.gather(
            walk(db, shop, command.order_id, clock, Step.CANCEL),
            walk(db, shop, command.order_id, clock, Step.SHIP),
            walk(db, shop, command.order_id, clock, Step.CANCEL),
            return_exceptions=True,
        )
        assert sum(isinstance(answer, Order) for answer in found) == 1
        assert sum(isinstance(answer, WrongState) for answer in found) == 2
    assert (await stock_sums(db))[1] == 0
    assert (await examine(db)).findings == []


async def test_selling_and_shipping_at_once_never_deadlock(
    db: Database, shop: Shop, intake: Intake, clock: FixedClock
) -> None:
    commands = [shop.order((0, 1), (1, 1), (2, 1)) for _ in range(6)]
    for n, command in enumerate(commands):
        await intake.place(command, shop.shoppers[n % 3])

    async def send(order_id: UUID) -> None:
        await walk(db, shop, order_id, clock, Step.PACK, Step.SHIP)

    async def buy(owner: int) -> None:
        await intake.place(shop.order((2, 1)), owner)

    await asyncio.gather(*(send(c.order_id) for c in commands), *(buy(who) for who in shop.shoppers))
    assert (await examine(db)).findings == []


async def test_a_guest_becomes_somebody(db: Database, shop: Shop, intake: Intake, clock: FixedClock) -> None:
    guest, person, _ = shop.shoppers
    open_order, cancelled = shop.order((1, 2)), shop.order()
    for command in (open_order, cancelled):
        await intake.place(command, guest)
    await walk(db, shop, cancelled.order_id, clock, Step.CANCEL)
    async with db.transaction() as tx:
        await orders.put_line(
            tx,
            owner_id=guest,
            seller_id=shop.seller_id,
            variant_id=shop.variants[2],
            quantity=1,
            added_price_minor=PRICE,
            currency="EUR",
            at=clock(),
        )
    event, event_id = GuestBecame(old_party_id=guest, party_id=person), uuid7()
    for _ in range(2):
        await merge_guest([event], Delivery(event_ids=[event_id], db=db, tx=None))
    async with db.reading() as tx:
        (account,) = await wallet.accounts(tx, [person])
        assert (account.balance_minor, account.held_minor) == (200_000, 2 * PRICE)
        assert {order.order_id for order in await orders.list_orders(tx, person)} == {
            open_order.order_id,
            cancelled.order_id,
        }
        assert await orders.list_orders(tx, guest) == []
        assert len(await orders.basket(tx, person, shop.seller_id)) == 1
    assert not (await intake.place(open_order, person)).first
    await walk(db, shop, open_order.order_id, clock, Step.PACK, Step.SHIP)
    assert (await examine(db)).findings == []


async def test_pages_keep_to_their_queries(
    db: Database, shop: Shop, intake: Intake, clock: FixedClock
) -> None:
    command = shop.order((0, 1), (1, 1), (2, 1), touchpoint=shop.touchpoint)
    await intake.place(command, shop.shoppers[0])
    await walk(db, shop, command.order_id, clock, Step.PACK, Step.SHIP)
    today = clock().date()
    async with db.reading() as tx:
        with counting() as counter:
            order = await orders.load_order(tx, command.order_id)
            page = await order_page(tx, order, "fr", today)
        assert counter.statements == 5, "one more than before it moved: how its promise stands"
        with counting() as counter:
            console = await console_page(tx, order, "en", today)
        assert counter.statements == 9
        with counting() as counter:
            await orders.list_orders(tx, shop.shoppers[0])
        assert counter.statements == 1
    assert page.place is not None
    assert page.place.name == "Pop-up Le Marais"
    assert page.tape[0].text == "Commande passée"
    assert page.lines[0].title == "Chemise en lin 0"
    assert {(p.credit_kind, p.amount.minor) for p in console.postings} == {("payable", 3000), ("tax", 600)}
    assert [(m.cause, m.quantity) for m in console.movements] == [("reserved", 1)] * 3 + [("shipped", 1)] * 3
