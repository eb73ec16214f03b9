"""From what a barcode says to a GTIN-14.

Sources: GS1 General Specifications 24, sections 2 (UPC-E zero suppression), 3 (application identifiers) and 7.9 (check
digit); GS1 Digital Link Standard 1.4, section 4 (URI syntax).
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_GTIN_LENGTHS = (8, 12, 13, 14)
_GS = "\x1d"
_LINK_KEY = re.compile(r"/(?:01|gtin)/(\d{8}|\d{12,14})(?=/|$)", re.IGNORECASE | re.ASCII)
_BRACKETED = re.compile(r"\((?:01|02)\)(\d{14})", re.ASCII)
_SYMBOLOGY_PREFIX = re.compile(r"^\][A-Za-z]\d")

# GS1 General Specifications, figure 7.8.5-2: identifiers whose value has a fixed length, by their first two digits; in
# an element string they need no separator. Length of identifier and value together.
_FIXED_LENGTHS = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "11": 8, "12": 8, "13": 8, "14": 8, "15": 8, "16": 8, "17": 8,
    "18": 8, "19": 8, "20": 4, "31": 10, "32": 10, "33": 10, "34": 10, "35": 10, "36": 10, "41": 16,
}  # fmt: skip


def check_digit(body: str) -> int:
    """The check digit (0–9) that belongs after these digits: weights 3, 1, 3 … from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return -total % 10


def gtin14(digits: str) -> str | None:
    """8, 12, 13 or 14 digits with a right check digit → 14 digits; None for anything else, zero included."""
    if (
        len(digits) not in _GTIN_LENGTHS
        or not (digits.isascii() and digits.isdigit())
        or not digits.strip("0")
    ):
        return None
    return digits.zfill(14) if check_digit(digits[:-1]) == int(digits[-1]) else None


def expand_upc_e(digits: str) -> str | None:
    """UPC-E (6 digits, 7 with number system, or 8 with check digit too) → UPC-A, 12 digits; None when it is neither."""
    if not (digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 8):
        return None
    if len(digits) == 6:
        digits = "0" + digits
    if digits[0] not in "01":
        return None
    system, body = digits[0], digits[1:7]
    last = body[5]
    if last in "012":
        item = body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        item = body[:3] + "00000" + body[3:5]
    elif last == "4":
        item = body[:4] + "00000" + body[4]
    else:
        item = body[:5] + "0000" + last
    upc_a = system + item + str(check_digit(system + item))
    return upc_a if len(digits) == 7 or digits[7] == upc_a[-1] else None


def gtin_of(symbology: str, text: str) -> str | None:
    """The GTIN-14 in the content of a code, or None.

    `symbology` is the adapter's name for it; only "upc-e" changes how eight digits are read. Understood are plain
    digits, GS1 element strings (bracketed, or raw with FNC1 as U+001D), and GS1 Digital Link URIs.
    """
    text = text.strip()
    if symbology == "upc-e" and len(text) in {6, 7, 8}:
        return gtin14(expand_upc_e(text) or "")
    if text.isascii() and text.isdigit() and len(text) in _GTIN_LENGTHS:
        return gtin14(text)
    if text[:8].lower().startswith(("http://", "https://")):
        return _from_link(text)
    return _from_elements(text)


def _from_link(uri: str) -> str | None:
    try:
        path = unquote(urlsplit(uri).path)
    except ValueError:
        return None
    found = _LINK_KEY.search(path)
    return gtin14(found[1]) if found else None


def _from_elements(text: str) -> str | None:
    bracketed = _BRACKETED.search(text)
    if bracketed:
        return gtin14(bracketed[1])
    rest = _SYMBOLOGY_PREFIX.sub("", text, count=1).lstrip(_GS)
    while len(rest) >= 4:
        if rest[:2] in {"01", "02"} and len(rest) >= 16:
            return gtin14(rest[2:16])
        length = _FIXED_LENGTHS.get(rest[:2])
        separator = rest.find(_GS)
        if length is not None and len(rest) > length:
            rest = rest[length:].lstrip(_GS)
        elif length is None and separator >= 0:
            rest = rest[separator + 1 :]
        else:
            return None
    return None
