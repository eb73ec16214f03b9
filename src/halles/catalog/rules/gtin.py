"""GTINs and the codes that carry them: pure decisions after the GS1 General Specifications and GS1 Digital Link URI syntax 1.2.

A GTIN is kept as fourteen digits everywhere (docs/adr/0005-gtin14-everywhere.md). All functions raise BadGtin or BadCode and
nothing else, whatever text they are given.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, unquote, urlsplit

from halles.catalog.types import BadCode, BadGtin, Gtin14, TradeItem

_GS = "\x1d"  # FNC1 as scanners transmit it: ends a value of variable length
_SYMBOLOGY_PREFIXES = ("]C1", "]e0", "]d2", "]Q3", "]J1")
_MAX_CODE = 2048

# Values of fixed length by the AI's first two digits (General Specifications, figure 7.8.5-2), the AI itself included.
_FIXED = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 8),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 10),
    "41": 16,
}  # fmt: skip


def check_digit(body: str) -> str:
    """The GS1 check digit of a number without it: weights 3 and 1 from the right, modulo 10."""
    total = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(body)))
    return str(-total % 10)


def parse_gtin(text: str) -> Gtin14:
    """GTIN-8, -12, -13 or -14, spaces and hyphens allowed, as fourteen digits. Raises BadGtin."""
    digits = "".join(text.split()).replace("-", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in {8, 12, 13, 14}:
        raise BadGtin(f"{text[:40]!r} is not a GTIN: it needs 8, 12, 13 or 14 digits", text=text[:40])
    expected = check_digit(digits[:-1])
    if digits[-1] != expected:
        raise BadGtin(f"{text[:40]!r} is not a GTIN: its check digit should be {expected}", text=text[:40])
    if not digits.strip("0"):
        raise BadGtin("a GTIN of zeros names nothing", text=text[:40])
    return Gtin14(digits.zfill(14))


def expand_upc_e(text: str) -> Gtin14:
    """The GTIN of a UPC-E symbol: 8 digits with number system (0 or 1) and check digit, or the 6 in between. Raises BadGtin."""
    digits = text.strip()
    if (
        not (digits.isascii() and digits.isdigit())
        or len(digits) not in {6, 8}
        or (len(digits) == 8 and digits[0] not in "01")
    ):
        raise BadGtin(f"{text[:40]!r} is not a UPC-E code", text=text[:40])
    system, six = ("0", digits) if len(digits) == 6 else (digits[0], digits[1:7])
    last = six[5]
    if last in "012":
        body = f"{six[:2]}{last}0000{six[2:5]}"
    elif last == "3":
        body = f"{six[:3]}00000{six[3:5]}"
    elif last == "4":
        body = f"{six[:4]}00000{six[4]}"
    else:
        body = f"{six[:5]}0000{last}"
    body = system + body
    return parse_gtin(body + (digits[7] if len(digits) == 8 else check_digit(body)))


def short_form(gtin14: str) -> str:
    """The digits as printed under a bar code: thirteen where the GTIN has them, else as many as its kind has (8 or 12 → 13)."""
    if gtin14.startswith("000000"):
        return gtin14[6:]
    return gtin14[1:] if gtin14[0] == "0" else gtin14


def readings(text: str) -> tuple[TradeItem, ...]:
    """Everything a scanned or typed code may mean, the likeliest first: GTIN, Digital Link, element string, UPC-E.

    Eight digits may be a GTIN-8 or a UPC-E, so there can be two. Raises BadGtin for digits with a wrong check digit, BadCode
    for anything else.
    """
    text = text.strip()
    if not text or len(text) > _MAX_CODE:
        raise BadCode("This is not a product code.")
    if text.startswith(("http://", "https://", "/")):
        return (parse_digital_link(text),)
    if text.startswith(("(", _GS, *_SYMBOLOGY_PREFIXES)) or (text[:2] == "01" and len(text) > 14):
        return (parse_element_string(text),)
    digits = "".join(text.split()).replace("-", "")
    if not (digits.isascii() and digits.isdigit()):
        raise BadCode(f"{text[:40]!r} is not a product code.", text=text[:40])
    found: list[TradeItem] = []
    refusal: BadGtin | None = None
    for read in (parse_gtin, expand_upc_e):
        try:
            item = TradeItem(gtin14=read(digits))
        except BadGtin as error:
            refusal = refusal or error
            continue
        if item not in found:
            found.append(item)
    if not found:
        assert refusal is not None
        raise refusal
    return tuple(found)


def parse_digital_link(uri: str) -> TradeItem:
    """Read a GS1 Digital Link URI or its path (`https://id.example/01/09506000134352/10/ABC?17=271231`).

    Raises BadCode, BadGtin.
    """
    try:
        parts = urlsplit(uri)
        query = dict(parse_qsl(parts.query, max_num_fields=50))
    except ValueError as error:
        raise BadCode("This link cannot be read.") from error
    path = [unquote(part) for part in parts.path.strip("/").split("/")]
    keys = ["01" if part == "gtin" else part for part in path]  # the convenience alpha of version 1.1
    if "01" not in keys[:-1]:
        raise BadCode("This link names no GTIN.")
    at = keys.index("01")
    rest = path[at + 2 :]
    if len(rest) % 2:
        raise BadCode("This link is cut short.")
    qualifiers = {**query, **dict(zip(rest[::2], rest[1::2], strict=True))}
    return _trade_item(path[at + 1], qualifiers)


def digital_link(base: str, item: TradeItem) -> str:
    """The GS1 Digital Link URI of an item: qualifiers in the standard's order (10, 21), attributes (17) as query."""
    link = f"{base.rstrip('/')}/01/{item.gtin14}"
    if item.batch is not None:
        link += f"/10/{quote(item.batch, safe='')}"
    if item.serial is not None:
        link += f"/21/{quote(item.serial, safe='')}"
    return link if item.expiry is None else f"{link}?17={item.expiry}"


def parse_element_string(text: str) -> TradeItem:
    """Read `(01)09506000134352(17)271231(10)ABC` or its scanned form with FNC1 separators. Raises BadCode, BadGtin."""
    for prefix in _SYMBOLOGY_PREFIXES:
        text = text.removeprefix(prefix)
    values = _bracketed(text) if text.startswith("(") else _scanned(text.lstrip(_GS))
    if "01" not in values:
        raise BadCode("This code names no GTIN.")
    return _trade_item(values["01"], values)


def _bracketed(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for piece in text[1:].split("("):
        ai, bracket, value = piece.partition(")")
        if not bracket or not ai.isdigit() or not value:
            raise BadCode("This element string is cut short.")
        values[ai] = value
    return values


def _scanned(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    while text:
        ai, length = text[:2], _FIXED.get(text[:2])
        if length is None:
            value, _, text = text[2:].partition(_GS)
        else:
            value, text = text[2:length], text[length:].removeprefix(_GS)
            if len(value) != length - 2:
                raise BadCode("This element string is cut short.")
        if not ai.isdigit() or not value:
            raise BadCode("This element string cannot be read.")
        values.setdefault(ai, value)
    return values


def _trade_item(gtin: str, values: dict[str, str]) -> TradeItem:
    batch, serial, expiry = values.get("10"), values.get("21"), values.get("17")
    for value in (batch, serial):
        if value is not None and not 1 <= len(value) <= 20:
            raise BadCode("A batch or a serial number has 1 to 20 characters.")
    if expiry is not None and not (len(expiry) == 6 and expiry.isascii() and expiry.isdigit()):
        raise BadCode("An expiry date is written YYMMDD.")
    return TradeItem(gtin14=parse_gtin(gtin), batch=batch, serial=serial, expiry=expiry)
