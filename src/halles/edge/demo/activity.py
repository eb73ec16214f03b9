"""A day of made-up visitors, so that head office's page has something to show. Everything goes through the real doors.

Nobody of it exists: visitors are numbers, orders are paid from wallets that the demo filled.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from halles.catalog import api as catalog
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.journeys.checkout.api import Intake, PlaceOrder
from halles.journeys.checkout.types import SeenPromise, ShipTo, WantedLine
from halles.kernel.clock import FixedClock
from halles.kernel.errors import Refusal
from halles.kernel.ids import SellerId, derived_uuid
from halles.kernel.money import Money
from halles.kernel.web import Services
from halles.places import api as places
from halles.places.types import Touchpoint
from halles.pricing import api as pricing
from halles.promises import api as promises
from halles.promises.types import LaneKind, Line
from halles.vision import api as vision
from halles.vision.types import Candidate, FoundBy, MatchId, Outcome, PhotoMatch
from halles.visits import api as visits
from halles.visits.types import VisitEvent, VisitKind
from halles.wallet import api as wallet

log = structlog.get_logger("halles.demo")

HOURS = 9
_BY_HOUR = (6, 11, 17, 24, 21, 16, 19, 28, 22)
"""Visitors in each of the last HOURS hours, the oldest first."""
_BUYS = 0.16
_RECOGNISED = 0.86
_PAID_IN = Money(200_000, "EUR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A variant that demo visitors look at and buy, at its price."""

    product_id: UUID
    variant_id: int
    unit_price_minor: int
    lane: str


async def simulate_day(services: Services, seller: SellerId) -> None:
    """Visitors of the last hours: who came, looked, photographed and bought. Repeating it adds nothing."""
    async with services.db.reading() as tx:
        touchpoint = await places.find_touchpoint(tx, "marais-photo")
    articles = await _articles(services, seller)
    if touchpoint is None or not articles:
        return
    chance, now = random.Random(1904), services.clock()
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    events: list[VisitEvent] = []
    photos: list[PhotoMatch] = []
    buyers: list[tuple[datetime, Article, UUID]] = []
    for hour, visitors in enumerate(_BY_HOUR):
        for visitor in range(visitors):
            at = start + timedelta(hours=hour, minutes=chance.uniform(0, 59))
            if at >= now - timedelta(minutes=1):
                continue
            name = f"demo-{hour}-{visitor}"
            looked = chance.sample(articles, k=min(len(articles), chance.randint(1, 4)))
            events += _visit(touchpoint, name, at, looked)
            matches = _photos(touchpoint, name, at, looked, chance)
            photos += matches
            if matches and matches[-1].outcome != Outcome.UNKNOWN and chance.random() < _BUYS / 0.6:
                buyers.append((at + timedelta(minutes=6), looked[len(matches) - 1], matches[-1].match_id))
    async with services.db.transaction() as tx:
        await visits.record(tx, events)
        for photo in photos:
            await vision.record_match(tx, photo)
    for number, (at, article, match_id) in enumerate(buyers):
        await _buy(services, seller, touchpoint, number, min(at, now), article, match_id)


async def _articles(services: Services, seller: SellerId) -> list[Article]:
    """The first sellable variant of each product that is priced in euros and in stock."""
    async with services.db.reading() as tx:
        cards = await catalog.search(tx, seller, limit=200)
        ids = [card.variant_ids[0] for card in cards if card.variant_ids]
        prices = await pricing.prices(tx, seller, "EUR", ids, services.clock())
        stocked = {
            level.variant_id for level in await inventory.levels(tx, seller, ids) if level.sellable > 2
        }
    return [
        Article(
            product_id=card.product_id,
            variant_id=first,
            unit_price_minor=prices[first].unit.minor,
            lane=card.lane,
        )
        for card in cards
        if card.variant_ids and (first := card.variant_ids[0]) in prices and first in stocked
    ]


def _visit(touchpoint: Touchpoint, name: str, at: datetime, looked: Sequence[Article]) -> list[VisitEvent]:
    kinds = [(VisitKind.OPENED, None), *((VisitKind.PRODUCT_SEEN, article.product_id) for article in looked)]
    return [
        VisitEvent(
            seller_id=touchpoint.seller_id,
            event_id=derived_uuid("demo.visit", name, number),
            kind=kind,
            place_id=touchpoint.place_id,
            touchpoint_id=touchpoint.touchpoint_id,
            visitor=name,
            product_id=product_id,
            at=at + timedelta(minutes=number),
            day=at.date(),
        )
        for number, (kind, product_id) in enumerate(kinds)
    ]


def _photos(
    touchpoint: Touchpoint, name: str, at: datetime, looked: Sequence[Article], chance: random.Random
) -> list[PhotoMatch]:
    """One photo of some of the articles looked at, answered as often as a camera answers on a good day."""
    found: list[PhotoMatch] = []
    for number, article in enumerate(looked):
        if chance.random() > 0.6:
            break
        known = chance.random() < _RECOGNISED
        shown = (
            (Candidate(product_id=article.product_id, variant_id=article.variant_id, score=0.8),)
            if known
            else ()
        )
        found.append(
            PhotoMatch(
                match_id=MatchId(derived_uuid("demo.photo", name, number)),
                seller_id=touchpoint.seller_id,
                place_id=touchpoint.place_id,
                touchpoint_id=touchpoint.touchpoint_id,
                visitor=name,
                model_id="demo",
                outcome=Outcome.PRODUCT if known else Outcome.UNKNOWN,
                found_by=FoundBy.PICTURE,
                gtin=None,
                candidates=shown,
                cpu_ms=0.0,
                taken_at=at + timedelta(minutes=number + 1),
            )
        )
    return found


async def _buy(
    services: Services,
    seller: SellerId,
    touchpoint: Touchpoint,
    number: int,
    at: datetime,
    article: Article,
    match_id: UUID,
) -> None:
    """One order at a past moment, through checkout, paid by a made-up guest."""
    lane = LaneKind(article.lane)
    async with services.db.transaction() as tx:
        promise = await promises.quote_for(
            tx, seller, "FR", [Line(variant_id=article.variant_id, lane=lane)], at
        )
        guest = await identity.start_guest(tx, agent="demo", now=at, days=1)
        topup_id = derived_uuid("demo.money", number)
        await wallet.top_up(tx, owner_id=guest.party_id, topup_id=topup_id, amount=_PAID_IN, at=at)
    order = PlaceOrder(
        order_id=derived_uuid("demo.order", number),
        seller_id=seller,
        currency="EUR",
        lines=(
            WantedLine(
                variant_id=article.variant_id,
                quantity=1,
                unit_price_minor=article.unit_price_minor,
                match_id=match_id,
            ),
        ),
        promise=SeenPromise(lane=promise.lane, date=promise.date),
        touchpoint=touchpoint.code,
        ship_to=ShipTo(
            name="A visitor", line1="1 rue de la Démonstration", postcode="75003", city="Paris", country="FR"
        ),
    )
    intake = Intake(services.db, FixedClock(at))
    try:
        await intake.place(order, guest.party_id)
    except Refusal as refusal:
        log.info("demo.order_refused", code=refusal.code)  # sold out, say: this visitor leaves without it
    finally:
        await intake.close()
