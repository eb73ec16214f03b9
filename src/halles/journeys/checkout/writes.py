"""Accepted orders as the sets that each capability's statements take: bytes, handed to PostgreSQL as soon as they are encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from halles.flash import api as flash
from halles.flash.types import SaleBook
from halles.inventory import api as inventory
from halles.journeys.checkout.rules import take_of_sales
from halles.journeys.checkout.types import Accepted, Part, PlaceOrder, Sub
from halles.kernel import outbox
from halles.kernel.arrays import bigints, encoded, framed, texts, timestamp, uuids
from halles.kernel.ids import uuid_text
from halles.kernel.pipe import Pipe
from halles.orders import api as orders
from halles.orders.types import OrderPlaced, PaymentState
from halles.wallet import api as wallet

PAY_WITHIN = timedelta(minutes=30)
"""How long stock waits for a payment by card."""

_encode = msgspec.json.Encoder().encode
_held = lru_cache(maxsize=8192)(wallet.legs_of)
_HELD, _PENDING = int(PaymentState.HELD), int(PaymentState.PENDING)


def send(
    pipe: Pipe,
    accepted: Sequence[Accepted],
    fees: Mapping[int, int],
    takings: SaleBook | None,
    now: datetime,
) -> None:
    """Everything a batch writes: stock and its movements, orders, baskets, flash sales, money held, events.

    `fees`: basis points by seller. `takings`: the sales of the batch, with nothing taken yet.
    """
    at = timestamp(now)
    _send_orders(pipe, accepted, at, timestamp(now + PAY_WITHIN))
    _send_reservations(pipe, accepted, at)
    _send_stock(pipe, accepted, at)
    if takings:
        _send_sales(pipe, accepted, takings, now)
    _send_money(pipe, accepted, fees, at)
    _send_reasons(pipe, accepted, now)
    _send_events(pipe, accepted)


def _send_orders(pipe: Pipe, accepted: Sequence[Accepted], at: bytes, pay_by: bytes) -> None:
    rows: list[bytes] = []
    owners: list[int] = []
    sellers: list[int] = []
    variants: list[int] = []
    placing = orders.placing
    for one in accepted:
        command = one.command
        order, owner_id = command.order, command.owner_id
        payment = _HELD if one.account_id else _PENDING
        for part, sub in zip(command.parts, one.subs):  # noqa: B905  as many as parts, for decide made them of the parts
            seller_id = sub.seller_id
            more = _more(order, part, sub, command.ids)
            rows.append(
                placing(
                    seller_id, sub.order_id, owner_id, command.touchpoint_id, command.place_id, sub.total_minor,
                    sub.tax_minor, order.currency, payment, sub.offer.kept_id, command.fingerprint, sub.numbers, more,
                )
            )  # fmt: skip
            for line in part.lines:
                owners.append(owner_id)
                sellers.append(seller_id)
                variants.append(line.variant_id)
    pipe.send(orders.PLACE, rows=framed(pipe.oid("orders.placing"), rows), at=at, pay_by=pay_by)
    bought = {"owners": bigints(owners), "sellers": bigints(sellers), "variants": bigints(variants)}
    pipe.send(orders.EMPTY_BASKETS, **bought)


def _more(order: PlaceOrder, part: PlaceOrder | Part, sub: Sub, ids: Sequence[bytes]) -> bytes:
    """The columns that a plain order leaves empty."""
    lines = part.lines
    matched = lines[0].match_id is not None if len(lines) == 1 else any(line.match_id for line in lines)
    if not matched and order.ship_to is None and not order.email and len(ids) == 1:
        return orders.PLAIN
    matches = None
    if matched:
        photos = {line.variant_id: line.match_id.bytes for line in part.lines if line.match_id is not None}
        matches = [photos.get(variant_id) for variant_id in sub.numbers[::6]]
    ship_to = None if order.ship_to is None else _encode(order.ship_to)
    return orders.details(matches, ship_to, order.email or None, ids[0] if len(ids) > 1 else None)


def _send_reservations(pipe: Pipe, accepted: Sequence[Accepted], at: bytes) -> None:
    """Give back what the orders' reservations kept, before the orders take their own."""
    used = [kept for one in accepted if one.used for kept in one.used]
    if not used:
        return
    freed: dict[tuple[int, int, int], tuple[list[bytes], list[int]]] = {}
    for kept in used:
        for location_id, variant_id, quantity in kept.items:
            refs, quantities = freed.setdefault((kept.seller_id, location_id, variant_id), ([], []))
            refs.append(kept.reservation_id)
            quantities.append(quantity)
    rows = [inventory.moving(*key, *freed[key]) for key in sorted(freed)]
    pipe.send(inventory.RELEASE, rows=framed(pipe.oid("inventory.moving"), rows), at=at)
    pipe.send(
        inventory.MARK_ORDERED,
        sellers=bigints([kept.seller_id for kept in used]),
        reservation_ids=uuids([kept.reservation_id for kept in used]),
    )


def _send_stock(pipe: Pipe, accepted: Sequence[Accepted], at: bytes) -> None:
    taken: dict[tuple[int, int, int], tuple[list[bytes], list[int]]] = {}
    for one in accepted:
        for sub in one.subs:
            numbers = sub.numbers
            for n in range(0, len(numbers), 6):
                key = (sub.seller_id, numbers[n + 4], numbers[n])
                found = taken.get(key)
                if found is None:
                    found = taken[key] = ([], [])
                found[0].append(sub.order_id)
                found[1].append(numbers[n + 1])
    rows = [inventory.moving(*key, *taken[key]) for key in sorted(taken)]
    pipe.send(inventory.RESERVE, rows=framed(pipe.oid("inventory.moving"), rows), at=at)


def _send_sales(pipe: Pipe, accepted: Sequence[Accepted], takings: SaleBook, now: datetime) -> None:
    taken = takings.untouched()
    for one in accepted:
        take_of_sales(taken, one.command, now)
    for statement, values in flash.take_steps(taken, now):
        pipe.send(statement, **{name: encoded(value) for name, value in values.items()})


def _send_money(pipe: Pipe, accepted: Sequence[Accepted], fees: Mapping[int, int], at: bytes) -> None:
    held: dict[tuple[int, int], int] = {}
    rows: list[bytes] = []
    for one in accepted:
        account_id = one.account_id
        if account_id:
            owner_id = one.command.owner_id
            key = (owner_id, account_id)
            held[key] = held.get(key, 0) + one.total_minor
            for sub in one.subs:
                total = sub.total_minor
                legs = _held(total, sub.tax_minor, fees.get(sub.seller_id, 0), sub.seller_id)
                rows.append(wallet.holding(owner_id, sub.order_id, account_id, total, legs))
    if not rows:
        return
    keys = sorted(held)
    pipe.send(
        wallet.CHANGE,
        owners=bigints([key[0] for key in keys]),
        accounts=bigints([key[1] for key in keys]),
        balance=bigints([0] * len(keys)),
        held=bigints([held[key] for key in keys]),
    )
    pipe.send(wallet.HOLD, rows=framed(pipe.oid("wallet.holding"), rows), at=at)


def _send_reasons(pipe: Pipe, accepted: Sequence[Accepted], now: datetime) -> None:
    """Why orders leave from where they do, and how many chose each location today: of sellers who made a sourcing rule."""
    reasons = [(sub, sub.why) for one in accepted for sub in one.subs if sub.why is not None]
    if not reasons:
        return
    chosen: dict[tuple[int, int], int] = {}
    for sub, _ in reasons:
        for location_id in set(sub.numbers[4::6]):
            chosen[sub.seller_id, location_id] = chosen.get((sub.seller_id, location_id), 0) + 1
    keys = sorted(chosen)
    pipe.send(
        inventory.COUNT_PACKED,
        sellers=bigints([key[0] for key in keys]),
        locations=bigints([key[1] for key in keys]),
        orders=bigints([chosen[key] for key in keys]),
        day=now.date().isoformat().encode(),
    )
    pipe.send(
        inventory.KEEP_WHY,
        sellers=bigints([sub.seller_id for sub, _ in reasons]),
        order_ids=uuids([sub.order_id for sub, _ in reasons]),
        whys=texts([why.decode() for _, why in reasons]),
    )


def _send_events(pipe: Pipe, accepted: Sequence[Accepted]) -> None:
    batch = outbox.Batch()
    add, kind = batch.add_plain, OrderPlaced.kind
    for one in accepted:
        command = one.command
        currency = command.order.currency
        for part, sub in zip(command.parts, one.subs):  # noqa: B905  as above
            order_id = uuid_text(sub.order_id)
            body = orders.placed_event(
                order_id, sub.seller_id, command.owner_id, sub.total_minor, currency, command.place_id,
                command.touchpoint_id, [(line.match_id, line.variant_id) for line in part.lines if line.match_id is not None],
            )  # fmt: skip
            add(f"order:{order_id}", kind, body)
    pipe.send(outbox.APPEND, **batch.encoded())
