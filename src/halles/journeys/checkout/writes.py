"""Accepted orders as the sets that each capability's statements take. Pure: values in, parameters out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from halles.inventory import api as inventory
from halles.journeys.checkout.types import Accepted
from halles.kernel import outbox
from halles.kernel.arrays import Bigints, Blobs, Jsons, Texts, Uuids
from halles.kernel.db import Statement
from halles.orders import api as orders
from halles.orders.types import Match, OrderPlaced
from halles.wallet import api as wallet

Step = tuple[Statement[Any], Mapping[str, Any]]
"""A statement and its parameters."""


def steps(accepted: Sequence[Accepted], fees: Mapping[int, int], now: datetime) -> list[Step]:
    """Everything a batch writes: stock and its movements, orders, receipts, baskets, money held, events."""
    return [*_stock(accepted, now), *_orders(accepted, now), *_money(accepted, fees, now), _events(accepted)]


def _stock(accepted: Sequence[Accepted], now: datetime) -> list[Step]:
    taken: dict[tuple[int, int, int], list[tuple[str, int]]] = {}
    for one in accepted:
        order = one.command.order
        ref = str(order.order_id)
        for line, (location_id, _) in zip(order.lines, one.sources, strict=True):
            key = (order.seller_id, location_id, line.variant_id)
            taken.setdefault(key, []).append((ref, line.quantity))
    keys = sorted(taken)
    items = {
        "sellers": Bigints(key[0] for key in keys),
        "locations": Bigints(key[1] for key in keys),
        "variants": Bigints(key[2] for key in keys),
        "on_hand": Bigints([0] * len(keys)),
        "reserved": Bigints(sum(quantity for _, quantity in taken[key]) for key in keys),
    }
    record: dict[str, Any] = {
        **items,
        "refs": Texts(inventory.array_literal([ref for ref, _ in taken[key]]) for key in keys),
        "quantities": Texts(
            inventory.array_literal([quantity for _, quantity in taken[key]]) for key in keys
        ),
        "cause": "reserved",
        "by": "shopper",
        "reason": None,
        "at": now,
    }
    return [(inventory.CHANGE, items), (inventory.RECORD, record)]


def _orders(accepted: Sequence[Accepted], now: datetime) -> list[Step]:
    commands = [one.command for one in accepted]
    sellers = Bigints(command.order.seller_id for command in commands)
    order_ids = Uuids(command.order.order_id for command in commands)
    owners = Bigints(command.owner_id for command in commands)
    placed = {
        "sellers": sellers,
        "order_ids": order_ids,
        "owners": owners,
        "touchpoints": Bigints(command.touchpoint_id for command in commands),
        "places": Bigints(command.place_id for command in commands),
        "totals": Bigints(one.total_minor for one in accepted),
        "taxes": Bigints(one.tax_minor for one in accepted),
        "currencies": Texts(command.order.currency for command in commands),
        "lines": Jsons(_lines(one) for one in accepted),
        "promises": Jsons(one.offer.json for one in accepted),
        "ship_tos": Jsons(msgspec.json.encode(command.order.ship_to) for command in commands),
        "emails": Texts(command.order.email or "" for command in commands),
        "fingerprints": Blobs(command.fingerprint for command in commands),
        "at": now,
    }
    bought = [
        (command.owner_id, command.order.seller_id, line.variant_id)
        for command in commands
        for line in command.order.lines
    ]
    emptied = {
        "owners": Bigints(line[0] for line in bought),
        "sellers": Bigints(line[1] for line in bought),
        "variants": Bigints(line[2] for line in bought),
    }
    receipts = {"owners": owners, "order_ids": order_ids, "sellers": sellers, "at": now}
    return [(orders.PLACE, placed), (orders.RECEIVE, receipts), (orders.EMPTY_BASKETS, emptied)]


def _lines(one: Accepted) -> bytes:
    """The lines of an order as it keeps them: each article's snapshot, closed with what this order says of it."""
    parts: list[bytes] = []
    for line, (location_id, tax_bp) in zip(one.command.order.lines, one.sources, strict=True):
        match = b"" if line.match_id is None else b',"match_id":"%b"' % str(line.match_id).encode()
        head = one.command.snapshots[line.variant_id].head
        own = (line.quantity, line.unit_price_minor, tax_bp, location_id, match)
        parts.append(head + b',"quantity":%d,"unit_price_minor":%d,"tax_bp":%d,"location_id":%d%b}' % own)
    return b"[" + b",".join(parts) + b"]"


def _money(accepted: Sequence[Accepted], fees: Mapping[int, int], now: datetime) -> list[Step]:
    held: dict[tuple[int, int], int] = {}
    for one in accepted:
        key = (one.command.owner_id, one.account_id)
        held[key] = held.get(key, 0) + one.total_minor
    keys = sorted(held)
    accounts = {
        "owners": Bigints(key[0] for key in keys),
        "accounts": Bigints(key[1] for key in keys),
        "balance": Bigints([0] * len(keys)),
        "held": Bigints(held[key] for key in keys),
    }
    holds = {
        "owners": Bigints(one.command.owner_id for one in accepted),
        "holds": Uuids(one.command.order.order_id for one in accepted),
        "accounts": Bigints(one.account_id for one in accepted),
        "amounts": Bigints(one.total_minor for one in accepted),
        "legs": Texts(
            _legs(
                one.total_minor,
                one.tax_minor,
                fees.get(one.command.order.seller_id, 0),
                one.command.order.seller_id,
            )
            for one in accepted
        ),
        "at": now,
    }
    return [(wallet.CHANGE, accounts), (wallet.HOLD, holds)]


@lru_cache(maxsize=8192)
def _legs(total_minor: int, tax_minor: int, fee_bp: int, seller_id: int) -> str:
    return wallet.legs_json(wallet.split(total_minor, tax_minor, fee_bp, seller_id))


def _events(accepted: Sequence[Accepted]) -> Step:
    batch = outbox.Batch()
    for one in accepted:
        command, order = one.command, one.command.order
        event = OrderPlaced(
            seller_id=order.seller_id,
            order_id=order.order_id,
            owner_id=command.owner_id,
            total_minor=one.total_minor,
            currency=order.currency,
            place_id=command.place_id or None,
            touchpoint_id=command.touchpoint_id or None,
            matches=tuple(
                Match(match_id=line.match_id, variant_id=line.variant_id)
                for line in order.lines
                if line.match_id
            ),
        )
        batch.add(event)
    params = {
        "partitions": Bigints(batch.partitions),
        "event_ids": Uuids(batch.event_ids),
        "keys": Texts(batch.keys),
        "kinds": Texts(batch.kinds),
        "bodies": Texts(batch.bodies),
    }
    return outbox.APPEND, params
