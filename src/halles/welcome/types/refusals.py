"""What is refused at a place's door."""

from __future__ import annotations

from halles.kernel.errors import Conflict, Invalid, NotFound


class UnknownDoor(NotFound):
    """The seller has no door with this code."""

    code, title = "welcome.unknown_door", "No such door"


class UnknownZone(NotFound):
    """The place has no zone with this code."""

    code, title = "welcome.unknown_zone", "No such zone"


class BadCount(Invalid):
    """Crossings or a headcount of a moment that cannot be: too old, or still to come."""

    code, title = "welcome.bad_count", "Not a count of now"


class HeadcountReused(Conflict):
    """The id of a headcount came again with another number."""

    code, title = "welcome.headcount_reused", "This id is another headcount's"


class BadSettings(Invalid):
    """Zones, doors, terms or rules that cannot be."""

    code, title = "welcome.bad_settings", "These settings cannot be"


class DoorTaken(Conflict):
    """Another place of the seller has a door with this code."""

    code, title = "welcome.door_taken", "This door code is taken"


class WelcomeChangedMeanwhile(Conflict):
    """Somebody else changed the settings since they were read."""

    status = 412
    code, title = "welcome.changed_meanwhile", "Changed meanwhile"


class NotWelcoming(Conflict):
    """The place takes no bookings, or has no queue."""

    code, title = "welcome.not_welcoming", "Not offered here"


class BadParty(Invalid):
    """A party larger than the place takes at once."""

    code, title = "welcome.bad_party", "Too many people"


class NoSuchSlot(NotFound):
    """No slot begins then: the place is closed, it is past, or too far ahead."""

    code, title = "welcome.no_such_slot", "No such time"


class SlotFull(Conflict):
    """Fewer places are left than the party needs."""

    code, title = "welcome.slot_full", "This time is full"


class TooManyBookings(Conflict):
    """The person has as many open bookings for the day as the place allows."""

    code, title = "welcome.too_many_bookings", "Booked already"


class BookingReused(Conflict):
    """The id of a booking came again for another visit."""

    code, title = "welcome.booking_reused", "This id is another booking's"


class NoSuchBooking(NotFound):
    """The caller has no booking with this id or code."""

    code, title = "welcome.no_such_booking", "No such booking"


class BookingOver(Conflict):
    """The booking was used, cancelled or missed."""

    code, title = "welcome.booking_over", "This booking is over"


class TicketReused(Conflict):
    """The id of a ticket came again for another party."""

    code, title = "welcome.ticket_reused", "This id is another ticket's"


class NoSuchTicket(NotFound):
    """The caller has no ticket with this id."""

    code, title = "welcome.no_such_ticket", "No such ticket"


class TicketOver(Conflict):
    """The ticket was used, given back or has expired."""

    code, title = "welcome.ticket_over", "This ticket is over"


class InQueueAlready(Conflict):
    """The person waits at this place already."""

    code, title = "welcome.in_queue_already", "You are in the queue"


class PlaceClosed(Conflict):
    """Nobody can queue at a closed door."""

    code, title = "welcome.closed", "Closed now"
