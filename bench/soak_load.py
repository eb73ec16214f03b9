"""The load of a soak: visits of all kinds at an even pace, and an account of every request that had not the answer it should."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chaos_wire import Answer, Lost, Wire
from http_load import PRICE, new_id

from halles.flash.rules import zero_bits

MOST_VISITS = 500
"""Visits at a time; beyond it the pace is not kept, which the figures show."""
CARD, DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"
SALE_EVERY_S, SALE_LASTS_S, SALE_PIECES, SALE_PRICE = 120, 80, 40, 900
_ANSWERS = {
    "orders": {"flash.sold_out", "flash.limit_reached", "flash.over", "pricing.price_changed"},
    "ticket": {"flash.proof_needed", "flash.sold_out", "flash.over", "flash.not_started"},
    "payment": set[str](),
    "reservation": {"inventory.too_much_reserved"},
    "step": {"orders.wrong_state"},
}
"""Refusals that are right answers, by what was asked: everything else that is not a 2xx is a failure."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """What came back. `waits`: of orders, in seconds, since the last line; `again`: attempts that got no answer or a 429 or 503,
    and were sent again as any client would; `failed`: requests that never had the answer they should have."""

    waits: list[float] = field(default_factory=list[float])
    reads: int = 0
    placed: set[str] = field(default_factory=set[str])
    kinds: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    again: Counter[str] = field(default_factory=Counter[str])
    failed: Counter[str] = field(default_factory=Counter[str])
    first_failures: list[str] = field(default_factory=list[str])
    not_begun: int = 0


class Load:
    """Shoppers who buy and look around, and the shop's people."""

    def __init__(self, wire: Wire, shop: Any, staff: str, hub: int, rate: float) -> None:
        self._wire, self._shop, self._staff, self._hub, self._rate = wire, shop, staff, hub, rate
        self._dice, self._began = random.Random(1), time.monotonic()
        self.seen = Seen()
        self._tasks: set[asyncio.Task[None]] = set()
        self._variants, self._for_sales = shop.variants[:-4], shop.variants[-4:]
        self._free = list(range(len(shop.tokens) // 2, len(shop.tokens)))
        self._products: list[str] = []
        self._from = f"touchpoint={shop.touchpoint}"
        self._to_send: list[str] = []
        self._sale = ""

    async def run(self, until: float) -> None:
        """Begin a visit every 1 / rate seconds, whether or not the ones before were answered."""
        self._began = time.monotonic()
        others = [asyncio.create_task(self._people(until)), asyncio.create_task(self._sales(until))]
        following = time.monotonic()
        while time.monotonic() < until:
            if len(self._tasks) < MOST_VISITS:
                task = asyncio.create_task(self._visit())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            else:
                self.seen.not_begun += 1
            following += 1 / self._rate
            await asyncio.sleep(max(0.0, following - time.monotonic()))
        while self._tasks:
            await asyncio.wait(self._tasks)
        await asyncio.gather(*others)

    async def _visit(self) -> None:
        visits: list[tuple[float, Callable[[str], Awaitable[None]]]] = [
            (0.60, self._buy), (0.73, self._buy_by_card), (0.81, self._look), (0.87, self._basket), (0.91, self._top_up),
            (0.96, self._flash), (1.0, self._watch),
        ]  # fmt: skip
        roll = self._dice.random()
        visit = next(visit for edge, visit in visits if roll < edge)
        self.seen.kinds[visit.__name__[1:]] += 1
        await visit(self._shop.tokens[self._dice.randrange(len(self._shop.tokens) // 2)])

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _ask(
        self, what: str, method: str, path: str, body: Any, token: str, key: str | None = None
    ) -> Answer | None:
        """Ask until there is an answer, seven times in some sixteen seconds; None when it is not the one there should be."""
        why = ""
        for attempt in range(7):
            try:
                answer = await self._wire.send(
                    self._dice.randrange(2), method, path, body, token=token, key=key
                )
            except Lost as lost:
                why = str(lost)
            else:
                if 200 <= answer.status < 300:
                    self.seen.reads += method == "GET"
                    return answer
                if answer.code in _ANSWERS.get(what, ()):
                    self.seen.refused[f"{what}: {answer.code}"] += 1
                    return answer
                why = f"{answer.status} {answer.code}"
                if answer.status not in {429, 503}:
                    self._fail(what, why, f"{method} {path} {str(answer.body)[:300]}")
                    return None
            self.seen.again[f"{what}: {why}"] += 1
            await asyncio.sleep(min(4.0, 0.25 * 2**attempt))
        self._fail(what, why, f"{method} {path}")
        return None

    def _fail(self, what: str, why: str, more: str) -> None:
        self.seen.failed[f"{what}: {why}"] += 1
        if len(self.seen.first_failures) < 200:
            text = f"{time.monotonic() - self._began:.0f} s: {what}: {why}: {more}"
            self.seen.first_failures.append(text)
            print(text, file=sys.stderr, flush=True)

    async def _order(self, token: str, variants: list[int], unit: int = PRICE, **more: Any) -> str | None:
        """Its id when it stands."""
        lines = [{"variant_id": n, "quantity": 1, "unit_price_minor": unit} for n in variants]
        body: dict[str, Any] = {
            "order_id": new_id(), "seller_id": self._shop.seller_id, "currency": "EUR", "lines": lines,
            "promise": {"lane": "hub", "date": "2099-01-01"}, **more,
        }  # fmt: skip
        began = time.perf_counter()
        answer = await self._ask("orders", "POST", "/api/orders", body, token)
        if answer is None or not answer.done:
            return None
        self.seen.waits.append(time.perf_counter() - began)
        self.seen.placed.add(body["order_id"])
        return body["order_id"]

    def _some(self) -> list[int]:
        return self._dice.sample(list(self._variants), self._dice.choice([1, 1, 2, 3]))

    # ── visits ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _buy(self, token: str) -> None:
        order_id = await self._order(token, self._some())
        if order_id is None:
            return
        for path in (f"/api/orders/{order_id}", "/api/orders?limit=5", "/api/wallet"):
            await self._ask("read", "GET", path, None, token)
        roll = self._dice.random()
        if roll < 0.1:
            await self._ask("step", "POST", f"/api/orders/{order_id}/cancel", None, token, new_id())
        elif roll < 0.3 and len(self._to_send) < 1000:
            self._to_send.append(order_id)

    async def _buy_by_card(self, token: str) -> None:
        order_id = await self._order(token, self._some(), payment="card")
        roll = self._dice.random()
        if order_id is None:
            return
        if roll < 0.03:  # never paid: it expires
            return
        path = f"/api/orders/{order_id}/payment"
        if roll < 0.2:
            await self._ask("payment", "POST", path, {"method": {"demo_card": DECLINED}}, token)
        await self._ask("payment", "POST", path, {"method": {"demo_card": CARD}}, token)
        await self._ask("read", "GET", f"/api/orders/{order_id}", None, token)
        if roll > 0.9:
            over = await self._ask("step", "POST", f"/api/orders/{order_id}/cancel", None, token, new_id())
            if over is None or not over.done:
                return
            body = {"refund_id": new_id()}
            await self._ask("refund", "POST", f"/api/orders/{order_id}/card-refunds", body, token)

    async def _look(self, token: str) -> None:
        await self._ask("read", "GET", f"/api/bootstrap?{self._from}", None, token)
        answer = await self._ask("read", "GET", "/api/products?limit=20", None, token)
        if answer is not None:
            self._products = [one["product_id"] for one in answer.body["items"]] or self._products
        await self._ask("read", "GET", "/api/products?q=shirt&limit=10", None, token)
        for product in self._dice.sample(self._products, min(2, len(self._products))):
            await self._ask("read", "GET", f"/api/products/{product}", None, token)

    async def _basket(self, _: str) -> None:
        """One visit at a time for each of these shoppers: a basket is one person's."""
        if not self._free:
            return
        who = self._free.pop(self._dice.randrange(len(self._free)))
        try:
            await self._basket_of(self._shop.tokens[who])
        finally:
            self._free.append(who)

    async def _basket_of(self, token: str) -> None:
        variants = self._some()
        for variant in variants:
            body = {"quantity": 1, "touchpoint": self._shop.touchpoint}
            await self._ask("basket", "PUT", f"/api/basket/lines/{variant}", body, token)
        await self._ask("read", "GET", f"/api/basket?{self._from}", None, token)
        key, roll = new_id(), self._dice.random()
        asked = {"reservation_id": key, "partial": False}
        answer = await self._ask("reservation", "POST", "/api/basket/reservation", asked, token)
        if answer is None:
            return
        if not answer.done:  # often enough within the hour: they order without
            await self._order(token, variants)
        elif roll < 0.7:
            await self._order(token, variants, reservation=key)
        elif roll < 0.8:
            path = f"/api/basket/reservation/{key}/renew"
            await self._ask("reservation", "POST", path, {"renewal": 1}, token)
        if answer.done and 0.7 < roll < 0.9:
            await self._ask("reservation", "DELETE", f"/api/basket/reservation/{key}", None, token)
        for variant in variants:
            await self._ask("basket", "DELETE", f"/api/basket/lines/{variant}?{self._from}", None, token)

    async def _top_up(self, token: str) -> None:
        card = CARD if self._dice.random() < 0.9 else DECLINED
        body = {
            "topup_id": new_id(), "amount": {"minor": 2500, "currency": "EUR"}, "method": {"demo_card": card},
        }  # fmt: skip
        await self._ask("topup", "POST", "/api/topups", body, token)
        await self._ask("read", "GET", "/api/wallet", None, token)

    async def _flash(self, token: str) -> None:
        """Look at the sale; join its line, and buy when it is my turn."""
        await self._ask("read", "GET", "/api/flash", None, token)
        sale = self._sale
        if not sale or await self._ask("read", "GET", f"/api/flash/{sale}", None, token) is None:
            return
        path, told = f"/api/flash/{sale}/ticket", {}
        for _ in range(20):
            answer = await self._ask("ticket", "POST", path, told, token)
            if answer is None or answer.code in {"flash.sold_out", "flash.over", "flash.not_started"}:
                return
            if answer.code:
                told = await asyncio.to_thread(_solve, answer.body)
                continue
            told = {}
            if answer.body["state"] == "admitted":
                chosen = [self._dice.choice(list(self._for_sales))]
                await self._order(token, chosen, SALE_PRICE, admission=answer.body["admission"])
                return
            if answer.body["state"] != "waiting":
                return
            await asyncio.sleep(2.0)

    async def _watch(self, token: str) -> None:
        """A live page that is open for a while."""
        if not self._sale:
            return
        via, path = self._dice.randrange(2), f"/api/flash/{self._sale}/events"
        try:
            if not await self._wire.stay(via, path, token, self._dice.uniform(2.0, 20.0)):
                self._fail("watch", "closed early", path)
        except Lost as lost:
            self._fail("watch", str(lost), path)

    # ── the shop's people ───────────────────────────────────────────────────────────────────────────────────────────────────
    async def _people(self, until: float) -> None:
        """Pack, ship, deliver, take back; receive goods; look at the lists."""
        token = self._staff
        while time.monotonic() < until:
            await asyncio.sleep(0.2)
            if self._to_send:
                order_id = self._to_send.pop(0)
                for step in ("pack", "ship", "deliver", "take-back")[: self._dice.choice([2, 3, 3, 4])]:
                    path = f"/api/console/orders/{order_id}/{step}"
                    if await self._ask("step", "POST", path, None, token, new_id()) is None:
                        break
            if self._dice.random() < 0.1:
                body = {
                    "command_id": new_id(), "location_id": self._hub, "variant_id": self._dice.choice(list(self._variants)),
                    "quantity": 5, "reason": "delivery",
                }  # fmt: skip
                await self._ask("receive", "POST", "/api/console/stock/receive", body, token)
                for path in ("/api/console/orders?limit=20", "/api/console/live", "/api/console/stock"):
                    await self._ask("read", "GET", path, None, token)

    async def _sales(self, until: float) -> None:
        """A flash sale every two minutes: planned, run behind a waiting room, over."""
        while time.monotonic() + SALE_LASTS_S < until:
            sale, now = new_id(), datetime.now(UTC)
            body = {
                "sale_id": sale, "title": {"fr": "Manteaux", "en": "Coats"}, "currency": "EUR",
                "starts_at": (now + timedelta(seconds=20)).isoformat(),
                "ends_at": (now + timedelta(seconds=SALE_LASTS_S)).isoformat(),
                "quantity": SALE_PIECES, "per_customer": 2, "waiting_room": True, "prequeue_s": 15, "admit_per_s": 4.0,
                "hold_s": 30, "items": [
                    {"variant_id": n, "price_minor": SALE_PRICE, "location_id": self._hub, "fenced": SALE_PIECES // 4}
                    for n in self._for_sales
                ],
            }  # fmt: skip
            if await self._ask("plan", "POST", "/api/console/flash", body, self._staff) is not None:
                self._sale = sale
            await asyncio.sleep(min(SALE_EVERY_S, max(0.0, until - time.monotonic())))


def _solve(asked: dict[str, Any]) -> dict[str, str]:
    challenge, bits = asked["challenge"], asked["bits"]
    nonce = next(str(n) for n in range(1 << 26) if zero_bits(f"{challenge}:{n}") >= bits)
    return {"challenge": challenge, "nonce": nonce}
