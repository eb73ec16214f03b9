"""One web process: uvicorn, which on SIGTERM says that it is ending, closes live pages, finishes what it has begun, and ends."""

from __future__ import annotations

import asyncio
import gc
import socket
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from halles.edge.app import create_app
from halles.edge.lane_protocol import protocol
from halles.edge.ops.drain import Drain
from halles.edge.ops.listening import BACKLOG, inherited
from halles.edge.supervisor import end_with_supervisor, say_ready
from halles.kernel.live import LiveHub
from halles.kernel.settings import Settings
from halles.kernel.web import Services

FINISH_S = 10
"""Seconds that requests under way have to finish once the door is closed; none of ours takes as long."""


POLITE_S = 0.5
"""Seconds between closing the door and hanging up on idle connections: one accepted a moment ago still sends its request, and
one that is kept alive hears `connection: close` with its next answer, rather than finding itself cut off."""


class WebServer(uvicorn.Server):
    """A server that drains. A second SIGTERM closes the door at once; a second SIGINT also gives up what is under way."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, drain: Drain) -> None:
        super().__init__(config)
        self._served, self._drain, self._asked = app, drain, 0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._asked += 1
        if self._asked > 1:
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            say_ready()

    async def on_tick(self, counter: int) -> bool:
        if self._asked and not self._drain.begun:
            self._begin()
        if self._drain.closed:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the door, give those inside a moment to be heard, then let uvicorn finish with them."""
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        await asyncio.sleep(POLITE_S)
        await super().shutdown(sockets)

    def _begin(self) -> None:
        """Not ready any more; live pages end now, and kept-alive connections after their next answer."""
        self._drain.begin()
        self.config.encoded_headers.append((b"connection", b"close"))
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        services: Services = self._served.state.services
        services.port(LiveHub).close()


def web(
    settings: Settings,
    *,
    port: int | None,
    host: str | None,
    listener: int | None,
    certificate: Path | None,
    key: Path | None,
) -> None:
    """One web process, until SIGTERM. `listener`: a descriptor of the socket to serve, in place of `host` and `port`."""
    end_with_supervisor()
    app, drain = create_app(settings=settings), Drain(settings.drain_s)
    app.state.drain = drain
    gc.collect()
    gc.freeze()  # what the process starts with stays; looking through it again and again is what long pauses are made of
    gc.set_threshold(50_000, 20, 100)
    config = uvicorn.Config(
        app,
        host=host or settings.host,
        port=settings.port if port is None else port,
        loop="uvloop",
        http=protocol(app.state.lane) if hasattr(app.state, "lane") else "httptools",
        ssl_certfile=certificate,
        ssl_keyfile=key,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=FINISH_S,
        backlog=BACKLOG,
    )
    WebServer(config, app, drain).run(None if listener is None else [inherited(listener)])
