"""What payments hold of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.db import command, query
from halles.payments.types import Topup


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCardPayment:
    """An attempt to pay an order by card, or money on its way back to one (`refund`). The card is the provider's to know."""

    refund: bool
    order_id: UUID
    amount_minor: int
    currency: str
    provider: str
    state: str
    created_at: datetime


CARDS_OF = query(
    """select false as refund, order_id, amount_minor, currency, provider, state, created_at from payments.order_payment
      where order_id = any(%(orders)s::uuid[])
    union all
    select true, order_id, amount_minor, currency, provider, state, created_at from payments.card_refund
      where order_id = any(%(orders)s::uuid[])
    order by created_at, order_id""",
    OwnCardPayment,
)

TOPUPS_OF = query(
    """select owner_id, topup_id, amount_minor, currency, provider, state, provider_ref, null::text client_secret,
      null::text url, failure, created_at
    from payments.topup where owner_id = any(%(owners)s::bigint[]) order by created_at, topup_id""",
    Topup,
)
PENDING_OF = query(
    """select (select count(*) from payments.topup
        where owner_id = any(%(owners)s::bigint[]) and next_ask_at is not null)
      + (select count(*) from payments.order_payment
        where order_id = any(%(orders)s::uuid[]) and next_ask_at is not null)
      + (select count(*) from payments.card_refund
        where order_id = any(%(orders)s::uuid[]) and next_ask_at is not null)""",
    int,
)
FORGET_LINKS = command(
    """update payments.topup set client_secret = null, url = null where owner_id = any(%(owners)s::bigint[])
      and (client_secret is not null or url is not null)"""
)
