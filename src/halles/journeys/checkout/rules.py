"""Deciding a batch of orders. Pure: the world comes in as it was read under lock, answers go out, nothing is touched.

Told in prose in docs/algorithms/intake.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

import msgspec

from halles.flash.types import SaleBook
from halles.identity.types import AccountClosed
from halles.inventory.types import InsufficientStock
from halles.journeys.checkout.by_rule import by_rule
from halles.journeys.checkout.fences import FenceBook
from halles.journeys.checkout.sourcing import Source, source
from halles.journeys.checkout.types import (
    Accepted,
    Answer,
    Command,
    Existing,
    Kept,
    Offer,
    Part,
    PlaceOrder,
    Repeated,
    Sub,
    World,
)
from halles.kernel.errors import Refusal
from halles.kernel.money import included_tax
from halles.orders.types import BadOrder, IdReused, TooMuchUnpaid
from halles.pricing.types import NoPrice, PriceChanged
from halles.promises.types import NoLane, PromiseChangedMeanwhile
from halles.wallet.types import InsufficientFunds

_encode = msgspec.msgpack.Encoder().encode

MOST_UNPAID = 100
"""Pieces that one person may have ordered of a seller by card and not paid: they are off the shelf meanwhile."""
MOST_MINOR = 10**15
"""The largest order total in minor units: sums of millions of them still fit a bigint."""


def check(order: PlaceOrder) -> None:
    """Refuse what no state of the shop could accept, before it can spoil a batch. Raises BadOrder."""
    total = 0
    for part in (order, *order.also):
        lines = part.lines
        if len(lines) > 1 and len({line.variant_id for line in lines}) != len(lines):
            raise BadOrder("An article appears on two lines; add the quantities up.")
        for line in lines:
            total += line.quantity * line.unit_price_minor
    if total > MOST_MINOR:
        raise BadOrder("The total is larger than any order can be.")
    if order.also and len({part.seller_id for part in order.also} | {order.seller_id}) <= len(order.also):
        raise BadOrder("A seller appears in two parts; put their lines into one.")
    if order.email or order.touchpoint or order.ship_to:
        _check_texts(order)


def pieces(order: PlaceOrder) -> int:
    """How many pieces an order is of, all sellers together."""
    return sum(line.quantity for part in (order, *order.also) for line in part.lines)


def _check_texts(order: PlaceOrder) -> None:
    texts = [order.email, order.touchpoint]
    if order.ship_to is not None:
        texts += [order.ship_to.name, order.ship_to.line1, order.ship_to.postcode, order.ship_to.city]
    if any(text is not None and "\x00" in text for text in texts):
        raise BadOrder("A text holds a character that cannot be stored.")


def fingerprint(order: PlaceOrder) -> bytes:
    """Sixteen bytes that stand for an order's body. What is left at its default counts for nothing, so that a field added later
    changes no fingerprint; nor do the token of a waiting room, the reservation and the quote, of which a repeat may carry others.
    """
    body = order
    if order.admission is not None or order.reservation is not None or order.quote is not None:
        body = msgspec.structs.replace(order, admission=None, reservation=None, quote=None)
    return blake2b(_encode(body), digest_size=16).digest()


def first_fingerprint(order: PlaceOrder) -> bytes:
    """What stands for the body of an order that was placed before there were cards, parts and reservations."""
    names = ("order_id", "seller_id", "currency", "lines", "promise", "touchpoint", "ship_to", "email")
    if order.also or order.payment != "wallet":
        return b""
    return blake2b(_encode({name: getattr(order, name) for name in names}), digest_size=16).digest()


def decide(commands: Sequence[Command], world: World) -> list[Answer]:
    """Decide each command in arrival order, each on what the accepted ones before it left; one answer a command.

    Greedy and exact: a small order behind a big refused one is accepted. Never sells more than is sellable, never holds more
    than is available; a repeat of an id answers as the first, or is refused when anything differs.
    """
    left = _Left(world)
    return [_decide_one(command, world, left) for command in commands]


class _Left:
    """What the accepted orders of this batch have left of the world."""

    __slots__ = ("accepted", "available", "fences", "kept", "sellable", "takings", "unpaid")

    def __init__(self, world: World) -> None:
        self.accepted: dict[bytes, Accepted] = {}
        self.available: dict[tuple[int, str], int] = {key: funds[1] for key, funds in world.funds.items()}
        self.sellable: dict[tuple[int, int], list[Source]] = {
            key: [Source(*row) for row in rows] for key, rows in world.stock.items()
        }
        self.kept = dict(world.kept)
        self.unpaid = dict(world.unpaid)
        self.fences = FenceBook(world.fences, world.now) if world.fences is not None else None
        self.takings = None
        if world.takings:
            self.takings = world.takings.untouched()
            self._open_fences(world.takings, world)

    def _open_fences(self, takings: SaleBook, world: World) -> None:
        """What is fenced off for a sale may be sold by it."""
        for (seller_id, variant_id), candidates in self.sellable.items():
            for candidate in candidates:
                candidate.sellable += takings.fenced(seller_id, variant_id, candidate.location_id, world.now)

    def open(self, command: Command) -> Sequence[Kept]:
        """Let this order take what its reservation keeps; nothing where that does not stand or is another's."""
        assert command.order.reservation is not None
        key = command.order.reservation.bytes
        mine = [kept for part in command.parts if (kept := self.kept.get((part.seller_id, key))) is not None]
        used = [kept for kept in mine if kept.owner_id == command.owner_id]
        self._move(used, 1)
        return used

    def close(self, used: Sequence[Kept]) -> None:
        """The order was refused: its reservation keeps on keeping."""
        self._move(used, -1)

    def forget(self, used: Sequence[Kept]) -> None:
        """The order was accepted: its reservation is over."""
        for kept in used:
            del self.kept[kept.seller_id, kept.reservation_id]

    def _move(self, used: Sequence[Kept], sign: int) -> None:
        for kept in used:
            for location_id, variant_id, quantity in kept.items:
                for candidate in self.sellable.get((kept.seller_id, variant_id), ()):
                    if candidate.location_id == location_id:
                        candidate.sellable += sign * quantity


def _decide_one(command: Command, world: World, left: _Left) -> Answer:
    order_id = command.ids[0]
    if order_id in left.accepted:
        return _repeated(
            command, _standing(left.accepted[order_id], world), left.accepted[order_id].total_minor
        )
    if world.existing and order_id in world.existing:
        parts = [found.total_minor for key in command.ids if (found := world.existing.get(key)) is not None]
        return _repeated(command, world.existing[order_id], sum(parts))
    if any(key in left.accepted or key in world.existing for key in command.ids[1:]):
        return _reused(command)
    used = left.open(command) if left.kept and command.order.reservation is not None else ()
    fenced = left.fences.open(command, left.sellable) if left.fences is not None else ()
    try:
        accepted = _accept(command, world, left)
    except Refusal as refusal:
        if fenced and left.fences is not None:
            left.fences.close(fenced)
        if used:
            left.close(used)
        return refusal
    if used:
        accepted.used = used
        left.forget(used)
    if fenced and left.fences is not None:
        accepted.fenced = left.fences.settle(fenced, accepted)
    left.accepted.update(dict.fromkeys(command.ids, accepted))
    return accepted


def _standing(accepted: Accepted, world: World) -> Existing:
    command = accepted.command
    return Existing(
        seller_id=command.order.seller_id,
        owner_id=command.owner_id,
        fingerprint=command.fingerprint,
        state=1,
        payment=1 if accepted.account_id else 5,
        total_minor=accepted.total_minor,
        currency=command.order.currency,
        placed_at=world.now,
        pay_by=None,
    )


def _repeated(command: Command, before: Existing, total_minor: int) -> Repeated | IdReused:
    same = (before.owner_id, before.seller_id) == (command.owner_id, command.order.seller_id)
    if same and before.fingerprint in {command.fingerprint, first_fingerprint(command.order)}:
        return Repeated(command, before, total_minor)
    return _reused(command)


def _reused(command: Command) -> IdReused:
    return IdReused(
        "This order id was used for another order; make a new one.", order_id=str(command.order.order_id)
    )


def _accept(command: Command, world: World, left: _Left) -> Accepted:
    """The order as it would be written now, taken out of what is left. Raises the refusal that stands in its way."""
    if command.owner_id in world.closed:
        raise AccountClosed("This account is closed.")
    taken: list[tuple[Source, int]] = []
    subs = [_part(command.order, command.ids[0], command, world, left, taken)]
    total = subs[0].total_minor
    for part, order_id in zip(command.parts[1:], command.ids[1:], strict=True):
        subs.append(_part(part, order_id, command, world, left, taken))
        total += subs[-1].total_minor
    if left.takings is not None:
        for part in command.parts:
            lines = [(line.variant_id, line.quantity) for line in part.lines]
            left.takings.check(part.seller_id, command.owner_id, lines, command.admission, world.now)
    account_id = 0
    if command.order.payment == "wallet":
        key = (command.owner_id, command.order.currency)
        available = left.available.get(key)
        if available is None or available < total:
            available = available or 0
            raise InsufficientFunds(
                missing_minor=max(total - available, 0), available_minor=available, currency=key[1]
            )
        left.available[key] = available - total
        account_id = world.funds[key][0]
    else:
        _leave_unpaid(command, left)
    for candidate, quantity in taken:
        candidate.sellable -= quantity
    if left.takings is not None:
        take_of_sales(left.takings, command, world.now)
    return Accepted(command, account_id, total, subs)


def _leave_unpaid(command: Command, left: _Left) -> None:
    unpaid = left.unpaid.get(command.owner_id, 0) + pieces(command.order)
    if unpaid > MOST_UNPAID:
        raise TooMuchUnpaid("Pay what you ordered by card first.", most=MOST_UNPAID, unpaid=unpaid)
    left.unpaid[command.owner_id] = unpaid


def take_of_sales(takings: SaleBook, command: Command, now: datetime) -> None:
    """Count what an accepted order takes of flash sales."""
    for part in command.parts:
        lines = [(line.variant_id, line.quantity) for line in part.lines]
        takings.take(part.seller_id, command.owner_id, lines, now)


def _part(
    part: PlaceOrder | Part,
    order_id: bytes,
    command: Command,
    world: World,
    left: _Left,
    taken: list[tuple[Source, int]],
) -> Sub:
    """One seller's part: the prices that the shopper saw, a location for each line, a promise no later than the one seen.

    Raises NoPrice, PriceChanged, InsufficientStock, NoLane, PromiseChangedMeanwhile. Adds to `taken` what it would take.
    """
    seller_id, currency, country = part.seller_id, command.order.currency, command.country
    numbers: list[int] = []
    latest: Offer | None = None
    total = tax = 0
    lines, given, why = part.lines, None, None
    if world.sourcing and (rule := world.sourcing.get(seller_id)) is not None:
        lines, places, why = by_rule(part, command, rule, left.sellable, world.offers)
        given = iter(places)
    for line in lines:
        variant_id, quantity, unit = line.variant_id, line.quantity, line.unit_price_minor
        key = (seller_id, variant_id)
        article, price = world.articles.get(key), world.prices.get((seller_id, variant_id, currency, country))
        if price is None or article is None or not article.buyable:
            raise NoPrice("This article is not sold here in this currency.", variant_id=variant_id)
        if price[0] != unit:
            _honour(command, key, unit, price[0])
        candidates = left.sellable.get(key, ()) if given is None else (next(given),)
        best = source(quantity, part.promise.lane, candidates)
        if best is None:
            most = max((candidate.sellable for candidate in candidates), default=0)
            raise InsufficientStock(variant_id=variant_id, sellable=max(0, most))
        offer = world.offers.get((seller_id, best.location_id, country))
        if offer is None:
            raise NoLane("Nothing can be delivered there from where this is.", variant_id=variant_id)
        if latest is None or (offer.latest, offer.date) > (latest.latest, latest.date):
            latest = offer
        taken.append((best, quantity))
        amount, tax_bp = quantity * unit, price[1]
        total += amount
        tax += _tax(amount, tax_bp)
        numbers += (variant_id, quantity, unit, tax_bp, best.location_id, article.kept_id)
    assert latest is not None, "an order has lines"
    seen = part.promise
    if latest.date > seen.date or (seen.latest is not None and latest.latest > seen.latest):
        raise PromiseChangedMeanwhile("The date that was shown cannot be kept any more.", promise=latest.body)
    return Sub(seller_id, order_id, total, tax, numbers, latest, why)


def _honour(command: Command, key: tuple[int, int], unit: int, now_minor: int) -> None:
    """Another price than today's is taken where it was shown and still counts, and is not above today's. Raises PriceChanged."""
    found = None if command.shown is None else command.shown.get(key)
    if found != unit or unit > now_minor:
        unkept = found if isinstance(found, str) else None
        currency = command.order.currency
        raise PriceChanged(variant_id=key[1], unit_price_minor=now_minor, currency=currency, unkept=unkept)


@lru_cache(maxsize=8192)
def _tax(gross_minor: int, rate_bp: int) -> int:
    return included_tax(gross_minor, rate_bp)
