"""The words on labels, in the languages of the house, and amounts as they are written there."""

from __future__ import annotations

from datetime import date

from halles.kernel.money import Money, exponent

_SPACE = "\u00a0"
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
_WORDS = {
    "en": {
        "from": "from", "vat": "incl. {rate}% VAT ({amount})", "rate": "rate of {day}",
        "per": {"kg": "per kg", "l": "per litre", "m": "per metre", "m2": "per m²", "piece": "each"},
        "lowest": "lowest price of 30 days", "scan": "Scan to order", "origin": "Origin", "photo": "Photograph it, or scan",
        "sample": "Sample", "no_price": "Price on the phone", "sheet": "Samples on display",
    },
    "fr": {
        "from": "dès", "vat": "TVA {rate} % incluse ({amount})",
        "per": {"kg": "le kg", "l": "le litre", "m": "le mètre", "m2": "le m²", "piece": "la pièce"},
        "rate": "cours du {day}", "lowest": "prix le plus bas des 30 jours", "scan": "Scannez pour commander",
        "origin": "Origine", "photo": "Photographiez, ou scannez", "sample": "Échantillon", "no_price": "Prix sur le téléphone",
        "sheet": "Échantillons exposés",
    },
}  # fmt: skip


def word(name: str, language: str, **values: str) -> str:
    """A phrase with its values filled in."""
    return str(_WORDS[language][name]).format(**values)


def per(unit: str, language: str) -> str:
    """`per kg`, `le litre` …"""
    found = _WORDS[language]["per"]
    return found[unit] if isinstance(found, dict) else unit


def rate_of(basis_points: int, language: str) -> str:
    """2000 → 20, 550 → 5,5 (fr) or 5.5 (en)."""
    text = f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "fr" else text


def amount(money: Money, language: str) -> str:
    """`1 480,00 €`, `€1,480.00`, `1 480,00 CNY`: as the language writes it, with spaces that do not break."""
    digits = exponent(money.currency)
    text = f"{money.decimal():,.{digits}f}"
    symbol = _SYMBOLS.get(money.currency)
    if language == "fr":
        text = text.replace(",", _SPACE).replace(".", ",")
        return f"{text}{_SPACE}{symbol or money.currency}"
    return f"{symbol}{text}" if symbol else f"{money.currency}{_SPACE}{text}"


def day(value: date, language: str) -> str:
    """20/11/2026, or 20 Nov 2026."""
    return value.strftime("%d/%m/%Y") if language == "fr" else value.strftime("%d %b %Y").lstrip("0")
