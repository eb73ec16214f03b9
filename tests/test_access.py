"""Every route states who may call it; the whole table of routes × roles is walked on the running application."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from halles.edge.app import access_of, all_routes
from halles.identity import api as identity
from halles.identity.types import Scope
from halles.kernel.caller import Use
from halles.kernel.web import Access, Role, Services

ROLES = ["visitor", "guest", *Role]


def _methods(route: Any) -> list[str]:
    return sorted((route.methods or {"GET"}) - {"HEAD", "OPTIONS"})


async def test_every_route_states_who_may_call_it(app: FastAPI) -> None:
    silent = [route.path for route in all_routes(app) if access_of(route) is None]
    assert not silent


def _fill(path: str) -> str:
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda m: "1" if m.group(1).endswith("_id") else "x", path)


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_passes_a_door_that_is_not_theirs(app: FastAPI, client_as: Any, role: str) -> None:
    """For each route and role: refused (401/403) exactly when the route's statement says so, whatever the input."""
    client: httpx.AsyncClient = await client_as(role)
    wrong: list[str] = []
    mine = httpx.Cookies(client.cookies)
    for route in sorted(all_routes(app), key=lambda route: route.path == "/api/sign-out"):
        access = access_of(route)
        assert isinstance(access, Access)
        assert isinstance(route, (APIRoute, Route))
        for method in _methods(route):
            if _is_stream(route, method) and _may(access, role):
                continue  # an open stream has no end; the tests of its page read it
            client.cookies = httpx.Cookies(
                mine
            )  # a route that signs somebody in must not change who walks on
            answer = await client.request(
                method, _fill(route.path), json={} if method in {"POST", "PUT", "PATCH"} else None
            )
            if not _as_stated(access, role, answer.status_code):
                wrong.append(f"{role} {method} {route.path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def _is_stream(route: Any, method: str) -> bool:
    return method == "GET" and route.path.endswith("/events")


def _may(access: Access, role: str) -> bool:
    """Everybody who signs in shops as well; a program with a key does not."""
    mine: set[Role] = set() if role in {"visitor", Role.SERVICE} else {Role.SHOPPER}
    if role not in {"visitor", "guest"}:
        mine.add(Role(role))
    return not access.roles or bool(mine & access.roles)


def _as_stated(access: Access, role: str, status: int) -> bool:
    if not _may(access, role):
        return status in {401, 403}
    return status != 500 and (status != 401 or role in {"visitor", "guest"})


@pytest.mark.parametrize("use", list(Use))
async def test_a_narrowed_key_passes_the_doors_of_its_use_alone(
    app: FastAPI, client_as: Any, services: Services, use: Use
) -> None:
    """A seller's key, or for metrics an operator's, narrowed to a use: every other route is refused as such, those for anyone
    among them; the same narrowed to a place besides passes only where places are asked for."""
    roles = [] if use is not Use.METRICS else [Role.OPERATOR]
    async with services.db.transaction() as tx:
        party = await identity.create_person(tx, "key@example.com", now=services.clock(), roles=roles)
        tokens = [
            await identity.create_api_key(
                tx, party_id=party, name=use, seller_ids=[] if roles else [party], scopes=list(Scope),
                now=services.clock(), uses=[use], place_ids=place_ids,
            )
            for place_ids in ([], [1])
        ]  # fmt: skip
    client: httpx.AsyncClient = await client_as("visitor")
    passed: set[tuple[bool, str]] = set()
    for placed, (token, _) in enumerate(tokens):
        client.headers["authorization"] = f"Bearer {token}"
        for route in all_routes(app):
            access = access_of(route)
            assert isinstance(access, Access)
            assert isinstance(route, (APIRoute, Route))
            path = _fill(route.path)
            for method in _methods(route) if path.startswith("/api/") else []:
                mine = access.use == use and (access.placed or not placed)
                if mine:
                    passed.add((bool(placed), path))
                body: dict[str, Any] | None = {} if method in {"POST", "PUT", "PATCH"} else None
                answer = await client.request(method, path, json=body)
                narrowed = answer.status_code == 403 and answer.json()["code"] == "kernel.key_narrowed"
                assert narrowed != mine, f"{placed} {method} {path}: {answer.status_code}"
    assert passed


async def test_the_walk_finds_every_operation_of_the_openapi_document(app: FastAPI) -> None:
    walked = {
        (re.sub(r":\w+}", "}", route.path), method.lower())
        for route in all_routes(app)
        for method in _methods(route)
    }
    stated = {(path, method) for path, methods in app.openapi()["paths"].items() for method in methods}
    assert stated <= walked
    assert len(walked) > 70
