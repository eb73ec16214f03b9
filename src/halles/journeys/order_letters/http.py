"""An order by the link of a mail."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response

from halles.identity import api as identity
from halles.journeys.fulfilment import models, view
from halles.journeys.order_letters import links
from halles.journeys.order_letters.sending import reader_of
from halles.kernel.language import LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, ServicesDep, allow
from halles.orders import api as orders
from halles.orders.types import NoSuchOrder

router = APIRouter(prefix="/api/orders", tags=["orders"], responses=PROBLEM_RESPONSES)
Key = Annotated[
    str,
    Header(
        alias="Order-Key",
        max_length=100,
        description="What stands behind the # of the link in a mail.",
        examples=["6b4c2f80.pQ3zV0cWm1nB7yXkT2uJ8sRd"],
    ),
]


@router.get("/{order_id}/linked", dependencies=[allow()], operation_id="linked_order")
async def linked_order(
    order_id: UUID, services: ServicesDep, language: LanguageDep, response: Response, key: Key
) -> models.OrderModel:
    """An order for whoever has the link that was mailed to its shopper: to read, with its other sellers' parts, and nothing
    else. Refused with `order_letters.link_refused`, also for an order that does not exist; `order_letters.link_expired` after a
    year."""
    now = services.clock()
    async with services.db.reading() as tx:
        try:
            order = await orders.load_order(tx, order_id)
        except NoSuchOrder:
            raise links.refused() from None
        address, _ = await reader_of(tx, order)
        links.check(identity.vault(services.settings), key, order, address, now)
        page = await view.order_page(tx, order, language, now.date())
    response.headers["cache-control"] = "no-store"
    parts = [part.model_copy(update={"can_cancel": False}) for part in page.parts]
    return page.model_copy(update={"can_cancel": False, "card": None, "parts": parts})
