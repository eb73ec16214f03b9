"""A hold as the bytes of wallet.holding, the composite type of which HOLD takes a set (PostgreSQL's `record_send`)."""

from __future__ import annotations

from struct import Struct

from halles.kernel.arrays import BIGINT, BIGINTS, UUID, bigints, field
from halles.wallet.rules import leg_numbers, split

_HEAD = Struct(">i iiq ii16s iiq iiq").pack


def holding(owner_id: int, hold_id: bytes, account_id: int, amount_minor: int, legs: bytes) -> bytes:
    """One amount to set aside. `legs`: see `legs_of`."""
    return (
        _HEAD(5, BIGINT, 8, owner_id, UUID, 16, hold_id, BIGINT, 8, account_id, BIGINT, 8, amount_minor)
        + legs
    )


def legs_of(total_minor: int, tax_minor: int, fee_bp: int, seller_id: int) -> bytes:
    """The split of a sale (see `split`), as a hold stores it."""
    return field(BIGINTS, bigints(leg_numbers(split(total_minor, tax_minor, fee_bp, seller_id))))
