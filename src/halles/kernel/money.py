"""Money is an integer number of minor units and an ISO 4217 code. No float, ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from halles.kernel.errors import Invalid

# ISO 4217 exponents that differ from 2 (the list's "minor unit" column), for currencies a retailer may meet.
_EXPONENTS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


class CurrencyMismatch(Invalid):
    """Two amounts of different currencies met where only one makes sense."""

    code, title = "kernel.currency_mismatch", "Currencies differ"


class BadAmount(Invalid):
    """An amount or a currency code that cannot be read."""

    code, title = "kernel.bad_amount", "Not an amount"


def exponent(currency: str) -> int:
    """Digits after the decimal point of a currency (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` units of `currency` (three capital letters). Arithmetic never mixes currencies and never rounds by itself."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise BadAmount(f"{self.currency!r} is not an ISO 4217 code", currency=self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.minor * count, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not add up")
        return other.minor

    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal()} {self.currency}"


def parse_money(text: str, currency: str | None = None) -> Money:
    """Read "12.40 EUR", "EUR 12.40", "12,40" (with `currency`) into Money, exactly.

    Raises BadAmount for anything else: more digits than the currency has, no or two currencies, not a number.
    """
    words = text.replace("\u00a0", " ").split()
    codes = [word.upper() for word in words if word.isalpha()]
    numbers = [word for word in words if not word.isalpha()]
    if len(numbers) != 1 or len(codes) > 1 or not (codes or currency):
        raise BadAmount(f"{text!r} is not an amount with a currency", text=text)
    code = codes[0] if codes else str(currency)
    number = (
        numbers[0].replace(",", ".")
        if numbers[0].count(",") == 1 and "." not in numbers[0]
        else numbers[0].replace(",", "")
    )
    try:
        scaled = Decimal(number).scaleb(exponent(code))
    except ArithmeticError as error:
        raise BadAmount(f"{text!r} is not an amount", text=text) from error
    if not scaled.is_finite() or scaled != scaled.to_integral_value() or abs(scaled) >= Decimal(2**62):
        raise BadAmount(f"{text!r} does not fit the minor units of {code}", text=text)
    return Money(int(scaled), code)


def share(amount_minor: int, basis_points: int) -> int:
    """`basis_points` (1/10,000) of an amount in minor units, rounded half to even."""
    return _half_even(amount_minor * basis_points, 10_000)


def included_tax(gross_minor: int, rate_basis_points: int) -> int:
    """The tax contained in a gross amount: gross * rate / (1 + rate), in minor units, rounded half to even."""
    return _half_even(gross_minor * rate_basis_points, 10_000 + rate_basis_points)


def _half_even(dividend: int, divisor: int) -> int:
    """The quotient, rounded to the nearest integer, a half to the even one. `divisor` is positive."""
    whole, left = divmod(dividend, divisor)
    return whole + (2 * left > divisor or (2 * left == divisor and whole & 1))


def allocate(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Split a total by weights so that the parts sum to it exactly (largest remainder; ties go to the first).

    Weights are non-negative and not all zero; a negative total splits like its opposite.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    sign, total = (-1, -total_minor) if total_minor < 0 else (1, total_minor)
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]
