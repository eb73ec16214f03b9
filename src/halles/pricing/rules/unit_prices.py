"""Which goods must show a price of one kilogram, litre or piece. Pure.

Directive 98/6/EC, articles 3 and 5; in France the arrêté of 16 November 1999 on the price by unit of measure. Both speak of goods
that are sold by weight or volume, or are packed in measured contents; the price by unit may be left away where it is the price
itself, and where it would tell nothing.
"""

from __future__ import annotations

from decimal import Decimal

from halles.pricing.types import Per

# One of the unit, in kilograms, litres, metres, square metres or pieces.
UNITS: dict[str, tuple[Decimal, Per]] = {
    "mg": (Decimal("0.000001"), Per.KILOGRAM),
    "g": (Decimal("0.001"), Per.KILOGRAM),
    "kg": (Decimal(1), Per.KILOGRAM),
    "ml": (Decimal("0.001"), Per.LITRE),
    "cl": (Decimal("0.01"), Per.LITRE),
    "dl": (Decimal("0.1"), Per.LITRE),
    "l": (Decimal(1), Per.LITRE),
    "mm": (Decimal("0.001"), Per.METRE),
    "cm": (Decimal("0.01"), Per.METRE),
    "m": (Decimal(1), Per.METRE),
    "m2": (Decimal(1), Per.SQUARE_METRE),
    "piece": (Decimal(1), Per.PIECE),
    "pc": (Decimal(1), Per.PIECE),
    "ct": (Decimal(1), Per.PIECE),
}
EATEN_OR_USED_UP = frozenset({"food", "grocery", "groceries", "drinks", "beauty", "cleaning", "pets"})
"""Families of goods that are sold by what they contain; one without a content there is a label that breaks the rule."""


def needs_unit_price(*, family: str, amount: Decimal | None, unit: str | None) -> bool:
    """Whether a label of these goods must show a price by unit.

    Anything with a content by weight, volume, length or area does, and several pieces in one pack; one kilogram, litre, metre or
    piece does not, since its price is that price. Goods that are eaten or used up do even where nobody entered their content.
    """
    if amount is None or unit is None:
        return family in EATEN_OR_USED_UP
    if unit not in UNITS:
        return False
    factor, per = UNITS[unit]
    return amount * factor != 1 and (per is not Per.PIECE or amount > 1)
