"""One picture to set the line by, in which nobody can be recognised."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from halles.journeys.door_camera.adapters.video import Shot
from halles.journeys.door_camera.adapters.yolox import Frame, PeopleDetector
from halles.journeys.door_camera.rules.counting import Point
from halles.journeys.door_camera.types import Detection, Line, SourceUnavailable

_WIDE = 960
_COARSE = 64
"""Columns that the background is boiled down to: a face in a doorway is less than one of them."""
_RED, _GREEN, _WHITE, _BLACK = (60, 60, 220), (80, 170, 60), (255, 255, 255), (40, 40, 40)


def coarse(frame: Frame) -> Frame:
    """The picture with 64 columns, enlarged again: what was smaller is gone for good."""
    height, width = frame.shape[:2]
    rows = max(1, round(_COARSE * height / width))
    small = cv2.resize(frame, (_COARSE, rows), interpolation=cv2.INTER_AREA)
    size = (_WIDE, round(_WIDE * height / width))
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def draw(path: Path, shots: Iterable[Shot], detector: PeopleDetector, line: Line | None, point: Point) -> int:
    """Writes a PNG: the last picture made coarse, its people as boxes, a dot wherever anybody's counted point was in any of the
    pictures, a ruler in tenths, and the line with its inside. Gives the number of dots. Raises SourceUnavailable."""
    dots: list[tuple[float, float]] = []
    last: Shot | None = None
    people: list[Detection] = []
    for last in shots:
        people = [one for one in detector.people(last.frame) if one.score >= 0.4]
        height, width = last.frame.shape[:2]
        for one in people:
            down = one.box.bottom if point is Point.FOOT else (one.box.top + one.box.bottom) / 2
            dots.append(((one.box.left + one.box.right) / 2 / width, down / height))
    if last is None:
        raise SourceUnavailable("The source gave no picture.")
    picture = coarse(last.frame)
    scale = picture.shape[1] / last.frame.shape[1]
    for one in people:
        corners = (one.box.left, one.box.top), (one.box.right, one.box.bottom)
        a, b = ((round(x * scale), round(y * scale)) for x, y in corners)
        cv2.rectangle(picture, a, b, _WHITE, 2)
    for dot in dots:
        cv2.circle(picture, _at(picture, *dot), 3, _RED, -1)
    _ruler(picture)
    if line is not None:
        _line(picture, line)
    whole, data = cv2.imencode(".png", picture)
    assert whole
    path.write_bytes(data.tobytes())
    return len(dots)


def _at(picture: Frame, x: float, y: float) -> tuple[int, int]:
    return round(x * (picture.shape[1] - 1)), round(y * (picture.shape[0] - 1))


def _ruler(picture: Frame) -> None:
    for tenth in range(1, 10):
        share = tenth / 10
        for place, end in (((share, 0.0), (share, 1.0)), ((0.0, share), (1.0, share))):
            cv2.line(picture, _at(picture, *place), _at(picture, *end), _BLACK, 1)
        for x, y in ((share, 0.03), (0.005, share)):
            cv2.putText(
                picture, f"{share:.1f}", _at(picture, x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.45, _WHITE, 1
            )


def _line(picture: Frame, line: Line) -> None:
    cv2.line(picture, _at(picture, line.ax, line.ay), _at(picture, line.bx, line.by), _GREEN, 4)
    middle = ((line.ax + line.bx) / 2, (line.ay + line.by) / 2)
    cv2.arrowedLine(picture, _at(picture, *middle), _at(picture, line.inside_x, line.inside_y), _GREEN, 2)
    cv2.putText(
        picture,
        "inside",
        _at(picture, line.inside_x, line.inside_y),
        cv2.FONT_HERSHEY_SIMPLEX,
        0.7,
        _GREEN,
        2,
    )
