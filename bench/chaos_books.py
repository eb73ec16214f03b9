"""What the clients' journals say against what the database says. Everything in `findings` is a promise that was broken."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from chaos_checks import SALE_CODES
from chaos_shops import Shops
from chaos_wire import code_in
from psycopg.rows import dict_row

from halles.journeys.doctor.api import examine
from halles.kernel.db import Database
from halles.kernel.ids import derived_uuid
from halles.orders.rules import STEPS, code_of
from halles.orders.types import OrderState, PaymentState

REFUSED = {"orders.id_reused", "inventory.insufficient_stock", "wallet.insufficient_funds"}
"""What an order may be refused for in this world, outside of sales: nothing else in it ever changes."""
_STEPS = {
    "pack": "orders.packed",
    "ship": "orders.shipped",
    "deliver": "orders.delivered",
    "take-back": "orders.returned",
    "cancel": "orders.cancelled",
}


@dataclass(slots=True, kw_only=True)
class Ask:
    """A command as a client sent it, and what came back."""

    op: str
    key: str
    body: Any
    token: str
    at: float
    status: int | None = None
    told: Any = None
    told_at: float = 0.0

    @property
    def done(self) -> bool:
        return self.status in {200, 201}

    @property
    def refused(self) -> bool:
        return self.status is not None and 400 <= self.status < 500 and self.status != 429

    @property
    def unclear(self) -> bool:
        return not self.done and not self.refused

    @property
    def code(self) -> str:
        return code_in(self.told)


def read(journals: Iterable[Path]) -> list[Ask]:
    """Every command of every client, in the order it was sent."""
    found: list[Ask] = []
    for path in journals:
        mine: dict[int, Ask] = {}
        for text in path.read_text().splitlines():
            line = json.loads(text)
            if "ask" in line:
                mine[line["n"]] = Ask(
                    op=line["ask"], key=line["key"], body=line["body"], token=line["token"], at=line["at"]
                )
            elif "unfinished" in line:
                found.append(Ask(op="unfinished", key=line["unfinished"], body=None, token="", at=line["at"]))
            elif "status" in line:
                one = mine[line["n"]]
                one.status, one.told, one.told_at = line["status"], line["told"], line["at"]
        found += mine.values()
    return sorted(found, key=lambda ask: ask.at)


@dataclass(slots=True, kw_only=True)
class Books:
    """The database after everything has settled."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    steps: dict[str, list[str]] = field(default_factory=lambda: defaultdict[str, list[str]](list))
    stock: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    available: dict[int, int] = field(default_factory=dict[int, int])
    topups: Counter[str] = field(default_factory=Counter[str])
    transfers: Counter[str] = field(default_factory=Counter[str])
    receipts: Counter[str] = field(default_factory=Counter[str])
    photos: dict[str, str] = field(default_factory=dict[str, str])
    sums: dict[str, int] = field(default_factory=dict[str, int])
    waiting: int = 0
    parked: int = 0


def load(dsn: str) -> Books:
    """All of it: this is a bench, the tables are small."""
    books = Books()
    with psycopg.connect(dsn) as connection:

        def rows(sql: str) -> list[dict[str, Any]]:
            return connection.cursor(row_factory=dict_row).execute(sql.encode()).fetchall()

        books.orders = {str(row["order_id"]): row for row in rows('select * from orders."order"')}
        for row in rows("select order_id, code from orders.event order by order_id, seq"):
            books.steps[str(row["order_id"])].append(row["code"])
        books.stock = rows(
            "select *, on_hand - reserved - safety - ring_fenced sellable from inventory.stock"
        )
        main = "select owner_id, balance_minor - held_minor available from wallet.account where kind = 'main'"
        books.available = {row["owner_id"]: row["available"] for row in rows(main)}
        for row in rows("select transfer_id, topup_id from wallet.transfer"):
            books.transfers[str(row["transfer_id"])] += 1
            if row["topup_id"] is not None:
                books.topups[str(row["topup_id"])] += 1
        for row in rows("select unnest(refs) command_id from inventory.movement where cause = 'received'"):
            books.receipts[str(row["command_id"])] += 1
        photos = "select match_id, order_id from vision.photo_match where order_id is not null"
        books.photos = {str(row["match_id"]): str(row["order_id"]) for row in rows(photos)}
        sums = "select currency, sum(balance_minor)::bigint total from wallet.account group by 1"
        books.sums = {row["currency"]: row["total"] for row in rows(sums)}
        (events,) = rows("select count(*) waiting, count(parked_at) parked from kernel.waiting_event")
        books.waiting, books.parked = events["waiting"], events["parked"]
    return books


def parts_of(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Order id of each seller's part → the part, as the command tells it."""
    head = UUID(body["order_id"])
    others = {str(derived_uuid("orders.part", head, one["seller_id"])): one for one in body.get("also", ())}
    return {str(head): body, **others}


def stands(body: Mapping[str, Any], owner_id: int, books: Books) -> list[str]:
    """What of this command's order is not in the database as the command says; nothing when all of it is."""
    wrong: list[str] = []
    for order_id, part in parts_of(body).items():
        row = books.orders.get(order_id)
        if row is None:
            wrong.append(f"{order_id} is not there")
            continue
        lines = [(n["variant_id"], n["quantity"], n["unit_price_minor"]) for n in part["lines"]]
        numbers: Sequence[int] = row["lines"]
        kept = [(numbers[n], numbers[n + 1], numbers[n + 2]) for n in range(0, len(numbers), 6)]
        photos = [line.get("match_id") for line in part["lines"]]
        matches = [None if match is None else str(match) for match in row["matches"] or [None] * len(photos)]
        told = (
            part["seller_id"], owner_id, body["currency"], lines, sum(n[1] * n[2] for n in lines), body.get("ship_to"),
            body.get("email"), photos, "touchpoint" in body,
        )  # fmt: skip
        found = (
            row["seller_id"], row["owner_id"], row["currency"], kept, row["total_minor"], row["ship_to"], row["email"], matches,
            row["touchpoint_id"] is not None,
        )  # fmt: skip
        if told != found:
            wrong.append(f"{order_id} is {found}, and was ordered as {told}")
    return wrong


class Audit:
    """Collects findings: of orders, their steps, money, stock and photos."""

    def __init__(self, asks: Sequence[Ask], books: Books, shops: Shops) -> None:
        self._asks, self._books, self._shops = asks, books, shops
        self._owners, self._poor, self._scarce = shops.owners, shops.poor, shops.scarce
        self.findings: list[str] = []
        self.counted: Counter[str] = Counter()
        self.unclear: Counter[str] = Counter()

    def run(self) -> None:
        by_id: dict[str, list[Ask]] = defaultdict(list)
        for ask in self._asks:
            self.counted[f"{ask.op} sent"] += 1
            if ask.status is not None and ask.status >= 500 and ask.status not in {503, 507}:
                self.findings.append(f"{ask.op} {ask.key} was answered {ask.status}: {str(ask.told)[:200]}")
            if ask.op == "unfinished":
                self.findings.append(f"no definite answer to {ask.key} although all was well again")
            if ask.op == "order":
                by_id[ask.key].append(ask)
        for order_id, asks in by_id.items():
            self._order(order_id, asks)
        known = {part for asks in by_id.values() for ask in asks for part in parts_of(ask.body)}
        self.findings += [f"nobody ordered {order_id}" for order_id in self._books.orders.keys() - known]
        self._steps()
        self._money()
        self._stock()
        self._photos()
        if self._books.waiting or self._books.parked:
            self.findings.append(f"{self._books.waiting} events wait, {self._books.parked} parked")

    def _order(self, order_id: str, asks: list[Ask]) -> None:
        done = [ask for ask in asks if ask.done]
        owner = self._owners[asks[0].token]
        bodies: dict[str, list[Ask]] = defaultdict(list)
        for ask in asks:
            bodies[json.dumps(ask.body, sort_keys=True)].append(ask)
        standing = [text for text, sent in bodies.items() if not stands(sent[0].body, owner, self._books)]
        if done:
            self.counted["orders acknowledged"] += 1
            acknowledged = {json.dumps(ask.body, sort_keys=True) for ask in done}
            if len(acknowledged) != 1 or acknowledged != set(standing):
                wrong = [text for ask in done for text in stands(ask.body, owner, self._books)]
                self.findings.append(f"acknowledged order {order_id}: {wrong or 'under two bodies'}"[:800])
            tellings = {
                json.dumps([ask.told.get(name) for name in ("number", "total", "placed_at", "parts")])
                for ask in done
            }
            firsts = sum(ask.status == 201 for ask in done)
            if len(tellings) > 1 or firsts > 1:
                self.findings.append(f"order {order_id} was told as {sorted(tellings)}, {firsts} times new")
        elif order_id in self._books.orders and not standing:
            self.findings.append(f"order {order_id} stands with a body that nobody sent")
        for text, sent in bodies.items():
            self._refusals(order_id, sent, stood=text in standing)
        self._note_unclear(asks, done)

    def _refusals(self, order_id: str, sent: list[Ask], *, stood: bool) -> None:
        for ask in sent:
            if not ask.refused:
                continue
            self.counted[f"refused {ask.code}"] += 1
            if ask.code in SALE_CODES and any(n["variant_id"] in self._shops.sold for n in ask.body["lines"]):
                continue  # chaos_checks.py asks whether it was true
            if ask.code not in REFUSED:
                self.findings.append(f"order {order_id} was refused with {ask.code}: {ask.told}"[:400])
            elif ask.code == "orders.id_reused":
                if stood or order_id not in self._books.orders:
                    self.findings.append(f"order {order_id}: its id was not used for another order")
            else:
                if stood and all(other.at <= ask.at for other in sent):
                    self.findings.append(f"order {order_id} was refused ({ask.code}) at last, and stands")
                self._true(ask)

    def _true(self, ask: Ask) -> None:
        """A refusal for want of goods or money, against what there was at the end: there is never more later."""
        told = ask.told
        if ask.code == "inventory.insufficient_stock":
            article = told["variant_id"]
            left = max(row["sellable"] for row in self._books.stock if row["variant_id"] == article)
            wanted = max(line["quantity"] for line in ask.body["lines"] if line["variant_id"] == article)
            if article in self._shops.kept:  # somebody may have it set aside, and give it back later
                if wanted <= told["sellable"]:
                    self.findings.append(f"order {ask.key}: there was enough of {article}: {told}")
                return
            if article not in self._scarce or left > told["sellable"] or wanted <= told["sellable"]:
                self.findings.append(f"order {ask.key}: there was enough of {article}: {told}, {left} left")
            return
        owner = self._owners[ask.token]
        total = sum(n["quantity"] * n["unit_price_minor"] for n in ask.body["lines"])
        true = (
            owner in self._poor
            and self._books.available[owner] <= told["available_minor"]
            and total == told["available_minor"] + told["missing_minor"]
            and told["missing_minor"] > 0
        )
        if not true:
            self.findings.append(f"order {ask.key}: there was money enough: {told}"[:400])

    def _note_unclear(self, asks: list[Ask], done: list[Ask]) -> None:
        """How an order ended whose first answer did not come, or said nothing definite."""
        lost = next((ask for ask in asks if ask.unclear), None)
        if lost is None or any(ask.told_at < lost.at for ask in done):
            return
        self.unclear["orders with an unclear answer"] += 1
        later = [ask for ask in asks if ask.at > lost.at and not ask.unclear]
        if any(ask.status == 201 for ask in done):
            self.unclear["placed by a repeat"] += 1
        elif done:
            self.unclear["stood already"] += 1
        elif later:
            self.unclear["refused at a repeat"] += 1
        else:
            there = asks[0].key in self._books.orders
            self.unclear["left alone, and stands" if there else "left alone, and does not stand"] += 1

    def _steps(self) -> None:
        for ask in self._asks:
            code = _STEPS.get(ask.op)
            if code is None:
                continue
            taken = self._books.steps[ask.key]
            if ask.done and code not in taken:
                self.findings.append(f"{ask.op} of {ask.key} was acknowledged and did not happen")
            elif ask.refused:
                reasons = {"orders.cancelled", "orders.expired"}
                if ask.op == "cancel":
                    reasons.add("orders.shipped")
                if ask.code != "orders.wrong_state" or not reasons & set(taken):
                    self.findings.append(f"{ask.op} of {ask.key} was refused: {ask.told}, {taken}"[:400])
        moves = {code_of(after): (starts, after) for starts, after, _ in STEPS.values()}
        moves["orders.expired"] = (frozenset({OrderState.PLACED}), OrderState.CANCELLED)
        for order_id, row in self._books.orders.items():
            state = OrderState.PLACED
            for code in self._books.steps[order_id]:
                if code in moves:
                    starts, after = moves[code]
                    if state not in starts:
                        self.findings.append(f"order {order_id} went from {state.word} to {after.word}")
                    state = after
            if state != row["state"]:
                self.findings.append(f"order {order_id} is in {row['state']}, its story ends in {state.word}")
            self.counted[f"orders {OrderState(row['state']).word}"] += 1
            if row["payment"] == PaymentState.PENDING:
                self.findings.append(f"order {order_id} waits for its card for ever")

    def _money(self) -> None:
        self.findings += [
            f"the ledger sums to {total} {unit}" for unit, total in self._books.sums.items() if total
        ]
        for ask in self._asks:
            if (
                ask.op == "topup"
                and ask.done
                and ask.told["state"] == "settled"
                and self._books.topups[ask.key] != 1
            ):
                self.findings.append(f"top-up {ask.key} was booked {self._books.topups[ask.key]} times")
            if ask.op == "pay" and ask.done and ask.told["state"] == "received":
                self.counted["card payments acknowledged"] += 1
                if self._books.orders[ask.key]["payment"] == PaymentState.PENDING:
                    self.findings.append(f"order {ask.key} was paid by card and does not know it")

    def _stock(self) -> None:
        for row in self._books.stock:
            if row["sellable"] < 0:
                self.findings.append(f"oversold: {row}")
        sent = {ask.key for ask in self._asks if ask.op == "receive"}
        done = {ask.key for ask in self._asks if ask.op == "receive" and ask.done}
        for key in sent:
            count = self._books.receipts[key]
            if count > 1 or (key in done and count != 1):
                self.findings.append(f"goods {key} were received {count} times")

    def _photos(self) -> None:
        """An event's effect: the photo behind each line knows its order, and no other does."""
        wanted = {
            str(match): order_id
            for order_id, row in self._books.orders.items()
            for match in row["matches"] or ()
            if match is not None
        }
        self.counted["photos credited"] = len(self._books.photos)
        if wanted != self._books.photos:
            odd = dict(set(wanted.items()) ^ set(self._books.photos.items()))
            self.findings.append(f"{len(odd)} photos are not credited as ordered: {list(odd.items())[:3]}")


async def doctor(dsn: str) -> list[str]:
    """What `halles doctor` finds."""
    db = await Database.open(dsn, min_size=1, max_size=2)
    try:
        report = await examine(db)
    finally:
        await db.close()
    return [f"doctor: {one.check}: {one.subject}: {one.text}" for one in report.findings]


def recovery(asks: Sequence[Ask], kills: Sequence[float]) -> list[float]:
    """Seconds from each kill to the first acknowledgement of an order that was sent after it."""
    placed = [ask for ask in asks if ask.op == "order" and ask.status == 201]
    waits = [min((ask.told_at for ask in placed if ask.at >= at), default=None) for at in kills]
    return [wait - at for wait, at in zip(waits, kills, strict=True) if wait is not None]
