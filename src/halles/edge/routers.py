"""Every router that is served, in one list."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.routing import Route

from halles.identity.http import router as identity
from halles.journeys.assortment_planning.http import router as assortments
from halles.journeys.back_office.http import routers as back_office
from halles.journeys.basket_view.http import router as basket
from halles.journeys.card_payment.http import router as card_payment
from halles.journeys.checkout.http import ROUTE as PLACE_ORDER
from halles.journeys.flash_sale.console import router as console_flash
from halles.journeys.flash_sale.http import router as flash
from halles.journeys.fulfilment.console import router as console_orders
from halles.journeys.fulfilment.http import router as orders
from halles.journeys.labels.http import router as labels
from halles.journeys.leaving.http import router as leaving
from halles.journeys.live_page.http import router as live_page
from halles.journeys.measurement.http import router as measurement
from halles.journeys.offline_sync.http import console as console_offline
from halles.journeys.offline_sync.http import router as offline
from halles.journeys.order_letters.console import router as console_letters
from halles.journeys.order_letters.http import router as linked_orders
from halles.journeys.phone_recognition.http import router as phone_recognition
from halles.journeys.photo_to_order.http import router as photos
from halles.journeys.picture_index.http import console as console_learning
from halles.journeys.picture_index.http import router as learning
from halles.journeys.product_import.http import router as imports
from halles.journeys.program_keys.http import router as program_keys
from halles.journeys.promise_keeping.console import router as console_promises
from halles.journeys.promise_keeping.http import carriers as parcels
from halles.journeys.promise_keeping.http import console as console_parcels
from halles.journeys.promise_keeping.network_http import router as console_network
from halles.journeys.reservation.http import router as reservation
from halles.journeys.ring_fence.http import router as ring_fences
from halles.journeys.sample_teaching.http import router as sample_teaching
from halles.journeys.shelf_labels.http import router as shelf_labels
from halles.journeys.sourcing.http import router as sourcing
from halles.journeys.storefront.http import router as storefront
from halles.journeys.top_up.http import router as top_up
from halles.journeys.welcoming.console import router as console_welcome
from halles.journeys.welcoming.counters import router as door_counters
from halles.journeys.welcoming.http import router as welcoming
from halles.pricing.http import router as pricing
from halles.vision.http import router as matches
from halles.wallet.http import router as wallet

ROUTERS: tuple[APIRouter, ...] = (
    storefront,
    photos,
    phone_recognition,
    matches,
    basket,
    reservation,
    orders,
    linked_orders,
    wallet,
    top_up,
    card_payment,
    identity,
    leaving,
    imports,
    flash,
    console_flash,
    offline,
    console_offline,
    labels,
    pricing,
    shelf_labels,
    console_orders,
    console_letters,
    console_parcels,
    console_promises,
    console_network,
    program_keys,
    learning,
    console_learning,
    parcels,
    sourcing,
    ring_fences,
    assortments,
    sample_teaching,
    *back_office,
    live_page,
    measurement,
    welcoming,
    door_counters,
    console_welcome,
)

SHORT: tuple[APIRouter, ...] = (basket, orders)
"""Routers of the pages that a shopper passes at every order (edge/short_way.py)."""

PLAIN_ROUTES: tuple[Route, ...] = (PLACE_ORDER,)
"""Routes outside FastAPI's machinery, for speed; their endpoints carry `access` and describe themselves to OpenAPI."""
