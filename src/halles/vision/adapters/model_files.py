"""A vision model on disk: an ONNX file and the sidecar that says how to feed it.

`NAME.onnx` stands beside `NAME.json`. The sidecar makes any network usable without code: what size it takes, how its
input is scaled, how much of a photo it should see, and the SHA-256 by which a damaged file is recognised.
`docs/howto/own-vision-model.md` explains every field.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

from halles.vision.rules.decide import Calibration
from halles.vision.types import ModelDamaged, ModelMissing


class ModelCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sidecar of a model file.

    The network takes float32[N, 3, input_px, input_px], RGB, `(pixel − mean) / std` per channel with pixels 0–255,
    and answers float32[N, dim]. `photo_crop` is the central part, as a share of each side (0, 1], that is looked at in a
    shopper's photo. Features are raised to `power` (0, 1] before anything is compared. `calibration` says from which
    scores a photo is answered. Models whose vectors may not be compared must differ in `model_id`.
    """

    model_id: str
    sha256: str
    input_px: int
    dim: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    photo_crop: float = 0.7
    power: float = 1.0
    output: str = ""
    calibration: Calibration = Calibration()
    source: str = ""
    licence: str = ""


def sidecar_of(model: Path) -> Path:
    """Where the sidecar of an ONNX file stands."""
    return model.with_suffix(".json")


def write_model(target: Path, onnx_bytes: bytes, card: ModelCard) -> None:
    """Writes model and sidecar, each at once or not at all; the sidecar last, so it never describes a missing file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _write_atomically(target, onnx_bytes)
    _write_atomically(sidecar_of(target), msgspec.json.format(msgspec.json.encode(card)) + b"\n")


def read_model(model: Path) -> tuple[ModelCard, bytes]:
    """The sidecar and the checked bytes of a model.

    Raises ModelMissing when either file is absent, ModelDamaged when the sidecar cannot be read or the bytes are not
    those it describes.
    """
    try:
        card = msgspec.json.decode(sidecar_of(model).read_bytes(), type=ModelCard)
        data = model.read_bytes()
    except OSError as reason:
        raise ModelMissing(file=model.name, reason=reason.strerror or "cannot be read") from reason
    except msgspec.DecodeError as reason:
        raise ModelDamaged(file=sidecar_of(model).name, reason=str(reason)) from reason
    _check_card(card, sidecar_of(model).name)
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise ModelDamaged(file=model.name, reason="its SHA-256 is not the one in the sidecar")
    return card, data


def _check_card(card: ModelCard, file: str) -> None:
    if not (0 < card.photo_crop <= 1 and 0 < card.power <= 1):
        raise ModelDamaged(file=file, reason="photo_crop and power must be above 0 and at most 1")
    if not (16 <= card.input_px <= 2048 and 1 <= card.dim <= 65536 and min(card.std) > 0 and card.model_id):
        raise ModelDamaged(file=file, reason="input_px, dim, std or model_id is out of range")


def _write_atomically(target: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
