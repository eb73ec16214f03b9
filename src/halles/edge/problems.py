"""Refusals, bad requests and bugs as RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from halles.edge.patience import RequestUnfinished
from halles.kernel.errors import Invalid, NotFound, Refusal
from halles.kernel.telemetry import REFUSALS
from halles.kernel.web import problem

log = structlog.get_logger("halles.http")


class InvalidRequest(Invalid):
    """The request does not have the shape that the OpenAPI document gives; `errors` names each field."""

    code, title = "kernel.invalid_request", "The request is not well formed"


class NoSuchRoute(NotFound):
    """No route has this path."""

    code, title = "kernel.no_such_route", "No such address"


class MethodNotAllowed(Invalid):
    """The path exists, the method does not."""

    status, code, title = 405, "kernel.method_not_allowed", "Method not allowed"


class Bug(Refusal):
    """Something went wrong inside; nothing of the request was kept. The request id finds it in the logs."""

    status, code, title = 500, "kernel.internal_error", "Something went wrong here"


def response(error: Refusal, request_id: str | None) -> JSONResponse:
    """Render a refusal and count it."""
    REFUSALS.labels(code=error.code).inc()
    status, body, headers = problem(error, request_id)
    return JSONResponse(body, status, headers, "application/problem+json")


def request_id(request: Request) -> str | None:
    return request.scope.get("halles.request_id")


def install(app: FastAPI) -> None:
    """Make the application answer every failure with problem details."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Refusal)
        return response(error, request_id(request))

    async def cut_off(request: Request, error: Exception) -> JSONResponse:
        """Nobody hears this: the caller hung up, or was given up (edge/patience.py), while the body was read."""
        return response(RequestUnfinished("The request did not arrive whole."), request_id(request))

    async def malformed(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        errors = [_field(item) for item in error.errors()]
        detail = "; ".join(f"{item['field']}: {item['reason']}" for item in errors[:5])
        return response(
            InvalidRequest(detail or "The request is not well formed.", errors=errors), request_id(request)
        )

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            return response(MethodNotAllowed(f"{request.method} is not possible here."), request_id(request))
        if error.status_code == 404:
            return response(NoSuchRoute("There is nothing at this address."), request_id(request))
        return response(InvalidRequest(str(error.detail)), request_id(request))

    async def bug(request: Request, error: Exception) -> JSONResponse:
        log.error("http.bug", path=request.url.path, request_id=request_id(request), exc_info=error)
        return response(
            Bug("Something went wrong here; nothing was changed.", retry_after_s=5), request_id(request)
        )

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(ClientDisconnect, cut_off)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, bug)


def _field(item: Any) -> dict[str, str]:
    place = ".".join(str(part) for part in item["loc"] if part != "body")
    return {"field": place or "body", "reason": str(item["msg"])}
