"""Closed-loop HTTP load on raw sockets: as little CPU as possible, so that the server gets the machine.

Reads a task as JSON from standard input (see served.py), sends `POST /api/orders` over keep-alive connections for a while, or
walks from basket to order (`flow`), and prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import sys
import time
from typing import Any, cast

import uvloop

PRICE = 1200
GOOD = frozenset({b"200", b"201"})

Step = tuple[bytes, bytes]
"""A request, and what must stand in its answer: the order's id, or the article that was put into the basket."""


def new_id() -> str:
    """A UUIDv7 in text."""
    millis, noise = time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10), "big")
    value = millis << 80 | 0x7 << 76 | (noise >> 64 & 0xFFF) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Totals:
    """What all connections saw."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.refused = 0
        self.example = ""


class Shopper(asyncio.Protocol):
    """One connection: sends, reads the answer, sends again until the time is over."""

    def __init__(
        self, task: dict[str, Any], number: int, totals: Totals, stop: float, done: asyncio.Future[None]
    ) -> None:
        self._task, self._totals, self._stop, self._done = task, totals, stop, done
        self._dice, self._sent, self._answer = random.Random(number), 0.0, b""
        self._steps: list[Step] = []
        self._must = b""
        self._heads: dict[str, str] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class is not a subclass
        self._send()

    def _send(self) -> None:
        task, dice = self._task, self._dice
        chosen = {task["variants"][0 if task["mode"] == "hot" else dice.randrange(len(task["variants"]))]}
        while len(chosen) < task["lines"]:
            chosen.add(task["variants"][dice.randrange(len(task["variants"]))])
        lines = ",".join([f'{{"variant_id":{v},"quantity":1,"unit_price_minor":{PRICE}}}' for v in chosen])
        order_id = new_id()
        body = (
            f'{{"order_id":"{order_id}","seller_id":{task["seller_id"]},"currency":"EUR","touchpoint":null,"lines":[{lines}],'
            '"promise":{"lane":"hub","date":"2099-01-01"},"ship_to":null,"email":null}'
        )
        token = task["tokens"][dice.randrange(len(task["tokens"]))]
        self._sent = time.perf_counter()
        order = self._request(token, "POST", "/api/orders", body), order_id.encode()
        self._steps = [order]
        if task["flow"]:
            variant, where = chosen.pop(), task["touchpoint"]
            put = f'{{"quantity":1,"touchpoint":"{where}"}}'
            held = f'"variant_id":{variant},'.encode()
            self._steps = [
                (self._request(token, "GET", f"/api/orders/{order_id}"), order[1]),
                order,
                (self._request(token, "GET", f"/api/basket?touchpoint={where}"), held),
                (self._request(token, "PUT", f"/api/basket/lines/{variant}", put), held),
            ]
        self._next()

    def _next(self) -> None:
        request, self._must = self._steps.pop()
        self._transport.write(request)

    def _request(self, token: str, method: str, path: str, body: str = "") -> bytes:
        head = self._heads.get(token)
        if head is None:
            home = f"127.0.0.1:{self._task['port']}"
            head = self._heads[token] = (
                f" HTTP/1.1\r\nHost: {home}\r\nCookie: halles_session={token}; halles_visitor=AAAAAAAAAAAAAAAAAAAAAAAA\r\n"
                f"Origin: http://{home}\r\nSec-Fetch-Site: same-origin\r\n"
            )
        if not body:
            return f"{method} {path}{head}\r\n".encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return f"{method} {path}{head}{kind}{body}".encode()

    def data_received(self, data: bytes) -> None:
        answer = self._answer = self._answer + data if self._answer else data
        end = answer.find(b"\r\n\r\n")
        if end < 0:
            return
        at = answer.find(b"content-length:", 0, end)
        if at < 0:
            at = answer[:end].lower().index(b"content-length:")
        if len(answer) < end + 4 + int(answer[at + 15 : answer.index(b"\r\n", at)]):
            return
        self._answer = b""
        good = answer[9:12] in GOOD and answer.find(self._must, end) >= 0
        if good and self._steps:
            self._next()
            return
        if good:
            self._totals.waits.append(time.perf_counter() - self._sent)
        else:
            self._totals.refused += 1
            self._totals.example = answer.decode(errors="replace")[:2000]
        if time.perf_counter() < self._stop:
            self._send()
        else:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server hung up"))


async def drive(task: dict[str, Any]) -> dict[str, Any]:
    loop, totals = asyncio.get_running_loop(), Totals()
    began = time.perf_counter()
    stop = began + task["seconds"]
    waiting: list[asyncio.Future[None]] = []
    for number in range(task["connections"]):
        done: asyncio.Future[None] = loop.create_future()
        waiting.append(done)

        def shopper(number: int = number, done: asyncio.Future[None] = done) -> Shopper:
            return Shopper(task, number, totals, stop, done)

        await loop.create_connection(shopper, "127.0.0.1", task["port"])
    await asyncio.gather(*waiting)
    wall = time.perf_counter() - began
    return {
        "orders": len(totals.waits),
        "wall_s": wall,
        "waits_s": [round(wait, 6) for wait in totals.waits],
        "refused": totals.refused,
        "example": totals.example,
        "cpu_s": time.process_time(),
    }


def tell(found: dict[str, Any]) -> None:
    """Print all of it: the loop leaves a pipe behind that does not block and takes only what fits at the moment."""
    left = json.dumps(found).encode()
    while left:
        select.select([], [sys.stdout], [])
        try:
            left = left[os.write(sys.stdout.fileno(), left) :]
        except BlockingIOError:
            continue


if __name__ == "__main__":
    tell(uvloop.run(drive(json.load(sys.stdin))))
