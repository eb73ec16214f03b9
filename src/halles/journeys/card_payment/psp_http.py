"""The provider's side of the door: its webhook, and the demo provider's page for a second step."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from halles.identity import api as identity
from halles.journeys.card_payment.api import card_payments
from halles.journeys.card_payment.news import News
from halles.journeys.top_up.api import top_ups
from halles.kernel.caller import Caller, Role
from halles.kernel.errors import PayloadTooLarge
from halles.kernel.web import PROBLEM_RESPONSES, Services, ServicesDep, allow
from halles.orders import api as orders
from halles.payments import api as payments
from halles.payments.types import NoSuchPayment, Psp, PspPayment, SubjectKind

router = APIRouter(prefix="/api", tags=["payments"], responses=PROBLEM_RESPONSES)
MOST_BYTES = 256 * 1024
"""Stripe's events are a few kilobytes."""


@router.post("/psp/stripe/webhook", dependencies=[allow()], operation_id="stripe_webhook")
async def stripe_webhook(request: Request, services: ServicesDep) -> dict[str, str]:
    """What Stripe has to say. Its signature is its access; what it says is only a reason to ask Stripe."""
    psp: Psp | None = services.extra.get(Psp.__name__)
    if psp is None or psp.name != "stripe":
        raise NoSuchPayment("Stripe is not this shop's payment provider.")
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise PayloadTooLarge("A webhook is at most 256 KiB.")
    notice = psp.verify_webhook(body, request.headers.get("stripe-signature"))
    return {"outcome": await News(services.db, psp, services.clock).hear(notice)}


@router.get("/demo/payments/{ref}", response_class=HTMLResponse, operation_id="demo_step")
async def demo_step(ref: str, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> HTMLResponse:
    """The demo bank's page: approve a payment, or refuse it."""
    _, payment, _ = await _demo_payment(services, ref, caller)
    return HTMLResponse(_STEP_PAGE.format(amount=payment.amount, ref=payment.ref))


@router.post("/demo/payments/{ref}", operation_id="answer_demo_step")
async def answer_demo_step(
    ref: str, answer: Annotated[str, Form()], services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> Response:
    """What the shopper answered; then back to the wallet, or to the order."""
    psp, payment, back = await _demo_payment(services, ref, caller)
    told: PspPayment = await psp.answer_step(payment.ref, approve=answer == "approve")
    if told.subject.kind is SubjectKind.ORDER:
        await card_payments(services).settle(told)
    else:
        await top_ups(services).settle(told)
    return RedirectResponse(back, 303)


_STEP_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Demo bank</title><h1>Demo bank</h1><p>Halles asks for {amount}. No real money moves.</p>
<form method="post" action="/api/demo/payments/{ref}"><button name="answer" value="approve">Approve</button>
<button name="answer" value="refuse">Refuse</button></form></html>"""


async def _demo_payment(services: Services, ref: str, caller: Caller) -> tuple[Any, PspPayment, str]:
    """The demo's provider, a payment of the caller's own, and where its page leads back to. Raises NoSuchPayment."""
    psp: Any = services.extra.get(Psp.__name__)
    if psp is None or psp.name != "demo":
        raise NoSuchPayment("There is no such payment.")
    payment: PspPayment = await psp.fetch_payment(ref)
    subject = payment.subject
    owner_id, back = subject.home_id, f"/wallet?topup={subject.id}"
    async with services.db.transaction() as tx:
        if subject.kind is SubjectKind.ORDER:
            row = await payments.find_payment(tx, subject.home_id, subject.id)
            owner_id = (await orders.load_order(tx, row.order_id)).owner_id
            back = f"/orders/{row.order_id}"
        if caller.party_id is None or await identity.current_party(tx, owner_id) != caller.party_id:
            raise NoSuchPayment("There is no such payment.")
    return psp, payment, back
