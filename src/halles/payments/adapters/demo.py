"""A provider for the demo, with books of its own: test cards pay, are declined, or ask for a second step."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from uuid import UUID

from halles.kernel.db import Database
from halles.kernel.money import Money
from halles.payments import store
from halles.payments.types import BadWebhook, PaymentRequest, PspNotice, PspPayment, PspRefused, PspState

# The digits are Stripe's test cards, so that the same numbers do the same with either provider.
_CARDS: dict[str, tuple[PspState, str | None]] = {
    "4242424242424242": (PspState.SUCCEEDED, None),
    "4000000000000002": (PspState.FAILED, "Your card was declined."),
    "4000002500003155": (PspState.NEEDS_ACTION, None),
}
_OPEN = [PspState.NEEDS_METHOD.value, PspState.NEEDS_ACTION.value]


class DemoPsp:
    """Keeps its books in `payments.demo_payment`, in transactions of its own, as a provider elsewhere would."""

    name = "demo"

    def __init__(self, db: Database, *, webhook_key: bytes = b"demo") -> None:
        self._db, self._secret = db, webhook_key

    async def create_payment(self, request: PaymentRequest) -> PspPayment:
        key, ref = f"{request.owner_id}/{request.topup_id}", f"demo_{secrets.token_hex(12)}"
        money = request.amount
        async with self._db.transaction() as tx:
            row = await store.demo_open(
                tx, ref, key, request.owner_id, request.topup_id, money.minor, money.currency
            )
            if request.card is not None and row.state == PspState.NEEDS_METHOD:
                row = await store.demo_move(tx, row.ref, _OPEN, *_try_card(request.card)) or row
        return _payment(row)

    async def fetch_payment(self, ref: str) -> PspPayment:
        async with self._db.reading() as tx:
            row = await store.demo_find(tx, ref)
        if row is None:
            raise PspRefused("The demo's provider knows no such payment.")
        return _payment(row)

    async def close(self) -> None:
        """It has none of its own."""

    async def cancel_payment(self, ref: str) -> PspPayment:
        async with self._db.transaction() as tx:
            await store.demo_move(tx, ref, _OPEN, PspState.CANCELED, "Nobody finished this payment.")
        return await self.fetch_payment(ref)

    async def answer_step(self, ref: str, *, approve: bool) -> PspPayment:
        """What the shopper answers on the second step's page."""
        state, failure = (
            (PspState.SUCCEEDED, None) if approve else (PspState.FAILED, "You refused this payment.")
        )
        async with self._db.transaction() as tx:
            await store.demo_move(tx, ref, [PspState.NEEDS_ACTION], state, failure)
        return await self.fetch_payment(ref)

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
            return PspNotice(event_id=str(told["id"]), kind=str(told["type"]), ref=str(told["ref"]))
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
        owner_id=row.owner_id,
        topup_id=UUID(str(row.topup_id)),
        amount=Money(row.amount_minor, row.currency),
        state=state,
        failure=row.failure,
        url=f"/api/demo/payments/{row.ref}" if state is PspState.NEEDS_ACTION else None,
    )
