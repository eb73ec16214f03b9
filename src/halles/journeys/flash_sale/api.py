"""The door of flash sales."""

from __future__ import annotations

from halles.flash.types import SaleDraft, SaleItem
from halles.identity.api import vault
from halles.journeys.flash_sale.levels import levels_in_sale, open_fences
from halles.journeys.flash_sale.planning import change, plan, settle_due, stop
from halles.journeys.flash_sale.rooms import FlashRooms
from halles.journeys.flash_sale.tickets import TicketDesk, key_of
from halles.kernel.settings import Settings
from halles.kernel.web import Services

__all__ = [
    "FlashRooms",
    "SaleDraft",
    "SaleItem",
    "TicketDesk",
    "admission_key",
    "change",
    "levels_in_sale",
    "open_fences",
    "plan",
    "settle_due",
    "settle_sales",
    "stop",
]


def admission_key(settings: Settings) -> bytes:
    """The key that `flash.read_admission` reads a token with."""
    return key_of(vault(settings))


async def settle_sales(services: Services) -> None:
    """The worker's task: give back what sales that are over had kept."""
    await settle_due(services.db, services.clock())
