"""What labels should show, what is sent, what is proved."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx
from halles.shelf_labels import store
from halles.shelf_labels.api.hanging import heard
from halles.shelf_labels.rules import (
    FIRST_TRY_S,
    LONGEST_TRY_S,
    judge,
    messages,
)
from halles.shelf_labels.types import (
    Acknowledgement,
    Content,
    Outgoing,
    ShelfLabel,
    Verdict,
)


async def to_look_at(tx: Tx, now: datetime, limit: int) -> list[ShelfLabel]:
    """Labels whose content is to be computed again, locked for this transaction; none while another worker is at it. Two
    statements, and one a seller."""
    if not await tx.one(store.ALONE, {"what": 1}):
        return []
    due = await tx.all(store.TO_LOOK_AT, {"at": now, "limit": limit})
    found: list[ShelfLabel] = []
    for seller_id in sorted({seller for seller, _ in due}):
        codes = [code for seller, code in due if seller == seller_id]
        found += await tx.all(store.SOME_LABELS, {"seller_id": seller_id, "codes": codes})
    return found


async def look_later(tx: Tx, when: Mapping[tuple[int, str], datetime]) -> None:
    """Say when to compute labels again, by (seller, label). One statement."""
    ordered = sorted(when)
    params: dict[str, object] = {
        "seller_ids": [key[0] for key in ordered],
        "codes": [key[1] for key in ordered],
        "look_ats": [when[key] for key in ordered],
    }
    if ordered:
        await tx.run(store.LOOK_LATER, params)


async def look_at_variants(tx: Tx, variants: Collection[tuple[int, int]], now: datetime) -> int:
    """Compute the labels of these (seller, variant) again; returns how many there are. One statement."""
    ordered = sorted(set(variants))
    params: dict[str, object] = {
        "seller_ids": [seller for seller, _ in ordered],
        "variant_ids": [variant for _, variant in ordered],
        "at": now,
    }
    return await tx.run(store.LOOK_AT_VARIANTS, params) if ordered else 0


async def look_at_products(tx: Tx, products: Collection[tuple[int, UUID]], now: datetime) -> int:
    """As `look_at_variants`, for whole products. One statement."""
    ordered = sorted(set(products))
    params: dict[str, object] = {
        "seller_ids": [seller for seller, _ in ordered],
        "product_ids": [product for _, product in ordered],
        "at": now,
    }
    return await tx.run(store.LOOK_AT_PRODUCTS, params) if ordered else 0


async def desire(
    tx: Tx,
    wanted: Sequence[tuple[ShelfLabel, Content]],
    now: datetime,
    nonce: Callable[[], str] = lambda: secrets.token_hex(16),
) -> int:
    """Say what labels should show; returns how many must be sent something new. The labels are locked by `to_look_at`.

    A content that a label should show already is no news. Three statements at most, and one a seller.
    """
    changed = [
        (label, content) for label, content in wanted if label.hash is None or label.content != content
    ]
    if not changed:
        return 0
    last = await _last_versions(tx, changed)
    made: list[tuple[ShelfLabel, Content, int, str]] = []
    for label, content in changed:
        version = max(label.version, last.get((label.seller_id, label.label_code), 0)) + 1
        body = messages.body_of(label.label_code, version, nonce(), content)
        made.append((label, content, version, body))
    params: dict[str, object] = {
        "seller_ids": [label.seller_id for label, *_ in made],
        "codes": [label.label_code for label, *_ in made],
        "gateway_ids": [label.gateway_id for label, *_ in made],
        "versions": [version for _, _, version, _ in made],
        "contents": [json.dumps(content) for _, content, _, _ in made],
        "hashes": [messages.hash_of(body) for *_, body in made],
        "bodies": [body for *_, body in made],
        "at": now,
    }
    await tx.run(store.KEEP_CONTENT, params)
    return await tx.run(store.DESIRE, params)


async def _last_versions(tx: Tx, changed: Sequence[tuple[ShelfLabel, Content]]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for seller_id in sorted({label.seller_id for label, _ in changed}):
        codes = [label.label_code for label, _ in changed if label.seller_id == seller_id]
        for code, version in await tx.all(store.LAST_VERSIONS, {"seller_id": seller_id, "codes": codes}):
            found[seller_id, code] = version
    return found


async def take_due(tx: Tx, now: datetime, limit: int = 200) -> list[Outgoing]:
    """Contents whose turn to be sent it is, marked as sent now and to be tried again later; none while another worker is at it.
    Two statements."""
    if not await tx.one(store.ALONE, {"what": 2}):
        return []
    params = {"at": now, "limit": limit, "first_s": FIRST_TRY_S, "longest_s": LONGEST_TRY_S}
    return await tx.all(store.TAKE_DUE, params)


async def send_again(
    tx: Tx, seller_id: int, now: datetime, *, gateway_id: str | None = None, label_code: str | None = None
) -> int:
    """Send what is not confirmed now rather than later; returns how many labels. One statement."""
    params = {"seller_id": seller_id, "gateway_id": gateway_id, "code": label_code, "at": now}
    return await tx.run(store.SEND_AGAIN, params)


async def confirm(tx: Tx, seller_id: int, gateway_id: str, ack: Acknowledgement, now: datetime) -> Verdict:
    """Judge an acknowledgement whose signature was found right, and write down what it proves. Five statements at most."""
    (label,) = await tx.all(store.SOME_LABELS, {"seller_id": seller_id, "codes": [ack.label]}) or (None,)
    at = {"seller_id": seller_id, "code": ack.label, "version": ack.version}
    sent = await tx.first(store.SENT, at) if label is not None else None
    verdict = judge(ack, gateway_id, label, sent)
    if verdict is Verdict.CONFIRMED:
        await tx.run(store.CONFIRM_CONTENT, {**at, "hash": ack.hash, "at": now})
        await tx.run(store.CONFIRM_LABEL, {**at, "at": now})
    if verdict.refused:
        known = ack.label if label is not None else ""
        await refuse(tx, seller_id, gateway_id, verdict, known, now)
    await heard(tx, seller_id, gateway_id, now)
    return verdict


async def refuse(
    tx: Tx, seller_id: int, gateway_id: str, reason: Verdict, label_code: str, now: datetime
) -> None:
    """Count a refusal. `label_code` only of a label that exists. One statement."""
    params = {
        "seller_id": seller_id,
        "gateway_id": gateway_id,
        "reason": reason.value,
        "code": label_code,
        "at": now,
    }
    await tx.run(store.REFUSE, params)
