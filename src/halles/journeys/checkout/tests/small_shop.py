"""A small real shop for tests and benches: a seller, a hub and a warehouse abroad, articles with prices and stock, wallets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from uuid import UUID

from halles.catalog import api as catalog
from halles.catalog.types import ProductDraft, VariantDraft
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.inventory.types import Lane, LocationKind, StockCommand, StockItem
from halles.journeys.checkout.types import PlaceOrder, SeenPromise, ShipTo, WantedLine
from halles.kernel.db import Database, Statement, Tx, query
from halles.kernel.ids import PartyId, SellerId, uuid7
from halles.kernel.money import Money
from halles.places import api as places
from halles.places.types import PlaceDraft, PlaceKind, TouchpointKind
from halles.pricing import api as pricing
from halles.pricing.types import PriceChange
from halles.promises import api as promises
from halles.promises.types import LaneKind
from halles.wallet import api as wallet

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
PRICE = 1200
LATE = date(2026, 12, 31)
"""A date that every lane can keep."""


@dataclass(slots=True, kw_only=True)
class Shop:
    """`variants` cost PRICE each at 20 % VAT; `hub` has `stock` of every one, `abroad` has as much of the first only."""

    seller_id: SellerId
    hub: int
    abroad: int
    variants: list[int]
    shoppers: list[PartyId]
    place_id: int = 0
    touchpoint: str = "marais-photo"
    ship_to: ShipTo = field(
        default_factory=lambda: ShipTo(
            name="Camille", line1="12 rue des Archives", postcode="75004", city="Paris", country="FR"
        )
    )

    def order(
        self,
        *lines: tuple[int, int],
        order_id: UUID | None = None,
        unit_price_minor: int = PRICE,
        lane: str = "hub",
        day: date = LATE,
        touchpoint: str | None = None,
    ) -> PlaceOrder:
        """A command for (index of variant, quantity) lines; one piece of the first without any."""
        wanted = tuple(
            WantedLine(variant_id=self.variants[index], quantity=quantity, unit_price_minor=unit_price_minor)
            for index, quantity in lines or ((0, 1),)
        )
        return PlaceOrder(
            order_id=order_id or uuid7(),
            seller_id=self.seller_id,
            currency="EUR",
            lines=wanted,
            promise=SeenPromise(lane=lane, date=day),
            ship_to=self.ship_to,
            touchpoint=touchpoint,
        )


async def open_shop(
    db: Database,
    *,
    variants: int = 3,
    stock: int = 10,
    shoppers: int = 3,
    funds_minor: int = 100_000,
    name: str = "Maison",
) -> Shop:
    """Make everything in one transaction, through the capabilities' own doors."""
    async with db.transaction() as tx:
        seller_id = await identity.create_organisation(tx, name, now=NOW)
        await catalog_of(tx, seller_id, variants)
        ids = sorted((await catalog.sku_ids(tx, seller_id, [f"SKU-{n}" for n in range(variants)])).values())
        await pricing.set_tax_categories(tx, seller_id, dict.fromkeys(ids, "standard"))
        changes = [PriceChange(variant_id=v, currency="EUR", minor=PRICE, valid_from=LONG_AGO) for v in ids]
        await pricing.set_prices(tx, seller_id, changes, LONG_AGO)
        hub, abroad = await _locations(tx, seller_id)
        await restock(tx, seller_id, [(hub, v, stock) for v in ids] + [(abroad, ids[0], stock)])
        place = await places.add_place(tx, seller_id, _draft(name))
        touchpoint = f"photo-{seller_id}"
        await places.add_touchpoint(
            tx, seller_id, code=touchpoint, kind=TouchpointKind.PHOTO, place_id=place.place_id
        )
        people = [
            (await identity.start_guest(tx, agent="test", now=NOW, days=30)).party_id for _ in range(shoppers)
        ]
        for person in people:
            await top_up(tx, person, funds_minor)
    return Shop(
        seller_id=seller_id,
        hub=hub,
        abroad=abroad,
        variants=ids,
        shoppers=people,
        place_id=place.place_id,
        touchpoint=touchpoint,
    )


async def catalog_of(tx: Tx, seller_id: int, variants: int) -> None:
    drafts = [
        ProductDraft(
            external_id=f"P-{n}",
            title={"en": f"Linen shirt {n}", "fr": f"Chemise en lin {n}"},
            variants=(VariantDraft(sku=f"SKU-{n}"),),
        )
        for n in range(variants)
    ]
    await catalog.save_products(tx, seller_id, drafts)


async def restock(tx: Tx, seller_id: SellerId, items: Sequence[tuple[int, int, int]]) -> None:
    """Receive (location, variant, quantity) items."""
    stock = tuple(
        StockItem(location_id=where, variant_id=what, quantity=many) for where, what, many in items if many
    )
    if stock:
        order = StockCommand(
            seller_id=seller_id, command_id=uuid7(), items=stock, by="system", reason="opening"
        )
        await inventory.receive(tx, order, NOW)


async def top_up(tx: Tx, owner_id: PartyId, amount_minor: int) -> None:
    if amount_minor:
        await wallet.top_up(
            tx, owner_id=owner_id, topup_id=uuid7(), amount=Money(amount_minor, "EUR"), at=NOW
        )


async def _locations(tx: Tx, seller_id: SellerId) -> tuple[int, int]:
    hub = await inventory.save_location(
        tx, seller_id, kind=LocationKind.HUB, name="Roissy hub", lane=Lane.HUB, country="FR"
    )
    abroad = await inventory.save_location(
        tx, seller_id, kind=LocationKind.SUPPLIER, name="Hangzhou warehouse", lane=Lane.ABROAD, country="CN"
    )
    for lane, origin, origin_country, location_id, days in (
        (LaneKind.HUB, "Roissy hub", "FR", hub, 3),
        (LaneKind.ABROAD, "Hangzhou warehouse", "CN", abroad, 10),
    ):
        await promises.save_lane(
            tx,
            seller_id,
            lane=lane,
            origin=origin,
            origin_country=origin_country,
            country="FR",
            transit_days=days,
            spread_days=1,
            location_id=location_id,
            cutoff=time(14),
        )
    return hub, abroad


def _draft(name: str) -> PlaceDraft:
    return PlaceDraft(
        code=f"pop-up-{name.lower()}",
        name="Pop-up Le Marais",
        kind=PlaceKind.SHOWROOM,
        city="Paris",
        country="FR",
        timezone="Europe/Paris",
        currency="EUR",
        opening_hours={},
    )


_STOCK: Statement[tuple[int, ...]] = query(
    "select coalesce(sum(on_hand), 0)::bigint, coalesce(sum(reserved), 0)::bigint from inventory.stock", tuple
)
_MONEY: Statement[tuple[int, ...]] = query(
    """select coalesce(sum(balance_minor), 0)::bigint, coalesce(sum(held_minor), 0)::bigint,
      (select coalesce(sum(amount_minor), 0)::bigint from wallet.hold where state = 1) from wallet.account""",
    tuple,
)


async def stock_sums(db: Database) -> tuple[int, int]:
    """(on hand, reserved) of everything."""
    async with db.reading() as tx:
        row = await tx.one(_STOCK)
    return row[0], row[1]


async def money_sums(db: Database) -> tuple[int, int, int]:
    """(sum of balances, sum of held, sum of open holds) of everything."""
    async with db.reading() as tx:
        row = await tx.one(_MONEY)
    return row[0], row[1], row[2]
