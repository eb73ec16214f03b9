"""News of a provider: a webhook only says that something happened to a payment or refund; the truth is asked for."""

from __future__ import annotations

import structlog

from halles.journeys.card_payment.booking import book
from halles.journeys.card_payment.refunds import CardRefunds
from halles.journeys.top_up.api import TopUps
from halles.kernel.clock import Clock
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal
from halles.payments import api as payments
from halles.payments.types import (
    PaymentMismatch,
    Psp,
    PspNotice,
    PspPayment,
    PspRefund,
    SubjectKind,
)

log = structlog.get_logger("halles.payments")


class News:
    """What to do with a verified webhook. Twice, late, out of order, about nothing of ours: each is safe."""

    def __init__(self, db: Database, psp: Psp, clock: Clock) -> None:
        self._db, self._psp, self._clock = db, psp, clock
        self._top_ups, self._refunds = TopUps(db, psp, clock), CardRefunds(db, psp, clock)

    async def hear(self, notice: PspNotice) -> str:
        """Ask the provider about what a notice names, whatever it says of it, and act on the answer; what changed.

        Raises PspUnavailable, so that the provider sends it again.
        """
        async with self._db.reading() as tx:
            if await payments.webhook_seen(tx, self._psp.name, notice):
                return "repeated"
        if notice.refund_ref is not None:
            return await self._hear_refund(notice, notice.refund_ref)
        payment = await self._payment(notice)
        async with self._db.transaction() as tx:
            outcome = "ignored" if payment is None else await self._outcome(tx, payment)
            await payments.note_webhook(tx, self._psp.name, notice, outcome, self._clock())
        return outcome

    async def _hear_refund(self, notice: PspNotice, ref: str) -> str:
        outcome = "ignored"
        refund = await self._refund(ref)
        if refund is not None:
            try:
                outcome = (await self._refunds.settle(refund)).state
            except Refusal as error:
                if error.kind == "unavailable":
                    raise
                outcome = error.code
        async with self._db.transaction() as tx:
            await payments.note_webhook(tx, self._psp.name, notice, outcome, self._clock())
        return outcome

    async def _payment(self, notice: PspNotice) -> PspPayment | None:
        """The payment a notice is about; None when it is about none that Halles made."""
        if notice.ref is None:
            return None
        try:
            return await self._psp.fetch_payment(notice.ref)
        except Refusal as error:
            if error.kind == "unavailable":
                raise
            return None

    async def _refund(self, ref: str) -> PspRefund | None:
        try:
            return await self._psp.fetch_refund(ref)
        except Refusal as error:
            if error.kind == "unavailable":
                raise
            return None

    async def _outcome(self, tx: Tx, payment: PspPayment) -> str:
        try:
            async with tx.savepoint():
                if payment.subject.kind is SubjectKind.ORDER:
                    return (await book(tx, payment, self._clock())).state
                return (await self._top_ups.book(tx, payment)).state
        except PaymentMismatch as error:
            log.error("payments.mismatch", **error.fields)  # noqa: TRY400  no bug, no trace
            return "mismatch"
        except Refusal as error:
            if error.kind == "unavailable":
                raise
            return error.code
