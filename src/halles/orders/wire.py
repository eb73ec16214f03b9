"""An order as the bytes of orders.placing, the composite type of which PLACE takes a set (PostgreSQL's `record_send`)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from struct import Struct

from halles.kernel.arrays import (
    BIGINT,
    BIGINTS,
    BYTEA,
    JSONB,
    SMALLINT,
    TEXT,
    UUID,
    UUIDS,
    bigints,
    field,
    uuids_or_none,
)

_HEAD = Struct(">i iiq ii16s iiq iiq iiq iiq iiq ii3s iih iiq ii16s").pack
_ONE_LINE = Struct(">ii iiiii iq iq iq iq iq iq").pack
_NO_MATCHES, _NO_ADDRESS = field(UUIDS, None), field(JSONB, None)
_NO_EMAIL, _NO_PARENT = field(TEXT, None), field(UUID, None)
PLAIN = _NO_MATCHES + _NO_ADDRESS + _NO_EMAIL + _NO_PARENT
"""What `details` gives of an order that has none of them."""


def placing(
    seller_id: int,
    order_id: bytes,
    owner_id: int,
    touchpoint_id: int,
    place_id: int,
    total_minor: int,
    tax_minor: int,
    currency: str,
    payment: int,
    promise_id: int,
    fingerprint: bytes,
    lines: Sequence[int],
    more: bytes = PLAIN,
) -> bytes:
    """One order to place. 0 as touchpoint or place: none. `lines`: six numbers a line: variant, quantity, unit price, tax (basis
    points), location, article. `more`: see `details`."""
    head = _HEAD(
        16,
        BIGINT, 8, seller_id,
        UUID, 16, order_id,
        BIGINT, 8, owner_id,
        BIGINT, 8, touchpoint_id,
        BIGINT, 8, place_id,
        BIGINT, 8, total_minor,
        BIGINT, 8, tax_minor,
        TEXT, 3, currency.encode(),
        SMALLINT, 2, payment,
        BIGINT, 8, promise_id,
        BYTEA, 16, fingerprint,
    )  # fmt: skip
    if len(lines) == 6:
        a, b, c, d, e, f = lines
        return head + _ONE_LINE(BIGINTS, 92, 1, 0, BIGINT, 6, 1, 8, a, 8, b, 8, c, 8, d, 8, e, 8, f) + more
    return head + field(BIGINTS, bigints(lines)) + more


def details(
    matches: Sequence[bytes | None] | None, ship_to: bytes | None, email: str | None, parent_id: bytes | None
) -> bytes:
    """What most orders of a peak do not have: photos behind lines, an address as JSON, an e-mail, an order it is a part of."""
    return (
        (_NO_MATCHES if matches is None else field(UUIDS, uuids_or_none(matches)))
        + (_NO_ADDRESS if ship_to is None else field(JSONB, b"\x01" + ship_to))
        + (_NO_EMAIL if email is None else field(TEXT, email.encode()))
        + (_NO_PARENT if parent_id is None else field(UUID, parent_id))
    )


def placed_event(
    order_id: str,
    seller_id: int,
    owner_id: int,
    total_minor: int,
    currency: str,
    place_id: int,
    touchpoint_id: int,
    matches: Sequence[tuple[uuid.UUID, int]] = (),
) -> str:
    """An OrderPlaced as JSON. 0 as place or touchpoint: none. `matches`: (photo, variant)."""
    found = (
        ",".join(f'{{"match_id":"{match}","variant_id":{variant}}}' for match, variant in matches)
        if matches
        else ""
    )
    return (
        f'{{"seller_id":{seller_id},"order_id":"{order_id}","owner_id":{owner_id},"total_minor":{total_minor},'
        f'"currency":"{currency}","place_id":{place_id or "null"},"touchpoint_id":{touchpoint_id or "null"},'
        f'"matches":[{found}]}}'
    )
