"""Splits add up, and undoing them in any steps gives back exactly what was split."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.kernel.ids import PLATFORM
from halles.wallet.rules import split, unwind
from halles.wallet.types import AccountKind, Leg, RefundTooLarge

SELLER = 7
sales = st.integers(0, 10**9).flatmap(
    lambda total: st.tuples(st.just(total), st.integers(0, total), st.integers(0, 10_000))
)


@given(sales)
def test_legs_add_up_and_are_positive(sale: tuple[int, int, int]) -> None:
    total, tax, fee_bp = sale
    legs = split(total, tax, fee_bp, SELLER)
    assert sum(leg.amount_minor for leg in legs) == total
    assert all(leg.amount_minor > 0 for leg in legs)
    assert sum(leg.amount_minor for leg in legs if leg.kind is AccountKind.TAX) == tax
    assert {leg.owner_id for leg in legs if leg.kind is AccountKind.FEES} <= {PLATFORM}


def test_the_seller_takes_the_remainder() -> None:
    assert split(1001, 167, 500, SELLER) == (
        Leg(SELLER, AccountKind.PAYABLE, 784),
        Leg(SELLER, AccountKind.TAX, 167),
        Leg(PLATFORM, AccountKind.FEES, 50),
    )
    assert split(0, 0, 500, SELLER) == ()


@given(sales, st.lists(st.integers(1, 10**9), max_size=5))
def test_refunds_in_any_steps_give_back_the_stored_split(
    sale: tuple[int, int, int], steps: list[int]
) -> None:
    legs = split(*sale, SELLER)
    left = sum(leg.left_minor for leg in legs)
    for wanted in [*steps, left]:
        amount = min(wanted, left)
        if not amount:
            break
        parts = unwind(legs, amount)
        assert sum(parts) == amount
        assert all(0 <= part <= leg.left_minor for part, leg in zip(parts, legs, strict=True))
        legs = tuple(
            replace(leg, refunded_minor=leg.refunded_minor + part)
            for leg, part in zip(legs, parts, strict=True)
        )
        left -= amount
    if left:
        legs = tuple(
            replace(leg, refunded_minor=leg.refunded_minor + part)
            for leg, part in zip(legs, unwind(legs, left), strict=True)
        )
    assert all(leg.left_minor == 0 for leg in legs)
    with pytest.raises(RefundTooLarge):
        unwind(legs, 1)


@given(sales, st.integers(1, 10**9))
def test_a_refund_is_in_proportion(sale: tuple[int, int, int], amount: int) -> None:
    legs = split(*sale, SELLER)
    total = sum(leg.amount_minor for leg in legs)
    if amount > total:
        return
    for part, leg in zip(unwind(legs, amount), legs, strict=True):
        assert abs(part * total - amount * leg.amount_minor) < total
