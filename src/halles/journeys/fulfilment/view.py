"""Reading an order with everything around it, and putting it into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any
from uuid import UUID

from halles.catalog.api import pick
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.inventory.types import Movement
from halles.journeys.fulfilment import models
from halles.journeys.fulfilment.card import card_of
from halles.journeys.fulfilment.standing import parcel_tape, promise_told, scan_lines, standing
from halles.kernel.db import Tx
from halles.kernel.language import Language
from halles.kernel.web import MoneyModel
from halles.orders import api as orders
from halles.orders.types import Line, Order, Step, TimelineEntry
from halles.places import api as places
from halles.promises.types import Watch
from halles.wallet import api as wallet
from halles.wallet.types import OrderTransfer

_WORDS: Mapping[str, tuple[str, str]] = {
    "orders.placed": ("Order placed", "Commande passée"),
    "orders.packed": ("Packed", "Préparée"),
    "orders.shipped": ("Shipped; paid from the wallet", "Expédiée ; payée par le portefeuille"),
    "orders.delivered": ("Delivered", "Livrée"),
    "orders.cancelled": ("Cancelled; nothing was charged", "Annulée ; rien n’a été débité"),
    "orders.payment_received": ("Paid by card", "Payée par carte"),
    "orders.payment_credited": (
        "A card payment came that the order did not wait for: it is in the wallet",
        "Un paiement par carte est arrivé sans être attendu : il est sur le portefeuille",
    ),
    "orders.expired": ("Not paid in time; cancelled", "Non payée à temps ; annulée"),
    "orders.card_refund_started": ("On its way back to the card", "En cours de remboursement sur la carte"),
    "orders.card_refunded": ("Back on the card", "Remboursée sur la carte"),
    "orders.card_refund_failed": (
        "The bank sent the refund back: it is in the wallet",
        "La banque a rejeté le remboursement : il est sur le portefeuille",
    ),
    "card.orders.cancelled": ("Cancelled", "Annulée"),
    "card.orders.shipped": ("Shipped", "Expédiée"),
    "card": ("Payment by card", "Paiement par carte"),
    "card_refund": ("Refund to the card", "Remboursement sur la carte"),
    "card_refund_failed": ("Refund sent back by the bank", "Remboursement rejeté par la banque"),
    "orders.returned": ("Returned; refunded to the wallet", "Retournée ; remboursée sur le portefeuille"),
    "capture": ("Payment of the order", "Paiement de la commande"),
    "refund": ("Refund of the order", "Remboursement de la commande"),
}


async def order_page(
    tx: Tx, order: Order, language: Language, today: date, *, parts: bool = True
) -> models.OrderModel:
    """`order_body` as a model."""
    return models.OrderModel.model_validate(await order_body(tx, order, language, today, parts=parts))


async def order_body(
    tx: Tx,
    order: Order,
    language: Language,
    today: date,
    *,
    parts: bool = True,
    tape: Sequence[TimelineEntry] | None = None,
) -> dict[str, Any]:
    """An order as its owner sees it, an OrderModel that is not checked again: three more queries, two more for one by card, three
    for one of several sellers, two once it is on its way. `parts` False: without those of other sellers. `tape`: its timeline,
    when that was read with it."""
    if tape is None:
        tape = await orders.timeline(tx, order)
    watch = (await standing(tx, [order], today)).get(order.order_id)
    scans = await parcel_tape(tx, order, watch)
    staff = sorted({*_staff_of(tape), *_people_in(x.source for x in scans if x.source.startswith("staff:"))})
    names = await identity.load_names(tx, staff) if staff else {}
    place = None
    if order.place_id is not None:
        found = await places.place(tx, order.place_id)
        place = {"place_id": found.place_id, "name": found.name}
    told = [_tape(entry, language, names, by_card=order.pay_by is not None) for entry in tape]
    if scans:
        scanned = [line.model_dump() for line in scan_lines(scans, language, names)]
        told = sorted([*told, *scanned], key=lambda line: line["at"])
    return {
        **_light(order, language, today, tape, watch),
        "tax": _amount(order.tax_minor, order.currency),
        "ship_to": None if order.ship_to is None else asdict(order.ship_to),
        "place": place,
        "tape": told,
        "parts": await _parts(tx, order, today) if parts and order.parent_id is not None else [],
        "card": None if order.pay_by is None else (await card_of(tx, order)).model_dump(),
    }


async def _parts(tx: Tx, order: Order, today: date) -> list[dict[str, Any]]:
    found = await orders.parts(tx, order)
    names = await identity.load_names(tx, sorted({part.seller_id for part in found}))
    watches = await standing(tx, found, today)
    return [
        {
            "order_id": part.order_id,
            "seller_id": part.seller_id,
            "seller": names.get(part.seller_id) or None,
            "number": orders.number(part.order_id),
            "state": part.state.word,
            "payment": part.payment.word,
            "total": _amount(part.total_minor, part.currency),
            "promise": promise_told(part, today, (), watches.get(part.order_id)),
            "can_cancel": orders.can(part.state, Step.CANCEL, part.payment),
        }
        for part in found
    ]


def light(order: Order, language: Language, today: date, watch: Watch | None = None) -> models.OrderLight:
    """An order in its owner's list: no query."""
    return models.OrderLight(**_light(order, language, today, (), watch))


def console_light(
    order: Order, language: Language, today: date, names: Mapping[int, str], watch: Watch | None = None
) -> models.ConsoleOrderLight:
    """An order in the console's list: no query."""
    return models.ConsoleOrderLight(
        **_light(order, language, today, (), watch), owner=owner_of(order.owner_id, names)
    )


async def console_page(tx: Tx, order: Order, language: Language, today: date) -> models.ConsoleOrder:
    """An order as staff see it: eight more queries."""
    page = await order_page(tx, order, language, today, parts=False)
    transfers = await wallet.transfers_of_order(tx, order.order_id)
    moments = sorted({entry.at for entry in page.tape})
    items = [(line.location_id, line.variant_id) for line in order.lines]
    movements = await inventory.movements_of_order(tx, order.seller_id, order.order_id, items, moments)
    people = {order.owner_id, *(t.debit_owner for t in transfers), *(t.credit_owner for t in transfers)}
    names = await identity.load_names(tx, sorted(people | _people_in(movement.by for movement in movements)))
    return models.ConsoleOrder(
        **{name: getattr(page, name) for name in models.OrderModel.model_fields},
        owner=owner_of(order.owner_id, names),
        email=order.email,
        postings=[_posting(transfer, order.order_id, language, names) for transfer in transfers],
        movements=[_movement(movement, order.order_id, names) for movement in movements],
        sourced=await _sourced(tx, order),
    )


async def _sourced(tx: Tx, order: Order) -> models.SourcedModel:
    """Why it leaves from where it does. Two queries."""
    why = await inventory.why(tx, order.seller_id, order.order_id)
    places = {place.location_id: place.name for place in await inventory.locations(tx, [order.seller_id])}
    if why is None:
        used = sorted({line.location_id for line in order.lines})
        bare = {
            "chosen": True,
            "late": False,
            "full": False,
            "distance_km": None,
            "cost_minor": 0,
            "load": 0,
            "score": 0.0,
        }
        rows = [{"location_id": place, "name": places.get(place, str(place)), **bare} for place in used]
        return models.SourcedModel.model_validate({"rule": "simple", "split": "lines", "locations": rows})
    rows = [
        {**row, "name": places.get(row["location_id"], str(row["location_id"]))} for row in why["locations"]
    ]
    return models.SourcedModel.model_validate({"rule": "weighted", "split": why["split"], "locations": rows})


def owner_of(party_id: int, names: Mapping[int, str]) -> models.OwnerModel:
    """Somebody by id; nameless when identity knows no name."""
    return models.OwnerModel(party_id=party_id, name=names.get(party_id) or None)


def named(by: str, names: Mapping[int, str]) -> str:
    """`staff:42` with the name instead of the number."""
    kind, _, number = by.partition(":")
    return f"{kind}:{names.get(int(number)) or number}" if number.isdigit() else by


def _light(
    order: Order, language: Language, today: date, tape: Sequence[TimelineEntry], watch: Watch | None
) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "seller_id": order.seller_id,
        "number": orders.number(order.order_id),
        "state": order.state.word,
        "payment": order.payment.word,
        "pay_by": order.pay_by,
        "parent_id": order.parent_id,
        "placed_at": order.placed_at,
        "currency": order.currency,
        "total": _amount(order.total_minor, order.currency),
        "pieces": sum(line.quantity for line in order.lines),
        "lines": [_line(line, order.currency, language) for line in _whole(order.lines)],
        "promise": promise_told(order, today, tape, watch),
        "can_cancel": orders.can(order.state, Step.CANCEL, order.payment),
    }


def _whole(lines: Sequence[Line]) -> list[Line]:
    """The lines as they were bought: one that is sent from several locations is one again."""
    found: dict[int, Line] = {}
    for line in lines:
        before = found.get(line.variant_id)
        whole = line if before is None else replace(line, quantity=before.quantity + line.quantity)
        found[line.variant_id] = whole
    return list(found.values())


def _line(line: Line, currency: str, language: Language) -> dict[str, Any]:
    return {
        "variant_id": line.variant_id,
        "product_id": line.product_id,
        "title": pick(line.title, language),
        "options": [{"name": option.name, "value": pick(option.value, language)} for option in line.options],
        "image": line.image,
        "quantity": line.quantity,
        "unit_price": _amount(line.unit_price_minor, currency),
        "line_total": _amount(line.total_minor, currency),
    }


def _tape(
    entry: TimelineEntry, language: Language, names: Mapping[int, str], *, by_card: bool
) -> dict[str, Any]:
    code = f"card.{entry.code}" if by_card and f"card.{entry.code}" in _WORDS else entry.code
    return {
        "at": entry.at,
        "code": entry.code,
        "text": _word(code, language),
        "by": named(entry.by, names),
        "detail": entry.detail,
    }


def _posting(
    transfer: OrderTransfer, order_id: UUID, language: Language, names: Mapping[int, str]
) -> models.OrderPosting:
    return models.OrderPosting(
        posting_id=transfer.transfer_id,
        at=transfer.at,
        kind=transfer.kind,
        amount=_money(transfer.amount_minor, transfer.currency),
        text=_word(transfer.kind, language),
        order_id=order_id,
        debit=owner_of(transfer.debit_owner, names),
        debit_kind=transfer.debit_kind,
        credit=owner_of(transfer.credit_owner, names),
        credit_kind=transfer.credit_kind,
    )


def _movement(movement: Movement, order_id: UUID, names: Mapping[int, str]) -> models.OrderMovement:
    return models.OrderMovement(
        at=movement.at,
        cause=movement.cause,
        location_id=movement.location_id,
        variant_id=movement.variant_id,
        quantity=sum(q for ref, q in zip(movement.refs, movement.quantities, strict=True) if ref == order_id),
        by=named(movement.by, names),
    )


def _staff_of(tape: Sequence[TimelineEntry]) -> list[int]:
    return sorted(_people_in(entry.by for entry in tape))


def _people_in(words: Any) -> set[int]:
    return {int(number) for _, _, number in (str(word).partition(":") for word in words) if number.isdigit()}


def _word(code: str, language: Language) -> str:
    english, french = _WORDS.get(code, (code, code))
    return french if language == "fr" else english


def _amount(minor: int, currency: str) -> dict[str, Any]:
    return {"minor": minor, "currency": currency}


def _money(minor: int, currency: str) -> MoneyModel:
    return MoneyModel(minor=minor, currency=currency)
