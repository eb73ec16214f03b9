"""From photo to candidates, and from order back to photo."""

from __future__ import annotations

import time
from collections.abc import Sequence

from halles.catalog import api as catalog
from halles.journeys.photo_to_order import rules
from halles.journeys.photo_to_order.types import Answered
from halles.kernel.ids import uuid7
from halles.kernel.relay import Delivery
from halles.kernel.telemetry import PHOTO_SECONDS, PHOTOS
from halles.kernel.web import Services
from halles.orders.types import OrderPlaced
from halles.places.types import Touchpoint
from halles.vision import api as vision
from halles.vision.types import MatchId, PhotoMatch, Purchase, Recogniser


async def recognise(
    services: Services, touchpoint: Touchpoint, photo: bytes, visitor: str | None
) -> Answered:
    """Look at a photo and remember what it was answered with; the photo itself is not kept.

    Raises what Recogniser raises: NotAPhoto, PhotoUnsupported, PhotoDamaged, PhotoTooLarge, PhotoTooSmall, InferenceBusy,
    InferenceUnavailable. Three statements, none while the photo is looked at.
    """
    began = time.perf_counter()
    recogniser: Recogniser = services.extra[Recogniser.__name__]
    seller = touchpoint.seller_id
    seen = await recogniser.recognise(photo, seller_id=seller, place_id=touchpoint.place_id)
    async with services.db.transaction() as tx:
        named = await catalog.find_by_gtin(tx, seller, seen.gtins) if seen.gtins else []
        looks = (
            await catalog.load_cards(tx, seller, [one.product_id for one in seen.candidates])
            if not named
            else {}
        )
        outcome, found_by, gtin, candidates = rules.decide(seen, named, looks)
        match = PhotoMatch(
            match_id=MatchId(uuid7()),
            seller_id=seller,
            place_id=touchpoint.place_id,
            touchpoint_id=touchpoint.touchpoint_id,
            visitor=visitor,
            model_id=seen.model_id,
            outcome=outcome,
            found_by=found_by,
            gtin=gtin,
            candidates=candidates,
            cpu_ms=seen.cpu_ms,
            taken_at=services.clock(),
        )
        await vision.record_match(tx, match)
    took_s = time.perf_counter() - began
    PHOTOS.labels(outcome=outcome).inc()
    PHOTO_SECONDS.observe(took_s)
    return Answered(match=match, took_ms=round(took_s * 1000))


async def credit_photo(events: Sequence[OrderPlaced], delivery: Delivery) -> None:
    """The reaction that tells recognition which of its answers were bought. Idempotent by order. Two statements a seller."""
    by_seller: dict[int, list[OrderPlaced]] = {}
    for event in events:
        if event.matches:
            by_seller.setdefault(event.seller_id, []).append(event)
    for seller_id, placed in sorted(by_seller.items()):
        tx = delivery.inside()
        wanted = {match.variant_id for event in placed for match in event.matches}
        variants = await catalog.load_variants(tx, seller_id, wanted)
        purchases = [
            Purchase(
                order_id=event.order_id,
                match_id=MatchId(match.match_id),
                product_id=variants[match.variant_id].product_id,
                variant_id=match.variant_id,
            )
            for event in placed
            for match in event.matches
            if match.variant_id in variants
        ]
        await vision.record_purchases(tx, seller_id, purchases)
