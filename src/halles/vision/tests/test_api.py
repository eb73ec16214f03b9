"""The door against a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest

from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, counting
from halles.kernel.ids import uuid7
from halles.vision import api, store
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.in_process import InProcessRecogniser
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.rules.centring import PhotoMean, statistics_of
from halles.vision.tests.pictures import BLUE, GREEN, RED, plain
from halles.vision.types import (
    Candidate,
    CataloguePicture,
    Embedding,
    FoundBy,
    InferenceUnavailable,
    MatchConflict,
    MatchId,
    MatchNotFound,
    Outcome,
    PhotoMatch,
    PictureKind,
    Purchase,
)

SELLER = 11
MEDIA = {
    "red.webp": plain(RED),
    "green.webp": plain(GREEN),
    "blue.webp": plain(BLUE),
    "text.webp": b"no picture",
}
P1, P2, P3 = UUID(int=1), UUID(int=2), UUID(int=3)


class CountingRecogniser(InProcessRecogniser):
    """Counts what it embeds; fails after `until`."""

    def __init__(self, until: int = 1_000_000) -> None:
        super().__init__(LocalEngine(Pipeline(ColourEmbedder())))
        self.embedded, self.until = 0, until

    async def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        if self.embedded >= self.until:
            raise InferenceUnavailable("gone")
        self.embedded += 1
        return await super().embed(picture, kind)


def _picture(product_id: UUID, media: str) -> CataloguePicture:
    return CataloguePicture(product_id=product_id, variant_id=None, media=media)


ALL = [_picture(P1, "red.webp"), _picture(P2, "green.webp"), _picture(P3, "blue.webp")]


async def test_indexing_is_done_once_and_reports(db: Database) -> None:
    eyes = CountingRecogniser()
    report = await api.index_pictures(
        db, eyes, MEDIA.__getitem__, SELLER, [*ALL, ALL[0], _picture(P1, "text.webp")]
    )
    assert (report.embedded, report.known, report.refused) == (3, 0, {"text.webp": "vision.not_a_photo"})
    again = await api.index_pictures(db, eyes, MEDIA.__getitem__, SELLER, ALL)
    assert (again.embedded, again.known, eyes.embedded) == (0, 3, 4)


async def test_indexing_goes_on_where_it_was_cut_short(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halles.vision.api.index.INDEX_BATCH", 1)
    with pytest.raises(InferenceUnavailable):
        await api.index_pictures(db, CountingRecogniser(until=2), MEDIA.__getitem__, SELLER, ALL)
    report = await api.index_pictures(db, CountingRecogniser(), MEDIA.__getitem__, SELLER, ALL)
    assert (report.embedded, report.known) == (1, 2)


async def _changes(db: Database, engine: LocalEngine, seller_id: int = SELLER) -> list[bool]:
    async with db.snapshot() as tx:
        found = await api.index_changes(tx, engine.model_id, {seller_id: engine.states().get(seller_id)})
    for change in found:
        engine.apply(change)
    return [change.anew for change in found]


async def test_an_index_takes_in_changes_and_only_changes(db: Database) -> None:
    eyes, engine = CountingRecogniser(), LocalEngine(Pipeline(ColourEmbedder()))
    assert await _changes(db, engine) == [True]
    assert await _changes(db, engine) == []
    await api.index_pictures(db, eyes, MEDIA.__getitem__, SELLER, ALL[:2])
    assert await _changes(db, engine) == [False]
    assert engine.pictures(SELLER) == 2
    await api.index_pictures(db, eyes, MEDIA.__getitem__, SELLER, ALL)
    await api.index_pictures(db, eyes, MEDIA.__getitem__, 99, ALL)
    assert await _changes(db, engine) == [False]
    assert engine.pictures(SELLER) == 3
    assert engine.recognise(plain(BLUE), SELLER).candidates[0].product_id == P3
    with counting() as queries:
        assert await _changes(db, engine) == []
    assert queries.statements == 1


async def test_forgotten_pictures_are_found_no_more(db: Database) -> None:
    eyes, engine = CountingRecogniser(), LocalEngine(Pipeline(ColourEmbedder()))
    both = [*ALL, _picture(P1, "green.webp")]
    await api.index_pictures(db, eyes, MEDIA.__getitem__, SELLER, both)
    await _changes(db, engine)
    async with db.transaction() as tx:
        assert await api.forget_pictures(tx, SELLER, [P1], keep=[(P1, "red.webp")]) == 1
    assert await _changes(db, engine) == [False]
    assert engine.pictures(SELLER) == 3
    async with db.transaction() as tx:
        assert await api.forget_pictures(tx, SELLER, [P1, P2, P3]) == 3
        assert await api.forget_pictures(tx, SELLER, [P1]) == 0
    assert await _changes(db, engine) == [False]
    assert engine.recognise(plain(RED), SELLER).outcome is Outcome.UNKNOWN
    async with db.reading() as tx:
        assert await api.indexed_sellers(tx, 10) == [SELLER]


async def test_vectors_of_another_model_are_not_compared(db: Database) -> None:
    async with db.transaction() as tx:
        await store.save_pictures(tx, SELLER, "another", [(ALL[0], b"\0\0")])
    engine = LocalEngine(Pipeline(ColourEmbedder()))
    await _changes(db, engine)
    assert engine.pictures(SELLER) == 0


async def test_after_a_change_of_model_pictures_are_seen_again(db: Database) -> None:
    async with db.transaction() as tx:
        await store.save_pictures(tx, SELLER, "former", [(one, b"\0\0") for one in ALL[:2]])
        await store.save_pictures(tx, SELLER, "older", [(ALL[0], b"\0\0")])
    await api.index_pictures(db, CountingRecogniser(), MEDIA.__getitem__, SELLER, [ALL[1]])
    reports = await api.reindex(db, CountingRecogniser(), MEDIA.__getitem__)
    assert {seller: report.embedded for seller, report in reports.items()} == {SELLER: 1}
    assert await api.reindex(db, CountingRecogniser(), MEDIA.__getitem__) == {}


async def test_photo_statistics_of_processes_add_up(db: Database) -> None:
    one = statistics_of(PhotoMean(photos=30, mean=np.full(48, 1, np.float32)))
    two = statistics_of(PhotoMean(photos=10, mean=np.full(48, 5, np.float32)))
    async with db.transaction() as tx:
        assert (await api.add_photo_statistics(tx, SELLER, "colours", one)).photos == 30
        total = await api.add_photo_statistics(tx, SELLER, "colours", two)
    assert total.photos == 40
    np.testing.assert_allclose(np.frombuffer(total.mean, "<f4"), 2)
    await api.index_pictures(db, CountingRecogniser(), MEDIA.__getitem__, SELLER, ALL)
    engine = LocalEngine(Pipeline(ColourEmbedder()))
    await _changes(db, engine)
    async with db.reading() as tx:
        assert await store.photo_statistics(tx, SELLER, "colours") == total


def _match(clock: FixedClock, outcome: Outcome = Outcome.CANDIDATES, first: UUID = P1) -> PhotoMatch:
    shown = (
        Candidate(product_id=first, variant_id=5, score=0.7),
        Candidate(product_id=P3, variant_id=None, score=0.2),
    )
    return PhotoMatch(
        match_id=MatchId(uuid7()),
        seller_id=SELLER,
        place_id=None,
        touchpoint_id=3,
        visitor="v",
        model_id="colours",
        outcome=outcome,
        found_by=FoundBy.PICTURE,
        gtin=None,
        candidates=() if outcome is Outcome.UNKNOWN else shown,
        cpu_ms=21.5,
        taken_at=clock(),
    )


async def test_purchases_judge_the_model(db: Database, clock: FixedClock) -> None:
    first, shown, missed, lost = (_match(clock) for _ in range(4))
    unknown = _match(clock, Outcome.UNKNOWN)
    order = uuid7()
    bought = [
        Purchase(order_id=order, match_id=first.match_id, product_id=P1, variant_id=5),
        Purchase(order_id=order, match_id=shown.match_id, product_id=P3, variant_id=6),
        Purchase(order_id=order, match_id=missed.match_id, product_id=P2, variant_id=7),
        Purchase(order_id=order, match_id=MatchId(uuid4()), product_id=P2, variant_id=7),
    ]
    async with db.transaction() as tx:
        for match in (first, shown, missed, lost, unknown):
            await api.record_match(tx, match)
        late = [replace(one, order_id=uuid7()) for one in bought]
        assert await api.record_purchases(tx, SELLER, [*bought, *late]) == 3
        assert await api.record_purchases(tx, SELLER, bought) == 3
        assert await api.record_purchases(tx, SELLER, late) == 0, "the first order keeps its photos"
        assert await api.record_purchases(tx, SELLER, []) == 0
        since, until = clock() - timedelta(hours=1), clock() + timedelta(hours=1)
        quality = await api.quality(tx, SELLER, since=since, until=until, model_id="colours")
        assert (quality.photos, quality.unknown, quality.purchases) == (5, 1, 3)
        assert (quality.first, quality.shown) == (1, 2)
        assert quality.recall_first == pytest.approx(1 / 3)
        assert quality.recall_shown == pytest.approx(2 / 3)
        other = await api.quality(tx, SELLER, since=since, until=until, model_id="another")
        assert other.recall_first is None
        assert (await api.quality(tx, 99, since=since, until=until)).recall_shown is None


async def test_a_match_id_is_taken_once_and_a_choice_needs_a_match(db: Database, clock: FixedClock) -> None:
    match = _match(clock)
    async with db.transaction() as tx:
        await api.record_match(tx, match)
        with pytest.raises(MatchConflict):
            await api.record_match(tx, match)
        await api.record_choice(tx, match.match_id, 6)
        with pytest.raises(MatchNotFound):
            await api.record_choice(tx, MatchId(uuid7()), 6)
