"""Electronic shelf labels in the console."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from halles.journeys.labels.check import check_place
from halles.journeys.shelf_labels import service
from halles.journeys.shelf_labels.models import (
    Counted,
    FaultModel,
    LabelEdit,
    MadeGateway,
    NewGateway,
    ShelfModel,
)
from halles.kernel.caller import Caller, Role
from halles.kernel.language import LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, Seller, ServicesDep, allow
from halles.shelf_labels import api as shelf_labels

router = APIRouter(prefix="/api/console/shelf-labels", tags=["console"], responses=PROBLEM_RESPONSES)

Place = Annotated[int | None, Query(ge=1, le=2**62, description="Only the labels of this place.")]
Code = Annotated[str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,39}$", examples=["A0-17-3F"])]
_PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}}, "description": "296 × 128 points in three colours"}
}
_MANAGERS = (Role.HEAD_OFFICE, Role.MERCHANT)


@router.get("", operation_id="shelf_labels")
async def labels(
    services: ServicesDep,
    seller_id: Seller = None,
    place_id: Place = None,
    caller: Caller = allow(Role.STAFF, *_MANAGERS),
) -> ShelfModel:
    """Labels with what each should show and what its gateway proved that it shows. Five queries."""
    async with services.db.snapshot() as tx:
        return await service.shelf(tx, services, caller.need_seller(seller_id), place_id)


@router.get("/check", operation_id="check_labels")
async def check(
    services: ServicesDep,
    language: LanguageDep,
    place_id: Annotated[int, Query(ge=1, le=2**62, description="The place whose labels are checked.")],
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, *_MANAGERS),
) -> list[FaultModel]:
    """Labels of a place, printed and electronic, that would break the rule. Seven queries."""
    seller = caller.need_seller(seller_id)
    async with services.db.snapshot() as tx:
        hung = {one.variant_id for one in await shelf_labels.labels(tx, seller, place_id)}
        _, faults = await check_place(
            tx, seller, place_id, language=language, now=services.clock(), variants=hung
        )
    return [
        FaultModel(rule=one.rule, variant_id=one.variant_id, sku=one.sku, title=one.title, hint=one.hint)
        for one in faults
    ]


@router.get(
    "/{label_code}/picture.png", response_class=Response, responses=_PNG, operation_id="shelf_label_picture"
)
async def picture(
    label_code: Code,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, *_MANAGERS),
) -> Response:
    """What a label was last proved to show, as its screen draws it; nothing proved: 404. One query."""
    async with services.db.reading() as tx:
        content = await shelf_labels.proved_content(tx, caller.need_seller(seller_id), label_code)
    return Response(
        shelf_labels.drawn(content), media_type="image/png", headers={"cache-control": "no-store"}
    )


@router.post("/gateways", status_code=201, operation_id="make_label_gateway")
async def make_gateway(
    body: NewGateway, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_MANAGERS)
) -> MadeGateway:
    """A gateway with a key of its own, which is told this once. Its name again is refused (409)."""
    async with services.db.transaction() as tx:
        return await service.make_gateway(
            tx,
            services,
            caller.need_seller(seller_id),
            gateway_id=body.gateway_id,
            place_id=body.place_id,
            name=body.name,
        )


@router.put("/{label_code}", operation_id="hang_shelf_label")
async def hang(
    label_code: Code,
    body: LabelEdit,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, *_MANAGERS),
) -> ShelfModel:
    """Hang a label for an article, or say anew where it hangs. The same again changes nothing."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        await service.hang(
            tx,
            services,
            seller,
            label_code,
            gateway_id=body.gateway_id,
            variant_id=body.variant_id,
            position=body.position,
        )
        return await service.shelf(tx, services, seller)


@router.delete("/{label_code}", status_code=204, operation_id="remove_shelf_label")
async def remove(
    label_code: Code,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, *_MANAGERS),
) -> Response:
    """Take a label away. What it shows until its battery is out is no longer looked after."""
    async with services.db.transaction() as tx:
        await shelf_labels.remove_label(tx, caller.need_seller(seller_id), label_code)
    return Response(status_code=204)


@router.post("/again", operation_id="send_shelf_labels_again")
async def again(
    services: ServicesDep,
    seller_id: Seller = None,
    label_code: Annotated[
        str | None, Query(max_length=40, description="Only this label; absent: all that did not confirm.")
    ] = None,
    caller: Caller = allow(Role.STAFF, *_MANAGERS),
) -> Counted:
    """Send what was not confirmed now instead of at its next try."""
    async with services.db.transaction() as tx:
        seller = caller.need_seller(seller_id)
        count = await shelf_labels.send_again(tx, seller, services.clock(), label_code=label_code)
    return Counted(count=count)
