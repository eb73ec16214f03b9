"""Fences and groups with the names of what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from halles.catalog import api as catalog
from halles.catalog.types import VariantInfo
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.inventory.types import ChannelKind, RingFence
from halles.journeys.fulfilment.models import OptionModel
from halles.journeys.ring_fence.models import (
    FenceLocation,
    FenceModel,
    GroupModel,
    MemberModel,
    NamedChannel,
)
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.kernel.language import Language
from halles.orders import api as orders
from halles.places import api as places
from halles.places.types import Touchpoint


async def fences(
    tx: Tx, seller: SellerId, found: Sequence[RingFence], language: Language, now: datetime
) -> list[FenceModel]:
    """Five queries for any number, none for none."""
    if not found:
        return []
    items = await inventory.fence_items(tx, seller, found)
    variants = await catalog.load_variants(tx, seller, sorted({fence.variant_id for fence in found}))
    names = {place.location_id: place.name for place in await inventory.locations(tx, [seller])}
    called = await _names(tx, seller)
    return [
        _fence(fence, items[fence.fence_id], variants.get(fence.variant_id), names, called, language, now)
        for fence in found
    ]


async def kept_for(
    tx: Tx, seller: SellerId, variants: Sequence[int]
) -> dict[tuple[int, int], list[tuple[NamedChannel, int]]]:
    """(channel, pieces) by (location, variant): what stands behind a stock item's `ring_fenced`. One query, four where any."""
    kept = await inventory.kept_of(tx, seller, variants)
    if not kept:
        return {}
    known = {fence.fence_id: fence for fence in await inventory.standing_fences(tx, [seller])}
    called = await _names(tx, seller)
    found: dict[tuple[int, int], list[tuple[NamedChannel, int]]] = {}
    for item in kept:
        if (fence := known.get(item.fence_id)) is not None:
            row = found.setdefault((item.location_id, item.variant_id), [])
            row.append((_channel(fence, called), item.kept))
    return found


def touchpoint(point: Touchpoint) -> NamedChannel:
    name = point.code if point.place_name is None else f"{point.place_name} · {point.code}"
    return NamedChannel(kind="touchpoint", key=str(point.touchpoint_id), name=name)


async def groups(tx: Tx, seller: SellerId) -> list[GroupModel]:
    """Three queries, one without groups. Only who ordered from this seller has a name here: numbers can be counted up."""
    found = await inventory.groups(tx, seller)
    people = sorted({member for group in found for member in group.members or ()})
    ours = await orders.customers(tx, [seller], owner_ids=people, limit=len(people)) if people else []
    names = await identity.load_names(tx, ours) if ours else {}
    return [
        GroupModel(
            group_id=group.group_id,
            name=group.name,
            members=[
                MemberModel(party_id=member, name=names.get(member) or None) for member in group.members or ()
            ],
        )
        for group in found
    ]


async def _names(tx: Tx, seller: SellerId) -> dict[tuple[str, str], str]:
    """What the seller's touchpoints and groups are called, by channel."""
    points = [touchpoint(point) for point in await places.list_touchpoints(tx, seller)]
    called = {(str(point.kind), point.key): point.name or "" for point in points}
    for group in await inventory.groups(tx, seller):
        called[ChannelKind.GROUP.value, str(group.group_id)] = group.name
    return called


def _channel(fence: RingFence, called: Mapping[tuple[str, str], str]) -> NamedChannel:
    name = called.get((fence.channel, fence.channel_key))
    return NamedChannel.model_validate({"kind": fence.channel, "key": fence.channel_key, "name": name})


def _fence(
    fence: RingFence,
    items: Sequence[inventory.FenceItem],
    info: VariantInfo | None,
    places_: Mapping[int, str],
    called: Mapping[tuple[str, str], str],
    language: Language,
    now: datetime,
) -> FenceModel:
    kept, sold = sum(item.kept for item in items), sum(item.sold for item in items)
    state = _state(fence, now)
    return FenceModel(
        fence_id=fence.fence_id,
        state=state,
        channel=_channel(fence, called),
        variant_id=fence.variant_id,
        sku="" if info is None else info.sku,
        title="" if info is None else catalog.pick(info.title, language),
        options=[
            OptionModel(name=one.name, value=catalog.pick(one.value, language))
            for one in (() if info is None else info.options)
        ],
        image=None if info is None else info.image,
        location_id=fence.location_id,
        location=None if fence.location_id is None else places_.get(fence.location_id),
        quantity=fence.quantity,
        kept=kept,
        sold=sold,
        missing=max(0, fence.quantity - kept - sold) if state == "standing" else 0,
        at=[
            FenceLocation(
                location_id=item.location_id,
                name=places_.get(item.location_id, ""),
                kept=item.kept,
                sold=item.sold,
            )
            for item in items
        ],
        starts_at=fence.starts_at,
        ends_at=fence.ends_at,
        ended_at=fence.ended_at,
        note=fence.note,
    )


def _state(fence: RingFence, now: datetime) -> Literal["planned", "standing", "ended"]:
    if fence.settled_at is None and now < fence.starts_at:
        return "planned"
    return "standing" if fence.stands_at(now) else "ended"
