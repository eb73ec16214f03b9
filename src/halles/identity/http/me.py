"""The caller's own account: name, language, passkeys, where they are signed in."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from halles.identity import api
from halles.identity.api import passkeys
from halles.identity.http.common import Me, agent, locale_of, me_of
from halles.identity.rules import agent_label
from halles.identity.types import NoSuchPasskey, PasskeyRefused
from halles.kernel.caller import Caller, Role
from halles.kernel.errors import Unauthenticated
from halles.kernel.web import PROBLEM_RESPONSES, Model, ServicesDep, allow

router = APIRouter(prefix="/api", tags=["identity"], responses=PROBLEM_RESPONSES)


class MeChange(Model):
    """What changes; what is absent stays."""

    name: str | None = Field(None, min_length=1, max_length=80, examples=["Camille"])
    locale: Literal["fr", "en"] | None = None
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", examples=["EUR"])


class NewPasskey(Model):
    """What navigator.credentials.create() gave, as JSON. `name`: how the owner will recognise it; absent: after the browser."""

    credential: dict[str, Any]
    name: str | None = Field(None, min_length=1, max_length=60)


class PasskeyModel(Model):
    """A registered authenticator. `backed_up`: its maker keeps a copy, so that a lost device does not lose it."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool


class SessionModel(Model):
    """One place where the caller is signed in."""

    id: str
    agent: str = Field(examples=["Firefox on Android"])
    created_at: datetime
    seen_at: datetime
    current: bool


@router.get("/me", operation_id="me")
async def me(request: Request, services: ServicesDep, caller: Caller = allow()) -> Me:
    """Who the caller is."""
    async with services.db.reading() as tx:
        return await me_of(tx, caller, locale_of(request))


@router.patch("/me", operation_id="change_me")
async def change_me(
    body: MeChange, request: Request, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> Me:
    """Change name, language or currency."""
    async with services.db.transaction() as tx:
        await api.change(tx, caller.party(), name=body.name, locale=body.locale, currency=body.currency)
        return await me_of(tx, caller, locale_of(request))


@router.post("/passkeys/options", operation_id="passkey_options")
async def passkey_options(services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> dict[str, Any]:
    """Options for navigator.credentials.create(); good once, for five minutes, in this browser. Guests sign in by mail first."""
    ceremonies, now = passkeys.Ceremonies(services.settings.public_url), services.clock()
    async with services.db.transaction() as tx:
        party = await api.party(tx, _full(caller))
        return await passkeys.register_options(
            tx, api.vault(services.settings), ceremonies, party, caller.visitor or "", now
        )


@router.post("/passkeys", status_code=201, operation_id="add_passkey")
async def add_passkey(
    body: NewPasskey, request: Request, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> PasskeyModel:
    """Register the authenticator that answered."""
    now, party_id, binding = services.clock(), _full(caller), caller.visitor or ""
    async with services.db.transaction() as tx:
        challenge = await passkeys.use_challenge(tx, body.credential, "register", party_id, binding, now)
    if challenge is None:
        raise PasskeyRefused("This took too long, or was started elsewhere. Try again.")
    ceremonies, name = (
        passkeys.Ceremonies(services.settings.public_url),
        body.name or agent_label(agent(request)),
    )
    async with services.db.transaction() as tx:
        await api.hold_open(tx, [party_id])
        made = await passkeys.register_passkey(
            tx, ceremonies, party_id, body.credential, challenge, name, now
        )
        kept = {passkey.credential_id: passkey for passkey in await passkeys.list_passkeys(tx, party_id)}
    return _passkey(kept[made])


@router.get("/passkeys", operation_id="list_passkeys")
async def list_passkeys(services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> list[PasskeyModel]:
    """The caller's passkeys."""
    async with services.db.reading() as tx:
        return [_passkey(passkey) for passkey in await passkeys.list_passkeys(tx, caller.party())]


@router.delete("/passkeys/{passkey_id}", status_code=204, operation_id="drop_passkey")
async def drop_passkey(
    passkey_id: str, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> Response:
    """Forget a passkey. Signing in by mail goes on working."""
    async with services.db.transaction() as tx:
        await passkeys.drop_passkey(tx, caller.party(), _credential_id(passkey_id))
    return Response(status_code=204)


@router.get("/sessions", operation_id="list_sessions")
async def list_sessions(services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> list[SessionModel]:
    """Where the caller is signed in."""
    async with services.db.reading() as tx:
        found = await api.list_sessions(tx, caller.party(), services.clock())
    return [
        SessionModel(
            id=session.session_id,
            agent=session.agent,
            created_at=session.created_at,
            seen_at=session.seen_at,
            current=session.session_id == caller.session_id,
        )
        for session in found
    ]


@router.delete("/sessions/{session_id}", status_code=204, operation_id="end_session")
async def end_session(
    session_id: str, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> Response:
    """Sign out somewhere else."""
    async with services.db.transaction() as tx:
        await api.end_session(tx, caller.party(), session_id)
    return Response(status_code=204)


def _full(caller: Caller) -> int:
    if caller.guest:
        raise Unauthenticated("Sign in by mail first: a passkey belongs to an account.")
    return caller.party()


def _passkey(passkey: passkeys.Passkey) -> PasskeyModel:
    return PasskeyModel(
        id=base64.urlsafe_b64encode(passkey.credential_id).decode().rstrip("="),
        name=passkey.name,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
        backed_up=passkey.backed_up,
    )


def _credential_id(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise NoSuchPasskey("You have no such passkey.") from error
