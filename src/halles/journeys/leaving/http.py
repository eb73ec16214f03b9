"""A shopper's own data: taken along, and the account closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import Field

from halles.identity import api as identity
from halles.identity.api import closing
from halles.identity.types import Closure, ClosureIdReused
from halles.journeys.leaving import api, rules
from halles.journeys.leaving.archive import Archive, archive, encode
from halles.journeys.leaving.proof import Given, prove
from halles.journeys.leaving.types import Amount, Obstacle
from halles.kernel.caller import Caller, Role
from halles.kernel.errors import Forbidden, Refusal
from halles.kernel.money import BadAmount
from halles.kernel.web import PROBLEM_RESPONSES, Model, MoneyModel, Services, ServicesDep, allow

log = structlog.get_logger("halles.leaving")
router = APIRouter(prefix="/api/me", tags=["identity"], responses=PROBLEM_RESPONSES)
_FILE: dict[int | str, dict[str, Any]] = {200: {"model": Archive, "description": "The archive, as a file"}}
_ID = "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10"
_MOST = 2**62
"""Minor units; no wallet holds more."""


class ObstacleModel(Model):
    """Why the account cannot be closed now; `money` may be given up. Of the lists, that one is filled which the code is about."""

    code: str = Field(examples=["leaving.order_open"])
    orders: list[OpenOrderModel]
    money: list[MoneyModel]
    seller_ids: list[int]


class OpenOrderModel(Model):
    """An order that is not over."""

    order_id: UUID
    number: str = Field(examples=["0D7F6A3C2B"])
    placed_at: datetime


class Leaving(Model):
    """What closing the account takes. `proof`: how one proves that it is oneself; empty for a guest, whose session is all there
    is."""

    obstacles: list[ObstacleModel]
    proof: list[str] = Field(examples=[["code", "passkey"]])
    email: str | None


class NewClosing(Model):
    """An account to be closed. `closure_id` is made by the client: the same id closes once. `give_up`: exactly what is in the
    wallet, when its owner gives it up. A guest who lost their session names one of their orders and its e-mail address."""

    closure_id: UUID = Field(examples=[_ID])
    give_up: tuple[MoneyModel, ...] = Field((), max_length=50)
    code: str | None = Field(None, min_length=6, max_length=16, examples=["123 456"])
    credential: dict[str, Any] | None = Field(
        None, description="What navigator.credentials.get() gave to the options of signing in with a passkey."
    )
    order_id: UUID | None = None
    email: str | None = Field(None, max_length=254)


class Closed(Model):
    """An account that is closed. `forgotten`: everything is; else the worker goes on with it by itself."""

    closure_id: UUID
    closed_at: datetime
    forgotten: bool


@router.get("/data", response_class=Response, responses=_FILE, operation_id="my_data")
async def my_data(services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> Response:
    """All that is held of you, as one JSON file: who you are, orders, money, visits, photos' answers, consents and the rest."""
    now = services.clock()
    made = encode(await archive(services.db, caller.party(), now))
    name = f"halles-my-data-{now:%Y-%m-%d}.json"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(made, media_type="application/json", headers=headers)


@router.get("/closing", operation_id="leaving")
async def leaving(services: ServicesDep, response: Response, caller: Caller = allow(Role.SHOPPER)) -> Leaving:
    """What stands in the way of closing your account, and how you will prove that it is you."""
    response.headers["cache-control"] = "no-store"
    async with services.db.reading() as tx:
        party = await identity.party(tx, caller.party())
        found = rules.obstacles(await api.standing(tx, caller.party(), services.clock()))
    proof = (
        [] if party.guest else [*(["code"] if party.email else []), *(["passkey"] if party.passkeys else [])]
    )
    return Leaving(obstacles=[_obstacle(one) for one in found], proof=proof, email=party.email)


@router.post("/closing", operation_id="close_account")
async def close_account(
    body: NewClosing, request: Request, response: Response, services: ServicesDep, caller: Caller = allow()
) -> Closed:
    """Close your account, with a fresh proof that it is you. Sessions end everywhere; name, addresses, passkeys, consents and
    visits are deleted; orders stay for the books without your name. Refused while an order, a payment or money is left. Nothing
    brings the account back; whoever signs in with the same address later is a stranger to it."""
    given_up = [Amount(minor=one.minor, currency=one.currency) for one in body.give_up]
    if any(abs(one.minor) > _MOST for one in given_up):
        raise BadAmount("No wallet holds so much.", field="give_up")
    found = await _asked_before(services, caller, body, given_up)
    if found is None:
        found = await _close(services, request, caller, body, given_up)
    if body.order_id is None or caller.party_id in {None, found.party_id}:
        _sign_out(services, response)
    return Closed(
        closure_id=found.closure_id, closed_at=found.closed_at, forgotten=await _forget(services, found)
    )


async def _asked_before(
    services: Services, caller: Caller, body: NewClosing, given_up: Sequence[Amount]
) -> Closure | None:
    """The closing that was made under this id. Raises ClosureIdReused where it closed somebody else than who is signed in."""
    async with services.db.reading() as tx:
        found = await closing.find_closure(
            tx, closure_id=body.closure_id, fingerprint=rules.fingerprint(given_up)
        )
        if found is None or body.order_id is not None or caller.party_id is None:
            return found
        closed = {one.party_id for one in await closing.closings_of(tx, body.closure_id)}
    if caller.party_id not in closed:
        raise ClosureIdReused("Another account was closed under this id.")
    return found


def _sign_out(services: Services, response: Response) -> None:
    for base in (identity.SESSION_COOKIE, identity.VISITOR_COOKIE):
        name = identity.cookie_name(base, https=services.settings.https)
        response.delete_cookie(name, path="/", secure=services.settings.https, httponly=True, samesite="lax")


async def _close(
    services: Services, request: Request, caller: Caller, body: NewClosing, given_up: Sequence[Amount]
) -> Closure:
    if caller.party_id is not None and not caller.by_cookie:
        raise Forbidden("A program's key closes no account.")
    given = Given(
        code=body.code,
        credential=body.credential,
        order_id=body.order_id,
        email=body.email,
        network=str(request.scope.get("halles.client", "local")),
    )
    proved = await prove(services, caller, given)
    async with services.db.transaction() as tx:
        await proved.use(tx)
        return await api.close(
            tx,
            proved.party_id,
            closure_id=body.closure_id,
            given_up=given_up,
            by=proved.by,
            now=services.clock(),
        )


async def _forget(services: Services, found: Closure) -> bool:
    """Forget at once; what cannot be now, the worker does."""
    if found.passes:
        return True
    try:
        await api.forget_closure(services.db, found.closure_id, services.clock())
    except Refusal as refusal:
        log.warning("leaving.not_forgotten_yet", code=refusal.code)
        return False
    return True


def _obstacle(one: Obstacle) -> ObstacleModel:
    return ObstacleModel(
        code=one.code,
        orders=[
            OpenOrderModel(order_id=o.order_id, number=o.number, placed_at=o.placed_at) for o in one.orders
        ],
        money=[MoneyModel(minor=m.minor, currency=m.currency) for m in one.money],
        seller_ids=list(one.sellers),
    )
