"""Reading a basket with everything around it: some queries a seller, whatever it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from halles.catalog import api as catalog
from halles.catalog.types import UnknownVariant, VariantInfo
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.inventory.types import InsufficientStock, Reservation, StockLevel
from halles.journeys.basket_view import models
from halles.journeys.checkout.api import HOME_COUNTRY, promise_body
from halles.journeys.flash_sale.api import levels_in_sale
from halles.journeys.fulfilment.models import OptionModel, PromiseModel
from halles.journeys.reservation.models import shown as shown_reservation
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.kernel.language import Language
from halles.kernel.money import included_tax
from halles.kernel.web import MoneyModel
from halles.orders import api as orders
from halles.orders.types import BasketLine
from halles.places import api as places
from halles.places.types import UnknownTouchpoint
from halles.pricing import api as pricing
from halles.pricing.types import NoPrice, Price
from halles.promises import api as promises
from halles.promises.types import LaneKind, Line, NoLane, Promise
from halles.wallet import api as wallet
from halles.wallet.types import AccountKind

FEW = 5
"""So few pieces are told to the shopper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where a basket is looked at from. `touchpoint_id` and `place_id` are None where there is none."""

    seller_id: SellerId
    touchpoint_id: int | None
    place_id: int | None
    country: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What stands around a seller's lines: by variant, and the ways that goods can take."""

    seller_id: SellerId
    variants: Mapping[int, VariantInfo]
    prices: Mapping[int, Price]
    levels: Mapping[int, Sequence[StockLevel]]
    ways: promises.Ways
    now: datetime


async def context_of(tx: Tx, touchpoint: str | None, *, country: str | None, currency: str | None) -> Context:
    """The seller, place, country and currency behind a touchpoint code; the web's without one. At most two queries.

    Raises UnknownTouchpoint on a system that has none.
    """
    found = await places.find_touchpoint(tx, touchpoint)
    if found is None:
        raise UnknownTouchpoint("No touchpoint has this code.", touchpoint=touchpoint)
    return Context(
        seller_id=SellerId(found.seller_id),
        touchpoint_id=found.touchpoint_id,
        place_id=found.place_id,
        country=country or found.country or HOME_COUNTRY,
        currency=currency or found.currency or "EUR",
    )


async def put_line(
    tx: Tx, context: Context, owner_id: int, variant_id: int, body: models.PutLine, now: datetime
) -> None:
    """Put an article in at its price of today, change its number, or take it out. Four queries at most. Raises UnknownVariant."""
    price: Price | None = None
    seller_id = SellerId(body.seller_id or context.seller_id)
    if body.quantity:
        if variant_id not in await catalog.load_variants(tx, seller_id, [variant_id]):
            raise UnknownVariant("No article has this id.", variant_id=variant_id)
        found = await pricing.prices(
            tx, seller_id, context.currency, [variant_id], now, country=context.country
        )
        price = found.get(variant_id)
    await orders.put_line(
        tx,
        owner_id=owner_id,
        seller_id=seller_id,
        variant_id=variant_id,
        quantity=body.quantity,
        added_price_minor=None if price is None else price.unit.minor,
        currency=context.currency,
        at=now,
        match_id=body.match_id,
        touchpoint_id=context.touchpoint_id,
        place_id=context.place_id,
    )


async def basket_page(
    tx: Tx, context: Context, owner_id: int, language: Language, now: datetime
) -> models.BasketModel:
    """The whole basket. Eight queries for one seller, one and four more a seller for several, three for an empty one."""
    lines = await orders.baskets(tx, owner_id)
    accounts = await wallet.accounts(tx, [owner_id])
    aside = await inventory.standing(tx, owner_id)
    main = next((a for a in accounts if a.kind == AccountKind.MAIN and a.currency == context.currency), None)
    sellers = sorted(
        {line.seller_id for line in lines}, key=lambda seller: (seller != context.seller_id, seller)
    )
    names = await identity.load_names(tx, sellers) if len(sellers) > 1 else {}
    shown: list[Shown] = []
    parts: list[models.BasketPart] = []
    ways = await promises.load_ways(tx, sellers, now) if sellers else None
    for seller_id in sellers:
        assert ways is not None
        own = [line for line in lines if line.seller_id == seller_id]
        kept = [one for one in aside if one.seller_id == seller_id]
        around = await _around(
            tx, context, SellerId(seller_id), [line.variant_id for line in own], kept, ways, now
        )
        rows = [_line(line, context, around, language) for line in own]
        parts.append(_part(seller_id, names.get(seller_id), rows, context.currency))
        shown += rows
    total, tax = _sums(shown)
    available = 0 if main is None else main.available_minor
    return models.BasketModel(
        seller_id=context.seller_id,
        currency=context.currency,
        lines=[line for line, _, _ in shown],
        total=MoneyModel(minor=total, currency=context.currency),
        tax=MoneyModel(minor=tax, currency=context.currency),
        promise=_slowest([part.promise for part in parts]),
        problems=[problem for _, problem, _ in shown if problem is not None],
        parts=parts,
        wallet=None
        if main is None
        else models.WalletModel(available=MoneyModel(minor=available, currency=context.currency)),
        enough=available >= total,
        reservation=shown_reservation(aside) if aside else None,
    )


Shown = tuple[models.BasketLineModel, models.BasketProblem | None, int]
"""A line as shown, why it cannot be ordered if so, and the tax in it (minor units)."""


def _part(seller_id: int, name: str | None, rows: Sequence[Shown], currency: str) -> models.BasketPart:
    total, tax = _sums(rows)
    return models.BasketPart(
        seller_id=seller_id,
        seller=name,
        lines=[line for line, _, _ in rows],
        total=MoneyModel(minor=total, currency=currency),
        tax=MoneyModel(minor=tax, currency=currency),
        promise=_slowest([line.promise for line, _, _ in rows]),
    )


def _sums(rows: Sequence[Shown]) -> tuple[int, int]:
    """Total and tax, minor units."""
    total = sum(line.line_total.minor for line, _, _ in rows if line.line_total is not None)
    return total, sum(tax for _, _, tax in rows)


def _slowest(found: Sequence[PromiseModel | None]) -> PromiseModel | None:
    dates = [promise for promise in found if promise is not None]
    return max(dates, key=lambda promise: (promise.latest or promise.date, promise.date), default=None)


async def _around(
    tx: Tx,
    context: Context,
    seller_id: SellerId,
    variant_ids: Sequence[int],
    kept: Sequence[Reservation],
    ways: promises.Ways,
    now: datetime,
) -> _Around:
    """`kept`: what is set aside for this shopper, which they can have."""
    mine = {(place, variant): pieces for one in kept for place, variant, pieces in one.pieces()}
    levels: dict[int, list[StockLevel]] = {}
    for level in await levels_in_sale(tx, seller_id, variant_ids, now):
        own = mine.get((level.location_id, level.variant_id), 0)
        levels.setdefault(level.variant_id, []).append(
            replace(level, reserved=level.reserved - own) if own else level
        )
    return _Around(
        seller_id=seller_id,
        variants=await catalog.load_variants(tx, seller_id, variant_ids),
        prices=await pricing.prices(
            tx, seller_id, context.currency, variant_ids, now, country=context.country
        ),
        levels=levels,
        ways=ways,
        now=now,
    )


def _line(line: BasketLine, context: Context, around: _Around, language: Language) -> Shown:
    info, price = around.variants.get(line.variant_id), around.prices.get(line.variant_id)
    assert info is not None, "articles are never deleted"
    levels = around.levels.get(line.variant_id, ())
    left = max((level.sellable for level in levels), default=0)
    promise = _promise(line, context, around, levels)
    amount = None if price is None else price.unit.minor * line.quantity
    shown = models.BasketLineModel(
        seller_id=line.seller_id,
        variant_id=line.variant_id,
        product_id=info.product_id,
        title=catalog.pick(info.title, language),
        options=[OptionModel(name=o.name, value=catalog.pick(o.value, language)) for o in info.options],
        image=info.image,
        quantity=line.quantity,
        unit_price=None if price is None else MoneyModel(minor=price.unit.minor, currency=context.currency),
        was_price=_was(line, price),
        line_total=None if amount is None else MoneyModel(minor=amount, currency=context.currency),
        available="no" if left < line.quantity else "few" if left <= FEW else "yes",
        left=left if left <= FEW else None,
        match_id=line.match_id,
        promise=None if promise is None else PromiseModel.model_validate(promise_body(promise)),
    )
    tax = 0 if amount is None or price is None else included_tax(amount, price.tax_bp)
    return shown, _problem(line, info, price, left, promise), tax


def _promise(
    line: BasketLine, context: Context, around: _Around, levels: Sequence[StockLevel]
) -> Promise | None:
    """The best promise from a location that holds enough; None when nothing can be promised."""
    holding = tuple(level.location_id for level in levels if level.sellable >= line.quantity)
    if not holding:
        return None
    wanted = Line(
        variant_id=line.variant_id,
        quantity=line.quantity,
        lane=LaneKind(around.variants[line.variant_id].lane),
        locations=holding,
    )
    try:
        ways = around.ways.to(around.seller_id, context.country)
        return promises.quote_line(wanted, ways, around.ways.calendar, around.now)
    except NoLane:
        return None


def _was(line: BasketLine, price: Price | None) -> MoneyModel | None:
    """What it cost when it was put in, if it costs something else now in the same currency."""
    before = line.added_price_minor
    if price is None or before is None or line.currency != price.unit.currency or before == price.unit.minor:
        return None
    return MoneyModel(minor=before, currency=line.currency)


def _problem(
    line: BasketLine, info: VariantInfo, price: Price | None, left: int, promise: Promise | None
) -> models.BasketProblem | None:
    if not info.buyable or price is None:
        return _told(NoPrice.code, line, "This article is not sold here any more, or not in this currency.")
    if left < line.quantity:
        return _told(InsufficientStock.code, line, f"Only {left} left." if left else "Sold out.")
    if promise is None:
        return _told(NoLane.code, line, "This article cannot be sent there.")
    return None


def _told(code: str, line: BasketLine, detail: str) -> models.BasketProblem:
    return models.BasketProblem(code=code, variant_id=line.variant_id, detail=detail)
