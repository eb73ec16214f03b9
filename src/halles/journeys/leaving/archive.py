"""Everything that is held of a party, in one document that a machine can read (GDPR, articles 15 and 20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Literal
from uuid import UUID

import msgspec

from halles.flash.api import people as flash
from halles.flash.api.people import OwnSales
from halles.identity import api as identity
from halles.identity.api import closing
from halles.identity.types import OwnIdentity
from halles.inventory.api import people as inventory
from halles.inventory.api.people import OwnSetAside
from halles.journeys.leaving.types import OwnAddress, OwnEntry, OwnLine, OwnOrder, OwnOrders
from halles.journeys.measurement import consent
from halles.journeys.measurement.consent import Kept
from halles.kernel.db import Database, Tx
from halles.orders import api as orders
from halles.orders.types import Order
from halles.payments.api import people as payments
from halles.payments.api.people import OwnPayments
from halles.promises.api import people as promises
from halles.promises.api.people import OwnDeliveries
from halles.vision.api import people as vision
from halles.vision.api.people import OwnPhoto
from halles.wallet.api import people as wallet
from halles.wallet.api.people import OwnMoney
from halles.welcome.api import people as welcome
from halles.welcome.api.people import OwnVisits

_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """All that is held of a person. `party_ids`: the account and the guests that it was. Moments are UTC; amounts are integers in
    minor units. `measuring`: consents, the stretches in which a browser was yours, and what was done then."""

    format: Literal["halles.archive/1"]
    made_at: datetime
    party_ids: list[int]
    identity: OwnIdentity
    orders: OwnOrders
    wallet: OwnMoney
    payments: OwnPayments
    deliveries: OwnDeliveries
    set_aside: OwnSetAside
    flash_sales: OwnSales
    places: OwnVisits
    photos: list[OwnPhoto]
    measuring: list[Kept]


async def archive(db: Database, party_id: int, now: datetime) -> Archive:
    """All that is held of an account, at one moment but for `measuring`. Some thirty statements, and two an order. Raises
    NoSuchParty."""
    async with db.snapshot() as tx:
        await identity.party(tx, party_id)
        family = await closing.family(tx, party_id)
        found = await _orders(tx, family)
        basket = await _basket(tx, family)
        keys = [(one.seller_id, one.order_id) for one in found]
        ids = [order_id for _, order_id in keys]
        lines = chain.from_iterable(one.lines for one in found)
        matches = {line.match_id for line in (*lines, *basket.basket) if line.match_id is not None}
        made = Archive(
            format="halles.archive/1",
            made_at=now,
            party_ids=family,
            identity=await closing.own(tx, family),
            orders=OwnOrders(orders=found, basket=basket.basket),
            wallet=await wallet.own(tx, family),
            payments=await payments.own(tx, family, ids),
            deliveries=await promises.own(tx, keys),
            set_aside=await inventory.own(tx, family),
            flash_sales=await flash.own(tx, family),
            places=await welcome.own(tx, family),
            photos=[one for one in await vision.photos(tx, matches) if one.order_id in {None, *ids}],
            measuring=[],
        )
    for one in family:
        kept = await consent.kept(db, one)
        if kept.answers or kept.stretches:
            made.measuring.append(kept)
    return made


def encode(made: Archive) -> bytes:
    """The archive as a JSON document, indented for people who open it."""
    return msgspec.json.format(msgspec.json.encode(made), indent=1)


async def _basket(tx: Tx, family: list[int]) -> OwnOrders:
    found = [line for owner_id in family for line in await orders.baskets(tx, owner_id)]
    return OwnOrders(orders=[], basket=found)


async def _orders(tx: Tx, family: list[int]) -> list[OwnOrder]:
    """Every order of these people, the oldest first. One statement a page of each, one an order."""
    found: list[OwnOrder] = []
    for owner_id in family:
        page = await orders.list_orders(tx, owner_id, limit=_PAGE)
        while page:
            found += [await _own(tx, one) for one in page]
            before: tuple[datetime, UUID] = (page[-1].placed_at, page[-1].order_id)
            page = await orders.list_orders(tx, owner_id, before=before, limit=_PAGE)
    return sorted(found, key=lambda one: (one.placed_at, one.order_id))


async def _own(tx: Tx, order: Order) -> OwnOrder:
    to = order.ship_to
    return OwnOrder(
        order_id=order.order_id,
        number=orders.number(order.order_id),
        seller_id=order.seller_id,
        placed_at=order.placed_at,
        place_id=order.place_id,
        touchpoint_id=order.touchpoint_id,
        parent_id=order.parent_id,
        total_minor=order.total_minor,
        tax_minor=order.tax_minor,
        currency=order.currency,
        state=order.state.word,
        payment=order.payment.word,
        promise=order.promise,
        email=order.email,
        ship_to=None
        if to is None
        else OwnAddress(name=to.name, line1=to.line1, postcode=to.postcode, city=to.city, country=to.country),
        lines=[
            OwnLine(
                variant_id=line.variant_id,
                product_id=line.product_id,
                title=dict(line.title),
                options={option.name: dict(option.value) for option in line.options},
                quantity=line.quantity,
                unit_price_minor=line.unit_price_minor,
                tax_bp=line.tax_bp,
                match_id=line.match_id,
            )
            for line in order.lines
        ],
        timeline=[
            OwnEntry(at=one.at, code=one.code, by=_by(one.by), detail=one.detail)
            for one in await orders.timeline(tx, order)
        ],
    )


def _by(who: str) -> str:
    """Which of the staff it was is about them, not about the shopper."""
    return who.partition(":")[0]
