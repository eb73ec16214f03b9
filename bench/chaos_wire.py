"""What a client of the chaos bench has: HTTP on raw sockets, and a journal that is on the disk before an answer counts."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

PATIENCE_S = 12.0
"""Seconds that a client waits for an answer; then it does not know."""
IDLE_S = 3.0
"""A connection that was idle longer is not used again: the server closes it after five seconds, perhaps just now."""


def code_in(body: Any) -> str:
    """The code of a refusal; "" when it is none."""
    return str(cast("dict[str, Any]", body).get("code", "")) if isinstance(body, dict) else ""


class Lost(Exception):
    """No whole answer came: what became of the command is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: Any

    @property
    def code(self) -> str:
        return code_in(self.body)

    @property
    def done(self) -> bool:
        return self.status in {200, 201}

    @property
    def again(self) -> bool:
        """Whether the same command may be sent again: nothing definite was said."""
        return self.status == 429 or self.status >= 500


class Journal:
    """A line for each command sent, each answer, each answer that did not come. Answers are flushed to the disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._number = 0

    def ask(self, op: str, key: str, body: Any, **more: Any) -> int:
        self._number += 1
        self._write({"n": self._number, "ask": op, "key": key, "body": body, **more})
        self._file.flush()
        return self._number

    def got(self, number: int, answer: Answer) -> None:
        self._write({"n": number, "status": answer.status, "told": answer.body})
        self._file.flush()
        os.fsync(self._file.fileno())

    def lost(self, number: int, why: str) -> None:
        self._write({"n": number, "lost": why})
        self._file.flush()

    def unfinished(self, op: str, key: str) -> None:
        """Nothing definite was said until the very end, long after nothing broke any more."""
        self._write({"n": 0, "unfinished": f"{op} {key}"})
        self._file.flush()

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps({"at": time.time(), **line}) + "\n")


class Wire:
    """Kept-alive connections to the web processes, one request at a time on each. Every session comes from a browser and an
    address of its own."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._idle: dict[int, list[tuple[asyncio.StreamReader, asyncio.StreamWriter, float]]] = {}

    async def send(
        self, via: int, method: str, path: str, body: Any, *, token: str, key: str | None = None
    ) -> Answer:
        """One request through web process `via`; `body`: bytes as they are, anything else as JSON. Raises Lost."""
        text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._exchange(via, self.head(via, method, path, text, token, key) + text)
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            raise Lost(type(error).__name__) from error

    async def stay(self, via: int, path: str, token: str, seconds: float) -> bool:
        """Follow a live page for so long; whether it was still told things at the end. Raises Lost when it does not open."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._ports[via])
                writer.write(self.head(via, "GET", path, b"", token, None))
                status = await reader.readline()
        except (OSError, EOFError, TimeoutError) as error:
            raise Lost(type(error).__name__) from error
        try:
            if b" 200 " not in status:
                raise Lost(status.decode("latin-1").strip())
            told = b"open"
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while told:
                        told = await reader.read(65536)
        except OSError as error:
            raise Lost(type(error).__name__) from error
        finally:
            writer.transport.abort()
        return bool(told)

    def head(self, via: int, method: str, path: str, text: bytes, token: str, key: str | None) -> bytes:
        """What stands before a body."""
        home, mark = f"127.0.0.1:{self._ports[via]}", hashlib.sha256(token.encode())
        address = ".".join(str(part) for part in mark.digest()[:3])
        told = (
            f"{method} {path} HTTP/1.1\r\nHost: {home}\r\nOrigin: http://{home}\r\nSec-Fetch-Site: same-origin\r\n"
            f"Cookie: halles_session={token}; halles_visitor={mark.hexdigest()[:24]}\r\nX-Forwarded-For: 10.{address}\r\n"
        )
        if key is not None:
            told += f"Idempotency-Key: {key}\r\n"
        if text:
            told += f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
        return told.encode() + b"\r\n"

    async def _exchange(self, via: int, request: bytes) -> Answer:
        reader, writer = await self._connection(via)
        keep = False
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            status = int(head[9:12])
            length = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
            told = await reader.readexactly(length)
            keep = "connection: close" not in head
            return Answer(status=status, body=json.loads(told) if told else None)
        finally:
            if keep:
                self._idle[via].append((reader, writer, time.monotonic()))
            else:
                writer.transport.abort()

    async def _connection(self, via: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        idle = self._idle.setdefault(via, [])
        while idle:
            reader, writer, since = idle.pop()
            if time.monotonic() < since + IDLE_S and not reader.at_eof():
                return reader, writer
            writer.transport.abort()
        return await asyncio.open_connection("127.0.0.1", self._ports[via])
