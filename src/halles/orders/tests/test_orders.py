"""Numbers, the state machine, and baskets."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, Tx
from halles.kernel.ids import uuid7
from halles.orders import api, rules
from halles.orders.types import BadBasketLine, NoSuchOrder, OrderState, PaymentState, Step, WrongState


@given(st.uuids())
def test_numbers_read_back(order_id: UUID) -> None:
    number = rules.number(order_id)
    assert len(number) == 11
    tail = rules.read_number(number.lower().replace("0", "o").replace("1", "l"))
    assert tail == order_id.hex[-10:]
    assert rules.read_number(number[2:].replace("-", " ")) == tail


@pytest.mark.parametrize("text", ["", "H-", "H-1234", "H-UUUU-UUUU", "hello world"])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert rules.read_number(text) is None


def test_numbers_come_from_random_bits() -> None:
    assert len({rules.number(uuid7(now_ms=1)) for _ in range(1000)}) == 1000


@given(st.sampled_from(OrderState), st.lists(st.sampled_from(Step)))
def test_money_and_goods_go_together(state: OrderState, steps: list[Step]) -> None:
    """Whatever is tried: shipped means captured, cancelled means voided, returned means refunded; the end is the end."""
    state, payment = OrderState.PLACED, PaymentState.HELD
    for step in steps:
        try:
            state, payment = rules.advance(state, step)
        except WrongState:
            assert not rules.can(state, step)
    assert (
        payment
        == {
            OrderState.PLACED: PaymentState.HELD,
            OrderState.PACKED: PaymentState.HELD,
            OrderState.SHIPPED: PaymentState.CAPTURED,
            OrderState.DELIVERED: PaymentState.CAPTURED,
            OrderState.CANCELLED: PaymentState.VOIDED,
            OrderState.RETURNED: PaymentState.REFUNDED,
        }[state]
    )


async def put_line(
    tx: Tx, owner: int, variant: int, quantity: int, price: int | None, clock: FixedClock
) -> None:
    await api.put_line(
        tx,
        owner_id=owner,
        seller_id=2,
        variant_id=variant,
        quantity=quantity,
        added_price_minor=price,
        currency="EUR",
        at=clock(),
    )


async def test_baskets(db: Database, clock: FixedClock) -> None:
    async def put(variant: int, quantity: int, owner: int = 5, price: int | None = 100) -> None:
        async with db.transaction() as tx:
            await put_line(tx, owner, variant, quantity, price, clock)

    async def held(owner: int = 5) -> list[tuple[int, int, int | None]]:
        async with db.reading() as tx:
            return [
                (line.variant_id, line.quantity, line.added_price_minor)
                for line in await api.basket(tx, owner, 2)
            ]

    await put(1, 2)
    await put(1, 3, price=120)
    await put(2, 1)
    assert await held() == [(1, 3, 100), (2, 1, 100)]
    await put(2, 0)
    await put(3, 98, owner=6)
    await put(1, 98, owner=6)
    for wrong in (-1, 100):
        with pytest.raises(BadBasketLine):
            await put(1, wrong)
    for _ in range(2):
        async with db.transaction() as tx:
            await api.merge(tx, 6, 5)
    assert await held() == [(1, 99, 100), (3, 98, 100)]
    assert await held(6) == []


async def test_a_basket_has_an_end(db: Database, clock: FixedClock) -> None:
    with pytest.raises(BadBasketLine):
        for variant in range(1, 103):
            async with db.transaction() as tx:
                await put_line(tx, 5, variant, 1, None, clock)
    async with db.transaction() as tx:
        assert len(await api.basket(tx, 5, 2)) == 100


async def test_unknown_orders(db: Database) -> None:
    async with db.reading() as tx:
        with pytest.raises(NoSuchOrder):
            await api.load_order(tx, uuid7())
        assert await api.list_orders(tx, 5) == []
        assert await api.list_sold(tx, [2], tail="0123456789") == []
