"""Measures recognition on labelled photos, with the product's own pipeline.

Catalogue and photo lists are CSV files; image paths in them are relative to the file. The photos come in an order
shuffled with a fixed seed, as shoppers would bring them, and the mean of photos is learned on the way, from the photos
seen before and never from the one being answered.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import numpy as np

from halles.kernel.ids import derived_uuid
from halles.vision.adapters.exact_index import ExactIndex, IndexedPicture
from halles.vision.adapters.pipeline import Pipeline, Shop
from halles.vision.rules.centring import joined, no_photos
from halles.vision.rules.head import learn
from halles.vision.rules.words import ProductWords
from halles.vision.types import EvaluationInput, Outcome, PictureKind, Recognition, Vector

_SEED = 2017


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledImage:
    """A row of a list: an image file and the SKU it shows. `department` is empty where the list has none."""

    path: Path
    sku: str
    department: str
    name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What `halles vision eval --json` prints. Shares are 0 to 1 of all `n` photos; a refused photo counts as a miss.

    `top1`: the first answer was right; `top5`: one of the at most five shown; `refused`: the answer was "not
    recognised". `cpu_ms_per_photo` is CPU time of the whole pipeline.
    """

    n: int
    top1: float
    top5: float
    top1_by_department: dict[str, float]
    refused: float
    cpu_ms_per_photo: float
    model: str


@dataclass(slots=True)
class _Tally:
    """Counts while it runs."""

    photos: int = 0
    first: int = 0
    shown: int = 0
    refused: int = 0
    cpu_ms: float = 0.0
    by_department: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, truth: UUID, department: str, answer: Recognition) -> None:
        ids = [one.product_id for one in answer.candidates]
        first = ids[:1] == [truth]
        self.photos += 1
        self.first += first
        self.shown += truth in ids
        self.refused += answer.outcome is Outcome.UNKNOWN
        self.cpu_ms += answer.cpu_ms
        self.by_department[department][0] += first
        self.by_department[department][1] += 1


def read_list(file: Path) -> list[LabelledImage]:
    """The rows of a catalogue or photo list. Raises EvaluationInput naming the file and what is wrong."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as reason:
        raise EvaluationInput(f"{file.name} cannot be read: {reason}", file=file.name) from reason
    if not rows or not {"image", "sku"} <= set(rows[0]):
        raise EvaluationInput(
            f"{file.name} needs a header with image and sku, and at least one row", file=file.name
        )
    return [
        LabelledImage(
            path=file.parent / row["image"],
            sku=row["sku"],
            department=row.get("department") or "",
            name=row.get("name") or "",
            description=row.get("description") or "",
        )
        for row in rows
        if row["image"]
    ]


def evaluate(
    pipeline: Pipeline,
    *,
    catalog: Sequence[LabelledImage],
    gallery: Sequence[LabelledImage],
    photos: Sequence[LabelledImage],
    head: bool = False,
    ocr: bool = False,
) -> Evaluation:
    """Answers every photo and counts. Raises EvaluationInput when lists are empty, overlap, or a file is missing.

    `head`: the gallery also teaches the shop's head, as staff's samples would. `ocr`: the text on packages speaks too.
    """
    if not (catalog or gallery) or not photos:
        raise EvaluationInput("there must be photos, and a catalogue or a gallery to find them in")
    if shared := {one.path.resolve() for one in gallery} & {one.path.resolve() for one in photos}:
        raise EvaluationInput(
            f"{len(shared)} photos are in the gallery too; that would measure memory", shared=len(shared)
        )
    if head and not gallery:
        raise EvaluationInput("a head is learned from a gallery: name one")
    shop = _shop(pipeline, catalog, gallery, head=head, ocr=ocr)
    departments = {one.sku: one.department for one in [*gallery, *catalog]}
    known = no_photos(pipeline.card.dim)
    tally = _Tally()
    for one in random.Random(_SEED).sample(photos, len(photos)):
        answer, seen = pipeline.recognise(_bytes(one.path), shop, known, reads=ocr)
        known = joined(known, seen) if seen else known
        tally.add(_product(one.sku), departments.get(one.sku, ""), answer)
    return _report(tally, pipeline.card.model_id)


def _shop(
    pipeline: Pipeline,
    catalog: Sequence[LabelledImage],
    gallery: Sequence[LabelledImage],
    *,
    head: bool,
    ocr: bool,
) -> Shop:
    """Everything a live shop would know before the first photo."""
    shop = Shop(ExactIndex(pipeline.card.dim))
    shop.index.put(_pictures(catalog, PictureKind.CATALOGUE, pipeline.embed_picture))
    taught = _pictures(gallery, PictureKind.SHOP, pipeline.embed_photo)
    shop.index.put(taught)
    if head:
        shop.head = learn(np.stack([one.vector for one in taught]), [one.product_id for one in taught])
    if ocr:
        for one in catalog:
            package = pipeline.text_of(_bytes(one.path))
            words = ProductWords(name=one.name, description=one.description, package=package)
            shop.words.put(_product(one.sku), words)
    return shop


def _pictures(
    images: Sequence[LabelledImage], kind: PictureKind, embed: Callable[[bytes], Vector]
) -> list[IndexedPicture]:
    return [
        IndexedPicture(
            product_id=_product(one.sku),
            variant_id=None,
            media=str(one.path),
            kind=kind,
            vector=embed(_bytes(one.path)),
        )
        for one in images
    ]


def _product(sku: str) -> UUID:
    return derived_uuid("vision.evaluation", sku)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as reason:
        raise EvaluationInput(f"{path.name} cannot be read: {reason.strerror}", file=path.name) from reason


def _report(tally: _Tally, model: str) -> Evaluation:
    def share(count: int, of: int) -> float:
        return round(count / of, 4)

    departments = sorted((name, counts) for name, counts in tally.by_department.items() if name)
    return Evaluation(
        n=tally.photos,
        top1=share(tally.first, tally.photos),
        top5=share(tally.shown, tally.photos),
        top1_by_department={name: share(first, of) for name, (first, of) in departments},
        refused=share(tally.refused, tally.photos),
        cpu_ms_per_photo=round(tally.cpu_ms / tally.photos, 2),
        model=model,
    )
