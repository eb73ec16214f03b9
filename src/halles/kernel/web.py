"""The web's manners, shared by every `http.py`: who calls, who may, problem details, cursors, ETags, commands once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Depends, Header, Query, Request, Response
from fastapi.params import Depends as DependsParam
from pydantic import BaseModel, ConfigDict, Field

from halles.kernel import idempotency
from halles.kernel.caller import Caller, Role, Use
from halles.kernel.clock import Clock
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Forbidden, Invalid, Refusal, Unauthenticated
from halles.kernel.media import MediaStore
from halles.kernel.settings import Settings

T = TypeVar("T")
_encode = msgspec.json.Encoder().encode


ANYONE: frozenset[Role] = frozenset()
"""Access for routes that a visitor without a session may call."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route: any of `roles`; empty means anyone. A FastAPI dependency; the walk over all routes finds it.

    `use`: what a key that was narrowed must be for, None: it is refused. `placed`: the route asks `Caller.need_place` for the
    place that it is about, so that a key that was narrowed to places may come in."""

    roles: frozenset[Role]
    use: Use | None = None
    placed: bool = False

    async def __call__(self, request: Request) -> Caller:
        """`async` though it awaits nothing, as all dependencies here: FastAPI sends any other to a thread and back."""
        return self.admitted(request.scope["halles.caller"])

    def admitted(self, caller: Caller) -> Caller:
        """The caller as this route knows them. Raises Unauthenticated, Forbidden."""
        self.check(caller)
        return caller.within(self.roles)

    def check(self, caller: Caller) -> None:
        """Raise Unauthenticated or Forbidden when this caller may not."""
        caller.need_use(self.use, placed=self.placed)
        if not self.roles or self.roles & caller.roles:
            return
        if caller.party_id is None or (caller.guest and Role.SHOPPER not in self.roles):
            raise Unauthenticated("Sign in first.", needs=sorted(self.roles))
        raise Forbidden("Your account may not do this.", needs=sorted(self.roles))


def allow(*roles: Role, use: Use | None = None, placed: bool = False) -> Any:
    """State who may call a route, in its `dependencies=[allow(...)]` or as the default of a `caller: Caller` parameter; and for
    which use of narrowed keys it is, if for any."""
    return DependsParam(Access(frozenset(roles), use, placed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a request may use. Made once by the edge and kept in `app.state.services`; `extra` holds ports by name."""

    db: Database
    media: MediaStore
    settings: Settings
    clock: Clock
    extra: Mapping[str, Any]

    def port(self, kind: type[T]) -> T:
        """The adapter that the edge wired for a Protocol or class, by its name."""
        return self.extra[kind.__name__]


async def services(request: Request) -> Services:
    """FastAPI dependency."""
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(services)]
Seller = Annotated[int | None, Query(ge=1, le=2**62, description="Needed by who acts for several sellers.")]
"""Whose business a route is about."""
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=128,
        description="Made by the client; the same key and body give the first answer again.",
        examples=["0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10"],
    ),
]


class Model(BaseModel):
    """Base of request and response bodies: unknown fields are refused, instances are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MoneyModel(Model):
    """An amount: integer minor units and an ISO 4217 code."""

    minor: int = Field(examples=[1240])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["EUR"])


class Problem(BaseModel):
    """RFC 9457 problem details. `type` ends with the stable code; further members are facts of that code."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(examples=["https://halles.example/errors/inventory.insufficient_stock"])
    title: str = Field(examples=["Not enough in stock"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["Only 2 left; nothing was changed."])
    code: str = Field(examples=["inventory.insufficient_stock"])
    request_id: str | None = None


class Page(Model, Generic[T]):
    """A page of a list. `next` is the cursor of the following page, absent at the end."""

    items: list[T]
    next: str | None = None


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}, "description": text}
    for status, text in (
        (401, "Sign in first"),
        (403, "Not allowed"),
        (404, "Not found"),
        (409, "Conflict"),
        (422, "Invalid"),
        (429, "Too many requests"),
        (503, "Unavailable"),
    )
}

VERSIONED_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {**PROBLEM_RESPONSES[409], "description": text}
    for status, text in ((412, "Somebody changed it meanwhile"), (428, "If-Match is missing"))
}
"""What a route answers besides that takes the version it changes in `If-Match`."""


def problem(error: Refusal, request_id: str | None = None) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers of a refusal."""
    headers = {"content-type": "application/problem+json"}
    if error.retry_after_s is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after_s)))
    body = {
        **error.fields,
        "type": f"https://halles.example/errors/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "request_id": request_id,
    }
    return error.status, body, headers


class BadCursor(Invalid):
    """A cursor that this list did not give."""

    code, title = "kernel.bad_cursor", "Not a cursor of this list"


def cursor(*position: str | int) -> str:
    """An opaque cursor of the last row's sort keys."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def read_cursor(text: str, shape: tuple[type[str | int], ...]) -> tuple[Any, ...]:
    """The sort keys in a cursor, each of the type `shape` says. Raises BadCursor."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise BadCursor("This cursor cannot be read.") from error
    if not isinstance(found, list) or [type(x) for x in found] != list(shape):  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
        raise BadCursor("This cursor belongs to another list.")
    return tuple(found)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]


def etag(*parts: object) -> str:
    """A weak validator of a representation computed from what it depends on."""
    return f'W/"{hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()}"'


def not_modified(request: Request, response: Response, tag: str) -> bool:
    """Set the ETag; True when the caller already holds this representation (answer 304 with no body)."""
    response.headers["etag"] = tag
    return tag in _held(request)


def written(body: BaseModel) -> Response:
    """A model as it is: a route that returns the model itself has it checked against itself and written more slowly."""
    return Response(body.model_dump_json(by_alias=True), media_type="application/json")


def plainly(body: Mapping[str, Any]) -> Response:
    """A body that was made as its model declares it, of what JSON can say (with dates, moments and UUIDs)."""
    return _Json(_encode(body))


class _Json(Response):
    """JSON with a status of 200: what `Response` would make of it, in one step."""

    def __init__(self, content: bytes, *more: tuple[bytes, bytes]) -> None:
        self.status_code, self.body, self.background = 200, content, None
        self.raw_headers = [
            *more,
            (b"content-length", b"%d" % len(content)),
            (b"content-type", b"application/json"),
        ]


def answer(request: Request, body: BaseModel | Mapping[str, Any]) -> Response:
    """A representation with its ETag, or 304 for a caller that holds it already."""
    content = body.model_dump_json(by_alias=True).encode() if isinstance(body, BaseModel) else _encode(body)
    tag = f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    if tag in _held(request):
        return Response(status_code=304, headers={"etag": tag})
    return _Json(content, (b"etag", tag.encode()))


def _held(request: Request) -> list[str]:
    """The tags of the representations that a caller holds."""
    told = request.headers.get("if-none-match")
    return [] if told is None else [candidate.strip() for candidate in told.split(",")]


async def once(
    services: Services,
    scope: str,
    key: str,
    body: bytes,
    work: Callable[[Tx], Awaitable[BaseModel]],
    status: int = 200,
) -> Response:
    """Run a command exactly once per (scope, key): its effects, its answer and its key commit together.

    The same key and body give the first answer again with `Idempotency-Replayed: true`. Raises KeyReused for another body.
    """
    async with services.db.transaction() as tx:
        earlier = await idempotency.recall(tx, scope, key, body)
        if earlier is not None:
            return Response(
                earlier.body, earlier.status, {"idempotency-replayed": "true"}, "application/json"
            )
        answer = idempotency.Answer(
            status=status, body=(await work(tx)).model_dump_json(by_alias=True).encode()
        )
        await idempotency.remember(tx, scope, key, answer)
    return Response(answer.body, answer.status, media_type="application/json")
