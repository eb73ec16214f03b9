"""Ring-fences and customer groups in the console."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from halles.catalog import api as catalog
from halles.catalog.types import UnknownVariant
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.inventory.types import BadFence, ChannelKind, NoSuchLocation, RingFence
from halles.journeys.ring_fence import view
from halles.journeys.ring_fence.models import (
    ChannelModel,
    ChannelsModel,
    FenceEdit,
    FenceModel,
    GroupEdit,
    GroupModel,
    NewFence,
)
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId, parse_uuid
from halles.kernel.language import Language, LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, Page, Seller, ServicesDep, allow, cursor, once, read_cursor
from halles.places import api as places
from halles.places.types import TouchpointKind

router = APIRouter(prefix="/api/console/ring-fences", tags=["console"], responses=PROBLEM_RESPONSES)

MANAGERS = (Role.HEAD_OFFICE, Role.MERCHANT)


@router.get("", operation_id="ring_fences")
async def ring_fences(
    services: ServicesDep,
    language: LanguageDep,
    over: Annotated[bool, Query(description="Also those that have ended.")] = False,
    seller_id: Seller = None,
    cursor_: Annotated[str | None, Query(alias="cursor", description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    caller: Caller = allow(Role.STAFF, *MANAGERS),
) -> Page[FenceModel]:
    """A seller's ring-fences with what they keep and what their channels have sold, the latest first. Six queries."""
    seller = caller.need_seller(seller_id)
    after = None if cursor_ is None else parse_uuid(read_cursor(cursor_, (str,))[0])
    async with services.db.snapshot() as tx:
        found = await inventory.fences_page(tx, seller, over=over, after=after, limit=limit + 1)
        items = await view.fences(tx, seller, found[:limit], language, services.clock())
    return Page(items=items, next=cursor(str(found[limit - 1].fence_id)) if len(found) > limit else None)


@router.post("", status_code=201, response_model=FenceModel, operation_id="make_ring_fence")
async def make(
    body: NewFence,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*MANAGERS),
) -> Response:
    """Keep stock for a channel, from now or from a date on. The same `fence_id` and body again change nothing."""
    seller, now = caller.need_seller(seller_id), services.clock()
    fence = RingFence(
        seller_id=seller,
        fence_id=body.fence_id,
        channel=body.channel.kind,
        channel_key=body.channel.key,
        variant_id=body.variant_id,
        location_id=body.location_id,
        quantity=body.quantity,
        starts_at=body.starts_at or now,
        ends_at=body.ends_at,
        note=body.note,
        made_by=f"staff:{caller.party()}",
        made_at=now,
    )

    async def work(tx: Tx) -> FenceModel:
        await _check(tx, seller, body)
        await inventory.make_fence(tx, fence, now)
        return await _shown(tx, seller, fence, language, services)

    sent = body.model_dump_json().encode()
    return await once(services, f"inventory.fence:{seller}", str(body.fence_id), sent, work, 201)


@router.post("/{fence_id}/change", response_model=FenceModel, operation_id="change_ring_fence")
async def change(
    fence_id: UUID,
    body: FenceEdit,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*MANAGERS),
) -> Response:
    """Keep more or fewer, for longer or shorter. The same `command_id` and body again change nothing."""
    seller = caller.need_seller(seller_id)

    async def work(tx: Tx) -> FenceModel:
        changed = await inventory.change_fence(
            tx, seller, fence_id, quantity=body.quantity, ends_at=body.ends_at, now=services.clock()
        )
        return await _shown(tx, seller, changed, language, services)

    sent = fence_id.bytes + body.model_dump_json().encode()
    return await once(services, f"inventory.fence_change:{seller}", str(body.command_id), sent, work)


@router.post("/{fence_id}/end", operation_id="end_ring_fence")
async def end(
    fence_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*MANAGERS),
) -> FenceModel:
    """End it now: what it still keeps is everybody's again, what was sold stands. A repeat changes nothing."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        ended = await inventory.end_fence(tx, seller, fence_id, services.clock())
        return await _shown(tx, seller, ended, language, services)


@router.get("/channels", operation_id="ring_fence_channels")
async def channels(
    services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(Role.STAFF, *MANAGERS)
) -> ChannelsModel:
    """What stock can be kept for. Three queries."""
    seller = caller.need_seller(seller_id)
    async with services.db.snapshot() as tx:
        points = await places.list_touchpoints(tx, seller)
        return ChannelsModel(
            kinds=[kind.value for kind in TouchpointKind],
            touchpoints=[view.touchpoint(point) for point in points],
            groups=await view.groups(tx, seller),
        )


@router.put("/groups/{group_id}", operation_id="put_customer_group")
async def put_group(
    group_id: UUID,
    body: GroupEdit,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*MANAGERS),
) -> list[GroupModel]:
    """Make a customer group, or make it what this says; `group_id` is made by the client. Orders follow at once."""
    seller = caller.need_seller(seller_id)
    if "\x00" in body.name or not body.name.strip():
        raise BadFence("A group needs a name.", field="name")
    async with services.db.transaction() as tx:
        known = await identity.load_names(tx, body.members)
        unknown = [member for member in body.members if member not in known]
        if unknown:
            raise BadFence("There is no customer with this number.", field="members", party_id=unknown[0])
        await inventory.save_group(
            tx, seller, group_id, name=body.name.strip(), members=body.members, at=services.clock()
        )
        return await view.groups(tx, seller)


async def _check(tx: Tx, seller: SellerId, body: NewFence) -> None:
    """Whether what a fence names is the seller's own."""
    if body.variant_id not in await catalog.load_variants(tx, seller, [body.variant_id]):
        raise UnknownVariant("This seller has no such article.", variant_id=body.variant_id)
    own = {place.location_id for place in await inventory.locations(tx, [seller])}
    if body.location_id is not None and body.location_id not in own:
        raise NoSuchLocation("This seller has no such location.", location_id=body.location_id)
    await _check_channel(tx, seller, body.channel)


async def _check_channel(tx: Tx, seller: SellerId, channel: ChannelModel) -> None:
    if channel.kind == ChannelKind.GROUP:
        await inventory.need_group(tx, seller, channel.key)
    elif channel.kind == ChannelKind.TOUCHPOINT:
        known = {str(point.touchpoint_id) for point in await places.list_touchpoints(tx, seller)}
        if channel.key not in known:
            raise BadFence("This seller has no such touchpoint.", field="channel")
    elif channel.key not in set(TouchpointKind):
        raise BadFence("There is no such kind of touchpoint.", field="channel")


async def _shown(
    tx: Tx, seller: SellerId, fence: RingFence, language: Language, services: ServicesDep
) -> FenceModel:
    return (await view.fences(tx, seller, [fence], language, services.clock()))[0]
