"""Setting a basket's goods aside for some minutes, so that paying in peace loses nothing to others.

Promises: a reserved piece is sold to nobody else while the reservation stands; a reservation ends once (released by the shopper,
replaced by their next one, expired, or ordered) and its pieces are free again in that same transaction; nobody can set aside more
than their limit, nor the people of a network more than theirs. Told in docs/howto/reservations.md.
"""
