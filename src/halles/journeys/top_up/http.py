"""Top-ups over HTTP."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from halles.journeys.top_up.api import top_ups
from halles.kernel.caller import Caller, Role
from halles.kernel.money import Money
from halles.kernel.web import PROBLEM_RESPONSES, Model, MoneyModel, ServicesDep, allow
from halles.payments.types import Topup

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
