"""Top-ups over HTTP, the provider's webhook, and the demo provider's page for a second step."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from halles.journeys.top_up.api import top_ups
from halles.kernel.caller import Caller, Role
from halles.kernel.money import Money
from halles.kernel.web import PROBLEM_RESPONSES, Model, MoneyModel, Services, ServicesDep, allow
from halles.payments.types import NoSuchTopup, Psp, PspPayment, Topup

router = APIRouter(prefix="/api", tags=["wallet"], responses=PROBLEM_RESPONSES)


class TopupMethod(Model):
    """How the demo pays. Real cards never reach Halles: they go from the browser to the provider."""

    demo_card: str = Field(max_length=32, examples=["4242 4242 4242 4242"])


class TopupAsked(Model):
    """A wish to top up. `topup_id` is made by the client, a UUIDv7; sent again it goes on where it stopped."""

    topup_id: UUID
    amount: MoneyModel
    method: TopupMethod | None = None


class TopupModel(Model):
    """A top-up. `next`: what is left for the shopper to do: `client_secret` for the provider's elements, or a page's `url`."""

    topup_id: UUID
    amount: MoneyModel
    state: str = Field(examples=["pending"])
    provider: str
    next: dict[str, str] | None
    failure: str | None


@router.post("/topups", operation_id="top_up")
async def top_up(body: TopupAsked, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> TopupModel:
    """Top up the wallet."""
    journey = top_ups(services)
    card = body.method.demo_card if body.method is not None else None
    amount = Money(body.amount.minor, body.amount.currency)
    return _topup(await journey.start(caller.party(), body.topup_id, amount, card))


@router.get("/topups/{topup_id}", operation_id="get_topup")
async def get_topup(
    topup_id: UUID, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> TopupModel:
    """Where a top-up stands."""
    return _topup(await top_ups(services).look(caller.party(), topup_id))


@router.post("/psp/stripe/webhook", dependencies=[allow()], operation_id="stripe_webhook")
async def stripe_webhook(request: Request, services: ServicesDep) -> dict[str, str]:
    """What Stripe has to say. Its signature is its access; what it says is only a reason to ask Stripe."""
    psp: Psp | None = services.extra.get(Psp.__name__)
    if psp is None or psp.name != "stripe":
        raise NoSuchTopup("Stripe is not this shop's payment provider.")
    notice = psp.verify_webhook(await request.body(), request.headers.get("stripe-signature"))
    return {"outcome": await top_ups(services).hear(notice)}


@router.get("/demo/payments/{ref}", response_class=HTMLResponse, operation_id="demo_step")
async def demo_step(ref: str, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> HTMLResponse:
    """The demo bank's page: approve a payment, or refuse it."""
    _, payment = await _demo_payment(services, ref, caller)
    return HTMLResponse(_STEP_PAGE.format(amount=payment.amount, ref=payment.ref))


@router.post("/demo/payments/{ref}", operation_id="answer_demo_step")
async def answer_demo_step(
    ref: str, answer: Annotated[str, Form()], services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> Response:
    """What the shopper answered; then back to the wallet."""
    psp, payment = await _demo_payment(services, ref, caller)
    await top_ups(services).settle(await psp.answer_step(payment.ref, approve=answer == "approve"))
    return RedirectResponse(f"/wallet?topup={payment.topup_id}", 303)


_STEP_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Demo bank</title><h1>Demo bank</h1><p>Halles asks for {amount}. No real money moves.</p>
<form method="post" action="/api/demo/payments/{ref}"><button name="answer" value="approve">Approve</button>
<button name="answer" value="refuse">Refuse</button></form></html>"""


async def _demo_payment(services: Services, ref: str, caller: Caller) -> tuple[Any, PspPayment]:
    """The demo's provider and a payment of the caller's own. Raises NoSuchTopup."""
    psp: Any = services.extra.get(Psp.__name__)
    if psp is None or psp.name != "demo":
        raise NoSuchTopup("There is no such payment.")
    payment: PspPayment = await psp.fetch_payment(ref)
    if payment.owner_id != caller.party_id:
        raise NoSuchTopup("There is no such payment.")
    return psp, payment


def _topup(topup: Topup) -> TopupModel:
    steps = {"client_secret": topup.client_secret, "url": topup.url}
    left = {name: value for name, value in steps.items() if value is not None}
    return TopupModel(
        topup_id=topup.topup_id,
        amount=MoneyModel(minor=topup.amount_minor, currency=topup.currency),
        state=topup.state,
        provider=topup.provider,
        next=left or None,
        failure=topup.failure,
    )
