"""The door to the index: pictures become findable, and readers fetch what they lack."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from uuid import UUID

from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal, Unavailable
from halles.vision import store
from halles.vision.types import (
    CataloguePicture,
    IndexChange,
    IndexReport,
    IndexState,
    InferenceBusy,
    PhotoStatistics,
    PictureRow,
    Recogniser,
)

INDEX_BATCH = 64
"""Pictures written in one transaction: about seven seconds of embedding, so little is lost when it is cut short."""

CHANGE_ROWS = 10_000
"""Pictures that a reader takes in one step: 26 MB of vectors of 1,280 numbers."""

_EMPTY = IndexState(version=0, rebuilt=0)


async def index_pictures(
    db: Database,
    recogniser: Recogniser,
    load: Callable[[str], bytes],
    seller_id: int,
    pictures: Sequence[CataloguePicture],
) -> IndexReport:
    """Embeds the pictures that have no vector of the present model yet, and makes them findable.

    `load`: media name → bytes. Opens its own short transactions, since embedding happens between them and none may be
    open meanwhile. Idempotent: what is known is skipped, so a repeat goes on where the last one stopped. A picture that
    cannot be opened is reported and skipped; raises InferenceBusy or InferenceUnavailable when the rest must wait.
    """
    model_id = await recogniser.model_id()
    async with db.reading() as tx:
        known = await store.known(tx, seller_id, model_id, pictures)
    wanted = list(
        {
            (one.product_id, one.media): one for one in pictures if (one.product_id, one.media) not in known
        }.values()
    )
    embedded, refused = 0, dict[str, str]()
    for start in range(0, len(wanted), INDEX_BATCH):
        ready: list[tuple[CataloguePicture, bytes]] = []
        for one in wanted[start : start + INDEX_BATCH]:
            try:
                embedding = await recogniser.embed(load(one.media), one.kind)
            except (InferenceBusy, Unavailable):
                raise
            except Refusal as reason:
                refused[one.media] = reason.code
            else:
                assert embedding.model_id == model_id, "the model was changed while indexing: try again"
                ready.append((one, embedding.vector))
        if ready:
            async with db.transaction() as tx:
                await store.save_pictures(tx, seller_id, model_id, ready)
        embedded += len(ready)
    return IndexReport(embedded=embedded, known=len(known), refused=refused)


async def reindex(
    db: Database, recogniser: Recogniser, load: Callable[[str], bytes]
) -> dict[int, IndexReport]:
    """After a change of model: embeds every seller's pictures that only other models have seen. As index_pictures."""
    model_id = await recogniser.model_id()
    reports: dict[int, IndexReport] = {}
    async with db.reading() as tx:
        stale = {
            seller: await store.stale_pictures(tx, seller, model_id)
            for seller in await store.sellers(tx, 2**31)
        }
    for seller_id, pictures in stale.items():
        if pictures:
            reports[seller_id] = await index_pictures(db, recogniser, load, seller_id, pictures)
    return reports


async def forget_pictures(
    tx: Tx, seller_id: int, product_ids: Sequence[UUID], *, keep: Sequence[tuple[UUID, str]] = ()
) -> int:
    """Makes pictures of these products unfindable, but for those (product, media) in `keep`; answers how many went."""
    return await store.forget_pictures(tx, seller_id, product_ids, keep)


async def indexed_sellers(tx: Tx, limit: int) -> list[int]:
    """Sellers whose pictures may be worth loading before the first photo comes."""
    return await store.sellers(tx, limit)


async def index_changes(tx: Tx, model_id: str, have: Mapping[int, IndexState | None]) -> list[IndexChange]:
    """What each seller's index lacks; `have` None: everything, an empty index included. Needs a snapshot.

    A change carries CHANGE_ROWS pictures or little more; where more is lacking, its state is short of the store's and
    the next call goes on. One query when nothing changed, three more for each seller whose pictures did.
    """
    stored = await store.states(tx, list(have))
    changes: list[IndexChange] = []
    for seller_id, mine in have.items():
        now = stored.get(seller_id, _EMPTY)
        if mine is None or mine != now:
            changes.append(await _change(tx, seller_id, model_id, mine, now))
    return changes


async def _change(
    tx: Tx, seller_id: int, model_id: str, mine: IndexState | None, now: IndexState
) -> IndexChange:
    anew = mine is None or mine.version > now.version
    since = 0 if anew or mine is None else mine.version
    until = await store.page_end(tx, seller_id, model_id, since, CHANGE_ROWS)
    complete = until is None
    rows = await store.pictures_since(tx, seller_id, model_id, since, now.version if until is None else until)
    lost_some = not anew and mine is not None and mine.rebuilt < now.rebuilt
    return IndexChange(
        seller_id=seller_id,
        state=IndexState(
            version=now.version if until is None else until,
            rebuilt=now.rebuilt if complete or anew or mine is None else mine.rebuilt,
        ),
        rows=rows,
        anew=anew,
        keys=await store.picture_keys(tx, seller_id, model_id) if lost_some and complete else None,
        photos=await store.photo_statistics(tx, seller_id, model_id),
    )


async def index_state(tx: Tx, seller_id: int) -> IndexState:
    """How far a seller's index is in the store. One query."""
    return (await store.states(tx, [seller_id])).get(seller_id, _EMPTY)


async def index_sizes(tx: Tx, model_id: str, seller_ids: Sequence[int]) -> dict[int, int]:
    """How many pictures of a model each seller has. One query that counts them."""
    counted = await store.picture_counts(tx, model_id, seller_ids)
    return {seller_id: counted.get(seller_id, 0) for seller_id in seller_ids}


async def seen_pictures(tx: Tx, seller_id: int) -> int:
    """How many of a seller's catalogue pictures can be found, whatever model saw them. One query that counts them."""
    return await store.seen_pictures(tx, seller_id)


async def all_pictures(
    db: Database, seller_id: int, model_id: str, page: int = CHANGE_ROWS
) -> AsyncIterator[list[PictureRow]]:
    """Every picture of a seller, a page a transaction, so that none stays open for the minutes that it takes.

    What changes meanwhile may be missing or be there: the reader takes the state before, and then its changes.
    """
    after: tuple[UUID, str] | None = None
    while True:
        async with db.reading() as tx:
            rows = await store.pictures_after(tx, seller_id, model_id, after, page)
        if not rows:
            return
        yield rows
        after = (rows[-1].product_id, rows[-1].media)


async def add_photo_statistics(
    tx: Tx, seller_id: int, model_id: str, learned: PhotoStatistics
) -> PhotoStatistics:
    """Joins what a process learned of photos to what is stored, and answers the sum. Three statements."""
    from halles.vision.rules import centring

    dim = len(learned.mean) // 4
    stored = await store.locked_photo_statistics(tx, seller_id, model_id, dim)
    total = centring.statistics_of(centring.joined(centring.mean_of(stored), centring.mean_of(learned)))
    await store.write_photo_statistics(tx, seller_id, model_id, total)
    return total
