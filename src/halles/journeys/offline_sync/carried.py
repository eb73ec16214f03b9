"""A shop on its way to a phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from halles.catalog.api import Bundle, ShownTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A shop as phones carry it, at its newest version. `country`: the one its prices are for."""

    bundle: Bundle
    country: str
    terms: ShownTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A version written out: its JSON, the same zipped, how many products it holds."""

    body: bytes
    zipped: bytes
    products: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What turns the phone's version into the newest: bodies by key, None where something is gone."""

    carried: Carried
    entries: Mapping[str, str | None]
