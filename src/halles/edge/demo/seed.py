"""Fill an empty database with the demo shop, through the doors that everyone uses. A second start finds it and does nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog

from halles.catalog import api as catalog
from halles.edge.demo.accounts import ACCOUNTS
from halles.edge.demo.activity import simulate_day
from halles.edge.demo.assortment import plan_assortment
from halles.edge.demo.door import open_door
from halles.edge.demo.flash import plan_sales
from halles.edge.demo.lanes import lay_lanes, remember, trouble
from halles.edge.demo.measurement import OPENED_FOR, remember_visits
from halles.edge.services import assemble
from halles.identity import api as identity
from halles.journeys.product_import import api as product_import
from halles.journeys.shop_opening.api import open_shop
from halles.journeys.shop_opening.types import Warehouse
from halles.kernel.caller import Role
from halles.kernel.clock import FixedClock
from halles.kernel.connect import opened
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId, derived_uuid
from halles.kernel.settings import Settings
from halles.kernel.web import Services
from halles.places import api as places
from halles.places.types import WEEKDAYS, PlaceDraft, PlaceKind, TouchpointKind
from halles.pricing.cli import seed_rates
from halles.wallet import api as wallet

log = structlog.get_logger("halles.demo")

CATALOGUE = Path(__file__).resolve().parent / "catalogue"
SELLER = "Maison Halles"
_HOURS = {day: [["08:00", "22:00"]] for day in WEEKDAYS}
_SHIPS_TO = ("FR", "BE", "DE", "ES", "IT", "LU", "NL", "PT")
_WAREHOUSES = (
    Warehouse(name="Roissy hub", country="FR", countries=_SHIPS_TO, carrier="Colis du Marché"),
    Warehouse(
        name="Hangzhou warehouse",
        country="CN",
        countries=_SHIPS_TO,
        lane="abroad",
        days=10,
        spread_days=3,
        carrier="Fil de Soie Express",
    ),
)
_SAMPLES = 40
_OPENED_BEFORE = timedelta(days=10)
"""The catalogue, its prices and its stock are ten days old, since today's first visitors already met them."""


async def seed(settings: Settings) -> bool:
    """Make the demo shop; False when it is there already. What a crash interrupted is completed by the next start."""
    async with opened(settings) as db:
        services = assemble(settings, db)
        earlier = assemble(settings, db, clock=FixedClock(services.clock() - _OPENED_BEFORE))
        async with db.transaction() as tx:
            if await identity.find_by_email(tx, ACCOUNTS[-1].email) is not None:
                return False
            shop = await open_shop(tx, name=SELLER, warehouses=_WAREHOUSES, now=services.clock())
            seller = SellerId(shop.seller_id)
            await _network(tx, seller)
            await lay_lanes(tx, seller, shop.locations, _SHIPS_TO)
            await remember(tx, seller, services.clock())
        await seed_rates(db, services.clock().date())
        await product_import.import_path(earlier, seller, CATALOGUE / "products.jsonl", stock=shop.locations)
        async with db.transaction() as tx:
            await _samples(tx, seller, services.clock() - OPENED_FOR)
            await open_door(tx, seller, services.clock())
        await simulate_day(services, seller)
        await trouble(services, seller)
        await plan_sales(db, seller, services.clock())
        await plan_assortment(services, seller)
        await remember_visits(services, seller)
        async with db.transaction() as tx:
            await _people(tx, services, seller)
    log.info("demo.seeded")
    return True


async def _network(tx: Tx, seller: SellerId) -> None:
    """Places and their touchpoints."""
    known = {place.code: place for place in await places.list_places(tx, seller)}
    marais = known.get("marais") or await places.add_place(
        tx,
        seller,
        PlaceDraft(
            code="marais",
            name="Pop-up Le Marais",
            kind=PlaceKind.SHOWROOM,
            line1="12 rue des Filles-du-Calvaire",
            postcode="75003",
            city="Paris",
            country="FR",
            timezone="Europe/Paris",
            currency="EUR",
            label_currency="CNY",
            latitude=48.8625,
            longitude=2.3656,
            opening_hours=_HOURS,
            capacity=80,
        ),
    )
    if "daguerre" not in known:
        await places.add_place(
            tx,
            seller,
            PlaceDraft(
                code="daguerre",
                name="Halles Daguerre",
                kind=PlaceKind.STORE,
                line1="8 rue Daguerre",
                postcode="75014",
                city="Paris",
                country="FR",
                timezone="Europe/Paris",
                currency="EUR",
                latitude=48.8334,
                longitude=2.3309,
                opening_hours=_HOURS,
                capacity=120,
            ),
        )
    codes = {touchpoint.code for touchpoint in await places.list_touchpoints(tx, seller)}
    for code, kind, place_id in (
        ("marais-photo", TouchpointKind.PHOTO, marais.place_id),
        ("marais-qr", TouchpointKind.QR, marais.place_id),
    ):
        if code not in codes:
            await places.add_touchpoint(tx, seller, code=code, kind=kind, place_id=place_id)


async def _samples(tx: Tx, seller: SellerId, since: datetime) -> None:
    """Put a sample of every second product or so on the tables of the showroom."""
    (marais,) = [place for place in await places.list_places(tx, seller) if place.code == "marais"]
    shown = {sample.product_id for sample in await places.samples(tx, seller, marais.place_id)}
    for number, product_id in enumerate(await _products(tx, seller)):
        if number < _SAMPLES and product_id not in shown:
            position = f"{'ABCDE'[number // 8]}{number % 8 + 1}"
            await places.add_sample(
                tx,
                seller,
                marais.place_id,
                product_id=product_id,
                variant_id=None,
                position=position,
                placed_at=since,
            )


async def _products(tx: Tx, seller: SellerId) -> list[UUID]:
    """Products by family in turn, so that the tables are mixed."""
    found: dict[str, list[UUID]] = {}
    for card in await catalog.search(tx, seller, limit=200):
        found.setdefault(card.family, []).append(card.product_id)
    mixed: list[UUID] = []
    while any(found.values()):
        mixed.extend(ids.pop(0) for ids in found.values() if ids)
    return mixed


async def _people(tx: Tx, services: Services, seller: SellerId) -> None:
    """The accounts, and Camille's money as a top-up would bring it."""
    for account in ACCOUNTS:
        party = await identity.create_person(
            tx,
            account.email,
            now=services.clock(),
            name=account.name,
            roles=[*([account.role] if account.role else []), *([Role.OPERATOR] if account.operator else [])],
            seller_ids=[seller] if account.role else [],
            locale=account.locale,
        )
        if account.wallet is not None:
            await wallet.top_up(
                tx,
                owner_id=party,
                topup_id=derived_uuid("demo.wallet", account.email),
                amount=account.wallet,
                at=services.clock(),
            )
