"""What the pages of identity share: cookies, the caller's own picture of themselves, who may knock how often."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import Field

from halles.identity import api
from halles.identity.types import SignedIn, TooManyCodes
from halles.kernel.caller import Caller
from halles.kernel.db import Tx
from halles.kernel.settings import Settings
from halles.kernel.web import Model

_COOKIE_S = 400 * 86_400  # the longest browsers keep; the session's own end is decided here, not there


class Me(Model):
    """Who the caller is, as the pages need it. `party_id` is null for a visitor without a session."""

    signed_in: bool
    guest: bool
    party_id: int | None
    name: str | None
    email: str | None
    locale: str = Field(examples=["fr"])
    roles: list[str]
    seller_ids: list[int]
    has_passkey: bool
    currency: str = Field(examples=["EUR"])


async def me_of(tx: Tx, caller: Caller, locale: str) -> Me:
    """The caller's picture of themselves. One statement; none for a visitor."""
    if caller.party_id is None:
        return Me(
            signed_in=False,
            guest=False,
            party_id=None,
            name=None,
            email=None,
            locale=locale,
            roles=[],
            seller_ids=[],
            has_passkey=False,
            currency="EUR",
        )
    party = await api.party(tx, caller.party_id)
    return Me(
        signed_in=not party.guest,
        guest=party.guest,
        party_id=party.party_id,
        name=party.name,
        email=party.email,
        locale=party.locale,
        roles=sorted(caller.roles),
        seller_ids=sorted(caller.seller_ids),
        has_passkey=party.passkeys > 0,
        currency=party.currency,
    )


async def welcome(tx: Tx, signed_in: SignedIn, response: Response, settings: Settings, now_locale: str) -> Me:
    """Hand a new session to the browser and say who it is now. Three statements."""
    response.set_cookie(
        api.cookie_name(api.SESSION_COOKIE, https=settings.https),
        signed_in.token,
        max_age=_COOKIE_S,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )
    grants = [] if signed_in.guest else await api.roles_of(tx, signed_in.party_id)
    caller = api.caller_of(signed_in.party_id, grants, guest=signed_in.guest)
    return await me_of(tx, caller, now_locale)


def forget_cookie(response: Response, settings: Settings) -> None:
    """Tell the browser to drop the session's cookie."""
    name = api.cookie_name(api.SESSION_COOKIE, https=settings.https)
    response.delete_cookie(name, path="/", secure=settings.https, httponly=True, samesite="lax")


def forget_visitor(response: Response, settings: Settings) -> None:
    """Tell the browser to drop its anonymous id: who uses it next begins without the past of who signed out."""
    name = api.cookie_name(api.VISITOR_COOKIE, https=settings.https)
    response.delete_cookie(name, path="/", secure=settings.https, httponly=True, samesite="lax")


def locale_of(request: Request) -> str:
    """The better of our two languages for this browser: its first preference that is one of them, else English."""
    for item in request.headers.get("accept-language", "").split(","):
        language = item.split(";", 1)[0].strip().lower()[:2]
        if language in {"fr", "en"}:
            return language
    return "en"


def network(request: Request) -> str:
    """The caller's network address, as the door noted it."""
    return str(request.scope.get("halles.client", "local"))


def agent(request: Request) -> str:
    return request.headers.get("user-agent", "")


def admitted(wait_s: float | None) -> None:
    """Raise TooManyCodes when there is something to wait for."""
    if wait_s is not None:
        raise TooManyCodes(
            "Too many codes were asked for or tried; wait before the next.", retry_after_s=wait_s
        )
