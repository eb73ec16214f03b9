"""The worker's part: take letters that are due, read what is to be told, write, hand over, note what became of it.

No transaction is open while the mail server is spoken to. A worker that dies between the hand-over and its note leaves a claim
that ends; the next one sends under the same Message-ID.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, cast

import structlog

from halles.identity import api as identity
from halles.identity.types import Mailer, MailNotConfigured, MailRefused, MailUnavailable, NoSuchParty
from halles.journeys.order_letters import rules
from halles.journeys.order_letters.links import link
from halles.journeys.order_letters.reactions import configured
from halles.journeys.order_letters.rules import Do
from halles.journeys.order_letters.types import Facts
from halles.journeys.order_letters.writing import write
from halles.kernel.db import Tx
from halles.kernel.ids import derived_uuid
from halles.kernel.telemetry import LETTERS_LAG, LETTERS_PARKED
from halles.kernel.web import Services
from halles.letters import api as letters
from halles.letters.types import Kind, Letter, LetterState
from halles.orders import api as orders
from halles.orders.types import NoSuchOrder, Order
from halles.promises import api as promises

log = structlog.get_logger("halles.letters")

AT_ONCE = 20
"""Letters that a worker takes at a time: with a mail server at its slowest they are done long before the claim ends."""
_CALLS = 4
_UNPAID = timedelta(minutes=5)
"""The event of the payment wakes a letter sooner; this is for one that came at the very moment of the look."""
_NO_SERVER = timedelta(minutes=10)


async def measure_letters(services: Services) -> None:
    """Keep the gauges of mails that are late or wait for a person."""
    async with services.db.reading() as tx:
        backlog = await letters.backlog(tx, services.clock())
    LETTERS_LAG.set(backlog.lag_s)
    LETTERS_PARKED.set(backlog.parked)


async def send_due(services: Services) -> int:
    """One pass: at most a second's worth of mails, fewer when the mail server is away; how many it took."""
    if not configured(services.settings):
        return 0
    left = services.settings.order_mails_per_second
    sent = 0
    while sent < left:
        async with services.db.transaction() as tx:
            found = await letters.claim(tx, services.clock(), min(AT_ONCE, left - sent))
        if not found:
            break
        ended = await _all(services, found)
        sent += ended.count(LetterState.SENT)
        if LetterState.WAITING in ended:
            break
    return sent


async def _all(services: Services, found: Sequence[Letter]) -> list[LetterState | None]:
    """A few at a time. One that fails on our side leaves the others alone; it is raised when they are done."""
    turns = asyncio.Semaphore(_CALLS)

    async def one(letter: Letter) -> LetterState | None:
        async with turns:
            return await _one(services, letter)

    ended = await asyncio.gather(*map(one, found), return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
    return cast("list[LetterState | None]", ended)


async def _one(services: Services, letter: Letter) -> LetterState | None:
    """What a claimed letter became; `waiting`: the server is away; None: it waits for its order's payment."""
    now = services.clock()
    try:
        async with services.db.reading() as tx:
            facts = await facts_of(tx, letter)
    except NoSuchOrder:
        return await _end(services, letter, LetterState.MOOT, "no_order")
    found = rules.verdict(facts, now)
    if found.do is Do.NOTHING:
        return await _end(services, letter, LetterState.MOOT, found.why)
    if found.do is Do.WAIT:
        async with services.db.transaction() as tx:
            await letters.await_payment(tx, letter, now + _UNPAID)
        return None
    return await _send(services, letter, facts)


async def _send(services: Services, letter: Letter, facts: Facts) -> LetterState:
    settings = services.settings
    assert facts.recipient is not None
    try:
        where = link(identity.vault(settings), settings.public_url.rstrip("/"), facts.order, facts.recipient)
        mail = write(facts, where, message_id(letter))
        await services.port(Mailer).send(mail)
    except MailNotConfigured:
        async with services.db.transaction() as tx:
            await letters.put_off(tx, letter, services.clock() + _NO_SERVER)
        return LetterState.WAITING
    except MailUnavailable:
        async with services.db.transaction() as tx:
            state = await letters.fail(tx, letter, services.clock(), "unavailable")
        if state is LetterState.PARKED:
            log.warning(
                "letters.parked", order_id=str(letter.order_id), kind=facts.kind.word, why="unavailable"
            )
        return LetterState.WAITING
    except MailRefused:
        return await _end(services, letter, LetterState.PARKED, "refused")
    except Exception:
        log.exception("letters.not_written", order_id=str(letter.order_id), kind=facts.kind.word)
        return await _end(services, letter, LetterState.PARKED, "broken")
    return await _end(services, letter, LetterState.SENT, None)


async def _end(services: Services, letter: Letter, state: LetterState, why: str | None) -> LetterState:
    async with services.db.transaction() as tx:
        await letters.end(tx, letter, state, services.clock(), why)
    if state is LetterState.PARKED:
        log.warning("letters.parked", order_id=str(letter.order_id), kind=Kind(letter.kind).word, why=why)
    return state


def message_id(letter: Letter) -> str:
    """The same at every try."""
    return str(derived_uuid("letters.letter", letter.order_id, letter.seller_id, letter.kind, letter.cause))


async def facts_of(tx: Tx, letter: Letter) -> Facts:
    """What is to be told, as it is now. At most seven queries. Raises NoSuchOrder."""
    order = await orders.load_order(tx, letter.order_id)
    family = await orders.parts(tx, order)
    sellers = sorted({part.seller_id for part in family})
    recipient, language = await reader_of(tx, order)
    kind = Kind(letter.kind)
    key = (order.seller_id, order.order_id)
    return Facts(
        kind=kind,
        order=order,
        family=family,
        recipient=recipient,
        language=language,
        names=await identity.load_names(tx, sellers),
        terms=await letters.terms(tx, sellers),
        timeline=await orders.timeline(tx, order) if kind in {Kind.CANCELLED, Kind.REFUNDED} else (),
        shipments=await promises.shipments(tx, [key]) if kind is Kind.SHIPPED else (),
    )


async def reader_of(tx: Tx, order: Order) -> tuple[str | None, Literal["en", "fr"]]:
    """Where to write to, None when nobody knows, and in which language. One query."""
    try:
        owner = await identity.party(tx, order.owner_id)
    except NoSuchParty:
        return order.email, "en"
    return order.email or owner.email, "fr" if owner.locale == "fr" else "en"
