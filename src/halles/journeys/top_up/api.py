"""Top-ups: start one, settle one, find out about all that are unfinished."""

from __future__ import annotations

from uuid import UUID

import structlog

from halles.identity import api as identity
from halles.kernel.clock import Clock
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal
from halles.kernel.ids import PartyId
from halles.kernel.money import Money
from halles.kernel.web import Services
from halles.payments import api as payments
from halles.payments.types import (
    NoSuchTopup,
    PaymentRequest,
    PaymentsOff,
    Psp,
    PspPayment,
    Subject,
    SubjectKind,
    Topup,
    TopupState,
)
from halles.wallet import api as wallet

log = structlog.get_logger("halles.payments")


class TopUps:
    """The journey, on a provider. Nothing here holds a transaction while it calls the provider."""

    def __init__(self, db: Database, psp: Psp, clock: Clock) -> None:
        self._db, self._psp, self._clock = db, psp, clock

    async def start(self, owner_id: PartyId, topup_id: UUID, amount: Money, card: str | None = None) -> Topup:
        """Record the intent, open the payment, record its state. Repeating it goes on where it stopped.

        Raises BadTopup, TopupReused, AccountClosed, PspRefused, and PspUnavailable, after which the reconciler goes on by itself.
        """
        async with self._db.transaction() as tx:
            await identity.hold_open(tx, [owner_id])
            topup = await payments.open_topup(
                tx,
                owner_id=owner_id,
                topup_id=topup_id,
                amount=amount,
                provider=self._psp.name,
                now=self._clock(),
            )
        if topup.ended or (topup.provider_ref is not None and card is None):
            return topup
        request = PaymentRequest(subject=_subject(owner_id, topup_id), amount=amount, card=card)
        return await self.settle(await self._psp.create_payment(request))

    async def look(self, owner_id: PartyId, topup_id: UUID) -> Topup:
        """A top-up of the caller's own, or of the guest they were. Raises NoSuchTopup."""
        async with self._db.transaction() as tx:
            topup = await payments.find_by_id(tx, topup_id)
            if await identity.current_party(tx, topup.owner_id) != owner_id:
                raise NoSuchTopup("You have no such top-up.", topup_id=str(topup_id))
        return topup

    async def settle(self, payment: PspPayment) -> Topup:
        """Record what the provider said and book the money with it, once. Raises NoSuchTopup, PaymentMismatch."""
        async with self._db.transaction() as tx:
            return await self.book(tx, payment)

    async def find_out(self, topup: Topup) -> Topup:
        """Ask the provider about an unfinished top-up; one that nobody finished for a day is closed there first."""
        if topup.provider_ref is None:
            request = PaymentRequest(subject=_subject(topup.owner_id, topup.topup_id), amount=topup.amount)
            payment = await self._psp.create_payment(request)
        else:
            payment = await self._psp.fetch_payment(topup.provider_ref)
        settled = await self.settle(payment)
        if not settled.ended and payments.is_abandoned(topup, self._clock()):
            settled = await self.settle(await self._psp.cancel_payment(payment.ref))
        return settled

    async def reconcile_pending(self, limit: int = 50) -> int:
        """Ask the provider about unfinished top-ups that are due; how many ended. Workers call it every few seconds."""
        async with self._db.transaction() as tx:
            due = await payments.claim_due(tx, self._clock(), limit)
        ended = 0
        for topup in due:
            try:
                ended += (await self.find_out(topup)).ended
            except Refusal as error:
                log.warning("payments.reconcile_failed", topup_id=str(topup.topup_id), code=error.code)
        return ended

    async def book(self, tx: Tx, payment: PspPayment) -> Topup:
        """As `settle`, in the caller's transaction."""
        topup, settled_now = await payments.record(tx, payment, self._clock())
        if settled_now:
            owner_id = await identity.current_party(tx, topup.owner_id)
            await wallet.top_up(
                tx, owner_id=owner_id, topup_id=topup.topup_id, amount=topup.amount, at=self._clock()
            )
        elif topup.state == TopupState.FAILED and payment.state == "succeeded":
            log.error("payments.paid_after_failed", topup_id=str(topup.topup_id), provider_ref=payment.ref)
        return topup


def _subject(owner_id: int, topup_id: UUID) -> Subject:
    return Subject(SubjectKind.TOPUP, owner_id, topup_id)


def top_ups(services: Services) -> TopUps:
    """The journey on this process's provider. Raises PaymentsOff when there is none."""
    psp: Psp | None = services.extra.get(Psp.__name__)
    if psp is None:
        raise PaymentsOff("Wallets cannot be topped up here: no payment provider is set up.")
    return TopUps(services.db, psp, services.clock)
