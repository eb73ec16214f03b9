"""Shelf labels that count as confirmed, against what was sent to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from halles.journeys.doctor.types import Finding
from halles.kernel.db import Database
from halles.shelf_labels import api as shelf_labels
from halles.shelf_labels.api import messages
from halles.shelf_labels.types import SentContent, ShelfLabel


async def shown_on_labels(db: Database) -> tuple[dict[str, int], list[Finding]]:
    """What was counted and found, on a snapshot of its own: two queries over everything."""
    async with db.snapshot() as tx:
        labels = await shelf_labels.all_labels(tx)
        sent = {(one.seller_id, one.label_code): one for one in await shelf_labels.all_confirmed(tx)}
    return ({"shelf labels": len(labels)} if labels else {}), compare(labels, sent)


def compare(labels: Sequence[ShelfLabel], sent: Mapping[tuple[int, str], SentContent]) -> list[Finding]:
    """A confirmed version was sent, its hash is that of the content that was sent, and what was proved is that hash. Pure."""
    found: list[Finding] = []
    for label in labels:
        for check, text in _faults(label, sent.get((label.seller_id, label.label_code))):
            subject = f"shelf label {label.label_code} of seller {label.seller_id}"
            found.append(Finding(check=f"label.{check}", subject=subject, text=text))
    return found


def _faults(label: ShelfLabel, sent: SentContent | None) -> list[tuple[str, str]]:
    if label.version > label.confirmed_version and label.send_at is None and label.hash is not None:
        return [("send", "it is not confirmed, and will never be sent again")]
    if label.confirmed_version == 0:
        return []
    if sent is None:
        return [("sent", f"version {label.confirmed_version} is confirmed, but was never kept")]
    if messages.hash_of(sent.body) != sent.hash:
        return [("hash", f"version {sent.version} was changed after it was sent")]
    if sent.sent_at is None or sent.confirmed_hash != sent.hash:
        return [("proof", f"version {sent.version} counts as confirmed without the proof of what was sent")]
    return []
