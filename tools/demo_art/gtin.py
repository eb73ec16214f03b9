# pyright: basic, reportMissingImports=false
"""GS1 numbers for goods that belong to nobody (prefix 20: restricted circulation)."""

from __future__ import annotations


def check_digit(body: str) -> int:
    """The GS1 check digit of the digits before it."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body)))
    return -total % 10


def gtin14(serial: int) -> str:
    """A GTIN-13 with prefix 20, padded to 14 digits."""
    body = f"20{serial:010d}"
    return "0" + body + str(check_digit(body))


def is_valid(gtin: str) -> bool:
    """Fourteen digits whose last one is right."""
    return len(gtin) == 14 and gtin.isdigit() and check_digit(gtin[:-1]) == int(gtin[-1])
