"""The door of letters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from uuid import UUID

from halles.kernel.db import Tx
from halles.letters import rules, store
from halles.letters.types import (
    WITHDRAWAL_DAYS,
    Backlog,
    Kind,
    Letter,
    LetterState,
    NewLetter,
    NoSuchLetter,
    Terms,
    TermsChangedMeanwhile,
)

LEASE = timedelta(minutes=10)
"""How long a worker has a letter before another may take it: longer than a mail server may think about a few."""


async def queue(tx: Tx, found: Collection[NewLetter], now: datetime) -> None:
    """Letters that are to be sent; those that stand already stay as they are, but for one that waited for its order's payment:
    it is due. One statement for a set."""
    ordered = sorted({(x.seller_id, x.order_id, int(x.kind), x.cause) for x in found})
    if ordered:
        await tx.run(store.QUEUE, {**_keys(ordered), "now": now})


async def claim(tx: Tx, now: datetime, limit: int) -> list[Letter]:
    """Take letters that are due, the longest waiting first; nobody else has them for LEASE. Two statements."""
    due = await tx.all(store.DUE, {"now": now, "limit": limit})
    if not due:
        return []
    keys = sorted((x.seller_id, x.order_id, x.kind, x.cause) for x in due)
    return await tx.all(store.CLAIM, {**_keys(keys), "now": now, "until": now + LEASE})


def _keys(keys: Sequence[tuple[int, UUID, int, UUID]]) -> dict[str, list[object]]:
    names = ("sellers", "order_ids", "kinds", "causes")
    return {name: list(column) for name, column in zip(names, zip(*keys, strict=True), strict=True)}


async def end(tx: Tx, letter: Letter, state: LetterState, now: datetime, why: str | None = None) -> bool:
    """A claimed letter is sent, moot or parked; False when its claim ran out and somebody else has it. One statement."""
    mine = {**_name(letter), "claims": letter.claims}
    return await tx.run(store.END, {**mine, "state": int(state), "why": why, "now": now}) == 1


async def await_payment(tx: Tx, letter: Letter, until: datetime) -> None:
    """The order of a claimed letter is not paid: the letter is due when it is (`queue`), at the latest at `until`. One
    statement."""
    mine = {**_name(letter), "claims": letter.claims, "failures": letter.failures}
    await tx.run(store.PUT_OFF, {**mine, "due_at": until, "unpaid": True, "why": None})


async def put_off(tx: Tx, letter: Letter, until: datetime) -> None:
    """A claimed letter could not be tried at all: it is due again at `until`. One statement."""
    mine = {**_name(letter), "claims": letter.claims, "failures": letter.failures}
    await tx.run(store.PUT_OFF, {**mine, "due_at": until, "unpaid": False, "why": letter.why})


async def fail(tx: Tx, letter: Letter, now: datetime, why: str) -> LetterState:
    """A claimed letter failed: it is tried again later, or parked after the last of the tries. One statement."""
    after = replace(letter, failures=letter.failures + 1)
    wait = rules.pause(after.failures)
    if wait is None:
        await end(tx, after, LetterState.PARKED, now, why)
        return LetterState.PARKED
    mine = {**_name(letter), "claims": letter.claims, "failures": after.failures}
    await tx.run(store.PUT_OFF, {**mine, "due_at": now + wait, "unpaid": False, "why": why})
    return LetterState.WAITING


async def parked(tx: Tx, seller_id: int, limit: int = 100) -> list[Letter]:
    """What a person has to look at, the longest waiting first. One statement."""
    return await tx.all(store.PARKED, {"seller_id": seller_id, "limit": limit})


async def backlog(tx: Tx, now: datetime) -> Backlog:
    """How far letters are behind, of all sellers. One statement."""
    return await tx.one(store.BACKLOG, {"now": now})


async def count_waiting(tx: Tx, seller_id: int, now: datetime) -> int:
    """How many letters of a seller are due. One statement."""
    return await tx.one(store.WAITING, {"seller_id": seller_id, "now": now})


async def of_order(tx: Tx, seller_id: int, order_id: UUID) -> list[Letter]:
    """The letters of an order, the oldest first. One statement."""
    return await tx.all(store.OF_ORDER, {"seller_id": seller_id, "order_id": order_id})


async def retry(tx: Tx, seller_id: int, order_id: UUID, kind: Kind, cause: UUID, now: datetime) -> None:
    """A parked letter is due again, with all its tries. One statement. Raises NoSuchLetter."""
    key = {"seller_id": seller_id, "order_id": order_id, "kind": int(kind), "cause": cause}
    if not await tx.run(store.RETRY, {**key, "now": now}):
        raise NoSuchLetter("No mail of this order is parked.", order_id=str(order_id), kind=kind.word)


async def retry_all(tx: Tx, seller_id: int, now: datetime) -> int:
    """All parked letters of a seller are due again; how many. One statement."""
    return await tx.run(store.RETRY_ALL, {"seller_id": seller_id, "now": now})


async def terms(tx: Tx, sellers: Collection[int]) -> dict[int, Terms]:
    """What each of these sellers wants said; who never said anything has version 0. One statement."""
    known = {row.seller_id: row for row in await tx.all(store.TERMS, {"sellers": sorted(set(sellers))})}
    return {one: known.get(one) or _usual(one) for one in sellers}


def _usual(seller_id: int) -> Terms:
    return Terms(
        seller_id=seller_id, off=[], legal="", withdrawal_days=WITHDRAWAL_DAYS, withdrawal_fr="", withdrawal_en="", version=0
    )  # fmt: skip


async def save_terms(tx: Tx, wanted: Terms, now: datetime) -> Terms:
    """Keep what a seller wants said, if it stands as `version` says it was read. At most two statements. Raises
    TermsChangedMeanwhile; the same terms sent again are no change."""
    saved = await tx.first(store.SAVE_TERMS, {**asdict(wanted), "now": now})
    if saved is None:
        saved = (await terms(tx, [wanted.seller_id]))[wanted.seller_id]
        if replace(saved, version=wanted.version) != wanted:
            raise TermsChangedMeanwhile(
                "Somebody changed this meanwhile. Read it again; nothing was changed."
            )
    return saved


def _name(letter: Letter) -> dict[str, object]:
    return {
        "seller_id": letter.seller_id,
        "order_id": letter.order_id,
        "kind": letter.kind,
        "cause": letter.cause,
    }
