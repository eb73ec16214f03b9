"""A sale as one process shows it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from datetime import datetime

from halles.flash.types import ItemRow, Phase, Room, Sale, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What everybody of a process is told of a sale, read once a second. `left`: pieces that it can still give, the lesser of its
    quantity and the stock. `places`: the draw, None before it. `orders_per_s`: lately."""

    sale: Sale
    items: tuple[ItemRow, ...]
    standing: Standing
    phase: Phase
    left: int
    orders_per_s: float
    places: array[int] | None
    read_at: datetime

    @property
    def room(self) -> Room:
        """The waiting room as it was then."""
        now = self.standing
        return Room(
            next_number=now.next_number,
            drawn=now.drawn,
            admitted_to=now.admitted_to,
            credit=now.credit,
            measured_per_s=now.measured_per_s,
            stepped_at=now.stepped_at,
            paused=now.paused,
            marks=tuple(now.marks),
        )

    @property
    def joined(self) -> int:
        """Tickets given so far."""
        return self.standing.next_number - 1

    @property
    def waiting(self) -> int:
        """Tickets whose turn has not come."""
        return self.joined - self.standing.admitted_to
