"""Deciding a batch of orders. Pure: the world comes in as it was read under lock, answers go out, nothing is touched.

Told in prose in docs/algorithms/intake.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from halles.inventory.types import InsufficientStock
from halles.journeys.checkout.sourcing import Source, source
from halles.journeys.checkout.types import (
    Accepted,
    Answer,
    Command,
    Existing,
    Offer,
    PlaceOrder,
    Repeated,
    World,
)
from halles.kernel.errors import Refusal
from halles.kernel.money import included_tax
from halles.orders.types import BadOrder, IdReused
from halles.pricing.types import NoPrice, PriceChanged
from halles.promises.types import NoLane, PromiseChangedMeanwhile
from halles.wallet.types import InsufficientFunds

MOST_MINOR = 10**15
"""The largest order total in minor units: sums of millions of them still fit a bigint."""


def check(order: PlaceOrder) -> None:
    """Refuse what no state of the shop could accept, before it can spoil a batch. Raises BadOrder."""
    variants = [line.variant_id for line in order.lines]
    if len(set(variants)) != len(variants):
        raise BadOrder("An article appears on two lines; add the quantities up.")
    if sum(line.quantity * line.unit_price_minor for line in order.lines) > MOST_MINOR:
        raise BadOrder("The total is larger than any order can be.")
    texts = [order.email, order.touchpoint]
    if order.ship_to is not None:
        texts += [order.ship_to.name, order.ship_to.line1, order.ship_to.postcode, order.ship_to.city]
    if any(text is not None and "\x00" in text for text in texts):
        raise BadOrder("A text holds a character that cannot be stored.")


def decide(commands: Sequence[Command], world: World) -> list[Answer]:
    """Decide each command in arrival order, each on what the accepted ones before it left; one answer a command.

    Greedy and exact: a small order behind a big refused one is accepted. Never sells more than is sellable, never holds more
    than is available; a repeat of an id answers as the first, or is refused when anything differs.
    """
    left = _Left(world)
    return [_decide_one(command, world, left) for command in commands]


class _Left:
    """What the accepted orders of this batch have left of the world."""

    __slots__ = ("accepted", "available", "sellable")

    def __init__(self, world: World) -> None:
        self.accepted: dict[UUID, Accepted] = {}
        self.available: dict[tuple[int, str], int] = {key: funds[1] for key, funds in world.funds.items()}
        self.sellable: dict[tuple[int, int], list[Source]] = {
            key: [Source(*row) for row in rows] for key, rows in world.stock.items()
        }

    def take(self, accepted: Accepted) -> None:
        """Take out what an accepted order takes."""
        order = accepted.command.order
        for line, (location_id, _) in zip(order.lines, accepted.sources, strict=True):
            for candidate in self.sellable[order.seller_id, line.variant_id]:
                if candidate.location_id == location_id:
                    candidate.sellable -= line.quantity
        self.available[accepted.command.owner_id, order.currency] -= accepted.total_minor
        self.accepted[order.order_id] = accepted


def _decide_one(command: Command, world: World, left: _Left) -> Answer:
    order_id = command.order.order_id
    before = world.existing.get(order_id)
    if before is None and order_id in left.accepted:
        before = _standing(left.accepted[order_id], world)
    if before is not None:
        return _repeated(command, before)
    try:
        accepted = _accept(command, world, left)
    except Refusal as refusal:
        return refusal
    left.take(accepted)
    return accepted


def _standing(accepted: Accepted, world: World) -> Existing:
    order = accepted.command.order
    return Existing(
        seller_id=order.seller_id,
        owner_id=accepted.command.owner_id,
        fingerprint=accepted.command.fingerprint,
        state=1,
        total_minor=accepted.total_minor,
        currency=order.currency,
        placed_at=world.now,
    )


def _repeated(command: Command, before: Existing) -> Repeated | IdReused:
    same = (before.owner_id, before.seller_id, before.fingerprint)
    if same == (command.owner_id, command.order.seller_id, command.fingerprint):
        return Repeated(order_id=command.order.order_id, existing=before)
    return IdReused(
        "This order id was used for another order; make a new one.", order_id=str(command.order.order_id)
    )


def _accept(command: Command, world: World, left: _Left) -> Accepted:
    """The order as it would be written now. Raises the refusal that stands in its way: price, stock, promise, money."""
    total, tax, rates = _priced(command, world)
    sources = _sources(command, left)
    offer = _kept(command, world, sources)
    key = (command.owner_id, command.order.currency)
    available = left.available.get(key, 0)
    if available < total or key not in world.funds:
        raise InsufficientFunds(
            missing_minor=max(total - available, 0), available_minor=available, currency=key[1]
        )
    return Accepted(
        command=command,
        account_id=world.funds[key][0],
        total_minor=total,
        tax_minor=tax,
        sources=tuple(zip((found.location_id for found in sources), rates, strict=True)),
        offer=offer,
    )


def _priced(command: Command, world: World) -> tuple[int, int, list[int]]:
    """Total, the tax in it, and each line's rate. The prices are those that the shopper saw, or NoPrice, PriceChanged."""
    order, total, tax = command.order, 0, 0
    rates: list[int] = []
    for line in order.lines:
        snapshot = command.snapshots.get(line.variant_id)
        price = world.prices.get((order.seller_id, line.variant_id, order.currency, command.country))
        if snapshot is None or not snapshot.buyable or price is None:
            raise NoPrice("This article is not sold here in this currency.", variant_id=line.variant_id)
        if price[0] != line.unit_price_minor:
            raise PriceChanged(variant_id=line.variant_id, unit_price_minor=price[0], currency=order.currency)
        amount = line.quantity * price[0]
        total += amount
        tax += _tax(amount, price[1])
        rates.append(price[1])
    return total, tax, rates


def _sources(command: Command, left: _Left) -> list[Source]:
    """A location for each line. Raises InsufficientStock."""
    order = command.order
    found: list[Source] = []
    for line in order.lines:
        candidates = left.sellable.get((order.seller_id, line.variant_id), [])
        best = source(line.quantity, order.promise.lane, candidates)
        if best is None:
            most = max((candidate.sellable for candidate in candidates), default=0)
            raise InsufficientStock(variant_id=line.variant_id, sellable=max(0, most))
        found.append(best)
    return found


def _kept(command: Command, world: World, sources: Sequence[Source]) -> Offer:
    """What can be promised for the whole order: that of the line which is there last. Raises NoLane, PromiseChangedMeanwhile."""
    order, latest = command.order, None
    for found, line in zip(sources, order.lines, strict=True):
        offer = world.offers.get((order.seller_id, found.location_id, command.country))
        if offer is None:
            raise NoLane("Nothing can be delivered there from where this is.", variant_id=line.variant_id)
        if latest is None or (offer.latest, offer.date) > (latest.latest, latest.date):
            latest = offer
    assert latest is not None, "an order has lines"
    seen = order.promise
    if latest.date > seen.date or (seen.latest is not None and latest.latest > seen.latest):
        raise PromiseChangedMeanwhile("The date that was shown cannot be kept any more.", promise=latest.body)
    return latest


@lru_cache(maxsize=8192)
def _tax(gross_minor: int, rate_bp: int) -> int:
    return included_tax(gross_minor, rate_bp)
