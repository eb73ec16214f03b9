"""The short way to a route that pages call at every step: FastAPI's declaration, without its general machinery.

A route is declared as any other; what its parameters and dependencies are is found out once, and a request that is in order goes
straight to it. Whatever is not (a parameter that does not fit, a body of another kind) goes the long way through FastAPI, which
says what is wrong. Finding a route among a hundred and solving its parameters costs more than what these routes do.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, cast

import msgspec
from fastapi import APIRouter, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halles.kernel.language import language_of, preferred
from halles.kernel.web import Access, services

_LONG = "halles.long_way"
_JSON = b"application/json"
_NO_QUERY: Mapping[str, str] = {}
_SHORT = 256
"""Bytes of a query that is remembered."""


class NotPlain(Exception):
    """This request goes the long way."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A parameter: `alias` is its name in the request, `default` what stands for it when it is absent, if anything may."""

    name: str
    alias: str
    required: bool
    default: Any
    validate: Callable[[Any], Any]

    def of(self, found: Mapping[str, Any]) -> Any:
        """Raises NotPlain."""
        value = found.get(self.alias)
        if value is None:
            if self.required:
                raise NotPlain
            return self.default
        return self.checked(value)

    def checked(self, value: Any) -> Any:
        """Raises NotPlain."""
        try:
            return self.validate(value)
        except ValidationError:
            raise NotPlain from None


@dataclass(frozen=True, slots=True)
class _Call:
    """A function and where its arguments come from."""

    call: Callable[..., Awaitable[Any]]
    at_once: Callable[[Scope, Mapping[str, Any]], Any] | None
    name: str | None
    request: str | None
    path: Sequence[_Field]
    query: Sequence[_Field]
    body: _Field | None
    before: Sequence[_Call]

    def read(self, scope: Scope, query: Mapping[str, str], body: Any) -> dict[str, Any]:
        """The arguments that the request itself gives. Raises NotPlain."""
        values: dict[str, Any] = {}
        for field in self.path:
            values[field.name] = field.of(scope["path_params"])
        for field in self.query:
            values[field.name] = field.of(query)
        if self.body is not None:
            values[self.body.name] = self.body.checked(body)
        if self.request is not None and self.at_once is None:
            values[self.request] = Request(scope)
        return values


def _fields(found: Iterable[Any]) -> list[_Field]:
    return [
        _Field(
            field.name,
            field.alias,
            field.field_info.is_required(),
            None if field.field_info.is_required() else field.get_default(),
            _validator(field),
        )
        for field in found
    ]


def _validator(field: Any) -> Callable[[Any], Any]:
    """What FastAPI makes of a parameter's declaration, without its way of telling what is wrong."""
    kind = cast("Any", Annotated)[field.field_info.annotation, field.field_info]
    return TypeAdapter[Any](kind).validator.validate_python


def _at_once(call: Any) -> Callable[[Scope, Mapping[str, Any]], Any] | None:
    """What our own dependencies give, of a scope and their parameters, without a coroutine each; None: await it."""
    if isinstance(call, Access):
        return lambda scope, values: call.admitted(scope["halles.caller"])
    if call is services:
        return lambda scope, values: scope["app"].state.services
    if call is language_of:
        return lambda scope, values: values["lang"] or preferred(_header(scope, b"accept-language"))
    return None


def _header(scope: Scope, name: bytes) -> str:
    """The first header of this name, or "": as `Headers.get` finds it."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _call(dependant: Dependant) -> _Call:
    """Raises NotPlain for what only FastAPI can do."""
    call = dependant.call
    assert call is not None
    awaited = inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(
        getattr(call, "__call__", None)  # noqa: B004  an object whose call is a coroutine
    )
    special = (
        dependant.header_params,
        dependant.cookie_params,
        dependant.body_params[1:],
        dependant.response_param_name,
        dependant.background_tasks_param_name,
        dependant.security_scopes_param_name,
        dependant.websocket_param_name,
        dependant.http_connection_param_name,
    )
    before = [_call(one) for one in dependant.dependencies]
    if not awaited or any(special) or any(one.before or one.body for one in before):
        raise NotPlain
    body = _fields(dependant.body_params)
    return _Call(
        call,
        _at_once(call),
        dependant.name,
        dependant.request_param_name,
        _fields(dependant.path_params),
        _fields(dependant.query_params),
        body[0] if body else None,
        before,
    )


def _query(raw: bytes) -> Mapping[str, str]:
    return dict(QueryParams(raw))


_recent = lru_cache(maxsize=4096)(_query)


class Short:
    """One route, ready to be called."""

    def __init__(self, route: APIRoute) -> None:
        self.route, self.match = route, route.path_regex.match
        self._call = _call(route.dependant)
        self.takes_body = self._call.body is not None

    def read(self, scope: Scope, body: Any) -> Callable[[], Awaitable[Response]]:
        """The route with its parameters, ready to be called. Raises NotPlain; nothing is done yet."""
        raw: bytes = scope["query_string"]
        query = _NO_QUERY if not raw else _recent(raw) if len(raw) <= _SHORT else _query(raw)
        call = self._call
        values = call.read(scope, query, body)
        ready = [(one, one.read(scope, query, None)) for one in call.before]

        async def answer() -> Response:
            for one, arguments in ready:
                if one.at_once is None:
                    found = await one.call(**arguments)
                else:
                    found = one.at_once(scope, arguments)
                if one.name is not None:
                    values[one.name] = found
            return await call.call(**values)

        return answer


class ShortWay(BaseRoute):
    """The first route of the application: takes what it can, and hands the rest to the router again."""

    def __init__(self, routers: Sequence[APIRouter], long_way: ASGIApp) -> None:
        """`routers`: those whose routes answer with a Response of their own may be called the short way."""
        self._long_way = long_way
        self._by_method: dict[str, list[Short]] = {}
        for router in routers:
            for route in router.routes:
                if isinstance(route, APIRoute) and _is_plain(route):
                    for method in route.methods or ():
                        self._by_method.setdefault(method, []).append(Short(route))

    def paths(self) -> list[tuple[str, str]]:
        """Methods and paths that may be called the short way."""
        return [(method, short.route.path) for method, found in self._by_method.items() for short in found]

    def find(self, scope: Scope) -> tuple[Short, dict[str, str]] | None:
        """The route of a request and the parameters in its path."""
        for short in self._by_method.get(scope["method"], ()):
            found = short.match(scope["path"])
            if found is not None:
                return short, found.groupdict()
        return None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or _LONG in scope or scope.get("root_path"):
            return Match.NONE, {}
        found = self.find(scope)
        if found is None:
            return Match.NONE, {}
        params = {**scope.get("path_params", {}), **found[1]}
        return Match.FULL, {"path_params": params, "halles.short": found[0]}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        short: Short = scope["halles.short"]
        scope["route"] = short.route
        replay, body = receive, None
        try:
            if short.takes_body:
                body, replay = await _json(Request(scope, receive, send), receive)
            call = short.read(scope, body)
        except NotPlain:
            scope[_LONG] = True
            await self._long_way(scope, replay, send)
            return
        response = await call()
        await response(scope, receive, send)


def _is_plain(route: APIRoute) -> bool:
    """Whether it answers with a Response of its own, and takes nothing that only FastAPI can give."""
    if inspect.signature(route.endpoint, eval_str=True).return_annotation is not Response:
        return False
    try:
        _call(route.dependant)
    except NotPlain:
        return False
    return all(kind.regex == "[^/]+" for kind in route.param_convertors.values())


async def _json(request: Request, receive: Receive) -> tuple[Any, Receive]:
    """The body, and a way to read it again; None instead of a body that is not JSON."""
    raw = await request.body()
    given = iter([{"type": "http.request", "body": raw, "more_body": False}])

    async def again() -> Message:
        return next(given, None) or await receive()

    kind = next((value for name, value in request.scope["headers"] if name == b"content-type"), b"")
    is_json = kind.split(b";", 1)[0].strip().lower() == _JSON
    return decoded(raw) if is_json else None, again


def decoded(raw: bytes) -> Any:
    """What a body says; None when it is not JSON, or nests without end, which no route takes."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
