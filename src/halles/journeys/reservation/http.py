"""Setting a basket aside over HTTP."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from halles.identity.api import vault
from halles.inventory import api as inventory
from halles.journeys.reservation import api, models
from halles.kernel.caller import Caller, Role
from halles.kernel.web import PROBLEM_RESPONSES, ServicesDep, allow

router = APIRouter(prefix="/api/basket/reservation", tags=["basket"], responses=PROBLEM_RESPONSES)


@router.post(
    "", status_code=201, operation_id="reserve_basket", responses={200: {"model": models.ReservationModel}}
)
async def reserve_basket(
    body: models.AskReservation,
    request: Request,
    response: Response,
    services: ServicesDep,
    caller: Caller = allow(Role.SHOPPER),
) -> models.ReservationModel:
    """Set the basket's goods aside for some minutes, in place of an earlier reservation. Sent again it answers 200 with the
    same one. Refused with `inventory.insufficient_stock`, `inventory.too_much_reserved`, `inventory.nothing_to_reserve`."""
    async with services.db.transaction() as tx:
        found, made = await api.reserve(
            tx,
            api.limits_of(services.settings),
            body.reservation_id,
            owner_id=caller.party(),
            network=vault(services.settings)
            .mark("reservation.network", request.scope["halles.client"])
            .hex(),
            partial=body.partial,
            now=services.clock(),
        )
    response.status_code = 201 if made else 200
    return models.shown(found)


@router.post("/{reservation_id}/renew", operation_id="renew_reservation")
async def renew_reservation(
    reservation_id: UUID,
    body: models.AskRenewal,
    services: ServicesDep,
    caller: Caller = allow(Role.SHOPPER),
) -> models.ReservationModel:
    """Let it last, from now on, as long as a new one would. Refused with `inventory.renewed_enough`,
    `inventory.reservation_over`."""
    lasts = api.limits_of(services.settings).lasts
    async with services.db.transaction() as tx:
        found = await inventory.renew(
            tx, caller.party(), reservation_id, body.renewal, lasts=lasts, now=services.clock()
        )
    return models.shown(found)


@router.delete("/{reservation_id}", operation_id="release_reservation")
async def release_reservation(
    reservation_id: UUID, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> models.ReservationModel:
    """Free what was set aside. Freeing it again changes nothing."""
    async with services.db.transaction() as tx:
        return models.shown(await api.release(tx, caller.party(), reservation_id, services.clock()))
