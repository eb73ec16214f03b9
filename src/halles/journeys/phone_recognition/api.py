"""What a phone carries for a touchpoint, kept ready while nothing changed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from halles.catalog import api as catalog
from halles.kernel.db import Database
from halles.kernel.settings import Settings
from halles.places import api as places
from halles.places.types import Touchpoint, UnknownTouchpoint
from halles.vision.api import phone
from halles.vision.types import PhoneIndex, PhonePart, PhonePartGone, PhotoStatistics

if TYPE_CHECKING:
    from halles.vision.api.phone import ModelCard

_KEPT = 16
"""Indexes kept ready in a process, 300 kB each for 300 products."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a phone needs: the model's card and bytes, the index at a version, the mean of the seller's photos if known, and how
    many photos went to each product of the index (Counted.told)."""

    card: ModelCard
    model_bytes: int
    version: int
    index: PhoneIndex
    photos: PhotoStatistics | None
    named: bytes


@dataclass(frozen=True, slots=True)
class _Ready:
    key: tuple[object, ...]
    index: PhoneIndex


class PhoneRecognition:
    """One a process."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._ready: OrderedDict[tuple[int, int], _Ready] = OrderedDict()
        self._card: tuple[float, ModelCard] | None = None

    async def carried(self, touchpoint: str | None) -> Carried:
        """What the phone at a touchpoint (None: the seller's first) carries now. Five statements, seven when it changed.

        Raises UnknownTouchpoint, and PhonePartGone with a time to come back while the model is being built.
        """
        card, model = await asyncio.to_thread(self._model)
        async with self._db.snapshot() as tx:
            point = await places.find_touchpoint(tx, touchpoint)
            if point is None:
                raise UnknownTouchpoint("There is no shop here yet.")
            state, photos, named = await phone.phone_state(tx, point.seller_id, card.model_id)
            shown = (
                [] if point.place_id is None else await places.samples(tx, point.seller_id, point.place_id)
            )
            ids = frozenset(one.product_id for one in shown)
            key = (card.sha256, state.version, ids)
            found = self._ready.get(_shop(point))
            if found is None or found.key != key:
                # A product that is hidden or put up again moves the version, so what was on sale then is on sale now.
                index = await phone.phone_index(
                    tx,
                    point.seller_id,
                    card,
                    shown=ids,
                    on_sale=partial(catalog.on_sale, tx, point.seller_id),
                    settings=self._settings,
                )
                found = self._keep(_shop(point), _Ready(key, index))
        return Carried(
            card=card,
            model_bytes=model.stat().st_size,
            version=state.version,
            index=found.index,
            photos=photos if photos is not None and photos.photos else None,
            named=named.told(found.index.product_ids),
        )

    async def part(self, touchpoint: str | None, name: str) -> PhonePart:
        """A part of the index by its name. Raises PhonePartGone when it is not of the present index. As carried."""
        index = (await self.carried(touchpoint)).index
        for one in (index.nothing, *index.parts):
            if one.name == name:
                return one
        raise PhonePartGone("This part is not used any more: ask what is.")

    def model_file(self, sha256: str) -> Path:
        """The model's file by its content. Raises PhonePartGone for any other than the present one."""
        card, path = self._model()
        if card.sha256 != sha256:
            raise PhonePartGone("This model is not used any more: ask what is.")
        return path

    def _model(self) -> tuple[ModelCard, Path]:
        """The card, checked against the file once for each time that it was written."""
        path = phone.phone_path(self._settings)
        if path is None:
            raise PhonePartGone("The model for phones is being built.", retry_after_s=5.0)
        written = path.stat().st_mtime
        if self._card is None or self._card[0] != written:
            self._card = (written, phone.phone_card(path))
        return self._card[1], path

    def _keep(self, shop: tuple[int, int], ready: _Ready) -> _Ready:
        self._ready[shop] = ready
        self._ready.move_to_end(shop)
        while len(self._ready) > _KEPT:
            self._ready.popitem(last=False)
        return ready


def _shop(point: Touchpoint) -> tuple[int, int]:
    return point.seller_id, point.place_id or 0
