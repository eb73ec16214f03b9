"""Promises that were given: taking them up, looking at them again, what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.kernel.ids import derived_uuid
from halles.promises.api.lanes import Ways
from halles.promises.rules.days import local_day
from halles.promises.rules.history import Past
from halles.promises.rules.judging import blame
from halles.promises.rules.quoting import promise_of
from halles.promises.rules.tracking import fold, took
from halles.promises.rules.transit import plain_legs
from halles.promises.store import lanes as lane_store
from halles.promises.store import watches as store
from halles.promises.store.watches import KeptRow, Key, Standing
from halles.promises.types import PromiseShifted, Watch, WatchState

OrderKey = tuple[int, UUID]
"""(seller, order)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWatch:
    """A promise to take up. `lane_id` 0: not known."""

    seller_id: int
    order_id: UUID
    owner_id: int
    lane_id: int
    placed_at: datetime
    promised_on: date
    deadline: date


async def note_fresh(tx: Tx, keys: Collection[OrderKey]) -> None:
    """Orders were placed: their promises are to be watched, when there is time. One statement for all of them."""
    await tx.run(store.NOTE_FRESH, _params(keys))


async def fresh(tx: Tx, limit: int) -> list[OrderKey]:
    """Some orders that nobody watches yet."""
    return [_key(row) for row in await tx.all(store.FRESH, {"limit": limit})]


async def begin(tx: Tx, new: Sequence[NewWatch], keys: Collection[OrderKey], now: datetime) -> None:
    """Watch promises from now on; those that are watched already stay as they are. `keys`: no longer fresh. Two statements."""
    if new:
        await tx.run(
            store.BEGIN,
            {
                "sellers": [one.seller_id for one in new],
                "order_ids": [one.order_id for one in new],
                "owners": [one.owner_id for one in new],
                "lanes": [one.lane_id for one in new],
                "placed": [one.placed_at for one in new],
                "promised": [one.promised_on for one in new],
                "deadlines": [one.deadline for one in new],
                "due": [now] * len(new),
            },
        )
    await tx.run(store.DROP_FRESH, _params(keys))


async def watches(tx: Tx, keys: Collection[OrderKey]) -> dict[UUID, Watch]:
    """The watches of these orders, by order; absent while it is too young. One statement."""
    if not keys:
        return {}
    return {watch.order_id: watch for watch in await tx.all(store.WATCHES, _params(keys))}


async def lock(tx: Tx, keys: Collection[OrderKey]) -> dict[UUID, Watch]:
    """As `watches`, locked in order until the transaction ends: read what they hang on after this. One statement."""
    return {watch.order_id: watch for watch in await tx.all(store.LOCK, _params(keys))} if keys else {}


async def due(tx: Tx, now: datetime, limit: int) -> list[OrderKey]:
    """Orders whose promise is to be looked at again, the longest waiting first."""
    return [_key(row) for row in await tx.all(store.DUE, {"now": now, "limit": limit})]


async def save(tx: Tx, changed: Sequence[tuple[Watch, Watch]]) -> list[Watch]:
    """Keep what looking found at locked watches: (before, after) pairs. Tells of those that became at risk, missed, or safe
    again. At most two statements."""
    if not changed:
        return []
    after = sorted((pair[1] for pair in changed), key=lambda one: (one.seller_id, one.order_id))
    before = {was.order_id: was for was, _ in changed}
    saved = set(await tx.all(store.SAVE, _columns(after)))
    kept = [one for one in after if one.order_id in saved]
    events = [_shift(before[one.order_id], one) for one in kept]
    await outbox.append(tx, [event for event in events if event is not None])
    return kept


def _shift(was: Watch, now: Watch) -> PromiseShifted | None:
    state = WatchState(now.state)
    if was.state == now.state or not state.open:
        return None
    assert state.confidence is not None
    return PromiseShifted(
        seller_id=now.seller_id,
        order_id=now.order_id,
        owner_id=now.owner_id,
        state=state.confidence,
        first=now.told != was.told,
        expected_on=now.expected_on,
    )


def _columns(found: Sequence[Watch]) -> dict[str, object]:
    return {
        "sellers": [one.seller_id for one in found],
        "order_ids": [one.order_id for one in found],
        "versions": [one.version for one in found],
        "states": [int(one.state) for one in found],
        "chances": [float(one.chance) for one in found],
        "expected": [one.expected_on for one in found],
        "due": [one.due_at for one in found],
        "delivered": [one.delivered_on for one in found],
        "closed": [one.closed_on for one in found],
        "causes": [one.cause or "" for one in found],
        "owners": [one.owner or "" for one in found],
        "told": [one.told for one in found],
        "took": [_text(one.took) for one in found],
        "lanes": [one.lane_id for one in found],
        "owner_ids": [one.owner_id for one in found],
    }


async def worried(
    tx: Tx, seller_id: int, *, after: tuple[date, UUID] | None = None, limit: int = 50
) -> list[Watch]:
    """Promises at risk or missed whose goods are on their way, the nearest deadline first. One statement."""
    params = {
        "after_day": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    return await tx.all(store.WORRIED, {"seller_id": seller_id, **params})


async def open_counts(tx: Tx, seller_id: int) -> dict[WatchState, int]:
    """How many promises on their way stand how. One statement."""
    rows = await tx.all(store.OPEN_COUNTS, {"seller_id": seller_id})
    return {WatchState(row.state): row.orders for row in rows}


async def open_on(tx: Tx, seller_id: int, lane_ids: Collection[int], limit: int) -> tuple[int, list[Watch]]:
    """How many promises of these lanes are on their way, and the first of them by deadline. Two statements."""
    params = {"seller_id": seller_id, "lane_ids": sorted(lane_ids)}
    found = await tx.all(store.OPEN_ON, {**params, "limit": limit})
    return (await tx.one(store.COUNT_ON, params) if len(found) == limit else len(found)), found


async def wake(tx: Tx, seller_id: int | None, lane_ids: Collection[int], now: datetime) -> int:
    """Have the open promises of these lanes looked at again as soon as the worker can: what their way is made of changed. Those
    that somebody looks at right now are left to them. Gives how many. One statement."""
    params = {"seller_id": seller_id, "lane_ids": sorted(lane_ids), "now": now}
    return await tx.run(store.WAKE, params) if lane_ids else 0


async def kept(tx: Tx, seller_id: int, since: date) -> list[KeptRow]:
    """What became of the promises of orders that arrived since a day, by lane and cause. One statement."""
    return await tx.all(store.KEPT, {"seller_id": seller_id, "since": since})


async def learn(tx: Tx, since: date) -> int:
    """Count anew what legs took, of orders that arrived since a day; lanes promise accordingly within seconds. Gives how many
    rows. Two statements, repeatable."""
    await tx.run(lane_store.FORGET_TOOK, {"since": since})
    return await tx.run(lane_store.LEARN_TOOK, {"since": since})


async def standing(tx: Tx) -> list[Standing]:
    """Every promise that is or was watched, in short; state 0: not taken up yet. One statement over everything."""
    return await tx.all(store.STANDING)


async def import_history(tx: Tx, seller_id: int, history: Sequence[Past], ways: Ways) -> int:
    """Keep what an earlier system delivered, as if it had been promised here: lanes learn from it, and the kept share shows it.
    Orders of no lane are left out. Gives how many are kept. Repeating it adds nothing. Three statements."""
    lanes = {(x.origin, x.country): x for x in ways.lanes if x.seller_id == seller_id}
    rows: list[tuple[object, ...]] = []
    days: list[date] = []
    for past in history:
        lane = lanes.get((past.origin, past.country))
        if lane is None:
            continue
        progress = fold(past.scans)
        spent = took(lane, progress, ways.calendar, past.placed_at)
        promise = promise_of(lane, ways.calendar, past.placed_at)
        deadline = past.promised_by or promise.deadline
        arrived = local_day(past.delivered_at, plain_legs(lane)[-1].timezone)
        late = arrived > deadline
        cause, owner = blame(lane, spent) if late else (None, None)
        order_id = derived_uuid("promises.history", seller_id, past.order_id)
        state = WatchState.WAS_MISSED if late else WatchState.WAS_KEPT
        rows.append(
            (order_id, lane.lane_id, past.placed_at, min(promise.date, deadline), deadline, int(state), arrived, cause or "",
             owner or "", _text(spent))
        )  # fmt: skip
        days.append(arrived)
    if not rows:
        return 0
    names = (
        "order_ids",
        "lanes",
        "placed",
        "promised",
        "deadlines",
        "states",
        "delivered",
        "causes",
        "owners",
        "took",
    )
    sets: Mapping[str, object] = {
        name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    made = await tx.run(store.IMPORT, {"seller_id": seller_id, **sets})
    await learn(tx, min(days) - timedelta(days=1))
    return made


def _text(took_days: Sequence[int] | None) -> str:
    return "" if took_days is None else ",".join(map(str, took_days))


def _params(keys: Collection[OrderKey]) -> dict[str, object]:
    ordered = sorted(keys)
    return {"sellers": [key[0] for key in ordered], "order_ids": [key[1] for key in ordered]}


def _key(row: Key) -> OrderKey:
    return row.seller_id, row.order_id
