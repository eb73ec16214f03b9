"""The short way and the long way give the same answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from halles.edge.short_way import ShortWay
from halles.journeys.checkout.tests.small_shop import open_shop
from halles.kernel.web import Services

SignIn = Callable[..., Awaitable[int]]


def _short(app: FastAPI) -> ShortWay:
    return next(route for route in app.routes if isinstance(route, ShortWay))


def test_the_pages_of_every_order_are_there(app: FastAPI) -> None:
    assert set(_short(app).paths()) == {
        ("GET", "/api/basket"),
        ("PUT", "/api/basket/lines/{variant_id}"),
        ("DELETE", "/api/basket/lines/{variant_id}"),
        ("GET", "/api/orders/{order_id}"),
    }


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/api/basket?currency=eur", {}),
        ("GET", "/api/basket?country=FR&lang=fr&unknown=1", {}),
        ("GET", "/api/basket?lang=xx", {}),
        ("GET", "/api/orders/0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10", {}),
        ("GET", "/api/orders/none", {}),
        ("PUT", "/api/basket/lines/none", {"json": {"quantity": 1}}),
        ("PUT", "/api/basket/lines/1", {"json": {"quantity": 100}}),
        ("PUT", "/api/basket/lines/1", {"json": {"quantity": "two"}}),
        ("PUT", "/api/basket/lines/1", {"json": {"quantity": 1, "more": 2}}),
        ("PUT", "/api/basket/lines/1", {"json": [1]}),
        ("PUT", "/api/basket/lines/1", {"headers": {"content-type": "application/json"}, "content": b"{"}),
        (
            "PUT",
            "/api/basket/lines/1",
            {"headers": {"content-type": "application/json"}, "content": b'{"quantity":NaN}'},
        ),
        ("PUT", "/api/basket/lines/1", {}),
        ("PUT", "/api/basket/lines/1", {"json": {"quantity": 2}}),
        ("PUT", "/api/basket/lines/999999", {"json": {"quantity": 2}}),
        ("DELETE", "/api/basket/lines/1?seller_id=0", {}),
        ("DELETE", "/api/basket/lines/1", {}),
        ("POST", "/api/basket", {"json": {}}),
    ],
)
@pytest.mark.parametrize("signed_in", [True, False])
async def test_both_ways_say_the_same(
    app: FastAPI,
    client: httpx.AsyncClient,
    services: Services,
    sign_in: SignIn,
    method: str,
    path: str,
    more: dict[str, Any],
    signed_in: bool,
) -> None:
    await open_shop(services.db)
    if signed_in:
        await sign_in(client)
    short = await client.request(method, path, **more)
    app.router.routes.remove(_short(app))
    long = await client.request(method, path, **more)
    assert short.status_code == long.status_code
    assert _without_id(short) == _without_id(long)


def _without_id(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}
