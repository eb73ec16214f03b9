"""Stock in the console: levels, movements, and changes by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from halles.catalog import api as catalog
from halles.catalog.types import UnknownVariant, VariantInfo
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.inventory.types import Cause, Location, Movement, StockCommand, StockItem, StockLevel
from halles.journeys.back_office import models
from halles.journeys.fulfilment.models import OptionModel
from halles.journeys.fulfilment.view import named
from halles.journeys.ring_fence.models import NamedChannel
from halles.journeys.ring_fence.view import kept_for
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.kernel.language import Language, LanguageDep
from halles.kernel.web import (
    PROBLEM_RESPONSES,
    BadCursor,
    Page,
    Seller,
    Services,
    ServicesDep,
    allow,
    cursor,
    read_cursor,
)

router = APIRouter(prefix="/api/console/stock", tags=["console"], responses=PROBLEM_RESPONSES)

Limit = Annotated[int, Query(ge=1, le=200)]
Id = Annotated[int, Path(ge=1, le=2**62)]
_MOST_FOUND = 200


@router.get("")
async def stock(
    services: ServicesDep,
    language: LanguageDep,
    q: Annotated[str | None, Query(max_length=200, description="Words of the article.")] = None,
    location_id: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    seller_id: Seller = None,
    cursor: str | None = None,
    limit: Limit = 50,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> Page[models.StockModel]:
    """Stock items by location and article, and for whom anything is ring-fenced. Four queries, up to four more where it is."""
    seller = _seller(caller, seller_id)
    after = (0, 0) if cursor is None else read_cursor(cursor, (int, int))
    async with services.db.snapshot() as tx:
        wanted = await _searched(tx, seller, q)
        found = await inventory.stock_page(
            tx,
            seller,
            variant_ids=wanted,
            location_id=location_id,
            after=(after[0], after[1]),
            limit=limit + 1,
        )
        variants = await catalog.load_variants(tx, seller, [level.variant_id for level in found])
        places = {place.location_id: place for place in await inventory.locations(tx, [seller])}
        fenced = sorted({level.variant_id for level in found if level.ring_fenced})
        kept = await kept_for(tx, seller, fenced) if fenced else {}
    items = [
        _stock(level, variants, places, language, kept.get((level.location_id, level.variant_id), ()))
        for level in found[:limit]
    ]
    return Page(items=items, next=_after(found, limit))


@router.get("/{location_id}/{variant_id}/movements")
async def movements(
    location_id: Id,
    variant_id: Id,
    services: ServicesDep,
    seller_id: Seller = None,
    cursor: str | None = None,
    limit: Limit = 50,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> Page[models.MovementModel]:
    """Every change of one stock item, the latest first. Two queries."""
    seller = _seller(caller, seller_id)
    async with services.db.reading() as tx:
        found = await inventory.movements(
            tx, seller, location_id, variant_id, before=_read_moment(cursor), limit=limit + 1
        )
        staff = {int(m.by.partition(":")[2]) for m in found if m.by.startswith("staff:")}
        names = await identity.load_names(tx, sorted(staff)) if staff else {}
    last = found[limit - 1] if len(found) > limit else None
    following = None if last is None else _moment(last)
    return Page(items=[_movement(movement, names) for movement in found[:limit]], next=following)


@router.post("/receive")
async def receive(
    body: models.StockChange,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE),
) -> models.LevelModel:
    """Goods came in. The same `command_id` again changes nothing."""
    return await _change(services, Cause.RECEIVED, body, _seller(caller, seller_id), caller)


@router.post("/adjust")
async def adjust(
    body: models.StockChange,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE),
) -> models.LevelModel:
    """Correct what is on hand by a number of pieces, with the reason. The same `command_id` again changes nothing."""
    return await _change(services, Cause.ADJUSTED, body, _seller(caller, seller_id), caller)


@router.post("/count")
async def count(
    body: models.StockChange,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE),
) -> models.LevelModel:
    """Say what was counted; the difference is booked. The same `command_id` again changes nothing."""
    return await _change(services, Cause.COUNTED, body, _seller(caller, seller_id), caller)


@router.put("/{location_id}/{variant_id}/safety")
async def set_safety(
    location_id: Id,
    variant_id: Id,
    body: models.SafetyChange,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE),
) -> models.LevelModel:
    """Say how many pieces are kept from sale against miscounts."""
    async with services.db.transaction() as tx:
        level = await inventory.set_safety(
            tx,
            _seller(caller, seller_id),
            location_id=location_id,
            variant_id=variant_id,
            safety=body.pieces,
        )
    return _level(level)


def _level(level: StockLevel) -> models.LevelModel:
    return models.LevelModel(
        location_id=level.location_id,
        variant_id=level.variant_id,
        on_hand=level.on_hand,
        reserved=level.reserved,
        safety=level.safety,
        ring_fenced=level.ring_fenced,
        sellable=level.sellable,
    )


_VERBS = {Cause.RECEIVED: inventory.receive, Cause.ADJUSTED: inventory.adjust, Cause.COUNTED: inventory.count}


async def _change(
    services: Services, cause: Cause, body: models.StockChange, seller: SellerId, caller: Caller
) -> models.LevelModel:
    item = StockItem(location_id=body.location_id, variant_id=body.variant_id, quantity=body.quantity)
    order = StockCommand(
        seller_id=seller,
        command_id=body.command_id,
        items=(item,),
        by=f"staff:{caller.party()}",
        reason=body.reason,
    )
    async with services.db.transaction() as tx:
        if body.variant_id not in await catalog.load_variants(tx, seller, [body.variant_id]):
            raise UnknownVariant("No article has this id.", variant_id=body.variant_id)
        (level,) = await _VERBS[cause](tx, order, services.clock())
    return _level(level)


def _seller(caller: Caller, seller_id: int | None) -> SellerId:
    return caller.need_seller(seller_id)


async def _searched(tx: Tx, seller: SellerId, q: str | None) -> list[int] | None:
    """The articles that a search means; None without one."""
    if q is None or not q.strip():
        return None
    cards = await catalog.search(tx, seller, q=q, limit=_MOST_FOUND)
    return [variant_id for card in cards for variant_id in card.variant_ids]


def _stock(
    level: StockLevel,
    variants: Mapping[int, VariantInfo],
    places: Mapping[int, Location],
    language: Language,
    kept: Sequence[tuple[NamedChannel, int]],
) -> models.StockModel:
    info, place = variants.get(level.variant_id), places[level.location_id]
    return models.StockModel(
        variant_id=level.variant_id,
        sku="" if info is None else info.sku,
        title="" if info is None else catalog.pick(info.title, language),
        options=[]
        if info is None
        else [OptionModel(name=o.name, value=catalog.pick(o.value, language)) for o in info.options],
        image=None if info is None else info.image,
        location=models.StockLocationModel(location_id=place.location_id, name=place.name, kind=place.kind),
        on_hand=level.on_hand,
        reserved=level.reserved,
        safety=level.safety,
        ring_fenced=level.ring_fenced,
        sellable=level.sellable,
        kept_for=[
            models.KeptStockModel(kind=one.kind, key=one.key, name=one.name, pieces=many)
            for one, many in kept
        ],
    )


def _after(found: Sequence[StockLevel], limit: int) -> str | None:
    return None if len(found) <= limit else cursor(found[limit - 1].location_id, found[limit - 1].variant_id)


def _movement(movement: Movement, names: Mapping[int, str]) -> models.MovementModel:
    return models.MovementModel(
        movement_id=movement.movement_id,
        at=movement.at,
        cause=movement.cause,
        delta_on_hand=movement.delta_on_hand,
        delta_reserved=movement.delta_reserved,
        ref=movement.refs[0] if len(movement.refs) == 1 else None,
        refs=movement.refs,
        by=named(movement.by, names),
        reason=movement.reason,
    )


def _moment(movement: Movement) -> str:
    return cursor(movement.at.isoformat(), movement.movement_id)


def _read_moment(text: str | None) -> tuple[datetime, int] | None:
    if text is None:
        return None
    moment, movement_id = read_cursor(text, (str, int))
    try:
        return datetime.fromisoformat(moment), movement_id
    except ValueError as error:
        raise BadCursor("This cursor cannot be read.") from error
