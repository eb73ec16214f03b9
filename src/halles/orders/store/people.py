"""What orders hold of a person, given out and forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.db import command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOrder:
    """Where an order of somebody who wants to leave stands."""

    seller_id: int
    order_id: UUID
    state: int
    payment: int
    placed_at: datetime


STANDING_OF = query(
    """select seller_id, order_id, state, payment, placed_at from orders."order"
    where owner_id = any(%(owners)s::bigint[]) order by placed_at, order_id""",
    StandingOrder,
)
ADDRESSES_OF = query(
    """select distinct email from orders."order" where owner_id = any(%(owners)s::bigint[]) and email is not null""",
    str,
)
# The country and the postcode stay: they decide where the tax of a sale was due.
FORGET_ADDRESSES = command(
    """update orders."order" set email = null, ship_to = case when ship_to is not null then jsonb_build_object(
        'name', '', 'line1', '', 'city', '', 'postcode', coalesce(ship_to->>'postcode', ''),
        'country', ship_to->>'country') end
    where owner_id = any(%(owners)s::bigint[])
      and (email is not null or coalesce(ship_to->>'name', '') <> '' or coalesce(ship_to->>'line1', '') <> ''
        or coalesce(ship_to->>'city', '') <> '')"""
)
FORGET_BASKETS = command("delete from orders.basket_line where owner_id = any(%(owners)s::bigint[])")
