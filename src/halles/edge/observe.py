"""One line, one metric and one trace a request; a pure ASGI wrapper, since it stands on the hot path."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halles.kernel.telemetry import HTTP_REQUESTS, HTTP_SECONDS, tracer

log = structlog.get_logger("halles.http")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_QUIET = ("/assets/", "/media/", "/healthz", "/readyz", "/metrics")


class Meter:
    """Counts and measures answers, and logs those that failed or were slow."""

    def __init__(self, slow_s: float) -> None:
        self._slow_s = slow_s
        self._counters: dict[tuple[str, int], Counter] = {}
        self._seconds: dict[str, Histogram] = {}

    def record(self, route: str, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        counter, histogram = self._counters.get((route, status)), self._seconds.get(route)
        if counter is None or histogram is None:
            counter = self._counters[route, status] = HTTP_REQUESTS.labels(route=route, status=status)
            histogram = self._seconds[route] = HTTP_SECONDS.labels(route=route)
        counter.inc()
        histogram.observe(seconds)
        if status >= 500 or seconds > self._slow_s:
            self._log(scope, status, seconds, request_id)

    def _log(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        path: str = scope["path"]
        if not path.startswith(_QUIET) and not path.endswith("/events"):
            log.warning(
                "http.request",
                method=scope["method"],
                path=path,
                status=status,
                ms=round(seconds * 1000),
                request_id=request_id,
            )


class Observe:
    """Gives each request an id (the caller's `X-Request-Id` if it is sane), measures it, and logs what failed or was slow."""

    def __init__(self, app: ASGIApp, *, traced: bool, meter: Meter) -> None:
        """`traced`: a collector is configured; without one a span would cost something and go nowhere."""
        self._app, self._traced, self._meter = app, traced, meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope) or uuid4().hex
        scope["halles.request_id"] = request_id
        status, started = 500, time.perf_counter()

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            if not self._traced:
                await self._app(scope, receive, note)
                return
            with tracer.start_as_current_span(scope["method"], kind=SpanKind.SERVER) as span:
                await self._app(scope, receive, note)
                span.update_name(f"{scope['method']} {_route(scope)}")
                span.set_attribute("http.response.status_code", status)
        finally:
            self._meter.record(_route(scope), scope, status, time.perf_counter() - started, request_id)


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            return value.decode() if _REQUEST_ID.fullmatch(value) else None
    return None


def _route(scope: Scope) -> str:
    """The route's template, so that ids in paths do not make a metric each."""
    route = scope.get("route")
    return getattr(route, "path", None) or (
        "static" if scope["path"].startswith(("/assets/", "/media/")) else "other"
    )
