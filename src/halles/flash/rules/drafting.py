"""What a sale may be."""

from __future__ import annotations

from datetime import datetime, timedelta

from halles.flash.types import BadSale, SaleDraft

LONGEST = timedelta(days=14)
LEAD = timedelta(seconds=10)
"""A sale is settled so long before it starts: by then every process that takes orders has heard of it."""
MOST_PIECES = 10_000_000
MOST_ITEMS = 100
MOST_FENCED_S = 24 * 3600


def check_draft(draft: SaleDraft, now: datetime) -> None:
    """Raises BadSale for what can never be a sale."""
    wrong = _wrong(draft, now)
    if wrong is not None:
        raise BadSale(wrong[1], field=wrong[0])


def _wrong(draft: SaleDraft, now: datetime) -> tuple[str, str] | None:
    if draft.starts_at < now + LEAD:
        return "starts_at", "A sale starts in the future, ten seconds from now at least."
    if not draft.starts_at < draft.ends_at <= draft.starts_at + LONGEST:
        return "ends_at", f"A sale ends after it starts, within {LONGEST.days} days."
    if not 1 <= draft.quantity <= MOST_PIECES:
        return "quantity", "The quantity is at least one piece."
    if not 1 <= draft.per_customer <= draft.quantity:
        return "per_customer", "The limit for a customer is at least one and at most the quantity."
    if not 1 <= len(draft.items) <= MOST_ITEMS or len({i.variant_id for i in draft.items}) != len(
        draft.items
    ):
        return "items", "A sale has articles, each named once."
    if not any(text.strip() for text in draft.title.values()):
        return "title", "A sale has a name."
    if any(item.fenced < 0 or (item.fenced and item.location_id is None) for item in draft.items):
        return "fenced", "Pieces are fenced at a location."
    if sum(item.fenced for item in draft.items) > draft.quantity:
        return "fenced", "No more is fenced than the sale may sell."
    if not 0.01 <= draft.admit_per_s <= 100_000 or not 0 <= draft.prequeue_s <= 86_400:
        return (
            "admit_per_s",
            "People are let in at 0.01 to 100,000 a second; the waiting room opens a day before at most.",
        )
    if not 30 <= draft.hold_s <= 3600:
        return "hold_s", "An admitted person has 30 seconds to an hour to buy."
    return None
