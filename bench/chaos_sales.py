"""What a chaos client does in flash sales and with reservations: lines, admissions, limits, cheating; setting aside, buying,
freeing, renewing, letting expire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chaos_wire import Answer
from http_load import PRICE, new_id

from halles.flash.rules import zero_bits

SALE_PRICE = 900
"""Lower than PRICE, so that whatever was sold at it was sold in a sale."""
_OVER = {"flash.sold_out", "flash.over", "flash.not_started", "flash.no_such_sale"}


class Bargains:
    """The bargain hunters of one client. `client`: the chaos client, for its dice, its journal and its patience."""

    def __init__(self, client: Any) -> None:
        self._client, self._dice = client, client.dice
        self.sales: list[dict[str, Any]] = list(client.task["sales"])

    async def hunt(self) -> None:
        """One after another they try a sale."""
        client = self._client
        while client.open:
            await self._try(self._dice.choice(client.task["guests"] + client.task["shoppers"]))
            await asyncio.sleep(self._dice.uniform(0.0, client.task["think_s"]))

    async def _try(self, person: dict[str, Any]) -> None:
        running = [one for one in self.sales if time.time() > one["starts"] - 1.5][-9:]
        if not running:
            return
        sale, client = self._dice.choice(running), self._client
        more: dict[str, Any] = {}
        if sale["room"] and self._dice.random() > 0.1:  # the others go past the line
            admission = await self._admission(sale, person["token"])
            if admission is None:
                return
            more["admission"] = admission
        body = {
            "order_id": new_id(), "currency": "EUR", "payment": "wallet", **more,
            **_part(sale["seller_id"], [(sale["variant_id"], self._dice.choice([1, 1, 2]))], SALE_PRICE),
        }  # fmt: skip
        answer: Answer | None = await client.place(body, person["token"])
        if answer is not None and answer.done:
            client.bought.append((body, person["token"]))
            if sale["cancelled"] and self._dice.random() < 0.2:
                await client.cancel(body["order_id"], person["token"])

    async def _admission(self, sale: dict[str, Any], token: str) -> str | None:
        """Join the line and wait; None when the sale is over first, or nothing came of it."""
        path, told = f"/api/flash/{sale['sale_id']}/ticket", dict[str, Any]()
        for _ in range(12):
            if not self._client.open:
                return None
            answer = await self._client.sure("ticket", sale["sale_id"], path, told, token, leave=0.1)
            if answer is None or answer.code in _OVER:
                return None
            if answer.code == "flash.proof_needed":
                told = await asyncio.to_thread(_solve, answer.body)
                continue
            if not answer.done:
                return None
            if answer.body["state"] == "admitted":
                return str(answer.body["admission"])
            if answer.body["state"] != "waiting":
                return None
            told = {}
            await asyncio.sleep(self._dice.uniform(0.2, 0.8))
        return None

    async def plan(self, seller: dict[str, Any]) -> None:
        """Staff plan a sale of an article that is in none: it begins and ends during the run."""
        busy = {one["variant_id"] for one in self.sales if one["ends"] > time.time() - 10}
        free = [n for n in seller["sale_variants"] if n not in busy]
        if not free:
            return
        sale: dict[str, Any] = {
            "sale_id": new_id(), "seller_id": seller["seller_id"], "variant_id": self._dice.choice(free),
            "starts": time.time() + 14, "ends": time.time() + self._dice.choice([24, 34]), "room": self._dice.random() < 0.5,
            "cancelled": False, "quantity": self._dice.choice([6, 12, 200]), "per_customer": self._dice.choice([1, 2, 3]),
        }  # fmt: skip
        body = {
            "sale_id": sale["sale_id"], "title": {"fr": "Soldes", "en": "Sale"}, "currency": "EUR",
            "starts_at": _moment(sale["starts"]), "ends_at": _moment(sale["ends"]),
            "quantity": sale["quantity"], "per_customer": sale["per_customer"], "waiting_room": sale["room"],
            "prequeue_s": 10 if sale["room"] else 0, "admit_per_s": 5.0, "hold_s": 30,
            "items": [{"variant_id": sale["variant_id"], "price_minor": SALE_PRICE, "location_id": seller["hub"], "fenced": 5}],
        }  # fmt: skip
        answer = await self._client.sure(
            "plan", sale["sale_id"], "/api/console/flash", body, seller["staff"], leave=0.1
        )
        if answer is not None and answer.done:
            self.sales.append(sale)


class Baskets:
    """Guests who have their basket set aside, one after another: a person reserves only so often in an hour."""

    def __init__(self, client: Any, edits: Callable[..., Awaitable[Answer | None]]) -> None:
        """`edits`: sends a command that is no POST until something definite is said."""
        self._client, self._dice, self._edits = client, client.dice, edits

    async def run(self) -> None:
        client = self._client
        while client.open:
            for person in client.task["guests"]:
                if not client.open:
                    return
                await self._one(person["token"])
                await asyncio.sleep(self._dice.uniform(0.0, 2 * client.task["think_s"]))

    async def _one(self, token: str) -> None:
        seller = self._dice.choice(self._client.task["sellers"])
        chosen = self._dice.sample(seller["kept_variants"], self._dice.choice([1, 2]))
        wanted = [(variant, self._dice.choice([1, 1, 2])) for variant in chosen]
        for variant, quantity in wanted:
            body = {
                "quantity": quantity,
                "touchpoint": seller["touchpoint"],
                "seller_id": seller["seller_id"],
            }
            if await self._edits("basket", "PUT", f"/api/basket/lines/{variant}", body, token) is None:
                return
        key = new_id()
        asked = {"reservation_id": key, "partial": False}
        answer = await self._client.sure("reserve", key, "/api/basket/reservation", asked, token, leave=0.1)
        if answer is None or answer.done:
            await self._goes_on(seller["seller_id"], key, wanted, token)
        for variant, _ in wanted:
            path = f"/api/basket/lines/{variant}?touchpoint={seller['touchpoint']}"
            await self._edits("basket", "DELETE", path, None, token)

    async def _goes_on(self, seller_id: int, key: str, wanted: list[tuple[int, int]], token: str) -> None:
        """Bought, freed (also by somebody who is buying at that moment), prolonged, or left until it expires."""
        roll, path = self._dice.random(), f"/api/basket/reservation/{key}"
        if roll < 0.12:
            await self._client.sure("renew", key, f"{path}/renew", {"renewal": 1}, token)
        if roll < 0.45:
            await self._buy(seller_id, key, wanted, token)
        elif roll < 0.65:
            await self._edits("free", "DELETE", path, None, token, key)
            if roll < 0.5:
                await self._edits("free", "DELETE", path, None, token, key)
        elif roll < 0.75:
            await asyncio.gather(
                self._buy(seller_id, key, wanted, token),
                self._edits("free", "DELETE", path, None, token, key),
            )

    async def _buy(self, seller_id: int, key: str, wanted: list[tuple[int, int]], token: str) -> None:
        body = {
            "order_id": new_id(), "currency": "EUR", "payment": "wallet", "reservation": key, **_part(seller_id, wanted, PRICE),
        }  # fmt: skip
        await self._client.place(body, token)


def _part(seller_id: int, lines: list[tuple[int, int]], unit: int) -> dict[str, Any]:
    return {
        "seller_id": seller_id,
        "lines": [{"variant_id": n, "quantity": many, "unit_price_minor": unit} for n, many in lines],
        "promise": {"lane": "hub", "date": "2099-01-01"},
    }


def _moment(unix_s: float) -> str:
    return (datetime.fromtimestamp(0, UTC) + timedelta(seconds=unix_s)).isoformat()


def _solve(asked: dict[str, Any]) -> dict[str, str]:
    """The computation that a ticket costs."""
    challenge, bits = asked["challenge"], asked["bits"]
    nonce = next(str(n) for n in range(1 << 26) if zero_bits(f"{challenge}:{n}") >= bits)
    return {"challenge": challenge, "nonce": nonce}
