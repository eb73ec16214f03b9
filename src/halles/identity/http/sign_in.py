"""Guests, codes by mail, passkeys, signing out."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from halles.identity import api
from halles.identity.api import codes, passkeys
from halles.identity.http.common import (
    Me,
    admitted,
    agent,
    forget_cookie,
    forget_visitor,
    locale_of,
    me_of,
    network,
    welcome,
)
from halles.identity.rules import normal_email
from halles.identity.types import CodeRefused, MailNotConfigured, PasskeyRefused
from halles.kernel.caller import Caller, Role
from halles.kernel.web import PROBLEM_RESPONSES, Model, ServicesDep, allow

router = APIRouter(prefix="/api", tags=["identity"], responses=PROBLEM_RESPONSES)


class CodeAsked(Model):
    """Where a code shall be mailed."""

    email: str = Field(max_length=254, examples=["camille@demo.halles.example"])
    locale: Literal["fr", "en"] | None = Field(
        None, description="Language of the mail; absent: the browser's."
    )


class CodeEntered(Model):
    """A code as the shopper typed it; spaces do not matter."""

    email: str = Field(max_length=254)
    code: str = Field(min_length=6, max_length=16, examples=["123 456"])


class PasskeyAnswer(Model):
    """What navigator.credentials.get() gave, as JSON (WebAuthn Level 3, `toJSON`)."""

    credential: dict[str, Any]


@router.post("/guest", operation_id="start_guest")
async def start_guest(
    request: Request, response: Response, services: ServicesDep, caller: Caller = allow()
) -> Me:
    """Start as a guest, with a basket, orders and a wallet of one's own. Who has a session keeps it."""
    locale = locale_of(request)
    async with services.db.transaction() as tx:
        if caller.party_id is not None:
            return await me_of(tx, caller, locale)
        days = services.settings.session_days
        made = await api.start_guest(tx, agent=agent(request), now=services.clock(), days=days, locale=locale)
        return await welcome(tx, made, response, services.settings, locale)


@router.post("/sign-in/code", status_code=202, dependencies=[allow()], operation_id="ask_code")
async def ask_code(body: CodeAsked, request: Request, services: ServicesDep) -> dict[str, str]:
    """Have a six-digit code mailed. The answer and the work are the same whether or not the address has an account."""
    settings, now, address = services.settings, services.clock(), normal_email(body.email)
    if settings.smtp_url is None and not settings.demo:
        raise MailNotConfigured("Sign-in by mail is not set up here; use a passkey.", retry_after_s=3600)
    vault = api.vault(settings)
    async with services.db.transaction() as tx:
        wait_s = await codes.admit_request(
            tx, vault, address, network(request), now, settings.rate_limit_factor
        )
    admitted(wait_s)
    code = codes.new_code()
    code_hash = await codes.hash_code(vault, address, code)
    async with services.db.transaction() as tx:
        await codes.put_code(
            tx, vault, address, code, code_hash, locale=body.locale or locale_of(request), now=now
        )
    return {"status": "sent"}


@router.post("/sign-in/code/verify", operation_id="verify_code")
async def verify_code(
    body: CodeEntered, request: Request, response: Response, services: ServicesDep, caller: Caller = allow()
) -> Me:
    """Sign in with a mailed code. A guest's basket, orders and wallet follow."""
    settings, now, address = services.settings, services.clock(), normal_email(body.email)
    vault, entered = api.vault(settings), "".join(body.code.split())
    async with services.db.transaction() as tx:
        wait_s = await codes.admit_attempt(tx, vault, network(request), now, settings.rate_limit_factor)
        code_hash = None if wait_s is not None else await codes.try_code(tx, address, now)
    admitted(wait_s)
    refused = CodeRefused("This code does not work. Check it, or ask for another.")
    if not await codes.fits(vault, code_hash, address, entered) or code_hash is None:
        raise refused
    async with services.db.transaction() as tx:
        if not await codes.take_code(tx, address, code_hash, now):
            raise refused
        locale = locale_of(request)
        days, who = settings.session_days, agent(request)
        signed_in = await api.sign_in_by_email(
            tx, address, caller, agent=who, now=now, days=days, locale=locale
        )
        return await welcome(tx, signed_in, response, settings, locale)


@router.post("/sign-in/passkey/options", operation_id="passkey_sign_in_options")
async def passkey_sign_in_options(services: ServicesDep, caller: Caller = allow()) -> dict[str, Any]:
    """Options for navigator.credentials.get(); good once, for five minutes, in this browser."""
    ceremonies = passkeys.Ceremonies(services.settings.public_url)
    async with services.db.transaction() as tx:
        return await passkeys.sign_in_options(tx, ceremonies, caller.visitor or "", services.clock())


@router.post("/sign-in/passkey", operation_id="passkey_sign_in")
async def passkey_sign_in(
    body: PasskeyAnswer, request: Request, response: Response, services: ServicesDep, caller: Caller = allow()
) -> Me:
    """Sign in with a passkey. A guest's basket, orders and wallet follow."""
    settings, now = services.settings, services.clock()
    vault, ceremonies = api.vault(settings), passkeys.Ceremonies(settings.public_url)
    async with services.db.transaction() as tx:
        challenge = await passkeys.use_challenge(
            tx, body.credential, "sign_in", None, caller.visitor or "", now
        )
        known = await passkeys.find_passkey(tx, body.credential)
    if challenge is None or known is None:
        raise PasskeyRefused("This passkey does not work here. Try again, or sign in by mail.")
    async with services.db.transaction() as tx:
        party_id = await passkeys.assert_passkey(
            tx, vault, ceremonies, known, body.credential, challenge, now
        )
        signed_in = await api.sign_in(
            tx, party_id, caller, agent=agent(request), now=now, days=settings.session_days
        )
        return await welcome(tx, signed_in, response, settings, locale_of(request))


@router.post("/sign-out", status_code=204, operation_id="sign_out")
async def sign_out(services: ServicesDep, caller: Caller = allow(*Role)) -> Response:
    """End this session, here and on the server; the browser gets another anonymous id."""
    response = Response(status_code=204)
    if caller.by_cookie and caller.session_id is not None:
        async with services.db.transaction() as tx:
            await api.end_session(tx, caller.party(), caller.session_id)
        forget_cookie(response, services.settings)
        forget_visitor(response, services.settings)
    return response
