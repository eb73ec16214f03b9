"""What a batch asks and writes of ring-fences, through its pipeline; nothing for articles without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from halles.inventory import api as inventory
from halles.inventory.types import ChannelKind, RingFence
from halles.journeys.checkout.types import Accepted, Command, FenceKept, Fences
from halles.kernel.arrays import bigints, uuids
from halles.kernel.pipe import Pipe
from halles.places.types import Touchpoint


def ask(send: Callable[..., None], known: Sequence[RingFence], commands: Sequence[Command]) -> None:
    """What fences keep, and who is in which group where one of them is for a group; after the stock is locked."""
    articles = sorted({(fence.seller_id, fence.variant_id) for fence in known})
    sellers = bigints([key[0] for key in articles])
    send("fences", inventory.KEPT_BY_FENCES, sellers=sellers, variants=bigints([key[1] for key in articles]))
    by_group = sorted({fence.seller_id for fence in known if fence.channel == ChannelKind.GROUP})
    if by_group:
        owners = bigints(sorted({command.owner_id for command in commands}))
        send("groups", inventory.GROUPS_OF, sellers=bigints(by_group), owners=owners)


def read(
    known: Sequence[RingFence],
    found: Mapping[str, Sequence[tuple[Any, ...]]],
    touchpoints: Mapping[str, Touchpoint],
) -> Fences:
    """The answers to `ask`. What a fence keeps that is not `known` yet is kept from everybody all the same."""
    by_id = {(fence.seller_id, fence.fence_id): fence for fence in known}
    kept: dict[tuple[int, int], list[FenceKept]] = {}
    for seller_id, variant_id, location_id, fence_id, pieces in found["fences"]:
        fence = by_id.get((seller_id, fence_id))
        if fence is not None:
            kept.setdefault((seller_id, variant_id), []).append(FenceKept(fence, location_id, pieces))
    for rows in kept.values():
        rows.sort(key=lambda one: (one.fence.rank, one.location_id))
    groups: dict[tuple[int, int], list[UUID]] = {}
    for seller_id, owner_id, group_id in found.get("groups", ()):
        groups.setdefault((seller_id, owner_id), []).append(group_id)
    return Fences(kept, groups, touchpoints)


def send(pipe: Pipe, accepted: Iterable[Accepted]) -> None:
    """What the batch's orders took of fences."""
    uses = [use for one in accepted for use in one.fenced]
    if uses:
        pipe.send(
            inventory.TAKE_OF_FENCES,
            sellers=bigints([use.seller_id for use in uses]),
            variants=bigints([use.variant_id for use in uses]),
            orders=uuids([use.order_id for use in uses]),
            fences=uuids([use.fence_id for use in uses]),
            locations=bigints([use.location_id for use in uses]),
            quantities=bigints([use.quantity for use in uses]),
        )
