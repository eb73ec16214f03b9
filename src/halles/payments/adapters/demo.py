"""A provider for the demo, with books of its own: test cards pay, are declined, or ask for a second step."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from uuid import UUID

from halles.kernel.db import Database
from halles.kernel.money import Money
from halles.payments.store import demo as store
from halles.payments.types import (
    BadWebhook,
    PaymentRequest,
    PspNotice,
    PspPayment,
    PspRefund,
    PspRefused,
    PspState,
    RefundRequest,
    RefundState,
    Subject,
    SubjectKind,
)

# The digits are Stripe's test cards, so that the same numbers do the same with either provider.
_CARDS: dict[str, tuple[PspState, str | None]] = {
    "4242424242424242": (PspState.SUCCEEDED, None),
    "4000000000000002": (PspState.FAILED, "Your card was declined."),
    "4000002500003155": (PspState.NEEDS_ACTION, None),
}
_OPEN = [PspState.NEEDS_METHOD.value, PspState.NEEDS_ACTION.value]


class DemoPsp:
    """Keeps its books in `payments.demo_payment` and `payments.demo_refund`, in transactions of its own, as a provider elsewhere
    would."""

    name = "demo"

    def __init__(self, db: Database, *, webhook_key: bytes = b"demo") -> None:
        self._db, self._secret = db, webhook_key

    async def create_payment(self, request: PaymentRequest) -> PspPayment:
        key, ref = f"{request.subject.home_id}/{request.subject.id}", f"demo_{secrets.token_hex(12)}"
        async with self._db.transaction() as tx:
            row = await store.open_payment(tx, ref, key, request)
            if request.card is not None and row.state == PspState.NEEDS_METHOD:
                row = await store.move(tx, row.ref, _OPEN, *_try_card(request.card)) or row
        return _payment(row)

    async def fetch_payment(self, ref: str) -> PspPayment:
        async with self._db.reading() as tx:
            row = await store.find(tx, ref)
        if row is None:
            raise PspRefused("The demo's provider knows no such payment.")
        return _payment(row)

    async def close(self) -> None:
        """It has none of its own."""

    async def cancel_payment(self, ref: str) -> PspPayment:
        async with self._db.transaction() as tx:
            await store.move(tx, ref, _OPEN, PspState.CANCELED, "Nobody finished this payment.")
        return await self.fetch_payment(ref)

    async def answer_step(self, ref: str, *, approve: bool) -> PspPayment:
        """What the shopper answers on the second step's page."""
        state, failure = (
            (PspState.SUCCEEDED, None) if approve else (PspState.FAILED, "You refused this payment.")
        )
        async with self._db.transaction() as tx:
            await store.move(tx, ref, [PspState.NEEDS_ACTION], state, failure)
        return await self.fetch_payment(ref)

    async def create_refund(self, request: RefundRequest) -> PspRefund:
        async with self._db.transaction() as tx:
            payment = await store.lock(tx, request.payment_ref)
            earlier = await store.refund_by_id(tx, request.refund_id)
            if earlier is not None:
                return _refund(earlier)
            gone = await store.refunded(tx, request.payment_ref)
            if payment is None or payment.state != PspState.SUCCEEDED:
                raise PspRefused("The demo's provider was never paid this.")
            asked = request.amount
            if asked.currency != payment.currency or asked.minor > payment.amount_minor - gone:
                raise PspRefused("This is more than was paid.")
            return _refund(await store.open_refund(tx, f"demo_re_{secrets.token_hex(12)}", request))

    async def fetch_refund(self, ref: str) -> PspRefund:
        async with self._db.reading() as tx:
            row = await store.find_refund(tx, ref)
        if row is None:
            raise PspRefused("The demo's provider knows no such refund.")
        return _refund(row)

    def notice(self, event_id: str, kind: str, ref: str) -> tuple[bytes, str]:
        """A webhook as this provider would send it: body and signature."""
        body = json.dumps({"id": event_id, "type": kind, "ref": ref}).encode()
        return body, hmac.new(self._secret, body, hashlib.sha256).hexdigest()

    def verify_webhook(self, body: bytes, signature: str | None) -> PspNotice:
        expected = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        if signature is None or not hmac.compare_digest(signature.encode(), expected.encode()):
            raise BadWebhook("The signature does not hold.")
        try:
            told = json.loads(body)
            ref = str(told["ref"])
            refund = ref.startswith("demo_re_")
            return PspNotice(
                event_id=str(told["id"]),
                kind=str(told["type"]),
                ref=None if refund else ref,
                refund_ref=ref if refund else None,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BadWebhook("The webhook cannot be read.") from error


def _try_card(card: str) -> tuple[str, str | None]:
    digits = "".join(character for character in card if character.isdigit())
    state, failure = _CARDS.get(digits, (PspState.FAILED, "The demo knows three test cards only."))
    return state.value, failure


def _payment(row: store.DemoPayment) -> PspPayment:
    state = PspState(row.state)
    return PspPayment(
        ref=row.ref,
        subject=Subject(SubjectKind(row.subject), row.owner_id, UUID(str(row.topup_id))),
        amount=Money(row.amount_minor, row.currency),
        state=state,
        failure=row.failure,
        url=f"/api/demo/payments/{row.ref}" if state is PspState.NEEDS_ACTION else None,
    )


def _refund(row: store.DemoRefund) -> PspRefund:
    return PspRefund(
        ref=row.ref,
        home_id=row.home_id,
        refund_id=UUID(str(row.refund_id)),
        amount=Money(row.amount_minor, row.currency),
        state=RefundState.SUCCEEDED,
    )
