"""What the counter sees and says, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.errors import Conflict, Invalid, NotFound, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where a person is in a picture: pixels, x to the right and y down."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A person in one picture; `score` from 0 to 1 is the network's."""

    box: Box
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """From A to B, and any point that lies inside; all as shares of the picture's width and height, from 0 to 1."""

    ax: float
    ay: float
    bx: float
    by: float
    inside_x: float
    inside_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One person went over the line, as the rules say it. `at_s`: seconds on the source's own time; `track`: who, within this
    run of the program alone."""

    at_s: float
    inward: bool
    track: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A crossing as it is kept and sent."""

    event_id: UUID
    at: datetime
    inward: int
    outward: int


class ModelMissing(NotFound):
    """The detector's file is not where `--model` says."""

    code, title = "door_camera.model_missing", "Detector missing"


class NotYolox(Invalid):
    """The file is no YOLOX network in ONNX that can find people."""

    code, title = "door_camera.not_yolox", "Not a YOLOX model"


class BadLine(Invalid):
    """The line has no length, lies outside the picture, or its inside lies on it."""

    code, title = "door_camera.bad_line", "Line unusable"


class BadOptions(Invalid):
    """Options of `halles door count` that do not go together."""

    code, title = "door_camera.bad_options", "Options do not go together"


class KeyInClear(Invalid):
    """The API key would travel unencrypted to another machine."""

    code, title = "door_camera.key_in_clear", "Key would travel in clear"


class SourceUnavailable(Unavailable):
    """The recording cannot be opened, or the camera gives no picture."""

    code, title = "door_camera.source_unavailable", "No picture"


class SpoolInUse(Conflict):
    """Another counter keeps its crossings in this file."""

    code, title = "door_camera.spool_in_use", "Spool in use"


class SpoolUnwritable(Unavailable):
    """The file of crossings cannot be written: no room, or no right."""

    code, title = "door_camera.spool_unwritable", "Spool cannot be written"
