"""From photo to candidates, and from order back to photo."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import structlog

from halles.catalog import api as catalog
from halles.journeys.photo_to_order import rules
from halles.journeys.photo_to_order.types import Answered
from halles.kernel.errors import Refusal
from halles.kernel.ids import uuid7
from halles.kernel.live import LiveHub
from halles.kernel.relay import Delivery
from halles.kernel.telemetry import PHOTO_SECONDS, PHOTOS
from halles.kernel.web import Services
from halles.orders.types import OrderPlaced
from halles.places.types import Touchpoint
from halles.vision import api as vision
from halles.vision.api import refining
from halles.vision.types import MatchId, PhotoMatch, Purchase, Recogniser, SecondLook

log = structlog.get_logger("halles.photo")

_MOST_UNDER_WAY = 6
"""Second looks of one web process at once, half a second each; a photo beyond keeps its first answer."""

_under_way: set[asyncio.Task[None]] = set()


async def recognise(
    services: Services, touchpoint: Touchpoint, photo: bytes, visitor: str | None
) -> Answered:
    """Look at a photo and remember what it was answered with; the photo itself is not kept.

    Raises what Recogniser raises: NotAPhoto, PhotoUnsupported, PhotoDamaged, PhotoTooLarge, PhotoTooSmall, InferenceBusy,
    InferenceUnavailable. Three statements, four when a second look follows, none while the photo is looked at.
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
        refines = seen.more and not named and _refiner(recogniser) is not None
        if refines:
            await refining.begin_second_look(tx, match)
    if refines:
        _look_again(services, match, photo)
    took_s = time.perf_counter() - began
    PHOTOS.labels(outcome=outcome).inc()
    PHOTO_SECONDS.observe(took_s)
    return Answered(match=match, took_ms=round(took_s * 1000), refines=refines)


def _refiner(recogniser: Recogniser) -> SecondLook | None:
    """Who looks again; None when nobody can, or as many photos wait for it as one process looks at within a few seconds."""
    return recogniser if isinstance(recogniser, SecondLook) and len(_under_way) < _MOST_UNDER_WAY else None


def _look_again(services: Services, match: PhotoMatch, photo: bytes) -> None:
    """Begins the second look; the photo is forgotten when it is over."""
    task = asyncio.create_task(_second_look(services, match, photo))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def _second_look(services: Services, match: PhotoMatch, photo: bytes) -> None:
    """Reads the package and puts the better answer in the place of the first. Says in the log what went wrong."""
    recogniser: Recogniser = services.extra[Recogniser.__name__]
    assert isinstance(recogniser, SecondLook)
    better: PhotoMatch | None = None
    try:
        seen = await recogniser.look_again(photo, seller_id=match.seller_id)
        async with services.db.transaction() as tx:
            named = await catalog.find_by_gtin(tx, match.seller_id, seen.gtins) if seen.gtins else []
            looks = await catalog.load_cards(tx, match.seller_id, [one.product_id for one in seen.candidates])
            outcome, found_by, gtin, candidates = rules.decide(seen, named, looks)
            if candidates:
                better = replace(
                    match,
                    outcome=outcome,
                    found_by=found_by,
                    gtin=gtin,
                    candidates=candidates,
                    cpu_ms=seen.cpu_ms,
                )
            await refining.end_second_look(tx, match, better)
    except Refusal as reason:
        log.info("photo.second_look_refused", code=reason.code, match_id=str(match.match_id))
        with suppress(Refusal):
            async with services.db.transaction() as tx:
                await refining.end_second_look(tx, match, None)
    services.port(LiveHub).publish(f"photo:{match.match_id}")


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
