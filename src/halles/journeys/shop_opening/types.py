"""What it takes to open a shop."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """Where stock is. `days`: working days from hand-over to the shopper's door, `spread_days` more at worst.

    `lane`: hub (regional) or abroad. `countries`: where it sends to, ISO 3166-1 alpha-2.
    """

    name: str
    country: str
    countries: tuple[str, ...]
    lane: str = "hub"
    days: int = 3
    spread_days: int = 1
    carrier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The shop as it stands: its seller, and the stock location of each warehouse by lane."""

    seller_id: int
    locations: dict[str, int]
