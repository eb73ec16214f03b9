"""A shop as phones carry it: parts by key, versions of the whole, and what changed between two of them. Pure.

For any two states, `apply` of the first and their `difference` is the second, and differences one after the other give what the
difference over all of them gives: a phone that missed some takes them together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One shop as phones carry it, at its newest version. `place_id` 0: the web. `read_at`: whose shop that version is.

    `digest` stands for all of it. `floor`: deltas from versions below it cannot be told any more. `left_out`: products beyond
    what a phone is given.
    """

    seller_id: int
    place_id: int
    currency: str
    language: str
    bundle_id: UUID
    version: int
    floor: int
    digest: bytes
    left_out: int
    read_at: datetime

    def knows(self, bundle_id: UUID, version: int) -> bool:
        """Whether what changed since can be told to a phone that has this version of this line."""
        return bundle_id == self.bundle_id and self.floor <= version <= self.version


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleEntry:
    """A part of a bundle as JSON; `body` None: it was removed at `version`."""

    key: str
    version: int
    body: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTerms:
    """A price that a phone had is honoured for so many hours after that, but none that it had before `not_before` (None: any)."""

    seller_id: int
    honour_hours: int
    not_before: datetime | None


DEFAULT_HONOUR_HOURS = 24
"""What holds for a seller who said nothing."""

Unkept = Literal["too_old", "called_back", "ended", "never_shown"]
"""Why a price that was shown is not honoured: the phone had it too long ago, the seller called back what was shown until
then, it was announced with an end that has passed, or it was not what we showed."""


def kept(
    shown_at: datetime,
    minor: int,
    price: tuple[int, datetime | None] | None,
    terms: ShownTerms,
    now: datetime,
) -> Unkept | None:
    """None when a price shown at `shown_at` still holds at `now`. `price`: what really held then, and the end announced of it."""
    if price is None or price[0] != minor or shown_at > now:
        return "never_shown"
    if terms.not_before is not None and shown_at < terms.not_before:
        return "called_back"
    if now > shown_at + timedelta(hours=terms.honour_hours):
        return "too_old"
    if price[1] is not None and price[1] <= now:
        return "ended"
    return None


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str | None]:
    """What turns one state into another: bodies that are new or other, None where a key is gone."""
    changed: dict[str, str | None] = {key: body for key, body in after.items() if before.get(key) != body}
    return changed | {key: None for key in before if key not in after}


def apply(before: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """A state with changes made to it."""
    merged = {**before, **changes}
    return {key: body for key, body in merged.items() if body is not None}


def digest(entries: Mapping[str, str]) -> bytes:
    """32 bytes that stand for a state: SHA-256 of lines `key`, tab, body, by key. Keys are ASCII: a phone sorts them alike."""
    lines = "\n".join(f"{key}\t{entries[key]}" for key in sorted(entries))
    return hashlib.sha256(lines.encode()).digest()


def since(entries: Iterable[BundleEntry], version: int) -> dict[str, str | None]:
    """What happened to a bundle after a version, from its entries as they stand."""
    return {entry.key: entry.body for entry in entries if entry.version > version}
