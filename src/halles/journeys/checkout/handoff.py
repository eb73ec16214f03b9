"""Handing an order to the process that places it: length-prefixed MessagePack over TCP, any number under way on one connection.

Beyond one machine the connection is encrypted, both sides showing certificates of the installation's authority (see kernel.tls);
without these nothing is sent to another machine. Both sides prove that they belong to the same installation before the first
order: a keyed hash of the other's challenge and of the writer's address, so that nobody who came to listen where a writer was can
pass the proof on to another one. An answer that does not come says nothing about the order: who asked sends it again, to whoever
places orders then.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import ssl
from collections.abc import Callable
from typing import Any, ClassVar, cast

import msgspec
import structlog

from halles.journeys.checkout.types import Outcome, PlaceOrder
from halles.kernel.errors import Refusal, Unavailable, all_kinds
from halles.kernel.tls import MutualTls, is_loopback

log = structlog.get_logger("halles.checkout")

Prove = Callable[[str, bytes], bytes]
"""A role and a challenge: the proof, 32 bytes that only this installation can make; two roles, so that none is reflected."""
Place = Callable[[PlaceOrder, int], "asyncio.Future[Outcome]"]
"""An order by an owner, and the answer to come. Raises a refusal."""

_CHALLENGE = 16
_MOST_BYTES, _MOST_UNPROVEN = 1 << 20, 64
"""The longest frame, and the longest of a side that has not proven itself."""
_PROOF_S = 5.0
"""Seconds in which the other side must have proven itself."""


class Ask(msgspec.Struct, array_like=True, gc=False):
    number: int
    owner_id: int
    order: PlaceOrder


class Refused(msgspec.Struct, array_like=True, gc=False):
    """A refusal on its way. `code` names its class."""

    code: str
    message: str
    retry_after_s: float | None
    fields: dict[str, Any]


class Told(msgspec.Struct, array_like=True, gc=False):
    number: int
    outcome: Outcome | None
    refused: Refused | None


_encode = msgspec.msgpack.Encoder().encode
_asked = msgspec.msgpack.Decoder(Ask).decode
_told = msgspec.msgpack.Decoder(Told).decode


def refused(error: BaseException) -> Refused:
    """An exception as it travels; a bug travels as "unavailable": what came of the order is not known."""
    if isinstance(error, Refusal):
        return Refused(error.code, error.message, error.retry_after_s, dict(error.fields))
    return Refused(Unavailable.code, "The order could not be written; send the same order again.", 1.0, {})


def refusal(told: Refused) -> Refusal:
    """The refusal that travelled."""
    kind = next((kind for kind in all_kinds() if kind.code == told.code), Unavailable)
    made = kind.__new__(kind)
    Refusal.__init__(made, told.message, retry_after_s=told.retry_after_s, **told.fields)
    return made


class _Frames(asyncio.Protocol):
    """Frames in and out; what is written in one turn of the loop leaves together."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._in, self._out = bytearray(), list[bytes]()
        self._most = _MOST_BYTES

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def write(self, frame: bytes) -> None:
        if not self._out:
            asyncio.get_running_loop().call_soon(self._flush)
        self._out += (len(frame).to_bytes(4, "big"), frame)

    def _flush(self) -> None:
        out, self._out = b"".join(self._out), []
        if not self.transport.is_closing():
            self.transport.write(out)

    def data_received(self, data: bytes) -> None:
        buffer = self._in
        buffer += data
        at = 0
        while len(buffer) - at >= 4 and not self.transport.is_closing():
            length = int.from_bytes(buffer[at : at + 4], "big")
            if length > self._most:
                self.transport.abort()
                return
            if len(buffer) - at - 4 < length:
                break
            self.frame(bytes(buffer[at + 4 : at + 4 + length]))
            at += 4 + length
        del buffer[:at]

    def frame(self, frame: bytes) -> None:
        raise NotImplementedError


class _Side(_Frames):
    """Answers the other side's challenge with a proof, and waits for the proof of its own; until then it hears nothing else."""

    role: ClassVar[str]
    other: ClassVar[str]

    def __init__(self, prove: Prove, address: str = "") -> None:
        """`address`: the writer's, as it is known to those who ask."""
        super().__init__()
        self._prove, self._challenge, self._address = prove, secrets.token_bytes(_CHALLENGE), address
        self._heard, self._proven, self._most = 0, False, _MOST_UNPROVEN

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        asyncio.get_running_loop().call_later(_PROOF_S, self._still_unproven)
        self.write(self._challenge)

    def frame(self, frame: bytes) -> None:
        if self._proven:
            self.message(frame)
            return
        self._heard += 1
        if self._heard == 1 and len(frame) == _CHALLENGE:
            self.write(self._proof(self.role, frame))
        elif self._heard == 2 and hmac.compare_digest(frame, self._proof(self.other, self._challenge)):
            self._proven, self._most = True, _MOST_BYTES
            self.proven()
        else:
            self.transport.abort()

    def _proof(self, role: str, challenge: bytes) -> bytes:
        return self._prove(role, challenge + self._address.encode())

    def _still_unproven(self) -> None:
        if not self._proven:
            self.transport.abort()

    def proven(self) -> None:
        """The other side belongs to us."""

    def message(self, frame: bytes) -> None:
        raise NotImplementedError


class Server(_Side):
    """One connection of somebody who hands orders over."""

    role, other = "writer", "asker"

    def __init__(self, prove: Prove, place: Place, host: str) -> None:
        """`host`: of the address under which others know this writer."""
        super().__init__(prove)
        self._place, self._host = place, host

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._address = f"{self._host}:{transport.get_extra_info('sockname')[1]}"
        super().connection_made(transport)

    def message(self, frame: bytes) -> None:
        try:
            ask = _asked(frame)
        except msgspec.DecodeError:
            self.transport.abort()  # another release's words: the asker tries elsewhere, or says that it cannot
            return
        try:
            answer = self._place(ask.order, ask.owner_id)
        except Refusal as error:
            self.write(_encode(Told(ask.number, None, refused(error))))
            return
        answer.add_done_callback(lambda done: self._answer(ask.number, done))

    def _answer(self, number: int, done: asyncio.Future[Outcome]) -> None:
        error = done.exception()
        told = Told(number, done.result(), None) if error is None else Told(number, None, refused(error))
        self.write(_encode(told))


class Link(_Side):
    """A connection to who places orders. What is asked before the other side is proven waits; when it is lost, every open
    question fails with ConnectionError."""

    role, other = "asker", "writer"

    def __init__(self, prove: Prove, address: str, tls: MutualTls | None = None) -> None:
        super().__init__(prove, address)
        self._tls = tls
        self._number = 0
        self._open: dict[int, asyncio.Future[Outcome]] = {}
        self._early: list[bytes] | None = []
        self.lost = False
        self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        host, _, port = self._address.rpartition(":")
        loop, context = asyncio.get_running_loop(), None
        if not is_loopback(host):
            if self._tls is None:
                log.error("checkout.writer_needs_certificates", address=self._address)
                self._fail()
                return
            context = self._tls.client
        try:
            async with asyncio.timeout(2.0):
                await loop.create_connection(lambda: self, host, int(port), ssl=context)
        except ssl.SSLError as error:
            log.error("checkout.writer_not_believed", address=self._address, reason=str(error))  # noqa: TRY400  no bug, no trace
            self._fail()
        except (OSError, TimeoutError, ValueError):
            self._fail()

    def ask(self, order: PlaceOrder, owner_id: int) -> asyncio.Future[Outcome]:
        """Hand an order over. The future raises the writer's refusal, or ConnectionError when nothing is known."""
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if self.lost:
            answer.set_exception(ConnectionError())
            return answer
        self._number += 1
        self._open[self._number] = answer
        frame = _encode(Ask(self._number, owner_id, order))
        if self._early is None:
            self.write(frame)
        else:
            self._early.append(frame)
        return answer

    def proven(self) -> None:
        early, self._early = self._early or [], None
        for frame in early:
            self.write(frame)

    def message(self, frame: bytes) -> None:
        told = _told(frame)
        answer = self._open.pop(told.number, None)
        if answer is None or answer.done():
            return
        if told.outcome is not None:
            answer.set_result(told.outcome)
        else:
            answer.set_exception(refusal(told.refused or refused(Unavailable("No answer."))))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail()

    def _fail(self) -> None:
        self.lost = True
        pending, self._open = self._open, {}
        for answer in pending.values():
            if not answer.done():
                answer.set_exception(ConnectionError())

    def close(self) -> None:
        self._connecting.cancel()
        if not self.lost and hasattr(self, "transport"):
            self.transport.close()
        self._fail()
