"""A client process of the chaos bench: shoppers and staff who never give up, send everything twice now and then, and write down
what they were answered. Reads its task as JSON from standard input."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from chaos_psp import CARD, DECLINED, STEP
from chaos_sales import Bargains, Baskets
from chaos_wire import Answer, Journal, Lost, Wire
from http_load import PRICE, new_id

DEFINITE = {"inventory.too_much_reserved"}
"""Said with a 429, and yet an answer: the same command again would be told the same for long."""


class Client:
    """Everything this process does until it is told to stop; then what was begun is finished."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self.dice = random.Random(task["seed"])
        self.journal = Journal(Path(task["journal"]))
        self.wire = Wire(task["ports"])
        self._stop, self._end = Path(task["stop"]), 0.0
        self.photos: dict[int, deque[str]] = {
            seller["seller_id"]: deque(seller["matches"]) for seller in task["sellers"]
        }
        self.bought: deque[tuple[dict[str, Any], str]] = deque(maxlen=200)
        self.to_send: deque[tuple[str, int]] = deque(maxlen=2000)
        self.bargains = Bargains(self)
        self.baskets = Baskets(self, self.edit)

    @property
    def open(self) -> bool:
        """Whether new commands are begun: until somebody makes the file `stop`."""
        if not self._end and self._stop.exists():
            self._end = time.time() + self.task["finish_s"]
        return not self._end

    async def run(self) -> None:
        people = [self.shopper(person) for person in self.task["shoppers"]]
        people += [self.poor(person) for person in self.task["poor"]]
        people += [self.staff(number) for number in range(len(self.task["sellers"]))]
        people += [self.bargains.hunt(), self.bargains.hunt(), self.baskets.run()]
        await asyncio.gather(*people)

    async def attempt(
        self, op: str, key: str, method: str, path: str, body: Any, token: str, via: int, head: str | None
    ) -> Answer | None:
        """Send once; None when nothing is known."""
        number = self.journal.ask(op, key, body, via=via, path=path, token=token)
        try:
            answer = await self.wire.send(via, method, path, body, token=token, key=head)
        except Lost as lost:
            self.journal.lost(number, str(lost))
            return None
        self.journal.got(number, answer)
        return answer

    async def sure(
        self,
        op: str,
        key: str,
        path: str,
        body: Any,
        token: str,
        *,
        head: str | None = None,
        leave: float = 0.0,
        method: str = "POST",
    ) -> Answer | None:
        """Send until something definite is said, through any web process, twice at once now and then.

        `leave`: how probably an answer that did not come is left at that. None: left, or the time is over.
        """
        dice, pause = self.dice, 0.05
        while self.open or time.time() < self._end:
            ways = [0, 1] if dice.random() < 0.08 else [dice.randrange(2)]
            answers = await asyncio.gather(
                *(self.attempt(op, key, method, path, body, token, via, head) for via in ways)
            )
            definite = [
                answer
                for answer in answers
                if answer is not None and (not answer.again or answer.code in DEFINITE)
            ]
            if definite:
                return definite[0]
            if dice.random() < leave:
                return None
            await asyncio.sleep(dice.uniform(0.5, 1.5) * pause)
            pause = min(pause * 2, 0.5)
        self.journal.unfinished(op, key)
        return None

    async def edit(
        self, op: str, method: str, path: str, body: Any, token: str, key: str = ""
    ) -> Answer | None:
        """`sure` for what is no POST."""
        return await self.sure(op, key or path, path, body, token, method=method)

    async def shopper(self, person: dict[str, Any]) -> None:
        """Buys most of the time."""
        acts: list[tuple[float, Callable[[dict[str, Any]], Awaitable[None]]]] = [
            (0.70, self.buy), (0.80, self.buy_by_card), (0.85, self.top_up), (0.90, self.repeat), (0.94, self.reuse),
            (1.0, self.race),
        ]  # fmt: skip
        while self.open:
            roll = self.dice.random()
            await next(act for edge, act in acts if roll < edge)(person)
            await asyncio.sleep(self.dice.uniform(0.0, self.task["think_s"]))

    def order(self, *, payment: str = "wallet", rest: bool = False) -> dict[str, Any]:
        """Anything a shopper may send. `rest`: of articles that are also cancelled and taken back."""
        dice, sellers = self.dice, self.task["sellers"]
        first, *others = dice.sample(sellers, len(sellers))
        body: dict[str, Any] = {
            "order_id": new_id(),
            "currency": "EUR",
            **self.part(first, rest=rest),
            "payment": payment,
        }
        if dice.random() < 0.5:
            body["ship_to"] = self.task["ship_to"]
        if dice.random() < 0.3:
            body["touchpoint"] = first["touchpoint"]
        if dice.random() < 0.15:
            body["also"] = [self.part(others[0], rest=True)]
        return body

    def part(self, seller: dict[str, Any], *, rest: bool) -> dict[str, Any]:
        """Some lines of one seller. The first article is the scarce one: sold by wallet, never cancelled, never restocked."""
        dice, variants = self.dice, seller["variants"]
        many = dice.choice([1, 1, 1, 2, 3])
        if not rest and dice.random() < 0.1:
            chosen, many = [variants[0]], 1
        else:
            chosen = dice.sample(variants[1:], many)
        lines: list[dict[str, Any]] = []
        for variant in chosen:
            line = {"variant_id": variant, "quantity": dice.randint(1, 3), "unit_price_minor": PRICE}
            if dice.random() < 0.2 and self.photos[seller["seller_id"]]:
                line["match_id"] = self.photos[seller["seller_id"]].popleft()
            lines.append(line)
        return {
            "seller_id": seller["seller_id"],
            "lines": lines,
            "promise": {"lane": "hub", "date": "2099-01-01"},
        }

    async def place(self, body: dict[str, Any], token: str, leave: float = 0.1) -> Answer | None:
        return await self.sure("order", body["order_id"], "/api/orders", body, token, leave=leave)

    def scarce(self, body: dict[str, Any]) -> bool:
        articles = {seller["variants"][0] for seller in self.task["sellers"]}
        return any(line["variant_id"] in articles for line in body["lines"])

    async def buy(self, person: dict[str, Any]) -> None:
        body = self.order()
        answer = await self.place(body, person["token"])
        if answer is None or not answer.done:
            return
        self.bought.append((body, person["token"]))
        if self.scarce(body):
            return
        roll = self.dice.random()
        if roll < 0.12:
            await self.cancel(body["order_id"], person["token"])
        elif roll < 0.5:
            parts = answer.body.get("parts") or [{**body, "order_id": body["order_id"]}]
            self.to_send.extend((part["order_id"], part["seller_id"]) for part in parts)
            if roll < 0.2:  # staff and shopper at the same time
                await self.cancel(body["order_id"], person["token"])

    async def cancel(self, order_id: str, token: str) -> None:
        path, key = f"/api/orders/{order_id}/cancel", new_id()
        await self.sure("cancel", order_id, path, None, token, head=key)
        if self.dice.random() < 0.3:  # the same command later, and another one
            await self.sure("cancel", order_id, path, None, token, head=key)
            await self.sure("cancel", order_id, path, None, token, head=new_id())

    async def buy_by_card(self, person: dict[str, Any]) -> None:
        body = self.order(payment="card", rest=True)
        answer = await self.place(body, person["token"], leave=0.05)
        if answer is None or not answer.done:
            return
        roll = self.dice.random()
        if roll < 0.15:
            return  # never paid: it expires
        card = CARD if roll < 0.8 else DECLINED if roll < 0.9 else STEP
        path, token = f"/api/orders/{body['order_id']}/payment", person["token"]
        told = await self.sure("pay", body["order_id"], path, {}, token)
        await self.at_the_provider(told, card)
        if card == DECLINED or self.dice.random() < 0.2:
            told = await self.sure("pay", body["order_id"], path, {}, token)
            await self.at_the_provider(told, CARD)
        if self.dice.random() < 0.4:  # the page asks; for the others a webhook or the reconciler has to do
            await self.sure("pay", body["order_id"], path, {}, token)
        if self.dice.random() < 0.25:
            await self.cancel(body["order_id"], token)
            key = new_id()
            path = f"/api/orders/{body['order_id']}/card-refunds"
            await self.sure("refund", key, path, {"refund_id": key}, token, leave=0.1)

    async def at_the_provider(self, told: Answer | None, card: str) -> None:
        """What the provider's script does in the shopper's browser, straight to the provider."""
        left = None if told is None or not told.done else told.body["next"]
        if left is None or "client_secret" not in left:
            return
        ref = left["client_secret"].partition("_secret_")[0]
        approve = "true" if self.dice.random() < 0.7 else "false"
        forms = [f"card={card}"] + ([f"card={card}&approve={approve}"] if card == STEP else [])
        for form in forms:
            await confirm(self.task["provider"], ref, form)

    async def top_up(self, person: dict[str, Any]) -> None:
        key = new_id()
        body = {"topup_id": key, "amount": {"minor": self.dice.randint(1000, 5000), "currency": "EUR"}}
        answer = await self.sure("topup", key, "/api/topups", body, person["token"], leave=0.2)
        await self.at_the_provider(answer, CARD if self.dice.random() < 0.9 else DECLINED)
        if self.dice.random() < 0.3:
            await self.sure("topup", key, "/api/topups", body, person["token"], leave=0.2)

    async def repeat(self, person: dict[str, Any]) -> None:
        """A command of long ago arrives again: its first answer, nothing new."""
        if self.bought:
            body, token = self.dice.choice(self.bought)
            await self.sure("order", body["order_id"], "/api/orders", body, token)

    async def reuse(self, person: dict[str, Any]) -> None:
        """The id of an order that stands with another body."""
        if self.bought:
            body, token = self.dice.choice(self.bought)
            other = {**self.order(), "order_id": body["order_id"], "email": "other@test.example"}
            await self.sure("order", body["order_id"], "/api/orders", other, token)

    async def race(self, person: dict[str, Any]) -> None:
        """Two bodies under one id at the same moment, through both web processes: one of them stands, or none."""
        one, other = self.order(), self.order()
        other["order_id"] = one["order_id"]
        await asyncio.gather(self.place(one, person["token"]), self.place(other, person["token"]))

    async def poor(self, person: dict[str, Any]) -> None:
        """Buys by wallet alone, never cancels, gets no money: soon there is too little."""
        while self.open:
            seller = self.dice.choice(self.task["sellers"])
            body = {"order_id": new_id(), "currency": "EUR", **self.part(seller, rest=True)}
            await self.place(body, person["token"], leave=0.0)
            await asyncio.sleep(self.dice.uniform(0.2, 6 * self.task["think_s"] + 0.2))

    async def staff(self, number: int) -> None:
        """Packs and ships what was bought, takes some of it back, receives goods."""
        seller, dice = self.task["sellers"][number], self.dice
        while self.open:
            await asyncio.sleep(dice.uniform(0.0, self.task["think_s"]))
            if dice.random() < 0.1:
                await self.receive(seller)
            if dice.random() < 0.01:
                await self.bargains.plan(seller)
            if not self.to_send:
                continue
            order_id, seller_id = self.to_send.popleft()
            token = next(one["staff"] for one in self.task["sellers"] if one["seller_id"] == seller_id)
            steps = ("pack", "ship", "deliver", "take-back")[: dice.choice([1, 2, 2, 3, 3, 4])]
            for step in steps:
                path = f"/api/console/orders/{order_id}/{step}"
                answer = await self.sure(step, order_id, path, None, token, head=new_id())
                if answer is None or not answer.done:
                    break

    async def receive(self, seller: dict[str, Any]) -> None:
        key = new_id()
        body = {
            "command_id": key,
            "location_id": seller["hub"],
            "variant_id": self.dice.choice(seller["variants"][1:]),
            "quantity": self.dice.randint(1, 20),
            "reason": "delivery",
        }
        await self.sure("receive", key, "/api/console/stock/receive", body, seller["staff"], leave=0.1)


async def confirm(port: int, ref: str, form: str) -> None:
    """A card is typed in at the provider. That line never breaks."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /v1/payment_intents/{ref}/confirm HTTP/1.1\r\nContent-Length: {len(form)}\r\n\r\n"
    writer.write((head + form).encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


if __name__ == "__main__":
    os.nice(1)
    asyncio.run(Client(json.load(sys.stdin)).run())
