"""Promises against the orders that they were given with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from halles.journeys.doctor.types import Finding
from halles.kernel import outbox
from halles.kernel.db import Database
from halles.orders import api as orders
from halles.orders.types import OrderState
from halles.promises import api as promises
from halles.promises.types import WatchState

_ON_THE_WAY = frozenset({OrderState.PLACED, OrderState.PACKED, OrderState.SHIPPED})


async def promises_of(db: Database) -> tuple[dict[str, int], list[Finding]]:
    """What was counted and found, on a snapshot of its own: three queries over everything.

    While events wait to be delivered, only what no event can mend is looked for.
    """
    async with db.snapshot() as tx:
        placed = await orders.promised(tx)
        watches = {one.order_id: one for one in await promises.standing(tx)}
        quiet = (await outbox.backlog(tx)).lag_s == 0
    open_ = sum(0 < one.state <= WatchState.MISSED for one in watches.values())
    counted = {"promises on their way": open_} if watches else {}
    return counted, compare(placed, watches, quiet=quiet)


def compare(
    placed: Sequence[orders.Promised], watches: Mapping[UUID, promises.Standing], *, quiet: bool
) -> list[Finding]:
    """Every order on its way has its promise watched, with the day that was promised; a watch is open as long as its order is,
    and will be looked at again. `quiet`: every event has been delivered. Pure."""
    found: list[Finding] = []
    for order in placed:
        watch = watches.get(order.order_id)
        for check, text in _faults(order, watch, quiet=quiet):
            found.append(Finding(check=f"promise.{check}", subject=f"order {order.order_id}", text=text))
    return found


def _faults(order: orders.Promised, watch: promises.Standing | None, *, quiet: bool) -> list[tuple[str, str]]:
    here = order.state.word
    if watch is None:
        alone = quiet and order.state in _ON_THE_WAY
        return [("watched", f"it is {here}, and nobody watches its promise")] if alone else []
    if watch.state == 0:
        return []
    state, found = WatchState(watch.state), list[tuple[str, str]]()
    if watch.deadline != order.deadline:
        found.append(("deadline", f"it was promised by {order.deadline}, but {watch.deadline} is watched"))
    if state.open and not watch.due:
        found.append(("due", "its promise is open and will never be looked at again"))
    if quiet and order.state in _ON_THE_WAY and state is WatchState.ENDED:
        found.append(("state", f"it is {here}, but its promise has ended"))
    if quiet and state.open and order.state not in _ON_THE_WAY:
        found.append(("state", f"it is {here}, but its promise is still open"))
    if quiet and order.state is OrderState.DELIVERED and watch.delivered_on is None:
        found.append(("delivered", "it was delivered, but its promise knows no day of it"))
    return found
