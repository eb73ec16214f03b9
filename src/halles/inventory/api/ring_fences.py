"""Stock kept for one channel: made, filled as stock is there, changed, ended; each verb locks the fence and its stock.

Locks in this order: the fence's row, then the article's stock. Orders lock the stock alone, and take from items under that lock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from halles.inventory import rules, store
from halles.inventory.store import fences as sql
from halles.inventory.store.fences import Fenced, FenceItem, FenceTally
from halles.inventory.types import (
    CustomerGroup,
    FenceIdReused,
    FenceOver,
    GroupNameTaken,
    NoSuchFence,
    NoSuchGroup,
    RingFence,
)
from halles.kernel.arrays import Bigints, Uuids
from halles.kernel.db import Tx


async def make_fence(tx: Tx, fence: RingFence, now: datetime) -> None:
    """Keep stock for a channel; what is missing is taken as it becomes free. A repeat changes nothing. At most five queries.

    Raises BadFence, FenceIdReused.
    """
    rules.check_fence(fence, now)
    fields = (
        "seller_id", "fence_id", "channel", "channel_key", "variant_id", "location_id", "quantity", "starts_at", "ends_at",
        "note", "made_by", "made_at",
    )  # fmt: skip
    if not await tx.run(sql.INSERT_FENCE, {name: getattr(fence, name) for name in fields}):
        stands = await _locked(tx, fence.seller_id, fence.fence_id)
        if _body(stands) != _body(fence):
            raise FenceIdReused("Make a new id for this ring-fence.", fence_id=str(fence.fence_id))
        return
    await _work(tx, fence, now)


def _body(fence: RingFence) -> tuple[object, ...]:
    return (
        fence.channel,
        fence.channel_key,
        fence.variant_id,
        fence.location_id,
        fence.starts_at,
        fence.note,
    )


async def change_fence(
    tx: Tx, seller_id: int, fence_id: UUID, *, quantity: int, ends_at: datetime | None, now: datetime
) -> RingFence:
    """Keep more or fewer, for longer or shorter. Six queries. Raises NoSuchFence, FenceOver, BadFence."""
    fence = await _locked(tx, seller_id, fence_id)
    over = fence.over_at
    if fence.settled_at is not None or (over is not None and over <= now):
        raise FenceOver("This ring-fence has ended; make a new one.", fence_id=str(fence_id))
    changed = replace(fence, quantity=quantity, ends_at=ends_at)
    sellable = await _lock_stock(tx, changed)
    items = await _items(tx, changed)
    rules.check_fence(changed, now, sold=sum(item.sold for item in items))
    params = {"seller_id": seller_id, "fence_id": fence_id, "quantity": quantity, "ends_at": ends_at}
    await tx.run(sql.CHANGE_FENCE, params)
    if changed.starts_at <= now:
        await _fit(tx, changed, items, sellable)
    return changed


async def end_fence(tx: Tx, seller_id: int, fence_id: UUID, now: datetime) -> RingFence:
    """Give back at once what the fence still keeps. A repeat changes nothing. Six queries. Raises NoSuchFence."""
    fence = await _locked(tx, seller_id, fence_id)
    if fence.settled_at is None:
        fence = replace(fence, ended_at=now)
        await _work(tx, fence, now)
        fence = replace(fence, settled_at=now)
    return fence


async def due_fences(tx: Tx, now: datetime, limit: int = 200) -> list[tuple[int, UUID]]:
    """(seller, fence) of those that are over and keep something still, or miss pieces that are free now. One query."""
    return [(row[0], row[1]) for row in await tx.all(sql.DUE_FENCES, {"now": now, "limit": limit})]


async def step_fence(tx: Tx, seller_id: int, fence_id: UUID, now: datetime) -> None:
    """What is due of a fence: fill it, or give back what it kept, once, whoever asks how often. At most six queries."""
    fence = await _locked(tx, seller_id, fence_id)
    if fence.settled_at is None:
        await _work(tx, fence, now)


async def standing_fences(tx: Tx, sellers: Collection[int]) -> list[RingFence]:
    """Fences that keep something, or will. One query."""
    return await tx.all(sql.STANDING_FENCES, {"sellers": Bigints(sorted(sellers))})


async def fences_page(
    tx: Tx, seller_id: int, *, over: bool, after: UUID | None = None, limit: int = 50
) -> list[RingFence]:
    """A seller's fences, the latest first. `over`: also those that have ended. One query."""
    params = {"seller_id": seller_id, "over": over, "after": after, "limit": limit}
    return await tx.all(sql.FENCES_PAGE, params)


async def fence_items(tx: Tx, seller_id: int, fences: Sequence[RingFence]) -> dict[UUID, list[FenceItem]]:
    """What these fences keep and have sold, by location. One query, none without fences."""
    found: dict[UUID, list[FenceItem]] = {fence.fence_id: [] for fence in fences}
    if fences:
        params = {
            "seller_id": seller_id,
            "variants": Bigints(sorted({fence.variant_id for fence in fences})),
            "fences": Uuids(sorted(found)),
        }
        for item in await tx.all(sql.FENCE_ITEMS, params):
            found[item.fence_id].append(item)
    return found


async def kept_of(tx: Tx, seller_id: int, variants: Collection[int]) -> list[FenceItem]:
    """What fences keep of these articles, by location. One query."""
    return await tx.all(sql.KEPT_OF, {"seller_id": seller_id, "variants": Bigints(sorted(variants))})


async def give_back(tx: Tx, orders: Collection[tuple[int, UUID]]) -> None:
    """What these (seller, order) had taken of fences that still stand is kept again; their stock is locked. One query."""
    params = {"sellers": Bigints(one[0] for one in orders), "orders": Uuids(one[1] for one in orders)}
    await tx.run(sql.GIVE_BACK, params)


async def groups(tx: Tx, seller_id: int) -> list[CustomerGroup]:
    """A seller's customer groups by name. One query."""
    return await tx.all(sql.GROUPS, {"seller_id": seller_id})


async def groups_of(tx: Tx, sellers: Collection[int], owner_id: int) -> list[tuple[int, UUID]]:
    """(seller, group) of the groups that a customer is in. One query."""
    rows = await tx.all(sql.GROUPS_OF, {"sellers": Bigints(sorted(sellers)), "owners": Bigints([owner_id])})
    return [(row[0], row[2]) for row in rows]


async def save_group(
    tx: Tx, seller_id: int, group_id: UUID, *, name: str, members: Collection[int], at: datetime
) -> None:
    """Make a customer group, or make it what this says; orders follow at once. Four queries. Raises GroupNameTaken."""
    key = {"seller_id": seller_id, "group_id": group_id}
    if await tx.one(sql.NAMESAKE, {**key, "name": name}):
        raise GroupNameTaken("Another group has this name.", name=name)
    await tx.run(sql.SAVE_GROUP, {**key, "name": name, "at": at})
    owners = Bigints(sorted(set(members)))
    await tx.run(sql.CLEAR_GROUP, {**key, "owners": owners})
    await tx.run(sql.FILL_GROUP, {**key, "owners": owners})


async def need_group(tx: Tx, seller_id: int, group_id: str) -> None:
    """Raises NoSuchGroup. One query."""
    if group_id not in {str(group.group_id) for group in await groups(tx, seller_id)}:
        raise NoSuchGroup("This seller has no such customer group.", group_id=group_id)


async def fenced(tx: Tx) -> list[Fenced]:
    """Every item with something ring-fenced. One query over everything."""
    return await tx.all(sql.FENCED)


async def fence_tallies(tx: Tx) -> list[FenceTally]:
    """Every fence's books. One query over everything."""
    return await tx.all(sql.FENCE_TALLIES)


async def _locked(tx: Tx, seller_id: int, fence_id: UUID) -> RingFence:
    found = await tx.first(sql.LOCK_FENCE, {"seller_id": seller_id, "fence_id": fence_id})
    if found is None:
        raise NoSuchFence("This seller has no such ring-fence.", fence_id=str(fence_id))
    return found


async def _work(tx: Tx, fence: RingFence, now: datetime) -> None:
    """Make a locked fence what it should be now."""
    over = fence.over_at
    ended = over is not None and over <= now
    if not ended and now < fence.starts_at:
        return
    sellable = await _lock_stock(tx, fence)
    items = await _items(tx, fence)
    if not ended:
        await _fit(tx, fence, items, sellable)
        return
    await _keep_less(tx, fence, {item.location_id: item.kept for item in items if item.kept})
    key = {"seller_id": fence.seller_id, "fence_id": fence.fence_id}
    await tx.run(sql.FALL, {**key, "variant_id": fence.variant_id})
    await tx.run(sql.SETTLE_FENCE, {**key, "at": now, "ended_at": over})


async def _lock_stock(tx: Tx, fence: RingFence) -> dict[int, int]:
    """What each of the fence's locations can sell, locked."""
    lock = {"sellers": Bigints([fence.seller_id]), "variants": Bigints([fence.variant_id])}
    rows = await tx.all(store.LOCK, lock)
    return {row[1]: row[3] for row in rows if fence.location_id in (None, row[1])}


async def _items(tx: Tx, fence: RingFence) -> list[FenceItem]:
    return (await fence_items(tx, fence.seller_id, [fence]))[fence.fence_id]


async def _fit(tx: Tx, fence: RingFence, items: Sequence[FenceItem], sellable: Mapping[int, int]) -> None:
    """Take what the fence misses and stock can give, or give back what is too much."""
    missing = fence.quantity - sum(item.kept + item.sold for item in items)
    if missing > 0 and (given := rules.spread(missing, sellable)):
        key = {"seller_id": fence.seller_id, "variant_id": fence.variant_id, "fence_id": fence.fence_id}
        await tx.run(sql.KEEP_MORE, {**key, **_pieces(given)})
    if missing < 0:
        kept = {item.location_id: item.kept for item in items}
        await _keep_less(tx, fence, rules.spread(-missing, kept))


async def _keep_less(tx: Tx, fence: RingFence, freed: Mapping[int, int]) -> None:
    if freed:
        key = {"seller_id": fence.seller_id, "variant_id": fence.variant_id, "fence_id": fence.fence_id}
        await tx.run(sql.KEEP_LESS, {**key, **_pieces(freed)})


def _pieces(given: Mapping[int, int]) -> dict[str, Bigints]:
    return {"locations": Bigints(sorted(given)), "pieces": Bigints(given[place] for place in sorted(given))}
