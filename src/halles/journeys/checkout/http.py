"""`POST /api/orders`: a plain ASGI route with msgspec inside the same application, in the OpenAPI document too."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from halles.journeys.checkout import rules
from halles.journeys.checkout.desk import Desk
from halles.journeys.checkout.types import Placed, PlaceOrder
from halles.kernel.caller import Caller, Role
from halles.kernel.errors import PayloadTooLarge
from halles.kernel.web import PROBLEM_RESPONSES, Access, Services
from halles.orders.types import BadOrder

PATH = "/api/orders"
MOST_BYTES = 64 * 1024
"""A body of a hundred lines is a fifth of it."""

_decoder = msgspec.json.Decoder(PlaceOrder)
encode_placed = msgspec.json.Encoder().encode
"""The answer's body."""


class PlaceOrderEndpoint:
    """Reads the body, asks the desk, answers 201, or 200 for an order that stands already."""

    access = Access(frozenset({Role.SHOPPER}))
    """Who may call, where the walk over all routes finds it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller = scope["halles.caller"]
        self.access.check(caller)
        services: Services = scope["app"].state.services
        order = read_order(await _body(receive))
        if order.payment == "card":
            scope["halles.unpaid"](rules.pieces(order))
        outcome = await services.port(Desk).place(order, caller.party())
        await _answer(send, 201 if outcome.first else 200, encode_placed(outcome.placed))

    def describe(self, document: dict[str, Any]) -> None:
        """Put this route and its schemas into the application's OpenAPI document."""
        add_to_openapi(document)


def read_order(body: bytes) -> PlaceOrder:
    """Raises BadOrder, naming the field."""
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise BadOrder(f"This is not an order: {error}.") from error


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise PayloadTooLarge("An order is at most 64 KiB.")
        more = message.get("more_body", False) and message["type"] == "http.request"
    return b"".join(parts)


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


ROUTE = Route(PATH, PlaceOrderEndpoint(), methods=["POST"], name="place_order")

_EXAMPLE: dict[str, Any] = {
    "order_id": "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10",
    "seller_id": 2,
    "touchpoint": "marais-photo",
    "currency": "EUR",
    "lines": [{"variant_id": 17, "quantity": 1, "unit_price_minor": 12900}],
    "promise": {"lane": "hub", "date": "2026-11-25"},
    "ship_to": {
        "name": "Camille Martin",
        "line1": "12 rue des Archives",
        "postcode": "75004",
        "city": "Paris",
        "country": "FR",
    },
    "email": "camille@demo.halles.example",
}
_ANSWER: dict[str, Any] = {
    "order_id": "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10",
    "number": "H-FNGD-8AS0",
    "state": "placed",
    "payment": "held",
    "total": {"minor": 12900, "currency": "EUR"},
    "placed_at": "2026-11-21T10:00:00Z",
}


def add_to_openapi(document: dict[str, Any]) -> None:
    """Put this route and its schemas into the application's OpenAPI document."""
    (body, answer), components = msgspec.json.schema_components(
        [PlaceOrder, Placed], ref_template="#/components/schemas/{name}"
    )
    document.setdefault("components", {}).setdefault("schemas", {}).update(components)
    placed = {"content": {"application/json": {"schema": answer, "example": _ANSWER}}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refusals = {
        str(status): {"description": str(response["description"]), "content": problem}
        for status, response in PROBLEM_RESPONSES.items()
    }
    operation = {
        "tags": ["orders"],
        "summary": "Place an order",
        "description": (
            "Reserves stock and holds money, at once and exactly. `order_id` is made by the client (UUIDv7): sending the same "
            "order again is safe and answers 200. A price, a date, stock or money that no longer fits answers 409 with its code: "
            "`pricing.price_changed`, `promises.changed`, `inventory.insufficient_stock`, `wallet.insufficient_funds`, "
            "`orders.id_reused`. `also` asks other sellers for more, all or nothing: the answer names each one's part, an order "
            "of its own. `reservation` names what was set aside for this basket; one that does not stand any more is no help and "
            "no hindrance."
        ),
        "operationId": "place_order",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": body, "example": _EXAMPLE}},
        },
        "responses": {
            "201": {"description": "The order was placed", **placed},
            "200": {"description": "The order stood already", **placed},
            **refusals,
        },
    }
    document.setdefault("paths", {}).setdefault(PATH, {})["post"] = operation
