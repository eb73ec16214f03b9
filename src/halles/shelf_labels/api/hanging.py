"""Gateways and labels, and what is known of them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import datetime

from halles.kernel.db import Tx
from halles.shelf_labels import store
from halles.shelf_labels.rules import (
    check_gateway_name,
    check_label_code,
)
from halles.shelf_labels.types import (
    Content,
    Gateway,
    GatewayTaken,
    LabelDraft,
    RefusalCount,
    SentContent,
    ShelfLabel,
    UnknownGateway,
    UnknownLabel,
)


def new_key() -> str:
    """A key for a gateway: 32 random bytes, hexadecimal."""
    return secrets.token_hex(32)


async def add_gateway(
    tx: Tx, seller_id: int, gateway_id: str, *, place_id: int, name: str, key_sealed: str, now: datetime
) -> Gateway:
    """Raises BadName, GatewayTaken. One statement."""
    params: dict[str, object] = {
        "seller_id": seller_id,
        "gateway_id": check_gateway_name(gateway_id),
        "place_id": place_id,
        "name": name,
        "key_sealed": key_sealed,
        "at": now,
    }
    added = await tx.first(store.ADD_GATEWAY, params)
    if added is None:
        raise GatewayTaken(f"There is a gateway {gateway_id} already.", gateway_id=gateway_id)
    return added


async def find_gateway(tx: Tx, seller_id: int, gateway_id: str) -> Gateway:
    """Raises UnknownGateway. One statement."""
    found = await tx.first(store.GATEWAY, {"seller_id": seller_id, "gateway_id": gateway_id})
    if found is None:
        raise UnknownGateway("There is no such gateway.", gateway_id=gateway_id[:60])
    return found


async def gateways(tx: Tx, seller_id: int) -> list[Gateway]:
    """A seller's gateways by name. One statement."""
    return await tx.all(store.GATEWAYS, {"seller_id": seller_id})


async def heard(tx: Tx, seller_id: int, gateway_id: str, now: datetime) -> None:
    """Note that a gateway gave a sign of life that it signed. One statement."""
    await tx.run(store.HEARD, {"seller_id": seller_id, "gateway_id": gateway_id, "at": now})


async def put_labels(tx: Tx, seller_id: int, drafts: Sequence[LabelDraft], now: datetime) -> int:
    """Hang labels, or say anew where they hang and for what; the same again changes nothing that is shown. Returns how many
    were kept: those of unknown gateways are not. One statement. Raises BadName."""
    ordered = list({check_label_code(draft.label_code): draft for draft in drafts}.values())
    params: dict[str, object] = {
        "seller_id": seller_id,
        "codes": [draft.label_code for draft in ordered],
        "gateway_ids": [draft.gateway_id for draft in ordered],
        "product_ids": [draft.product_id for draft in ordered],
        "variant_ids": [draft.variant_id for draft in ordered],
        "positions": [draft.position for draft in ordered],
        "at": now,
    }
    return await tx.run(store.PUT_LABELS, params) if ordered else 0


async def remove_label(tx: Tx, seller_id: int, label_code: str) -> ShelfLabel:
    """Take a label away; what it was sent is kept for a while. Raises UnknownLabel. One statement."""
    removed = await tx.first(store.REMOVE_LABEL, {"seller_id": seller_id, "code": label_code})
    if removed is None:
        raise UnknownLabel("There is no such label.", label_code=label_code[:60])
    return removed


async def labels(tx: Tx, seller_id: int, place_id: int | None = None) -> list[ShelfLabel]:
    """A seller's labels, or a place's, by place and position. One statement."""
    return await tx.all(store.LABELS, {"seller_id": seller_id, "place_id": place_id})


async def confirmed_contents(tx: Tx, seller_id: int, place_id: int | None = None) -> dict[str, SentContent]:
    """What labels were last proved to show, by label. One statement."""
    found = await tx.all(store.CONFIRMED_CONTENTS, {"seller_id": seller_id, "place_id": place_id})
    return {sent.label_code: sent for sent in found}


async def proved_content(tx: Tx, seller_id: int, label_code: str) -> Content:
    """What a label was last proved to show. Raises UnknownLabel, also where nothing was. One statement."""
    found = await confirmed_contents(tx, seller_id)
    if label_code not in found:
        raise UnknownLabel("Nothing was proved of such a label.", label_code=label_code[:60])
    content: Content = json.loads(found[label_code].body)["content"]
    return content


async def contents_of(tx: Tx, seller_id: int, label_code: str, *, limit: int = 20) -> list[SentContent]:
    """What was wanted of a label, the latest first. One statement."""
    params = {"seller_id": seller_id, "code": label_code, "limit": limit}
    return await tx.all(store.SENT_OF_LABEL, params)


async def refusals(tx: Tx, seller_id: int) -> list[RefusalCount]:
    """What gateways were refused, the latest first, at most 200 rows. One statement."""
    return await tx.all(store.REFUSALS, {"seller_id": seller_id})


async def forget_old(tx: Tx, before: datetime) -> int:
    """Forget contents that were replaced and proved gone before a moment; returns how many. One statement."""
    return await tx.run(store.FORGET_SENT, {"before": before})


async def all_labels(tx: Tx) -> list[ShelfLabel]:
    """Every label, for the doctor. One statement."""
    return await tx.all(store.ALL_LABELS, {})


async def all_confirmed(tx: Tx) -> list[SentContent]:
    """The content of every label's confirmed version, for the doctor. One statement."""
    return await tx.all(store.ALL_CONFIRMED, {})
