"""Sales, reservations and cards after a chaos run: the journals and the provider's books against the database."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from chaos_psp import Provider
from chaos_sales import SALE_PRICE
from chaos_shops import SCARCE, Shops
from psycopg.rows import dict_row

from halles.inventory.types import ReservationState
from halles.kernel.ids import derived_uuid
from halles.orders.types import OrderState

if TYPE_CHECKING:
    from chaos_books import Ask

SALE_CODES = {
    "flash.sold_out", "flash.limit_reached", "flash.not_admitted", "flash.over", "flash.not_started", "pricing.price_changed",
}  # fmt: skip
"""What an order may be refused for because its article is in a sale, or was."""
AHEAD_S, BEHIND_S = 2700.0, 95.0
"""How wrong the clock of a process may be."""
_FINE = {
    "ticket": {"flash.proof_needed", "flash.sold_out", "flash.over", "flash.not_started"},
    "plan": {"flash.bad_sale", "flash.already_in_sale"},
    "reserve": {"inventory.insufficient_stock", "inventory.too_much_reserved"},
    "renew": {"inventory.reservation_over", "inventory.renewed_enough", "inventory.no_such_reservation"},
    "free": {"inventory.no_such_reservation"},
    "pay": {"payments.too_late", "payments.not_awaiting_payment"},
    "refund": {"payments.nothing_to_refund"},
    "basket": set[str](),
    "topup": set[str](),
    "receive": set[str](),
}
"""Refusals that can be right, by what was asked."""


Rows = Callable[[str], list[dict[str, Any]]]
"""Runs a statement."""


def rows_of(dsn: str) -> Rows:
    """Statements on a database, each on a connection of its own."""

    def rows(sql: str) -> list[dict[str, Any]]:
        with psycopg.connect(dsn) as connection:
            return connection.cursor(row_factory=dict_row).execute(sql.encode()).fetchall()

    return rows


class Checks:
    """Collects findings. `counted`: what the report shows beside them."""

    def __init__(
        self, asks: Sequence[Ask], rows: Rows, shops: Shops, provider: Provider, counted: Counter[str]
    ) -> None:
        self._asks, self._shops, self._provider, self._counted = asks, shops, provider, counted
        self.findings: list[str] = []
        self._orders = {str(row["order_id"]): row for row in rows('select * from orders."order"')}
        self._sales = {
            str(row["sale_id"]): row
            for row in rows(
                """select s.*, c.taken, array(select variant_id from flash.item i where i.sale_id = s.sale_id) variants
                from flash.sale s join flash.counter c using (seller_id, sale_id)"""
            )
        }
        taken = rows("select sale_id, owner_id, taken from flash.taken")
        self._taken = {(str(row["sale_id"]), row["owner_id"]): row["taken"] for row in taken}
        self._kept = {str(row["reservation_id"]): row for row in rows("select * from inventory.reservation")}
        self._moved = rows(
            """select cause, ref, sum(quantity)::bigint quantity, count(distinct at) moments from inventory.movement,
            unnest(refs, quantities) d(ref, quantity) where cause in ('reserved', 'released') group by 1, 2"""
        )
        self._stock = rows("select * from inventory.stock")
        self._transfers = Counter(
            str(row["transfer_id"]) for row in rows("select transfer_id from wallet.transfer")
        )
        self._topups = Counter(
            str(row["topup_id"])
            for row in rows("select topup_id from wallet.transfer where topup_id is not null")
        )
        self._refunds = {str(row["refund_id"]): row for row in rows("select * from payments.card_refund")}
        self._webhooks = rows("select outcome, count(*) many from payments.psp_event group by 1")

    def run(self) -> None:
        self._refusals()
        self._each_sale()
        self._sold()
        self._reservations()
        self._set_aside()
        self._cards()

    def _refusals(self) -> None:
        """Nothing was refused with a reason that its command cannot have."""
        for ask in self._asks:
            if ask.op not in _FINE or ask.status is None:
                continue
            if ask.done:
                self._counted[f"{ask.op} done"] += 1
            elif 400 <= ask.status < 500 and (ask.status != 429 or ask.code in _FINE[ask.op]):
                self._counted[f"{ask.op} refused {ask.code}"] += 1
                if ask.code not in _FINE[ask.op]:
                    self.findings.append(f"{ask.op} {ask.key} was refused: {ask.told}"[:400])

    # ── flash sales ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _each_sale(self) -> None:
        """What a sale's counters say is what was sold at its price while it ran, within its limits; it is over and settled."""
        pieces, by_owner, self._ever = Counter[str](), Counter[tuple[str, int]](), Counter[tuple[str, int]]()
        for order_id, row in self._orders.items():
            for variant, quantity, unit in _lines(row["lines"]):
                if variant not in self._shops.sold:
                    continue
                sale_id = self._sale_of(variant, row["placed_at"])
                if sale_id is None or unit != SALE_PRICE:
                    self.findings.append(f"order {order_id} took {variant} at {unit} outside of any sale")
                    continue
                key = (sale_id, row["owner_id"])
                self._ever[key] += quantity
                if row["state"] != OrderState.CANCELLED:
                    pieces[sale_id] += quantity
                    by_owner[key] += quantity
        for sale_id, sale in self._sales.items():
            self._counted["sales"] += 1
            self._counted["pieces sold in sales"] += sale["taken"]
            self._counted["sales sold out"] += sale["taken"] == sale["quantity"]
            if sale["taken"] != pieces[sale_id] or sale["taken"] > sale["quantity"]:
                self.findings.append(
                    f"sale {sale_id} counts {sale['taken']}, sold {pieces[sale_id]} of {sale['quantity']}"
                )
            if sale["settled_at"] is None:
                self.findings.append(f"sale {sale_id} was never settled")
        for key in by_owner.keys() | self._taken.keys():
            most = self._sales[key[0]]["per_customer"]
            if by_owner[key] != self._taken.get(key, 0) or by_owner[key] > most:
                self.findings.append(
                    f"{key} took {by_owner[key]}, counted {self._taken.get(key)}, allowed {most}"
                )
        fenced = [row for row in self._stock if row["ring_fenced"]]
        if fenced:
            self.findings.append(f"still fenced off after every sale: {fenced[:3]}")
        planned = {ask.key for ask in self._asks if ask.op == "plan" and ask.done}
        self.findings += [f"planned sale {one} is not there" for one in planned - self._sales.keys()]

    def _sale_of(self, variant: int, at: datetime) -> str | None:
        """The sale of an article that ran at a moment."""
        for sale_id, sale in self._sales.items():
            over = min(sale["ends_at"], sale["stopped_at"] or sale["ends_at"])
            if variant in sale["variants"] and sale["starts_at"] <= at < over:
                return sale_id
        return None

    def _sold(self) -> None:
        """Nobody bought past a waiting room; who was refused in a sale was refused truly."""
        for ask in self._asks:
            if ask.op != "order" or not any(n["variant_id"] in self._shops.sold for n in ask.body["lines"]):
                continue
            line = ask.body["lines"][0]
            if ask.done:
                placed = self._orders[ask.key]["placed_at"]
                sale = self._sales.get(self._sale_of(line["variant_id"], placed) or "")
                self._counted["sale orders acknowledged"] += 1
                if sale is not None and sale["waiting_room"] and "admission" not in ask.body:
                    self.findings.append(f"order {ask.key} went past the waiting room")
            elif ask.code in SALE_CODES:
                self._true(ask, line)

    def _true(self, ask: Ask, line: dict[str, Any]) -> None:
        told, wanted, sale = ask.told, line["quantity"], self._sales.get(ask.told.get("sale_id", ""))
        own = [one for one in self._sales.values() if line["variant_id"] in one["variants"]]
        match ask.code:
            case "flash.sold_out":
                sold = sum(n for (key, _), n in self._ever.items() if sale and key == str(sale["sale_id"]))
                true = sale is not None and told["left"] < wanted and sold >= sale["quantity"] - told["left"]
            case "flash.limit_reached":
                taken = self._ever[told["sale_id"], self._shops.owners[ask.token]]
                true = (
                    sale is not None
                    and told["left"] < wanted
                    and taken >= sale["per_customer"] - told["left"]
                )
            case "flash.not_admitted":
                true = sale is not None and sale["waiting_room"]
            case "flash.over":
                true = any(ask.told_at + AHEAD_S >= one["ends_at"].timestamp() for one in own)
            case "flash.not_started":
                true = any(ask.at - BEHIND_S <= one["starts_at"].timestamp() for one in own)
            case _:  # the price: before a sale, after it, by some clock
                true = any(
                    ask.told_at + AHEAD_S >= one["ends_at"].timestamp()
                    or ask.at - BEHIND_S <= one["starts_at"].timestamp()
                    for one in own
                )
        if not true:
            self.findings.append(f"order {ask.key} was refused untruly: {json.dumps(told)}, {sale}"[:700])

    # ── reservations ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _reservations(self) -> None:
        """Each stands as it was told, has ended once, and gave back what it kept exactly once."""
        moved: dict[str, dict[str, Any]] = defaultdict(dict)
        for row in self._moved:
            moved[str(row["ref"])][row["cause"]] = row
        asked = {ask.key for ask in self._asks if ask.op == "reserve"}
        self.findings += [f"nobody asked for reservation {one}" for one in self._kept.keys() - asked]
        for key, row in self._kept.items():
            state = ReservationState(row["state"])
            self._counted[f"reservations {state.word}"] += 1
            kept, freed = moved[key].get("reserved", {}), moved[key].get("released", {})
            if state is ReservationState.STANDING:
                self.findings.append(f"reservation {key} stands for ever")
            if kept.get("quantity") != row["pieces"] or abs(freed.get("quantity", 0)) != row["pieces"]:
                self.findings.append(
                    f"reservation {key} of {row['pieces']} kept {kept} and gave back {freed}"
                )
            if freed.get("moments", 1) != 1 or kept.get("moments", 1) != 1:
                self.findings.append(f"reservation {key} moved more than once: {kept}, {freed}")
        self._told()
        self._ordered()

    def _told(self) -> None:
        """Every answer about a reservation was true, and an end is an end."""
        for ask in self._asks:
            if ask.op not in {"reserve", "renew", "free"} or not ask.done:
                continue
            row = self._kept.get(ask.key)
            if row is None or row["owner_id"] != self._shops.owners[ask.token]:
                self.findings.append(f"reservation {ask.key} was acknowledged and is not there")
                continue
            state, told = ReservationState(row["state"]).word, ask.told["state"]
            pieces = sum(line["quantity"] for line in ask.told["lines"])
            if told not in {"standing", state}:
                self.findings.append(f"reservation {ask.key} was told {told} and is {state}")
            if pieces != row["pieces"] or (ask.op == "free" and told == "standing"):
                self.findings.append(f"{ask.op} of reservation {ask.key} was told {ask.told}"[:400])

    def _ordered(self) -> None:
        """One that ended in an order has one, of the same person, that names it; nobody else's stock went into it."""
        users: dict[str, list[str]] = defaultdict(list)
        for ask in self._asks:
            if ask.op == "order" and ask.body.get("reservation") and ask.key in self._orders:
                users[ask.body["reservation"]].append(ask.key)
        for key, row in self._kept.items():
            if row["state"] == ReservationState.ORDERED and not any(
                self._orders[one]["owner_id"] == row["owner_id"] for one in users[key]
            ):
                self.findings.append(f"reservation {key} ended in an order that is not there")

    def _set_aside(self) -> None:
        """Of what is only ever reserved and bought: what is not free now was bought, to the piece."""
        bought: Counter[int] = Counter()
        for row in self._orders.values():
            for variant, quantity, _ in _lines(row["lines"]):
                bought[variant] += quantity
        for row in self._stock:
            variant = row["variant_id"]
            if (
                variant in self._shops.kept
                and row["on_hand"] == SCARCE
                and row["reserved"] != bought[variant]
            ):
                self.findings.append(
                    f"{bought[variant]} of {variant} were bought, {row['reserved']} are reserved"
                )
        pieces = {variant: n for variant, n in bought.items() if variant in self._shops.kept}
        self._counted["pieces bought of what is set aside"] = sum(pieces.values())
        self.findings += [
            f"{n} of {variant} were bought of {SCARCE}" for variant, n in pieces.items() if n > SCARCE
        ]

    # ── cards ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _cards(self) -> None:
        """What the provider took and gave back is in the shop's books once, and nothing else is."""
        for intent in self._provider.intents.values():
            kind, own_id = intent.subject
            booked = (
                self._topups[own_id]
                if kind == "topup"
                else self._transfers[str(derived_uuid("payments.card", own_id, intent.ref))]
            )
            paid = intent.status == "succeeded"
            self._counted[f"paid at the provider ({kind})"] += paid
            if booked != paid:
                self.findings.append(
                    f"{kind} {own_id} is {intent.status} at the provider, booked {booked} times"
                )
        theirs = {one["metadata"]["refund_id"]: one for one in self._provider.refunds.values()}
        for key, row in self._refunds.items():
            self._counted[f"card refunds {row['state']}"] += 1
            if (row["state"] == "succeeded") != (key in theirs):
                self.findings.append(
                    f"refund {key} is {row['state']} here, at the provider: {theirs.get(key)}"
                )
            booked = self._transfers[str(derived_uuid("payments.card_refund", row["seller_id"], key))]
            if row["state"] == "succeeded" and booked != 1:
                self.findings.append(f"refund {key} was booked {booked} times")
        self.findings += [
            f"the provider gave {one} back and nobody asked" for one in theirs.keys() - self._refunds.keys()
        ]
        for ask in self._asks:
            if ask.op == "refund" and ask.done and ask.key not in self._refunds:
                self.findings.append(f"refund {ask.key} was acknowledged and is not there")
        self._counted.update(self._provider.counted)
        for row in self._webhooks:
            self._counted[f"webhooks kept as {row['outcome']}"] = row["many"]


def _lines(numbers: Sequence[int]) -> list[tuple[int, int, int]]:
    """(variant, quantity, unit price) of an order's row."""
    return [(numbers[n], numbers[n + 1], numbers[n + 2]) for n in range(0, len(numbers), 6)]
