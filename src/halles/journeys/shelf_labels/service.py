"""Hanging labels, and what staff see of them."""

from __future__ import annotations

import json
from collections import Counter

from halles.catalog import api as catalog
from halles.catalog.types import UnknownVariant
from halles.journeys.shelf_labels.link import sealed_key
from halles.journeys.shelf_labels.models import (
    GatewayModel,
    MadeGateway,
    RefusalModel,
    ShelfLabelModel,
    ShelfModel,
)
from halles.kernel.db import Tx
from halles.kernel.web import Services
from halles.places import api as places
from halles.shelf_labels import api as shelf_labels
from halles.shelf_labels.api import messages
from halles.shelf_labels.types import LabelDraft, SentContent, ShelfLabel


async def shelf(tx: Tx, services: Services, seller_id: int, place_id: int | None = None) -> ShelfModel:
    """A seller's labels with what each should show and what it was proved to show. Five queries."""
    labels = await shelf_labels.labels(tx, seller_id, place_id)
    shown = await shelf_labels.confirmed_contents(tx, seller_id, place_id)
    names = {place.place_id: place.name for place in await places.list_places(tx, seller_id)}
    found = [_label(services, label, shown.get(label.label_code), names) for label in labels]
    hanging = Counter(label.gateway_id for label in labels)
    return ShelfModel(
        broker=services.settings.mqtt_url is not None,
        confirm_s=services.settings.label_confirm_s,
        counts=dict(Counter(label.state.value for label in found)),
        labels=found,
        gateways=[
            GatewayModel(
                gateway_id=one.gateway_id,
                name=one.name,
                place_id=one.place_id,
                place=names.get(one.place_id, ""),
                labels=hanging[one.gateway_id],
                heard_at=one.heard_at,
            )
            for one in await shelf_labels.gateways(tx, seller_id)
        ],
        refusals=[
            RefusalModel(
                gateway_id=one.gateway_id,
                reason=one.reason,
                label_code=one.label_code or None,
                count=one.count,
                first_at=one.first_at,
                last_at=one.last_at,
            )
            for one in await shelf_labels.refusals(tx, seller_id)
        ],
    )


def _label(
    services: Services, label: ShelfLabel, shown: SentContent | None, names: dict[int, str]
) -> ShelfLabelModel:
    return ShelfLabelModel(
        label_code=label.label_code,
        gateway_id=label.gateway_id,
        place_id=label.place_id,
        place=names.get(label.place_id, ""),
        product_id=label.product_id,
        variant_id=label.variant_id,
        position=label.position,
        state=shelf_labels.state_of(label, services.clock(), services.settings.label_confirm_s),
        version=label.version,
        wanted=label.content,
        wanted_since=label.desired_at,
        shows=None if shown is None else json.loads(shown.body)["content"],
        shows_since=label.confirmed_at,
        tries=label.attempts,
        next_try_at=label.send_at,
    )


async def make_gateway(
    tx: Tx, services: Services, seller_id: int, *, gateway_id: str, place_id: int, name: str
) -> MadeGateway:
    """A gateway with a new key, which is told this once. Raises UnknownPlace, GatewayTaken, BadName. Two queries."""
    await places.place(tx, place_id, seller_id)
    key = shelf_labels.new_key()
    await shelf_labels.add_gateway(
        tx,
        seller_id,
        gateway_id,
        place_id=place_id,
        name=name,
        key_sealed=sealed_key(services, seller_id, gateway_id, key),
        now=services.clock(),
    )
    return MadeGateway(gateway_id=gateway_id, key=key, topics=messages.topic(seller_id, gateway_id, "#"))


async def hang(
    tx: Tx,
    services: Services,
    seller_id: int,
    label_code: str,
    *,
    gateway_id: str,
    variant_id: int,
    position: str,
) -> None:
    """Hang a label for an article, or say anew where it hangs. Raises UnknownVariant, UnknownGateway, BadName. Three queries."""
    await shelf_labels.find_gateway(tx, seller_id, gateway_id)
    variant = (await catalog.load_variants(tx, seller_id, [variant_id])).get(variant_id)
    if variant is None:
        raise UnknownVariant("There is no such article.", variant_id=variant_id)
    draft = LabelDraft(
        label_code=label_code,
        gateway_id=gateway_id,
        product_id=variant.product_id,
        variant_id=variant_id,
        position=position,
    )
    await shelf_labels.put_labels(tx, seller_id, [draft], services.clock())
