"""Taught samples, confusions and recall as the console shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from halles.kernel.web import Model

SideName = Literal["front", "back", "left", "right", "shelf"]
ReasonName = Literal["few_photos", "blurred", "dark", "only_text_differs", "same_words", "unclear"]
AdviceName = Literal["teach", "retake", "closer", "barcode"]
_MEDIA = "580cee855a0992d07044264f8033bfd5b90d4630.webp"
_ID = "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10"


class SampleToTeach(Model):
    """What is about to be photographed. `sample_id` is made by the phone; `variant_id` null: the product as a whole."""

    sample_id: UUID = Field(examples=[_ID])
    place_id: int = Field(ge=1, le=2**62)
    product_id: UUID = Field(examples=[_ID])
    variant_id: int | None = Field(None, ge=1, le=2**62)


class Teach(Model):
    """`sure`: a person says that the photos are right although they look like something else."""

    sure: bool = False


class LookModel(Model):
    """A product, as much of it as it takes to tell it apart."""

    product_id: UUID
    title: str
    image: str | None = Field(examples=[_MEDIA])


class TaughtPhotoModel(Model):
    """A photo of a sample; `/media/{media}`. `sharpness`, `brightness`: 0 to 1. `looks_like`: what it was taken for before."""

    side: SideName
    media: str = Field(examples=[_MEDIA])
    sharpness: float
    brightness: float
    looks_like: LookModel | None
    taken_at: datetime


class DoubtModel(Model):
    """Why the photos may be of something else: they look like `product`, or, when it is null, `sides` are unlike the others."""

    product: LookModel | None
    sides: list[SideName]


class TaughtSampleModel(Model):
    """Photos that staff took of one thing on display. `learnt`: photos are answered with it. `by`: who taught or opened it."""

    sample_id: UUID
    state: Literal["open", "taught", "learnt", "retired"]
    place_id: int
    place: str | None = Field(examples=["Pop-up Le Marais"])
    product: LookModel
    variant_id: int | None
    variant: str | None = Field(examples=["Sand · 38"])
    photos: list[TaughtPhotoModel]
    missing: list[SideName]
    doubt: DoubtModel | None
    by: str | None = Field(examples=["Sam Okafor"])
    at: datetime
    learnt_at: datetime | None
    retired_at: datetime | None


class PairModel(Model):
    """`product` was taken for `other`: of `photos` taught photos `times`, each compared with all others; and `bought` times a
    shopper was shown `other` first and bought `product`. `similarity`: centred cosine, -1 to 1, null without a photo."""

    product: LookModel
    other: LookModel
    times: int
    photos: int
    bought: int
    similarity: float | None
    media: str | None = Field(examples=[_MEDIA])
    other_media: str | None = Field(examples=[_MEDIA])
    reasons: list[ReasonName]
    advice: AdviceName


class RecallModel(Model):
    """Recognition at a place under a model, judged by what was bought after it.

    Of `purchases` that followed a photo answered by its look, `recall_first` (0 to 1) bought the product shown first,
    `recall_shown` one of those shown; null without purchases. `by_code`: purchases after a code in the photo, not counted.
    """

    place_id: int | None
    place: str | None = Field(examples=["Pop-up Le Marais"])
    model_id: str
    photos: int
    unknown: int
    purchases: int
    recall_first: float | None
    recall_shown: float | None
    by_code: int


class SamplePlace(Model):
    """A place of the seller, where samples may stand."""

    place_id: int
    name: str


class RecognitionReport(Model):
    """What is taken for what, and how often the answer was right. UTC."""

    since: datetime
    until: datetime
    recall: list[RecallModel]
    pairs: list[PairModel]
    taught_products: int
    taught_photos: int
    places: list[SamplePlace]
