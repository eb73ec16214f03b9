"""The demo's manners: its mailbox, its accounts. Every route answers 404 outside the demo."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import Field

from halles.identity import api
from halles.identity.http.common import Me, agent, locale_of, welcome
from halles.identity.rules import normal_email
from halles.identity.types import DEMO_DOMAIN, NoSuchParty, NotInDemo
from halles.kernel.caller import Caller
from halles.kernel.web import PROBLEM_RESPONSES, Model, Services, ServicesDep, allow

router = APIRouter(prefix="/api/demo", tags=["demo"], responses=PROBLEM_RESPONSES)


class MailModel(Model):
    """A mail that would have gone out. `code`: what it carries, if anything."""

    id: int
    to: str
    subject: str
    text: str
    at: datetime
    code: str | None


class DemoAccountModel(Model):
    """An account anyone may try."""

    label: str
    email: str
    role: str


class DemoSignIn(Model):
    """One of the demo's accounts."""

    email: str = Field(max_length=254, examples=["sam@demo.halles.example"])


@router.get("/mailbox", dependencies=[allow()], operation_id="demo_mailbox")
async def mailbox(services: ServicesDep) -> list[MailModel]:
    """The latest mails, the newest first."""
    _need_demo(services)
    async with services.db.reading() as tx:
        found = await api.mailbox(tx)
    return [
        MailModel(
            id=mail.mail_id,
            to=mail.recipient,
            subject=mail.subject,
            text=mail.body,
            at=mail.at,
            code=mail.code,
        )
        for mail in found
    ]


@router.get("/accounts", dependencies=[allow()], operation_id="demo_accounts")
async def accounts(services: ServicesDep) -> list[DemoAccountModel]:
    """The accounts anyone may try."""
    _need_demo(services)
    async with services.db.reading() as tx:
        found = await api.demo_accounts(tx)
    return [
        DemoAccountModel(label=account.label, email=account.email, role=account.role) for account in found
    ]


@router.post("/sign-in", operation_id="demo_sign_in")
async def demo_sign_in(
    body: DemoSignIn, request: Request, response: Response, services: ServicesDep, caller: Caller = allow()
) -> Me:
    """Sign in as one of the demo's accounts, without a proof."""
    _need_demo(services)
    address = normal_email(body.email)
    async with services.db.transaction() as tx:
        party_id = await api.find_by_email(tx, address) if address.endswith(DEMO_DOMAIN) else None
        if party_id is None:
            raise NoSuchParty("The demo has no such account.")
        days, now = services.settings.session_days, services.clock()
        signed_in = await api.sign_in(tx, party_id, caller, agent=agent(request), now=now, days=days)
        return await welcome(tx, signed_in, response, services.settings, locale_of(request))


def _need_demo(services: Services) -> None:
    if not services.settings.demo:
        raise NotInDemo("There is nothing at this address.")
