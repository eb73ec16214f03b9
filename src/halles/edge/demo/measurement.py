"""Eight weeks of the demo's showroom, all invented: what other regions bought meanwhile, and people who agreed to be measured.

The sales around the showroom were made to rise by a fifth when it opened, some samples' more than others', so that the report has
something to find. Nobody of it exists.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from halles.assortments import api as assortments
from halles.assortments.types import History, PostcodePoint
from halles.catalog import api as catalog
from halles.identity import api as identity
from halles.kernel.db import Tx
from halles.kernel.ids import PartyId, SellerId, derived_uuid
from halles.kernel.web import Services
from halles.orders import api as orders
from halles.orders.types import Order
from halles.places import api as places
from halles.places.types import Touchpoint
from halles.visits import api as visits
from halles.visits.types import CONSENT_TEXT, Consent, VisitEvent, VisitKind

OPENED_FOR = timedelta(days=57)
_WEEKS = 18
_ELSEWHERE = (
    ("06000", 43.70, 7.27),
    ("14000", 49.18, -0.37),
    ("21000", 47.32, 5.04),
    ("25000", 47.24, 6.02),
    ("29200", 48.39, -4.49),
    ("31000", 43.60, 1.44),
    ("34000", 43.61, 3.88),
    ("35000", 48.11, -1.68),
    ("37000", 47.39, 0.69),
    ("38000", 45.19, 5.72),
    ("44000", 47.22, -1.55),
    ("54000", 48.69, 6.18),
    ("57000", 49.12, 6.18),
    ("59000", 50.63, 3.07),
    ("63000", 45.78, 3.08),
    ("67000", 48.58, 7.75),
    ("76000", 49.44, 1.10),
    ("83000", 43.12, 5.93),
    ("87000", 45.83, 1.26),
)
"""Postcodes of other regions and their points (WGS 84)."""
_NEAR = ("75003", "75004", "75011", "92100")
_VISITORS = 48
"""Who agreed and bought nothing yet."""
_NAMELESS = 130
"""Visitors who were not asked, or did not answer."""
_REFUSED = 12
_DELAYS_DAYS = (0, 0, 1, 2, 0, 3, 5, 1, 6, 12, 2, 20)
"""Days from the visit to the order, of one buyer after the other."""


async def remember_visits(services: Services, seller: SellerId) -> None:
    """Keep the sales of other regions and the visits of people who agreed. Repeating it changes nothing."""
    now, dice = services.clock(), random.Random(57)
    async with services.db.transaction() as tx:
        point = await places.find_touchpoint(tx, "marais-photo")
        if point is None or point.place_id is None:
            return
        samples = [one.product_id for one in await places.samples(tx, seller, point.place_id)]
        products = sorted(card.product_id for card in await catalog.search(tx, seller, limit=500))
        await assortments.put_postcodes(
            tx,
            seller,
            [
                PostcodePoint(country="FR", postcode=code, latitude=north, longitude=east)
                for code, north, east in _ELSEWHERE
            ],
        )
        kept = products[::4] + [one for one in samples[:12] if one not in products[::4]]
        await assortments.put_history(tx, seller, _elsewhere(kept, now.date(), dice))
        await assortments.put_history(tx, seller, _around(samples, now.date(), dice))
    async with services.db.transaction() as tx:
        bought = await orders.list_sold(tx, [seller], limit=60)
        if not any([await visits.consents(tx, order.owner_id) for order in bought[:1]]):
            await _people(tx, point, bought, samples, now, dice)


def _elsewhere(products: list[UUID], today: date, dice: random.Random) -> list[History]:
    """Sales in other regions, as many before as after."""
    taste = {product: dice.lognormvariate(1.2, 0.5) for product in products}
    return [
        History(
            country="FR",
            postcode=code,
            product_id=product,
            day=today - timedelta(days=7 * week + 3),
            sales=sales,
            views=sales * 12,
            searches=sales,
            shoppers=60 + 3 * number,
        )
        for number, (code, _, _) in enumerate(_ELSEWHERE)
        for week in range(_WEEKS)
        for product in products
        if (sales := int(taste[product] * (60 + 3 * number) / 60 * (0.4 + 1.2 * dice.random())))
    ]


def _around(samples: list[UUID], today: date, dice: random.Random) -> list[History]:
    """What people around the showroom bought more of since it opened: samples do not all please alike."""
    found: list[History] = []
    for number, product in enumerate(samples):
        more = max(0.0, dice.gauss(0.2, 0.35)) * (3.0 if number % 9 == 4 else 1.0)
        for code in _NEAR:
            for week in range(OPENED_FOR.days // 7):
                sales = int(more * (0.5 + dice.random()) + dice.random())
                if sales:
                    found.append(
                        History(
                            country="FR",
                            postcode=code,
                            product_id=product,
                            day=today - timedelta(days=7 * week + 2),
                            sales=sales,
                            views=sales * 9,
                            searches=sales,
                            shoppers=min(60, sales * 3),
                        )
                    )
    return found


async def _people(
    tx: Tx, point: Touchpoint, bought: list[Order], samples: list[UUID], now: datetime, dice: random.Random
) -> None:
    """Buyers of today who had come before, visitors who agreed and did not buy, and people who said no."""
    events: list[VisitEvent] = []
    owners = list(dict.fromkeys(order.owner_id for order in bought))
    first = {order.owner_id: order for order in bought}
    for number, owner in enumerate(owners):
        order = first[owner]
        days = _DELAYS_DAYS[number % len(_DELAYS_DAYS)]
        at = order.placed_at - timedelta(days=days, minutes=20)
        looked = [line.product_id for line in order.lines] if dice.random() < 0.7 else []
        looked += dice.sample(samples, k=3)
        events += await _visit(tx, point, PartyId(owner), f"buyer-{number}", at, looked, opened=days > 0)
    for number in range(_VISITORS + _REFUSED):
        at = now - timedelta(days=dice.randint(1, 40), minutes=dice.randint(0, 500))
        guest = await identity.start_guest(tx, agent="demo", now=at, days=90)
        if number < _VISITORS:
            looked = dice.sample(samples, k=dice.randint(1, 5))
            events += await _visit(tx, point, guest.party_id, f"guest-{number}", at, looked)
            if number % 4 == 0:
                again = at + timedelta(hours=26)
                events += await _visit(tx, point, guest.party_id, f"again-{number}", again, looked[:1])
        else:
            await visits.say(tx, _answer(point, guest.party_id, at, agreed=False))
    for number in range(_NAMELESS):
        at = now - timedelta(days=dice.randint(1, 40), minutes=dice.randint(0, 500))
        events += _events(point, f"nameless-{number}", [(VisitKind.OPENED, None)], at)
    await visits.record(tx, events, announce=False)


async def _visit(
    tx: Tx,
    point: Touchpoint,
    party: PartyId,
    name: str,
    at: datetime,
    looked: list[UUID],
    *,
    opened: bool = True,
) -> list[VisitEvent]:
    """Agreeing in a visit, and what was looked at then. Those who come by a photo of today are counted already."""
    await visits.say(tx, _answer(point, party, at, agreed=True))
    seen: list[tuple[VisitKind, UUID | None]] = [(VisitKind.OPENED, None)] if opened else []
    seen += [(VisitKind.PRODUCT_SEEN, product) for product in looked]
    moments = [at + timedelta(minutes=number) for number in range(len(seen))]
    await visits.tie(tx, [point.seller_id], party, f"demo-{name}", moments)
    return _events(point, name, seen, at)


def _events(
    point: Touchpoint, name: str, seen: Sequence[tuple[VisitKind, UUID | None]], at: datetime
) -> list[VisitEvent]:
    """What a browser tells of a visit, a minute apart."""
    return [
        VisitEvent(
            seller_id=point.seller_id,
            event_id=derived_uuid("demo.measured", name, number),
            kind=kind,
            place_id=point.place_id,
            touchpoint_id=point.touchpoint_id,
            visitor=f"demo-{name}",
            product_id=product,
            at=at + timedelta(minutes=number),
            day=at.date(),
        )
        for number, (kind, product) in enumerate(seen)
    ]


def _answer(point: Touchpoint, party: PartyId, at: datetime, *, agreed: bool) -> Consent:
    return Consent(
        seller_id=point.seller_id,
        party_id=party,
        consent_id=derived_uuid("demo.consent", party),
        agreed=agreed,
        text_version=CONSENT_TEXT,
        language="fr",
        at=at,
    )
