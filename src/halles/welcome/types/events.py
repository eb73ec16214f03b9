"""What happened at a place's door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """People were counted at a place; whoever shows it reads it again."""

    kind: ClassVar[str] = "welcome.counted"
    seller_id: int
    place_id: int

    def key(self) -> str:
        return f"welcome:{self.place_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeChanged:
    """A place's zones, doors, terms or rules were changed."""

    kind: ClassVar[str] = "welcome.changed"
    seller_id: int
    place_id: int

    def key(self) -> str:
        return f"welcome:{self.place_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitBooked:
    """A party booked a visit."""

    kind: ClassVar[str] = "welcome.booked"
    seller_id: int
    place_id: int
    booking_id: UUID

    def key(self) -> str:
        return f"booking:{self.booking_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingEnded:
    """A booked party arrived, cancelled or did not come."""

    kind: ClassVar[str] = "welcome.booking_ended"
    seller_id: int
    place_id: int
    booking_id: UUID
    state: str

    def key(self) -> str:
        return f"booking:{self.booking_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMoved:
    """A ticket of the queue was given, called or ended."""

    kind: ClassVar[str] = "welcome.ticket_moved"
    seller_id: int
    place_id: int
    ticket_id: UUID
    state: str

    def key(self) -> str:
        return f"ticket:{self.ticket_id}"
