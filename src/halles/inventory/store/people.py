"""What inventory holds of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.db import command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReservation:
    """What was set aside for somebody. `items`: location, variant, quantity; three numbers each. `state`: 1 standing, 2 released,
    3 expired, 4 ordered."""

    seller_id: int
    reservation_id: UUID
    state: int
    items: list[int]
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnGroup:
    """A group of a seller's customers that somebody is in."""

    seller_id: int
    group: str


RESERVATIONS_OF = query(
    """select seller_id, reservation_id, state, items, made_at, expires_at from inventory.reservation
    where owner_id = any(%(owners)s::bigint[]) order by made_at, seller_id, reservation_id""",
    OwnReservation,
)
GROUPS_OF_PERSON = query(
    """select m.seller_id, g.name as group from inventory.customer_group_member m
    join inventory.customer_group g on g.seller_id = m.seller_id and g.group_id = m.group_id
    where m.owner_id = any(%(owners)s::bigint[]) order by 1, 2""",
    OwnGroup,
)
FORGET_ENDED = command(
    "delete from inventory.reservation where owner_id = any(%(owners)s::bigint[]) and state <> 1"
)
FORGET_MEMBERSHIPS = command(
    "delete from inventory.customer_group_member where owner_id = any(%(owners)s::bigint[])"
)
