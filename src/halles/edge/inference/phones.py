"""What phones compare with, kept up in the inference process: here alone are pictures and photos opened.

Pictures that the phone's model has not seen yet are seen one at a time, only while no shopper waits. Of the photos that
were recognised some are seen a second time by the phone's model, so that phones know the mean of this shop's photos too:
the first ones all, later one in twenty.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from halles.edge.inference.address import WHOLE, Share
from halles.edge.inference.worker import Worker
from halles.kernel.db import Database
from halles.kernel.errors import Refusal, Unavailable
from halles.kernel.settings import Settings
from halles.vision import api
from halles.vision.api import phone
from halles.vision.api.phone import PhoneLearning
from halles.vision.types import Embedding, InferenceBusy, Outcome, PictureKind, Recognition

log = structlog.get_logger("halles.inference")

POLL_S = 5.0
_QUIET_S = 0.2
_SELLERS = 10_000


class Phones:
    """One an inference process. `load`: media name → bytes. `share`: the sellers it sees pictures of."""

    def __init__(
        self,
        settings: Settings,
        worker: Worker,
        db: Database,
        load: Callable[[str], bytes],
        share: Share = WHOLE,
    ) -> None:
        self._share = share
        self._settings, self._worker, self._db, self._load = settings, worker, db, load
        self._learning: PhoneLearning | None = None
        self._seen: dict[int, int] = {}
        self._photo: asyncio.Task[None] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until stopped. Without the model's weights phones get nothing, and the server answers alone."""
        try:
            eyes = await self._worker.apart(lambda: phone.open_phone_eyes(self._settings))
        except Refusal as reason:
            log.warning("inference.no_phone_model", code=reason.code, reason=reason.message)
            return
        self._learning = PhoneLearning(eyes)
        log.info("inference.phone_model", model=eyes.card.model_id)
        while not stop.is_set():
            try:
                await self._catch_up()
                await self.share_photos()
            except (Unavailable, InferenceBusy) as reason:
                log.warning("inference.phones_wait", code=reason.code)
            try:
                await asyncio.wait_for(stop.wait(), POLL_S)
            except TimeoutError:
                continue

    def answered(self, photo: bytes, seller_id: int, answer: Recognition) -> None:
        """A shopper's photo was answered: perhaps the phone's model should see it as well. Returns at once."""
        learning = self._learning
        of_goods = answer.outcome is not Outcome.UNKNOWN and not answer.codes
        if learning is None or not of_goods or not learning.wants(seller_id):
            return
        if (self._photo is None or self._photo.done()) and self._worker.waiting <= 1:
            self._photo = asyncio.create_task(self._learn(learning, photo, seller_id))

    async def learned(self) -> None:
        """Waits until the photo that is being learned from, if any, is done."""
        if self._photo is not None:
            await self._photo

    async def share_photos(self) -> None:
        """Adds what was learned of photos to the store."""
        if self._learning is None:
            return
        for seller_id, photos in self._learning.take().items():
            async with self._db.transaction() as tx:
                await phone.learn_photos(tx, seller_id, self._learning.eyes.card, photos)

    async def model_id(self) -> str:
        assert self._learning is not None
        return self._learning.eyes.card.model_id

    async def recognise(self, photo: bytes, *, seller_id: int, place_id: int | None) -> Recognition:
        """Phones recognise by themselves."""
        raise NotImplementedError

    async def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        """In turn, and only while no shopper waits."""
        assert self._learning is not None
        eyes = self._learning.eyes
        while self._worker.waiting:  # noqa: ASYNC110 (nothing tells that the queue is empty)
            await asyncio.sleep(_QUIET_S)
        return await self._worker.apart(lambda: eyes.embed(picture, kind))

    async def _catch_up(self) -> None:
        async with self._db.reading() as tx:
            sellers = await api.indexed_sellers(tx, _SELLERS)
            versions = await phone.versions(tx, [one for one in sellers if self._share.holds(one)])
        stale = [seller for seller, version in versions.items() if self._seen.get(seller) != version]
        for seller_id in stale:
            report = await phone.see_pictures(self._db, self, self._load, seller_id)
            if report.embedded:
                log.info("inference.phone_pictures", seller_id=seller_id, pictures=report.embedded)
            else:
                self._seen[seller_id] = versions[seller_id]

    async def _learn(self, learning: PhoneLearning, photo: bytes, seller_id: int) -> None:
        try:
            await self._worker.apart(lambda: learning.see(seller_id, photo))
        except Refusal as reason:
            log.warning("inference.photo_not_learned", code=reason.code)
