"""A payment provider that speaks Stripe's wire over HTTP on loopback, keeps honest books, and is a nuisance: answers are lost
before or after the work is done, and each webhook comes at least twice, late, and in any order.

Never killed: what it took is what the shop's books are held against. The paths and fields are those of docs.stripe.com/api that
the product asks for (payment intents, refunds), with no more of Stripe than that.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY, HOOK = "sk_test_chaos", "whsec_chaos"
CARD, DECLINED, STEP = "4242424242424242", "4000000000000002", "4000002500003155"
LOST = 0.04
"""How often an answer is lost: half of them before the work is done, half after."""
MOST_TRIES = 400
"""Webhooks are sent until somebody hears them, this often at most."""


@dataclass(slots=True, kw_only=True)
class Intent:
    """A payment. `refunded_minor` never exceeds what was taken."""

    ref: str
    key: str
    amount: int
    currency: str
    metadata: dict[str, str]
    status: str = "requires_payment_method"
    failure: str | None = None
    refunded_minor: int = 0

    @property
    def subject(self) -> tuple[str, str]:
        """(topup or order, the id that the shop gave it)."""
        kind = "order" if "order_payment_id" in self.metadata else "topup"
        return kind, self.metadata["order_payment_id" if kind == "order" else "topup_id"]

    def told(self) -> dict[str, Any]:
        error = None if self.failure is None else {"message": self.failure}
        return {
            "id": self.ref, "object": "payment_intent", "amount": self.amount, "currency": self.currency,
            "amount_received": self.amount if self.status == "succeeded" else 0, "metadata": self.metadata,
            "status": self.status, "client_secret": f"{self.ref}_secret_x", "last_payment_error": error,
        }  # fmt: skip


@dataclass
class Provider:
    """`hooks`: ports on which somebody of the shop may hear a webhook."""

    dice: random.Random
    hooks: Sequence[int] = ()
    intents: dict[str, Intent] = field(default_factory=dict[str, Intent])
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    counted: Counter[str] = field(default_factory=Counter[str])
    closing: bool = False
    port: int = 0
    _server: asyncio.Server | None = None
    _keys: dict[str, str] = field(default_factory=dict[str, str])
    _told: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def start(self) -> None:
        server = self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self.closing = True
        if self._server is not None:
            self._server.close()
        for task in list(self._told):
            task.cancel()
        await asyncio.gather(*self._told, return_exceptions=True)

    def silent(self) -> bool:
        """Whether every webhook was heard."""
        return not self._told

    # ── the wire ────────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError, ValueError):
            while not self.closing:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, _ = head.split(" ", 2)
                headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
                lost = self.dice.random() if target.endswith("/confirm") is False else 1.0
                if lost < LOST / 2:
                    break
                status, told = self._answer(method, target, _flat(body), headers.get("idempotency-key", ""))
                if lost < LOST:
                    break
                text = json.dumps(told).encode()
                head = f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nRequest-Id: req_1\r\n"
                writer.write(head.encode() + b"Content-Length: %d\r\n\r\n" % len(text) + text)
                await writer.drain()
        writer.close()

    def _answer(self, method: str, target: str, form: dict[str, str], key: str) -> tuple[int, dict[str, Any]]:
        path = urlsplit(target)
        parts = path.path.strip("/").split("/")[1:]
        if parts == ["payment_intents"] and method == "POST":
            return self._open(form, key)
        if parts == ["refunds"]:
            if method == "POST":
                return self._give_back(form, key)
            ref = _flat(path.query)["payment_intent"]
            found = [one for one in self.refunds.values() if one["payment_intent"] == ref]
            return 200, {"object": "list", "data": found, "has_more": False, "url": "/v1/refunds"}
        if parts[0] == "refunds" and parts[1] in self.refunds:
            return 200, self.refunds[parts[1]]
        intent = self.intents.get(parts[1])
        if intent is None:
            return 404, _error("resource_missing", "No such object")
        if parts[2:] == ["confirm"]:
            self._confirm(intent, form["card"], approve=form.get("approve") == "true")
        elif parts[2:] == ["cancel"]:
            if intent.status in {"succeeded", "canceled"}:
                return 400, _error("payment_intent_unexpected_state", "It is over")
            self._move(intent, "canceled", "payment_intent.canceled")
        return 200, intent.told()

    def _open(self, form: dict[str, str], key: str) -> tuple[int, dict[str, Any]]:
        if key in self._keys:
            return 200, self.intents[self._keys[key]].told()
        metadata = {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}
        intent = Intent(
            ref=f"pi_{secrets.token_hex(12)}",
            key=key,
            amount=int(form["amount"]),
            currency=form["currency"],
            metadata=metadata,
        )
        self.intents[intent.ref] = intent
        self._keys[key] = intent.ref
        self._tell("payment_intent.created", intent.told())
        return 200, intent.told()

    def _confirm(self, intent: Intent, card: str, *, approve: bool) -> None:
        """What the shopper's browser does: a card pays, is declined, or asks for a second step."""
        if intent.status in {"succeeded", "canceled"}:
            return
        if card == CARD or (card == STEP and approve):
            self._move(intent, "succeeded", "payment_intent.succeeded")
        elif card == STEP:
            self._move(intent, "requires_action", "payment_intent.requires_action")
        else:
            intent.failure = "Your card was declined."
            self._move(intent, "requires_payment_method", "payment_intent.payment_failed")

    def _give_back(self, form: dict[str, str], key: str) -> tuple[int, dict[str, Any]]:
        if key in self._keys:
            return 200, self.refunds[self._keys[key]]
        intent, minor = self.intents[form["payment_intent"]], int(form["amount"])
        if intent.status != "succeeded" or intent.refunded_minor + minor > intent.amount:
            return 400, _error("charge_already_refunded", "More than was paid")
        intent.refunded_minor += minor
        ref = f"re_{secrets.token_hex(12)}"
        metadata = {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}
        self.refunds[ref] = {
            "id": ref, "object": "refund", "amount": minor, "currency": intent.currency, "status": "succeeded",
            "payment_intent": intent.ref, "metadata": metadata,
        }  # fmt: skip
        self._keys[key] = ref
        self._tell("refund.updated", self.refunds[ref])
        return 200, self.refunds[ref]

    # ── webhooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _move(self, intent: Intent, status: str, kind: str) -> None:
        intent.status = status
        self._tell(kind, intent.told())

    def _tell(self, kind: str, about: dict[str, Any]) -> None:
        """Twice at least, each by itself: they overtake one another."""
        event = {
            "id": f"evt_{secrets.token_hex(12)}",
            "object": "event",
            "type": kind,
            "data": {"object": about},
        }
        for _ in range(self.dice.choice([2, 2, 3])):
            task = asyncio.create_task(self._deliver(json.dumps(event).encode()))
            self._told.add(task)
            task.add_done_callback(self._told.discard)

    async def _deliver(self, body: bytes) -> None:
        for _ in range(MOST_TRIES):
            await asyncio.sleep(self.dice.uniform(0.0, 3.0))
            with suppress(OSError, EOFError, ValueError, TimeoutError):
                status = await self._post(self.dice.choice(list(self.hooks)), body)
                self.counted[f"webhooks answered {status}"] += 1
                if status == 200:
                    return
        self.counted["webhooks never heard"] += 1

    async def _post(self, port: int, body: bytes) -> int:
        stamp = int(time.time())
        mac = hmac.new(HOOK.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
        async with asyncio.timeout(10.0):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(
                    b"POST /api/psp/stripe/webhook HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
                    b"Stripe-Signature: t=%d,v1=%s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
                    % (port, stamp, mac.encode(), len(body))
                    + body
                )
                status = int((await reader.readuntil(b"\r\n"))[9:12])
                await reader.read()
                return status
            finally:
                writer.transport.abort()


def _flat(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"type": "invalid_request_error", "code": code, "message": message}}
