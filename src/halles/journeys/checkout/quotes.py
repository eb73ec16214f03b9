"""Quotes: when a device was given the prices that it showed, signed, so that they can be honoured though they rose meanwhile.

A quote says which seller's prices in which currency and for which country, and the moment; not the prices. Those are read from
the price list's own history as it stood then, so a stolen key would be needed to move the moment, and even then no price comes
out that was not really ours. Told in docs/algorithms/offline.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest

from halles.catalog import api as catalog
from halles.catalog.api import ShownTerms
from halles.journeys.checkout.types import Command
from halles.kernel import lanes
from halles.kernel.db import Database
from halles.pricing import api as pricing
from halles.pricing.types import Wanted

_MAC = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_SHOWN_S = 8 * 24 * 3600
"""Older quotes are no quotes: longer than any seller can promise to honour (a week)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A device had this seller's prices, in this currency and for this country, as they stood at `at`."""

    seller_id: int
    currency: str
    country: str
    at: datetime


def quote_key(mark: Callable[[str, str], bytes]) -> bytes:
    """The key of quotes: the same in every process of an installation, and for nothing else."""
    return mark("checkout.quotes", "v1")


def sign_quote(key: bytes, quote: Quote) -> str:
    """About 50 characters: seller, currency, country and milliseconds since 1970, then a keyed BLAKE2b of 16 bytes."""
    ms = (quote.at - _EPOCH) // timedelta(milliseconds=1)
    text = f"{quote.seller_id}.{quote.currency}.{quote.country}.{ms}"
    return f"{text}.{base64.urlsafe_b64encode(_mac(key, text)).decode().rstrip('=')}"


def read_quote(key: bytes, token: str) -> Quote | None:
    """What a quote says, or None when it is not one of ours, down to its last character."""
    text, _, mac = token.rpartition(".")
    try:
        if not compare_digest(base64.urlsafe_b64decode(mac + "=="), _mac(key, text)):
            return None
        seller_id, currency, country, ms = text.split(".")
        at = _EPOCH + timedelta(milliseconds=int(ms))
        quote = Quote(seller_id=int(seller_id), currency=currency, country=country, at=at)
    except (ValueError, binascii.Error, OverflowError):
        return None
    return quote if sign_quote(key, quote) == token else None


def _mac(key: bytes, text: str) -> bytes:
    return hashlib.blake2b(text.encode(), key=key[:64], digest_size=_MAC, person=b"shown").digest()


class Quotes:
    """Signs quotes, and says of orders that carry one which of its prices are honoured."""

    def __init__(self, db: Database, key: bytes) -> None:
        self._db, self._key = db, key

    def sign(self, quote: Quote) -> str:
        return sign_quote(self._key, quote)

    async def weigh(self, commands: Sequence[Command], now: datetime) -> None:
        """Say of each command with a quote what it may count on. Three statements, none without a quote: somebody who hoards
        quotes of many moments makes a batch no longer than the lines of their orders do.

        A seller's change of mind counts from the next order on.
        """
        quoted = [(one, quote) for one in commands if (quote := self._of(one, now)) is not None]
        if not quoted:
            return
        tx = lanes.reads(self._db).tx
        terms = await catalog.shown_terms(tx, {quote.seller_id for _, quote in quoted})
        wanted = {(line, quote.at) for one, quote in quoted for line in _wanted(one, quote)}
        up = await catalog.up_since(tx, {(line.seller_id, line.variant_id) for line, _ in wanted})
        found = await pricing.shown_then(tx, list(wanted))
        stood = {key: price for key, price in found.items() if up.get(key[:2], key[4]) <= key[4]}
        for one, quote in quoted:
            one.shown = _shown(one, quote, stood, terms[quote.seller_id], now)

    def _of(self, command: Command, now: datetime) -> Quote | None:
        """The quote of an order, where it is ours and speaks for this order's currency and country."""
        token = command.order.quote
        quote = None if token is None else read_quote(self._key, token)
        if quote is None or quote.at > now or quote.at < now - timedelta(seconds=MOST_SHOWN_S):
            return None
        same = (quote.currency, quote.country) == (command.order.currency, command.country)
        return quote if same else None


def _wanted(command: Command, quote: Quote) -> list[Wanted]:
    return [
        Wanted(
            seller_id=quote.seller_id,
            variant_id=line.variant_id,
            currency=quote.currency,
            country=quote.country,
        )
        for part in command.parts
        if part.seller_id == quote.seller_id
        for line in part.lines
    ]


def _shown(
    command: Command,
    quote: Quote,
    prices: dict[tuple[int, int, str, str, datetime], tuple[int, datetime | None]],
    terms: ShownTerms,
    now: datetime,
) -> dict[tuple[int, int], int | str]:
    """By (seller, variant): the price that was shown and is honoured, else why not."""
    found: dict[tuple[int, int], int | str] = {}
    for part in command.parts:
        if part.seller_id != quote.seller_id:
            continue
        for line in part.lines:
            price = prices.get((quote.seller_id, line.variant_id, quote.currency, quote.country, quote.at))
            unkept = catalog.kept(quote.at, line.unit_price_minor, price, terms, now)
            found[quote.seller_id, line.variant_id] = unkept or line.unit_price_minor
    return found
