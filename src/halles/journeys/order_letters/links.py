"""The link of a mail: whoever has it reads that order, and nothing else.

Its key is an expiry and a keyed hash of the order, the address it was mailed to and that expiry: made again at will, kept
nowhere, and worth nothing when one of the three is another. It stands behind the `#`, so that no server
on the way writes it down.
"""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

from halles.identity.api import Vault
from halles.journeys.order_letters.types import LinkExpired, LinkRefused
from halles.orders.types import Order

LIFE = timedelta(days=365)
"""So long after the order its link works: the mail itself says what was agreed."""
_PURPOSE = "order_letters.link"
_BYTES = 18


def link(vault: Vault, public_url: str, order: Order, address: str) -> str:
    """Where the shopper at `address` finds the order again."""
    return f"{public_url}/orders/{order.order_id}#{key(vault, order, address)}"


def key(vault: Vault, order: Order, address: str) -> str:
    """`expiry.hash`: seconds of the Unix epoch in hexadecimal digits, and 144 bits in URL-safe base 64. Every seller's part of
    what was ordered together has the same."""
    ends = int((order.placed_at + LIFE).timestamp())
    return f"{ends:x}.{_mark(vault, order, address, ends)}"


def check(vault: Vault, text: str, order: Order, address: str | None, now: datetime) -> None:
    """Raises LinkRefused; LinkExpired for a link that was right."""
    ends, _, mark = text.partition(".")
    try:
        moment = int(ends, 16) if len(ends) <= 12 else 0
        at = datetime.fromtimestamp(moment, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise refused() from error
    if address is None or not hmac.compare_digest(
        _mark(vault, order, address, moment).encode(), mark.encode()
    ):
        raise refused()
    if at <= now:
        raise LinkExpired("This link is too old. The mail says what was agreed; the seller tells the rest.")


def refused() -> LinkRefused:
    """One answer for all that is wrong with a link."""
    return LinkRefused("This link opens no order. Copy all of it from the latest mail.")


def _mark(vault: Vault, order: Order, address: str, ends: int) -> str:
    root: UUID = order.parent_id or order.order_id
    found = vault.mark(_PURPOSE, f"{root}|{ends}|{address.strip().lower()}")[:_BYTES]
    return base64.urlsafe_b64encode(found).decode()
