"""One batch on one connection: lock and read in one round trip, decide, write and commit in another.

PostgreSQL works on one statement while the next is being encoded. Locks are taken in the one order that every writer of the
product keeps: the gate of the shoppers' accounts (shared, so that none is closed meanwhile), reservations, then stock by (seller,
location, variant), then accounts by (owner, account). What stands under the batch's ids is read after the locks, so that a batch
of another process with the same orders is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.flash import api as flash
from halles.flash.types import RunningSale
from halles.identity.api import closing
from halles.inventory import api as inventory
from halles.journeys.checkout import fence_sets, rules, writes
from halles.journeys.checkout.facts import Facts
from halles.journeys.checkout.types import (
    Accepted,
    Answer,
    Command,
    Existing,
    Kept,
    NotHere,
    Outcome,
    Placed,
    PlacedPart,
    Repeated,
    Sourcing,
    Total,
    World,
)
from halles.kernel.arrays import bigints, texts, uuids
from halles.kernel.db import Statement, command
from halles.kernel.lease import EPOCHS, Member
from halles.kernel.pipe import Pipe
from halles.orders import api as orders
from halles.orders.types import OrderState, PaymentState
from halles.pricing import api as pricing
from halles.wallet import api as wallet

SESSION_SETTINGS = """set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set lock_timeout = '5s';
set idle_in_transaction_session_timeout = '30s'"""
"""Every statement joins a short set to a primary key: plan it once, and never to read a table through."""
KINDS = ("orders.placing", "inventory.moving", "wallet.holding")
"""The composite types that a batch sends."""

_MANY = 16
"""Orders from which on it pays that PostgreSQL works on one set while the next is encoded; fewer go out in one piece."""

CELLS = 16
"""Shares of the work: a seller's orders belong to cell seller_id mod CELLS."""
POOL = "orders"

_BEGIN, _COMMIT, _ROLLBACK = command("begin"), command("commit"), command("rollback")


async def run_batch(
    pipe: Pipe, facts: Facts, commands: Sequence[Command], now: datetime, member: Member | None = None
) -> list[Outcome | BaseException]:
    """Decide a batch and commit what is accepted; an answer a command. Leaves no transaction open unless it raises.

    `member`: whose shares of the work these are; raises NotHere, with nothing done, when another holds one by now.
    """
    pipe.eager = len(commands) >= _MANY
    world = await _read(pipe, facts, commands, now, member)
    answers = rules.decide(commands, world)
    accepted = [answer for answer in answers if type(answer) is Accepted]
    if accepted:
        fees = {sub.seller_id: facts.fee_bp(sub.seller_id) for one in accepted for sub in one.subs}
        writes.send(pipe, accepted, fees, world.takings, now)
        if world.fences is not None:
            fence_sets.send(pipe, accepted)
        pipe.send(_COMMIT)
    else:
        pipe.send(_ROLLBACK)
    await pipe.sync()
    return [_outcome(answer, now) for answer in answers]


async def _read(
    pipe: Pipe, facts: Facts, commands: Sequence[Command], now: datetime, member: Member | None
) -> World:
    """Begin, lock reservations, stock, sales, accounts, in this order, then read."""
    wanted = {
        (part.seller_id, line.variant_id, command.order.currency, command.country)
        for command in commands
        for part in command.parts
        for line in part.lines
    }
    pipe.send(_BEGIN)
    pipe.send(closing.HOLD, stripes=bigints(closing.stripes(command.owner_id for command in commands)))
    kept = await _reservations(pipe, commands)
    reserved = {(one.seller_id, item[1]) for one in kept.values() for item in one.items} if kept else ()
    articles = sorted({key[:2] for key in wanted}.union(reserved))
    sellers = sorted({key[0] for key in articles})
    sales, fences = facts.sales(articles), facts.fences(articles)
    asking = _Asking(pipe)
    _ask_locks(asking.ask, articles, sales, commands)
    if fences:
        fence_sets.ask(asking.ask, fences, commands)
    _ask_rest(asking.ask, sellers, commands)
    if member is not None:
        cells = bigints(sorted({seller_id % CELLS for seller_id in sellers}))
        asking.ask("epochs", EPOCHS, pool=POOL.encode(), shares=cells)
    if facts.has_rules():
        day = now.date().isoformat().encode()
        asking.ask("packed", inventory.PACKED, sellers=bigints(sellers), day=day)
    found = await asking.answers()
    if member is not None:
        await _still_ours(pipe, commands, dict(found["epochs"]), member)
    levels, countries = found["levels"], {command.country for command in commands}
    return World(
        now=now,
        existing=_existing(found["existing"]),
        stock=_stock(levels, facts),
        funds={(row[0], row[1]): (row[2], row[3]) for row in found["funds"]},
        prices=await facts.prices(dict(found["versions"]), wanted, now),
        articles=facts.articles(articles),
        offers=await facts.offers({(row[0], row[1], where) for row in levels for where in countries}, now),
        kept=kept,
        sourcing=_sourcing(facts, commands, sellers, found["packed"]) if "packed" in found else {},
        unpaid=dict(found.get("unpaid", ())),
        closed=frozenset(row[0] for row in found["closed"]),
        takings=flash.takings(sales, found["counters"], found["taken"], now) if sales else None,
        fences=fence_sets.read(fences, found, facts.touchpoints(_codes(commands))) if fences else None,
    )


class _Asking:
    """Statements sent by name, and their rows by name."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe, self._names = pipe, list[str]()

    def ask(self, name: str, statement: Statement[Any], **values: bytes) -> None:
        self._names.append(name)
        self._pipe.send(statement, **values)

    async def answers(self) -> dict[str, list[tuple[Any, ...]]]:
        """What was sent before the first of them answers nothing."""
        results = await self._pipe.sync()
        return dict(zip(self._names, results[-len(self._names) :], strict=True))


Ask = Callable[..., None]


def _ask_locks(
    ask: Ask,
    articles: Sequence[tuple[int, int]],
    sales: Sequence[RunningSale],
    commands: Sequence[Command],
) -> None:
    """Stock, sales, accounts: in the order of every writer."""
    sellers, variants = bigints([key[0] for key in articles]), bigints([key[1] for key in articles])
    ask("levels", inventory.LOCK, sellers=sellers, variants=variants)
    if sales:
        _ask_sales(ask, sales, commands)
    payers = sorted({(c.owner_id, c.order.currency) for c in commands if c.order.payment == "wallet"})
    owners, currencies = bigints([key[0] for key in payers]), texts([key[1] for key in payers])
    ask("funds", wallet.LOCK_MAIN, owners=owners, currencies=currencies)


def _ask_rest(ask: Ask, sellers: Sequence[int], commands: Sequence[Command]) -> None:
    """What stands under the batch's ids, the versions of prices, whose accounts are closed, and what payers by card have not
    paid yet."""
    ask(
        "existing",
        orders.EXISTING,
        order_ids=uuids([key for command in commands for key in command.ids]),
        sellers=bigints([part.seller_id for command in commands for part in command.parts]),
    )
    ask("versions", pricing.VERSIONS, sellers=bigints(sellers))
    ask("closed", closing.CLOSED, parties=bigints(sorted({command.owner_id for command in commands})))
    by_card = sorted({c.owner_id for c in commands if c.order.payment == "card"})
    if by_card:
        ask("unpaid", orders.UNPAID, sellers=bigints(sellers), owners=bigints(by_card))


def _ask_sales(ask: Ask, sales: Sequence[RunningSale], commands: Sequence[Command]) -> None:
    """Lock the counters of these flash sales, and what each customer of the batch took of them."""
    counters = sorted({(sale.seller_id, sale.sale_id.bytes) for sale in sales})
    by_article = {(sale.seller_id, sale.variant_id): sale.sale_id.bytes for sale in sales}
    taken = sorted(
        {
            (part.seller_id, sale_id, command.owner_id)
            for command in commands
            for part in command.parts
            for line in part.lines
            if (sale_id := by_article.get((part.seller_id, line.variant_id))) is not None
        }
    )
    ask(
        "counters",
        flash.LOCK_SALES,
        sellers=bigints([key[0] for key in counters]),
        sales=uuids([key[1] for key in counters]),
    )
    ask(
        "taken",
        flash.LOCK_TAKEN,
        sellers=bigints([key[0] for key in taken]),
        sales=uuids([key[1] for key in taken]),
        owners=bigints([key[2] for key in taken]),
    )


def _sourcing(
    facts: Facts, commands: Sequence[Command], sellers: Iterable[int], packed: Iterable[tuple[Any, ...]]
) -> dict[int, Sourcing]:
    return facts.sourcing(sellers, packed, _codes(commands))


def _codes(commands: Sequence[Command]) -> set[str]:
    """The touchpoints that these orders name."""
    return {command.order.touchpoint for command in commands if command.order.touchpoint}


async def _reservations(pipe: Pipe, commands: Sequence[Command]) -> dict[tuple[int, bytes], Kept]:
    """What reserved baskets keep, locked before the stock, in a round trip of its own; without any, none."""
    named = sorted(
        {(part.seller_id, key.bytes) for c in commands if (key := c.order.reservation) for part in c.parts}
    )
    if not named:
        return {}
    pipe.send(
        inventory.LOCK_RESERVATIONS,
        sellers=bigints([key[0] for key in named]),
        reservation_ids=uuids([key[1] for key in named]),
    )
    rows = (await pipe.sync())[-1]
    found = [Kept(row[0], row[1].bytes, row[2], list(zip(*[iter(row[3])] * 3, strict=True))) for row in rows]
    return {(one.seller_id, one.reservation_id): one for one in found}


async def _still_ours(
    pipe: Pipe, commands: Sequence[Command], epochs: Mapping[int, int], member: Member
) -> None:
    """Raises NotHere when the cell of one of these orders has another holder than `member`, or had one meanwhile."""
    for cell in {one.order.seller_id % CELLS for one in commands}:
        if member.held.get(cell) != epochs.get(cell):
            member.lost(cell)
            pipe.send(_ROLLBACK)
            await pipe.sync()
            raise NotHere("Another process places this seller's orders by now; send the same order again.")


def _existing(rows: Iterable[tuple[Any, ...]]) -> dict[bytes, Existing]:
    return {
        order_id.bytes: Existing(seller_id, owner_id, bytes(fingerprint), *rest)
        for order_id, seller_id, owner_id, fingerprint, *rest in rows
    }


def _stock(
    rows: Iterable[tuple[Any, ...]], facts: Facts
) -> dict[tuple[int, int], list[tuple[int, str, int]]]:
    stock: dict[tuple[int, int], list[tuple[int, str, int]]] = {}
    for seller_id, location_id, variant_id, sellable in rows:
        level = (location_id, facts.lane(seller_id, location_id), sellable)
        stock.setdefault((seller_id, variant_id), []).append(level)
    return stock


def _outcome(answer: Answer, now: datetime) -> Outcome | BaseException:
    if isinstance(answer, Accepted):
        pay_by = None if answer.account_id else now + writes.PAY_WITHIN
        payment = "held" if answer.account_id else "pending"
        return Outcome(_placed(answer.command, "placed", payment, answer.total_minor, now, pay_by), True)
    if isinstance(answer, Repeated):
        before = answer.existing
        state, payment = OrderState(before.state).word, PaymentState(before.payment).word
        placed = _placed(answer.command, state, payment, answer.total_minor, before.placed_at, before.pay_by)
        return Outcome(placed, False)
    return answer


def _placed(
    command: Command, state: str, payment: str, total_minor: int, placed_at: datetime, pay_by: datetime | None
) -> Placed:
    order = command.order
    parts = () if len(command.ids) == 1 else _parts(command)
    total = Total(total_minor, order.currency)
    return Placed(
        order.order_id, orders.number(order.order_id), state, payment, total, placed_at, pay_by, parts
    )


def _parts(command: Command) -> tuple[PlacedPart, ...]:
    ids = [UUID(bytes=key) for key in command.ids]
    return tuple(
        PlacedPart(seller_id=part.seller_id, order_id=order_id, number=orders.number(order_id))
        for part, order_id in zip(command.parts, ids, strict=True)
    )
