"""How a payment is divided, and how a division is undone. Pure, in minor units."""

from __future__ import annotations

from collections.abc import Sequence

from halles.kernel.ids import PLATFORM
from halles.kernel.money import allocate, share
from halles.wallet.types import AccountKind, Leg, RefundTooLarge


def split(total_minor: int, tax_minor: int, fee_bp: int, seller_id: int) -> tuple[Leg, ...]:
    """The legs of a sale: tax as computed, the platform's fee (basis points of the total), and the seller takes the remainder.

    Amounts are positive and sum to the total. The fee never reaches into the tax. A free order has no legs.
    """
    fee_minor = min(share(total_minor, fee_bp), total_minor - tax_minor) if fee_bp else 0
    legs = (
        Leg(seller_id, AccountKind.PAYABLE, total_minor - tax_minor - fee_minor),
        Leg(seller_id, AccountKind.TAX, tax_minor),
        Leg(PLATFORM, AccountKind.FEES, fee_minor),
    )
    return tuple(leg for leg in legs if leg.amount_minor)


def unwind(legs: Sequence[Leg], amount_minor: int) -> list[int]:
    """How much of a refund each leg gives back: in proportion to what is left of it, by largest remainder.

    Parts are never negative, never more than the leg has left, and sum to the refund; refunding in any number of steps all
    that was paid gives back exactly the stored split. Raises RefundTooLarge.
    """
    left = [leg.left_minor for leg in legs]
    if amount_minor <= 0 or amount_minor > sum(left):
        raise RefundTooLarge(
            "This is more than is left to give back.", left_minor=sum(left), amount_minor=amount_minor
        )
    return allocate(amount_minor, left)


_CODES = tuple(AccountKind)
"""The kind codes of stored legs: 1 is the first."""


def leg_numbers(legs: Sequence[Leg]) -> list[int]:
    """Legs as they are stored: owner, kind code, amount, refunded; four numbers a leg."""
    return [
        number
        for leg in legs
        for number in (leg.owner_id, _CODES.index(leg.kind) + 1, leg.amount_minor, leg.refunded_minor)
    ]


def read_legs(numbers: Sequence[int]) -> tuple[Leg, ...]:
    """Stored legs."""
    rows = (numbers[at : at + 4] for at in range(0, len(numbers), 4))
    return tuple(Leg(owner, _CODES[code - 1], amount, refunded) for owner, code, amount, refunded in rows)
