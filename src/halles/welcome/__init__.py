"""How many people are in a place, who may come in when, and who waits at the door.

Owns the PostgreSQL schema `welcome`. How people are counted, slots filled and the queue called is told in
docs/algorithms/occupancy.md.

Promises: occupancy is a function of the set of headcounts and crossings, whatever order and however often they arrive, and is
never shown below zero; what cannot be true of it is shown as drift. At no moment do the bookings of a place hold more people than
it lets be booked. A ticket ends once, in one of three ways; tickets are called in order, and a party that does not fit is passed
by three others at most. Nobody but its owner and the place's staff reads a booking or a ticket.

Emits `welcome.counted`, `welcome.changed`, `welcome.booked`, `welcome.booking_ended` and `welcome.ticket_moved`.
"""
