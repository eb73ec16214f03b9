"""The HTTP application: every router, the middleware, the pages, the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, JSONResponse
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount, Route

import halles
from halles.edge import examples, problems
from halles.edge.hot_lane import HotLane
from halles.edge.observe import Meter, Observe
from halles.edge.ops.http import router as operations
from halles.edge.problems import NoSuchRoute
from halles.edge.routers import PLAIN_ROUTES, ROUTERS, SHORT
from halles.edge.security import Door, Security
from halles.edge.services import running
from halles.edge.shared_answers import share_refusals
from halles.edge.short_way import ShortWay
from halles.edge.static_files import WebPages
from halles.kernel.settings import Settings
from halles.kernel.web import PROBLEM_RESPONSES, Access, Services, ServicesDep, allow

SLOW_S = 0.5
"""Answers that took longer are logged."""
STATIC = Path(__file__).resolve().parent / "static"

media_files = APIRouter(tags=["operations"])


@media_files.get(
    "/media/{name}",
    dependencies=[allow()],
    response_class=FileResponse,
    responses={404: PROBLEM_RESPONSES[404]},
)
async def media(name: str, services: ServicesDep) -> FileResponse:
    """A stored picture; its name is its content's, so it may be kept for ever."""
    path = services.media.path(name)
    if not path.is_file():
        raise NoSuchRoute("There is no such picture.")
    return FileResponse(path, headers={"cache-control": "public, max-age=31536000, immutable"})


def create_app(services: Services | None = None, settings: Settings | None = None) -> FastAPI:
    """The application, on given services (tests) or on those that `settings` open when the server starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        assert settings is not None
        async with running(settings) as opened:
            app.state.services = opened
            yield

    chosen = services.settings if services is not None else settings
    assert chosen is not None
    app = FastAPI(
        title="Halles",
        version=halles.__version__,
        lifespan=None if services is not None else lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    problems.install(app)
    pages = ShortWay(SHORT, app.router)
    app.router.routes.append(pages)
    app.router.routes.extend(PLAIN_ROUTES)
    for router in (operations, media_files, *ROUTERS):
        app.include_router(router)
    app.openapi = lambda: document(app)
    _serve_document(app)
    _serve_pages(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    door, meter, traced = Door(chosen), Meter(SLOW_S), chosen.otlp_endpoint is not None
    app.add_middleware(Security, settings=chosen, door=door)
    app.add_middleware(Observe, traced=traced, meter=meter)
    if not traced:
        app.state.lane = HotLane(door, meter, lambda: app.state.services, app, pages)
    return app


def _serve_document(app: FastAPI) -> None:
    @app.get("/api/openapi.json", include_in_schema=False, dependencies=[allow()])
    async def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())


def _serve_pages(app: FastAPI) -> None:
    pages = WebPages(STATIC)

    @app.get("/{path:path}", include_in_schema=False, dependencies=[allow()])
    async def page(path: str, request: Request) -> Response:
        if path == "api" or path.startswith(("api/", "media/")):
            raise NoSuchRoute("There is nothing at this address.")
        found = pages.respond(path, request)
        if found is None:
            raise NoSuchRoute(
                "There is nothing at this address."
                if pages.built
                else "The web pages are not built: run `halles web`."
            )
        return found


def all_routes(app: FastAPI) -> list[Route | APIRoute]:
    """Every route of the application, in order."""
    found: list[Route | APIRoute] = []

    def walk(routes: Iterable[BaseRoute]) -> None:
        for route in routes:
            included: APIRouter | None = getattr(route, "original_router", None)
            if included is not None:
                walk(
                    included.routes
                )  # every prefix is stated where the router is made, none where it is included
            elif isinstance(route, Mount):
                walk(route.routes)
            elif isinstance(route, Route):
                found.append(route)

    walk(app.routes)
    return found


def access_of(route: BaseRoute) -> Access | None:
    """Who may call a route: its `allow(...)`, or for a plain route its endpoint's `access`; None when it does not say."""
    if isinstance(route, APIRoute):
        return next((d.call for d in route.dependant.dependencies if isinstance(d.call, Access)), None)
    return getattr(getattr(route, "endpoint", None), "access", None)


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with who may call each operation and the plain routes' descriptions."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=halles.__doc__, routes=app.routes
        )
        for route in PLAIN_ROUTES:
            describe = getattr(route.endpoint, "describe", None)
            if describe is not None:
                describe(made)
        for route in all_routes(app):
            access = access_of(route)
            for method in route.methods or ():
                operation = made["paths"].get(re.sub(r":\w+}", "}", route.path), {}).get(method.lower())
                if operation is not None and access is not None:
                    operation["x-access"] = sorted(access.roles)
                    if access.use is not None:
                        operation["x-key-use"] = access.use.value
        examples.fill_in(made)
        share_refusals(made)
        app.openapi_schema = made
    return app.openapi_schema


def describe() -> dict[str, Any]:
    """The OpenAPI document without a database."""
    with TemporaryDirectory() as folder:
        return document(create_app(settings=Settings(data=Path(folder), demo=True)))
