"""What workers do for payments every few seconds."""

from __future__ import annotations

from halles.journeys.card_payment.api import card_payments, expire_unpaid
from halles.journeys.card_payment.refunds import CardRefunds
from halles.journeys.top_up.api import top_ups
from halles.kernel.telemetry import PAYMENTS_UNCLEAR
from halles.kernel.web import Services
from halles.payments import api as payments
from halles.payments.types import Psp


async def settle_pending(services: Services) -> None:
    """Ask the provider about every top-up, order payment and refund that has no end, where there is a provider; then cancel
    orders that were not paid in time."""
    psp: Psp | None = services.extra.get(Psp.__name__)
    if psp is not None:
        await top_ups(services).reconcile_pending()
        await card_payments(services).reconcile_pending()
        await CardRefunds(services.db, psp, services.clock).reconcile_pending()
    await expire_unpaid(services.db, services.clock())


async def measure_payments(services: Services) -> None:
    """Keep the gauge of payments that wait for a person."""
    async with services.db.reading() as tx:
        found = await payments.unclear(tx, services.clock(), limit=1000)
    PAYMENTS_UNCLEAR.set(len(found))
