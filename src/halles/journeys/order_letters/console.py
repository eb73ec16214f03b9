"""Mails about orders in the console: what they say, and those that nobody could send."""

from __future__ import annotations

from fastapi import APIRouter

from halles.journeys.order_letters import models
from halles.journeys.order_letters.reactions import configured
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.web import PROBLEM_RESPONSES, Seller, Services, ServicesDep, allow
from halles.letters import api as letters
from halles.letters.types import Kind, Letter, Terms
from halles.orders import api as orders

router = APIRouter(prefix="/api/console/order-mails", tags=["console"], responses=PROBLEM_RESPONSES)
_SEES, _DECIDES = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT), (Role.HEAD_OFFICE, Role.MERCHANT)


@router.get("", operation_id="order_mails")
async def order_mails(
    services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_SEES)
) -> models.OrderMails:
    """What a seller's mails say, how many are due, which are parked. Three queries."""
    async with services.db.reading() as tx:
        return await _shown(tx, services, caller.need_seller(seller_id))


@router.put("", operation_id="set_order_mails")
async def set_order_mails(
    body: models.MailTerms,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_DECIDES),
) -> models.OrderMails:
    """Say what the mails say from now on. Refused with `letters.changed_meanwhile` where they say something else than was read;
    the same again changes nothing."""
    seller = caller.need_seller(seller_id)
    wanted = Terms(
        seller_id=seller,
        off=sorted({int(Kind[word.upper()]) for word in body.off}),
        legal=body.legal,
        withdrawal_days=body.withdrawal_days,
        withdrawal_fr=body.withdrawal_fr,
        withdrawal_en=body.withdrawal_en,
        version=body.version,
    )
    async with services.db.transaction() as tx:
        await letters.save_terms(tx, wanted, services.clock())
        return await _shown(tx, services, seller)


@router.post("/retry", operation_id="retry_order_mails")
async def retry_order_mails(
    body: models.RetryAsked, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_SEES)
) -> models.RetriedModel:
    """Try parked mails again from their first try. Refused with `letters.no_such_letter` when the one that was named is not
    parked."""
    seller, now = caller.need_seller(seller_id), services.clock()
    async with services.db.transaction() as tx:
        if body.order_id is None or body.kind is None:
            return models.RetriedModel(retried=await letters.retry_all(tx, seller, now))
        await letters.retry(tx, seller, body.order_id, Kind[body.kind.upper()], body.cause, now)
    return models.RetriedModel(retried=1)


async def _shown(tx: Tx, services: Services, seller: int) -> models.OrderMails:
    terms = (await letters.terms(tx, [seller]))[seller]
    return models.OrderMails(
        configured=configured(services.settings),
        waiting=await letters.count_waiting(tx, seller, services.clock()),
        parked=[_parked(one) for one in await letters.parked(tx, seller)],
        terms=models.MailTerms.model_validate(
            {
                "off": [Kind(number).word for number in terms.off],
                "legal": terms.legal,
                "withdrawal_days": terms.withdrawal_days,
                "withdrawal_fr": terms.withdrawal_fr,
                "withdrawal_en": terms.withdrawal_en,
                "version": terms.version,
            }
        ),
    )


def _parked(letter: Letter) -> models.ParkedLetter:
    return models.ParkedLetter.model_validate(
        {
            "order_id": letter.order_id,
            "number": orders.number(letter.order_id),
            "kind": Kind(letter.kind).word,
            "cause": letter.cause,
            "why": letter.why or "unavailable",
            "since": letter.due_at,
        }
    )
