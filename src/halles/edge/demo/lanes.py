"""How the demo's goods travel: a hub, two carriers, lanes of legs; what they took in the last months; orders that are late."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from halles.catalog import api as catalog
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.journeys.checkout.api import Intake, PlaceOrder
from halles.journeys.checkout.types import SeenPromise, ShipTo, WantedLine
from halles.journeys.fulfilment.api import take_step
from halles.journeys.promise_keeping.api import hear
from halles.kernel.clock import FixedClock
from halles.kernel.db import Tx
from halles.kernel.errors import Refusal
from halles.kernel.ids import SellerId, derived_uuid
from halles.kernel.money import Money
from halles.kernel.web import Services
from halles.orders.types import Step
from halles.pricing import api as pricing
from halles.promises import api as promises
from halles.promises.types import Customs, LaneDraft, LaneKind, LegDraft, LegKind, Scan, TrackingCode
from halles.wallet import api as wallet

HUB, ABROAD = "Roissy hub", "Hangzhou warehouse"
LOCAL, LONG = "Colis du Marché", "Fil de Soie Express"
_MON_TO_SAT = 0b0111111
_DAYS = 85
_PICK, _HAUL, _CUSTOMS, _AT_HUB, _DOOR = LegKind


def _leg(kind: LegKind, least: int, likely: int, most: int, carrier: str = "", hub: str = "") -> LegDraft:
    cutoff = {(_PICK, ""): time(14), (_PICK, LONG): time(16)}.get((kind, carrier))
    return LegDraft(
        kind=kind,
        earliest_days=least,
        likely_days=likely,
        latest_days=most,
        carrier="" if kind is _PICK else carrier,
        hub=hub,
        cutoff=cutoff,
    )


_FROM_HUB = (_leg(_PICK, 0, 1, 1), _leg(_DOOR, 1, 2, 3, LOCAL))
_FROM_ABROAD = (
    _leg(_PICK, 0, 1, 2, LONG),
    _leg(_HAUL, 3, 4, 6, LONG),
    _leg(_CUSTOMS, 1, 2, 4),
    _leg(_AT_HUB, 0, 1, 2, hub=HUB),
    _leg(_DOOR, 1, 2, 3, LOCAL),
)


async def lay_lanes(tx: Tx, seller: SellerId, locations: Mapping[str, int], countries: Sequence[str]) -> None:
    """Three days from the hub, ten from abroad: not said, but the sum of what each leg takes. `locations`: by kind of lane."""
    await promises.save_carrier(tx, seller, LOCAL, _MON_TO_SAT)
    await promises.save_carrier(tx, seller, LONG)
    await promises.save_hub(tx, seller, HUB, "FR", location_id=locations["hub"])
    for country in countries:
        for lane, origin, at, legs in (
            (LaneKind.HUB, HUB, "FR", _FROM_HUB),
            (LaneKind.ABROAD, ABROAD, "CN", _FROM_ABROAD),
        ):
            draft = LaneDraft(
                lane=lane,
                origin=origin,
                origin_country=at,
                country=country,
                legs=legs,
                location_id=locations[lane],
            )
            await promises.put_lane(tx, seller, draft)
        await promises.save_customs(
            tx,
            Customs(
                seller_id=seller, origin="CN", destination=country, earliest_days=1, likely_days=2, latest_days=4, held_days=5
            ),
        )  # fmt: skip


async def remember(tx: Tx, seller: SellerId, now: datetime) -> int:
    """What an earlier system delivered in the last months, so that the kept share has something to say."""
    ways = await promises.load_ways(tx, [seller], now, as_written=True)
    chance = random.Random(1904)
    return await promises.import_history(tx, seller, [_past(n, now, chance) for n in range(160)], ways)


def _past(number: int, now: datetime, chance: random.Random) -> promises.Past:
    abroad = number % 4 == 0
    day = now - timedelta(days=_DAYS - number * (_DAYS - 20) / 160)
    placed = day.replace(hour=2 if abroad else 8, minute=chance.randrange(60), second=0, microsecond=0)
    at, scans = _later(placed, 0), list[Scan]()
    plan = (
        (TrackingCode.HANDED_OVER, (0, 1, 1, 1, 1, 1)),
        (TrackingCode.ARRIVED, (4, 4, 4, 5)),
        (TrackingCode.CUSTOMS_RELEASED, (2, 2, 2, 2, 3, 3, 3, 9)),
        (TrackingCode.LEFT_HUB, (1, 1, 1, 2)),
        (TrackingCode.DELIVERED, (1, 2, 2, 2, 3)),
    )
    for code, days in plan:
        if abroad or code in {TrackingCode.HANDED_OVER, TrackingCode.DELIVERED}:
            late = 3 if code is TrackingCode.DELIVERED and number % 13 == 5 else 0
            at = _later(at, chance.choice(days) + late)
            scans.append(Scan(code=code, at=at))
    origin = ABROAD if abroad else HUB
    return promises.Past(
        line=number, order_id=f"demo-{number}", placed_at=placed, origin=origin, country="FR", delivered_at=at,
        scans=tuple(scans),
    )  # fmt: skip


def _later(at: datetime, days: int) -> datetime:
    """So many days from Monday to Friday later."""
    while days > 0 or at.weekday() > 4:
        at += timedelta(days=1)
        days -= at.weekday() <= 4
    return at


async def trouble(services: Services, seller: SellerId) -> None:
    """Orders of the last days that a newcomer finds in the console: one lies unpacked, one met a closed door twice, one is
    held by the customs."""
    now = services.clock()
    await _order(services, seller, 0, now - timedelta(days=8), LaneKind.HUB)
    for number, days, lane, scans in (
        (
            1,
            6,
            LaneKind.HUB,
            ((TrackingCode.ATTEMPTED, 3.0, "Paris 3"), (TrackingCode.ATTEMPTED, 5.2, "Paris 3")),
        ),
        (
            2,
            9,
            LaneKind.ABROAD,
            ((TrackingCode.ARRIVED, 5.0, "Roissy"), (TrackingCode.CUSTOMS_HELD, 6.5, "Roissy")),
        ),
    ):
        placed = now - timedelta(days=days, hours=2)
        order_id = await _order(services, seller, number, placed, lane)
        if order_id is None:
            continue
        told = [
            promises.Told(
                event_id=derived_uuid("demo.scan", number, at),
                code=code,
                at=placed + timedelta(days=at),
                place=place,
            )
            for code, at, place in scans
        ]
        async with services.db.transaction() as tx:
            for step in (Step.PACK, Step.SHIP):
                await take_step(tx, seller, order_id, step, by="system", at=placed + timedelta(days=1))
            await hear(tx, order_id, told, seller_ids=[seller], source="system", now=now)


async def _order(
    services: Services, seller: SellerId, number: int, at: datetime, lane: LaneKind
) -> UUID | None:
    async with services.db.transaction() as tx:
        found = await _article(tx, seller, at, lane)
        if found is None:
            return None
        variant_id, price = found
        guest = await identity.start_guest(tx, agent="demo", now=at, days=1)
        topup_id = derived_uuid("demo.promise.money", number)
        await wallet.top_up(tx, owner_id=guest.party_id, topup_id=topup_id, amount=Money(price, "EUR"), at=at)
    order = PlaceOrder(
        order_id=derived_uuid("demo.promise", number),
        seller_id=seller,
        currency="EUR",
        lines=(WantedLine(variant_id=variant_id, quantity=1, unit_price_minor=price),),
        promise=SeenPromise(lane=lane, date=date(2999, 12, 31)),
        ship_to=ShipTo(
            name="A visitor", line1="1 rue de la Démonstration", postcode="75003", city="Paris", country="FR"
        ),
    )
    intake = Intake(services.db, FixedClock(at))
    try:
        return (await intake.place(order, guest.party_id)).placed.order_id
    except Refusal:
        return None
    finally:
        await intake.close()


async def _article(tx: Tx, seller: SellerId, at: datetime, lane: LaneKind) -> tuple[int, int] | None:
    """An article that only this lane can serve, and its price."""
    cards = [card for card in await catalog.search(tx, seller, limit=200) if card.lane == lane]
    ids = [card.variant_ids[0] for card in cards if card.variant_ids]
    prices = await pricing.prices(tx, seller, "EUR", ids, at)
    stocked = {level.variant_id for level in await inventory.levels(tx, seller, ids) if level.sellable > 2}
    return next(((one, prices[one].unit.minor) for one in ids if one in prices and one in stocked), None)
