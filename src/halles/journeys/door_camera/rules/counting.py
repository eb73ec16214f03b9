"""Who crossed: a track counts when it is clearly on the other side, and nothing on the line itself counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from halles.journeys.door_camera.rules.line import Place, place, through
from halles.journeys.door_camera.rules.tracking import Track, TrackerSettings, Tracks, step
from halles.journeys.door_camera.types import Crossing, Detection, Line


class Point(StrEnum):
    """Which point of a person's box is looked at."""

    FOOT = "foot"
    MIDDLE = "middle"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSettings:
    """`margin`: heights of the person's box that are neither side. `clear`: pictures in a row on the
    other side before it is believed.
    `age_s`: seconds that somebody must have been followed before counting."""

    point: Point = Point.FOOT
    margin: float = 0.1
    clear: int = 2
    age_s: float = 0.3
    tracker: TrackerSettings = field(default_factory=TrackerSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What is known of a track and the line. `inside`: the side it is believed on, None before any. `last`: where it was last
    clearly seen there. `leaning`: where it is clearly on the other side in the last `times` pictures, None when it is not."""

    inside: bool | None = None
    last: Place | None = None
    leaning: Place | None = None
    times: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Everything remembered between two pictures."""

    tracks: Tracks
    passages: dict[int, Passage]


def begin(at_s: float) -> Counting:
    """Nobody is known yet."""
    return Counting(tracks=Tracks(at_s=at_s), passages={})


def look(
    counting: Counting,
    detections: Sequence[Detection],
    at_s: float,
    size: tuple[float, float],
    line: Line,
    settings: CountSettings,
) -> tuple[Counting, list[Crossing]]:
    """What is known after a picture of `size` (width, height in pixels) taken at `at_s`, and who has just crossed.

    Somebody who is not seen keeps their side; where they are merely expected to be counts nothing. Who was last seen clearly on
    the other side and is lost there has crossed: at a door people vanish.
    """
    tracks = step(counting.tracks, detections, at_s, settings.tracker)
    passages: dict[int, Passage] = {}
    crossings = _vanished(counting, at_s, settings)
    for track in tracks.known:
        before = counting.passages.get(track.number, Passage())
        passages[track.number] = before
        if track.seen_s == at_s:
            where = place(line, *_point(track, settings.point), *size)
            after, crossed = _passed(before, where, settings.margin * track.height.value, settings.clear)
            if crossed and at_s - track.born_s < settings.age_s:
                continue  # too young to count: the step to the other side is looked at again in the next picture
            passages[track.number] = after
            if crossed:
                crossings.append(Crossing(at_s=at_s, inward=bool(after.inside), track=track.number))
    return Counting(tracks=tracks, passages=passages), crossings


def _vanished(counting: Counting, at_s: float, settings: CountSettings) -> list[Crossing]:
    """Crossings of those who are given up now, at the moment when they were last seen."""
    found: list[Crossing] = []
    for track in counting.tracks.known:
        known = counting.passages[track.number]
        lost = at_s - track.seen_s > settings.tracker.lost_s
        followed = (
            track.hits >= settings.tracker.confirmed_hits and track.seen_s - track.born_s >= settings.age_s
        )
        if lost and followed and known.last and known.leaning and through(known.last, known.leaning):
            found.append(Crossing(at_s=track.seen_s, inward=known.leaning.depth > 0, track=track.number))
    return found


def _point(track: Track, point: Point) -> tuple[float, float]:
    down = track.height.value / 2 if point is Point.FOOT else 0.0
    return track.x.value, track.y.value + down


def _passed(before: Passage, where: Place, margin: float, clear: int) -> tuple[Passage, bool]:
    """What is known after the track was seen at `where`, and whether it crossed by that."""
    if abs(where.depth) <= margin:
        return replace(before, leaning=None, times=0), False
    side = where.depth > 0
    if before.inside in {None, side}:
        return Passage(inside=side, last=where), False
    times = before.times + 1
    if times < clear:
        return replace(before, leaning=where, times=times), False
    return Passage(inside=side, last=where), before.last is not None and through(before.last, where)
