"""What an order's events queue: a row each, a set at a time, so that a rush is not slowed; the worker writes when it has time."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog

from halles.kernel.clock import Clock
from halles.kernel.relay import Delivery
from halles.kernel.settings import Settings
from halles.letters import api as letters
from halles.letters.types import Kind, NewLetter
from halles.orders.types import OrderAdvanced, OrderNoted, OrderPaymentReceived, OrderPlaced, OrderState

log = structlog.get_logger("halles.letters")

_OF_STATE = {
    OrderState.PACKED.word: Kind.READY,
    OrderState.SHIPPED.word: Kind.SHIPPED,
    OrderState.DELIVERED.word: Kind.DELIVERED,
    OrderState.CANCELLED.word: Kind.CANCELLED,
    OrderState.RETURNED.word: Kind.REFUNDED,
}
_REFUNDED = "orders.card_refunded"


def configured(settings: Settings) -> bool:
    """Whether there is anything to send mails with."""
    return settings.smtp_url is not None or settings.demo


class QueueLetters:
    """The reactions to what happens to orders. Without a mail server nothing is queued; that is logged once."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock, self._configured, self._said = clock, configured(settings), False

    async def placed(self, events: Sequence[OrderPlaced | OrderPaymentReceived], delivery: Delivery) -> None:
        """The confirmation; where a card is awaited, the second event makes it due."""
        wanted = [_letter(event.seller_id, event.order_id, Kind.CONFIRMATION) for event in events]
        await self._queue(wanted, delivery)

    async def advanced(self, events: Sequence[OrderAdvanced], delivery: Delivery) -> None:
        kinds = [(event, _OF_STATE.get(event.state)) for event in events]
        wanted = [_letter(event.seller_id, event.order_id, kind) for event, kind in kinds if kind is not None]
        await self._queue(wanted, delivery)

    async def noted(self, events: Sequence[OrderNoted], delivery: Delivery) -> None:
        """Money that is back on the card; each time it comes."""
        wanted = [
            NewLetter(seller_id=event.seller_id, order_id=event.order_id, kind=Kind.REFUNDED, cause=event_id)
            for event, event_id in zip(events, delivery.event_ids, strict=True)
            if event.code == _REFUNDED
        ]
        await self._queue(wanted, delivery)

    async def _queue(self, wanted: Sequence[NewLetter], delivery: Delivery) -> None:
        if self._configured:
            await letters.queue(delivery.inside(), wanted, self._clock())
        elif wanted and not self._said:
            self._said = True
            log.warning("letters.no_mail_server", setting="HALLES_SMTP_URL")


def _letter(seller_id: int, order_id: UUID, kind: Kind) -> NewLetter:
    return NewLetter(seller_id=seller_id, order_id=order_id, kind=kind)
