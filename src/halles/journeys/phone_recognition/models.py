"""What phones are told about the model and the index they carry."""

from __future__ import annotations

import base64
from typing import Annotated

from pydantic import ConfigDict, Field

from halles.journeys.phone_recognition.api import Carried
from halles.kernel.web import Model

Colour = Annotated[list[float], Field(min_length=3, max_length=3)]
_NAME = "5f1c0c1f0a9a1b7f0e2ddc0f8b7a6c5d"


class PhoneCalibration(Model):
    """From which scores a photo is answered; docs/algorithms/recognition.md tells what each line is."""

    sharpness: float
    clear_share: float
    clear_score: float
    belonging_cold: float
    belonging_warm: float
    lead_over_nothing: float
    push_weight: float


class PhoneModel(Model):
    """The network: float32[1, 3, input_px, input_px] RGB, `(pixel − mean) / std`, of the photo's central `photo_crop`."""

    model_config = ConfigDict(protected_namespaces=())
    model_id: str = Field(examples=["efficientnet-lite2-phone-1"])
    sha256: str
    href: str = Field(description="Where the file is; its name is its content's, so it may be kept for ever.")
    bytes: int
    input_px: int
    dim: int
    mean: Colour = Field(examples=[[127.0, 127.0, 127.0]])
    std: Colour = Field(examples=[[128.0, 128.0, 128.0]])
    photo_crop: float
    power: float
    calibration: PhoneCalibration
    source: str
    licence: str


class PhoneIndexPart(Model):
    """A part of the index; `name` is the hash of its bytes."""

    name: str = Field(examples=[_NAME])
    bytes: int
    products: int


class PhoneIndexModel(Model):
    """The index: parts to fetch by name at `/api/recognition/parts/{name}`. `left_out`: products beyond what a phone carries."""

    name: str = Field(examples=[_NAME])
    version: int
    products: int
    pictures: int
    left_out: int
    bytes: int
    parts: list[PhoneIndexPart]
    nothing: PhoneIndexPart


class PhonePhotos(Model):
    """The mean of this shop's photos under the phone's model, float32 little-endian in base64, and of how many it is.

    `named`: how many photos went to each product of the index, by product id, in sixteenths; uint16 little-endian in base64.
    """

    photos: int
    mean: str
    named: str


class PhoneRecognitionView(Model):
    """All that a phone needs to recognise without a network. `photos` null: none are known yet."""

    model: PhoneModel
    index: PhoneIndexModel
    photos: PhonePhotos | None


def view_of(carried: Carried) -> PhoneRecognitionView:
    card, index = carried.card, carried.index
    lines = card.calibration
    return PhoneRecognitionView(
        model=PhoneModel(
            model_id=card.model_id,
            sha256=card.sha256,
            href=f"/api/recognition/models/{card.sha256}.onnx",
            bytes=carried.model_bytes,
            input_px=card.input_px,
            dim=card.dim,
            mean=list(card.mean),
            std=list(card.std),
            photo_crop=card.photo_crop,
            power=card.power,
            calibration=PhoneCalibration(
                sharpness=lines.sharpness,
                clear_share=lines.clear_share,
                clear_score=lines.clear_score,
                belonging_cold=lines.belonging_cold,
                belonging_warm=lines.belonging_warm,
                lead_over_nothing=lines.lead_over_nothing,
                push_weight=lines.push_weight,
            ),
            source=card.source,
            licence=card.licence,
        ),
        index=PhoneIndexModel(
            name=index.name,
            version=carried.version,
            products=index.products,
            pictures=index.pictures,
            left_out=index.left_out,
            bytes=sum(len(part.data) for part in index.parts),
            parts=[
                PhoneIndexPart(name=part.name, bytes=len(part.data), products=part.products)
                for part in index.parts
            ],
            nothing=PhoneIndexPart(name=index.nothing.name, bytes=len(index.nothing.data), products=0),
        ),
        photos=None
        if carried.photos is None
        else PhonePhotos(
            photos=carried.photos.photos, mean=_base64(carried.photos.mean), named=_base64(carried.named)
        ),
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
