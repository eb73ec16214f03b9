"""What recognition refuses, and why."""

from __future__ import annotations

from halles.kernel.errors import Conflict, Invalid, NotFound, PayloadTooLarge, TooMany, Unavailable


class NotAPhoto(Invalid):
    """The bytes are no JPEG, HEIC, PNG, WebP, AVIF or GIF, whatever their name says."""

    code, title = "vision.not_a_photo", "Not a photo"


class PhotoUnsupported(Invalid):
    """A photo in a format Halles does not open (TIFF, BMP, JPEG XL …)."""

    code, title = "vision.photo_unsupported", "Photo format not supported"


class PhotoDamaged(Invalid):
    """The photo is cut short or broken inside."""

    code, title = "vision.photo_damaged", "Photo damaged"


class PhotoTooLarge(PayloadTooLarge):
    """More bytes or more pixels than a phone's photo has."""

    code, title = "vision.photo_too_large", "Photo too large"


class PhotoTooSmall(Invalid):
    """Too few pixels to recognise anything by."""

    code, title = "vision.photo_too_small", "Photo too small"


class ModelMissing(Unavailable):
    """A model file or its sidecar is not where the settings say."""

    code, title = "vision.model_missing", "Vision model missing"

    def __init__(self, *, file: str, reason: str) -> None:
        super().__init__(f"the vision model {file} cannot be used: {reason}", retry_after_s=60.0, file=file)


class ModelDamaged(Unavailable):
    """A model file is not the one its sidecar describes."""

    code, title = "vision.model_damaged", "Vision model damaged"

    def __init__(self, *, file: str, reason: str) -> None:
        super().__init__(f"the vision model {file} is damaged: {reason}", retry_after_s=60.0, file=file)


class IndexDamaged(Unavailable):
    """A file of an index is not the one that was written."""

    code, title = "vision.index_damaged", "Vision index damaged"

    def __init__(self, *, file: str, reason: str) -> None:
        super().__init__(f"the vision index {file} is damaged: {reason}", retry_after_s=60.0, file=file)


class IndexBuilding(Unavailable):
    """The index of a large catalogue is being built for the first time."""

    code, title = "vision.index_building", "Vision index being built"


class PhonePartGone(NotFound):
    """A part of the phone's index or its model that is not the present one: ask again what is."""

    code, title = "vision.phone_part_gone", "Not used any more"


class InferenceBusy(TooMany):
    """More photos wait than the inference process takes."""

    code, title = "vision.busy", "Too many photos at once"


class InferenceUnavailable(Unavailable):
    """The inference process does not answer, or not in time."""

    code, title = "vision.unavailable", "Recognition does not answer"


class EvaluationInput(Invalid):
    """A catalogue or photo list that cannot be evaluated."""

    code, title = "vision.evaluation_input", "Evaluation input unusable"


class MatchNotFound(NotFound):
    """No photo match has this id."""

    code, title = "vision.match_not_found", "Photo match not found"


class MatchConflict(Conflict):
    """The match id is already taken by another photo, or its purchase is already recorded otherwise."""

    code, title = "vision.match_conflict", "Photo match recorded otherwise"
