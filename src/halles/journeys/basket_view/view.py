"""A basket with everything around it, as the interface shows it: no queries, no decisions.

Bodies are plain dictionaries that say what `models` declares, since they are written at every step of every shopper: a model
checks what this file has just made, and costs as much as reading it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from halles.catalog import api as catalog
from halles.catalog.types import VariantInfo
from halles.inventory.types import InsufficientStock, Reservation, StockLevel
from halles.journeys.checkout.api import HOME_COUNTRY, promise_body
from halles.journeys.reservation.models import shown as shown_reservation
from halles.kernel.ids import SellerId
from halles.kernel.language import Language
from halles.kernel.money import included_tax
from halles.orders.types import BasketLine
from halles.places.types import WEB, Touchpoint, UnknownTouchpoint
from halles.pricing.types import NoPrice
from halles.promises import api as promises
from halles.promises.types import LaneKind, Line, NoLane
from halles.wallet.types import Account

Body = dict[str, Any]
"""A JSON object, as a model of `models` declares it."""

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
    kind: str = WEB


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What stands around a seller's lines, by variant. prices: (unit minor, tax basis points); absent: not sold. promise: the
    best one for goods of this usual lane from one of these locations; None when nothing can be promised."""

    seller_id: SellerId
    variants: Mapping[int, VariantInfo]
    prices: Mapping[int, tuple[int, int]]
    levels: Mapping[int, Sequence[StockLevel]]
    promise: Callable[[str, tuple[int, ...]], Body | None]


def context_of(found: Touchpoint | None, *, country: str | None, currency: str | None) -> Context:
    """The seller, place, country and currency of a touchpoint. Raises UnknownTouchpoint on a system that has none."""
    if found is None:
        raise UnknownTouchpoint("There is no touchpoint.")
    return Context(
        seller_id=SellerId(found.seller_id),
        touchpoint_id=found.touchpoint_id,
        place_id=found.place_id,
        country=country or found.country or HOME_COUNTRY,
        currency=currency or found.currency or "EUR",
        kind=found.kind,
    )


def basket_page(
    context: Context,
    lines: Sequence[BasketLine],
    around: Sequence[Around],
    main: Account | None,
    aside: Sequence[Reservation],
    names: Mapping[int, str],
    language: Language,
) -> Body:
    """The whole basket, a BasketModel. `around`: a seller each, in the order in which they are shown. `main`: the account that
    would pay."""
    shown: list[Shown] = []
    parts: list[Body] = []
    for one in around:
        own = [line for line in lines if line.seller_id == one.seller_id]
        rows = [_line(line, context, one, language) for line in own]
        parts.append(_part(one.seller_id, names.get(one.seller_id), rows, context.currency))
        shown += rows
    total, tax = _sums(shown)
    available = 0 if main is None else main.available_minor
    return {
        "seller_id": context.seller_id,
        "currency": context.currency,
        "lines": [line for line, _, _ in shown],
        "total": _money(total, context.currency),
        "tax": _money(tax, context.currency),
        "promise": _slowest([part["promise"] for part in parts]),
        "problems": [problem for _, problem, _ in shown if problem is not None],
        "parts": parts,
        "wallet": None if main is None else {"available": _money(available, context.currency)},
        "enough": available >= total,
        "reservation": shown_reservation(aside).model_dump() if aside else None,
    }


def promise_of(
    ways: promises.Ways, seller_id: int, country: str, lane: str, holding: tuple[int, ...], now: datetime
) -> Body | None:
    """A PromiseModel: the best promise from a location that holds enough; None when nothing can be promised."""
    wanted = Line(variant_id=0, lane=LaneKind(lane), locations=holding)
    try:
        found = promises.quote_line(wanted, ways.to(seller_id, country), ways.calendar, now)
    except NoLane:
        return None
    return {**promise_body(found), "expected": None}


def own_levels(
    levels: Iterable[StockLevel], aside: Iterable[Reservation], seller_id: int
) -> dict[int, list[StockLevel]]:
    """Levels by variant, in which what is set aside for this shopper can be had."""
    mine = {
        (place, variant): pieces
        for one in aside
        if one.seller_id == seller_id
        for place, variant, pieces in one.pieces()
    }
    found: dict[int, list[StockLevel]] = {}
    for level in levels:
        own = mine.get((level.location_id, level.variant_id), 0)
        found.setdefault(level.variant_id, []).append(
            replace(level, reserved=level.reserved - own) if own else level
        )
    return found


Shown = tuple[Body, Body | None, int]
"""A BasketLineModel, the BasketProblem for which it cannot be ordered if so, and the tax in it (minor units)."""


def _part(seller_id: int, name: str | None, rows: Sequence[Shown], currency: str) -> Body:
    total, tax = _sums(rows)
    return {
        "seller_id": seller_id,
        "seller": name,
        "lines": [line for line, _, _ in rows],
        "total": _money(total, currency),
        "tax": _money(tax, currency),
        "promise": _slowest([line["promise"] for line, _, _ in rows]),
    }


def _sums(rows: Sequence[Shown]) -> tuple[int, int]:
    """Total and tax, minor units."""
    total = sum(line["line_total"]["minor"] for line, _, _ in rows if line["line_total"] is not None)
    return total, sum(tax for _, _, tax in rows)


def _slowest(found: Sequence[Body | None]) -> Body | None:
    """Dates are in ISO 8601, whose order is that of the days."""
    dates = [promise for promise in found if promise is not None]
    if len(dates) < 2:
        return dates[0] if dates else None
    return max(dates, key=lambda promise: (promise["latest"] or promise["date"], promise["date"]))


def _money(minor: int, currency: str) -> Body:
    return {"minor": minor, "currency": currency}


def _line(line: BasketLine, context: Context, around: Around, language: Language) -> Shown:
    info, price = around.variants.get(line.variant_id), around.prices.get(line.variant_id)
    assert info is not None, "articles are never deleted"
    levels = around.levels.get(line.variant_id, ())
    left = max((level.sellable for level in levels), default=0)
    holding = tuple(level.location_id for level in levels if level.sellable >= line.quantity)
    promise = around.promise(info.lane, holding) if holding else None
    unit = None if price is None else price[0]
    amount = None if unit is None else unit * line.quantity
    shown = {
        "seller_id": line.seller_id,
        "variant_id": line.variant_id,
        "product_id": info.product_id,
        "title": catalog.pick(info.title, language),
        "options": [{"name": o.name, "value": catalog.pick(o.value, language)} for o in info.options],
        "image": info.image,
        "quantity": line.quantity,
        "unit_price": None if unit is None else _money(unit, context.currency),
        "was_price": _was(line, unit, context.currency),
        "line_total": None if amount is None else _money(amount, context.currency),
        "available": "no" if left < line.quantity else "few" if left <= FEW else "yes",
        "left": left if left <= FEW else None,
        "match_id": line.match_id,
        "promise": promise,
    }
    tax = 0 if amount is None or price is None else included_tax(amount, price[1])
    return shown, _problem(line, info, unit, left, promise), tax


def _was(line: BasketLine, unit: int | None, currency: str) -> Body | None:
    """What it cost when it was put in, if it costs something else now in the same currency."""
    before = line.added_price_minor
    if unit is None or before is None or line.currency != currency or before == unit:
        return None
    return _money(before, line.currency)


def _problem(
    line: BasketLine, info: VariantInfo, unit: int | None, left: int, promise: Body | None
) -> Body | None:
    if not info.buyable or unit is None:
        return _told(NoPrice.code, line, "This article is not sold here any more, or not in this currency.")
    if left < line.quantity:
        return _told(InsufficientStock.code, line, f"Only {left} left." if left else "Sold out.")
    if promise is None:
        return _told(NoLane.code, line, "This article cannot be sent there.")
    return None


def _told(code: str, line: BasketLine, detail: str) -> Body:
    return {"code": code, "variant_id": line.variant_id, "detail": detail}
