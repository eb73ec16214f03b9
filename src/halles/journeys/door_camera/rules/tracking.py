"""Who is who from picture to picture, by place and motion alone: nothing of a person's looks is kept or compared.

After ByteTrack (Zhang et al., ECCV 2022): sure detections are paired with the tracks first, then the unsure ones with tracks
that are left, since somebody half hidden scores low. Then boxes grown on all sides are tried (Yang et al., WACV 2023), since few
pictures a second leave fast people without overlap. Other than in ByteTrack, a new track may go on with an unsure detection: at
ten pictures a second one doubtful picture is a tenth of a second, and people enter a picture by halves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from halles.journeys.door_camera.rules.assigning import pairs
from halles.journeys.door_camera.rules.boxes import grown, iou
from halles.journeys.door_camera.rules.motion import Motion, begun, measured, moved
from halles.journeys.door_camera.types import Box, Detection


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerSettings:
    """What each is and why: docs/algorithms/counting-people.md.

    Scores from 0 to 1, overlaps as IoU. `noise`, `speed_noise` and `acceleration` are standard deviations in heights of the
    person's box, which is about 1.7 m: so they hold near and far from the camera.
    """

    sure: float = 0.4
    unsure: float = 0.1
    overlap: float = 0.2
    unsure_overlap: float = 0.5
    new_overlap: float = 0.3
    growth: float = 0.3
    same: float = 0.85
    confirmed_hits: int = 3
    lost_s: float = 1.0
    noise: float = 0.05
    speed_noise: float = 1.0
    acceleration: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A person followed since `born_s`, last seen at `seen_s` in `hits` pictures. Middle and size of the box, each moving."""

    number: int
    x: Motion
    y: Motion
    width: Motion
    height: Motion
    hits: int
    born_s: float
    seen_s: float

    @property
    def box(self) -> Box:
        half_w, half_h = max(self.width.value, 1.0) / 2, max(self.height.value, 1.0) / 2
        return Box(
            left=self.x.value - half_w,
            top=self.y.value - half_h,
            right=self.x.value + half_w,
            bottom=self.y.value + half_h,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """Everybody followed at `at_s`, by number, and the number of the next."""

    at_s: float
    known: tuple[Track, ...] = ()
    following: int = 1


def step(tracks: Tracks, detections: Sequence[Detection], at_s: float, settings: TrackerSettings) -> Tracks:
    """The tracks after a picture taken at `at_s`, which is not before the last one.

    A track that was seen in this picture has `seen_s == at_s`. One not confirmed ends with the first picture that misses it.
    """
    assert at_s >= tracks.at_s
    lately = [track for track in tracks.known if at_s - track.seen_s <= settings.lost_s]
    ahead = [_ahead(track, tracks.at_s, at_s - tracks.at_s, settings) for track in lately]
    old = [track for track in ahead if track.hits >= settings.confirmed_hits]
    young = [track for track in ahead if track.hits < settings.confirmed_hits]
    sure = [one for one in detections if one.score >= settings.sure]
    unsure = [one for one in detections if settings.unsure <= one.score < settings.sure]

    seen, old, sure = _paired(old, sure, at_s, settings, overlap=settings.overlap)
    present = [track for track in old if track.seen_s == tracks.at_s]
    away = [track for track in old if track.seen_s != tracks.at_s]
    again, present, _ = _paired(present, unsure, at_s, settings, overlap=settings.unsure_overlap)
    left = present + away
    far, left, sure = _paired(left, sure, at_s, settings, overlap=settings.overlap, growth=settings.growth)
    grew, _, sure = _paired(young, sure, at_s, settings, overlap=settings.new_overlap, growth=settings.growth)
    waiting = [track for track in left if at_s - track.seen_s <= settings.lost_s]
    kept = _without_doubles([*seen, *again, *far, *grew, *waiting], settings)
    fresh = [_new(one, number, at_s, settings) for number, one in enumerate(sure, start=tracks.following)]
    known = tuple(sorted([*kept, *fresh], key=lambda track: track.number))
    return Tracks(at_s=at_s, known=known, following=tracks.following + len(fresh))


def _new(one: Detection, number: int, at_s: float, settings: TrackerSettings) -> Track:
    x, y, width, height = _measures(one.box)
    noise, speed = settings.noise * height, settings.speed_noise * height
    return Track(
        number=number,
        x=begun(x, noise, speed),
        y=begun(y, noise, speed),
        width=begun(width, noise, speed / 2),
        height=begun(height, noise, speed / 2),
        hits=1,
        born_s=at_s,
        seen_s=at_s,
    )


def _measures(box: Box) -> tuple[float, float, float, float]:
    """Middle x, middle y, width, height, the sizes at least one pixel."""
    return (
        (box.left + box.right) / 2,
        (box.top + box.bottom) / 2,
        max(box.right - box.left, 1.0),
        max(box.bottom - box.top, 1.0),
    )


def _ahead(track: Track, last_s: float, seconds: float, settings: TrackerSettings) -> Track:
    """Where the track is expected; somebody out of sight since before `last_s` walks on, but grows and shrinks no further."""
    push = settings.acceleration * max(track.height.value, 1.0)
    width, height = track.width, track.height
    if track.seen_s < last_s:
        width, height = replace(width, speed=0.0), replace(height, speed=0.0)
    return replace(
        track,
        x=moved(track.x, seconds, push),
        y=moved(track.y, seconds, push),
        width=moved(width, seconds, push / 2),
        height=moved(height, seconds, push / 2),
    )


def _paired(
    tracks: list[Track],
    detections: list[Detection],
    at_s: float,
    settings: TrackerSettings,
    *,
    overlap: float,
    growth: float = 0.0,
) -> tuple[list[Track], list[Track], list[Detection]]:
    """The tracks seen, moved to where they were seen; the tracks left over; the detections left over."""
    here = [grown(track.box, growth) for track in tracks]
    there = [grown(one.box, growth) for one in detections]
    found = pairs([[1.0 - iou(a, b) for b in there] for a in here], limit=1.0 - overlap)
    seen = [_seen(tracks[row], detections[column], at_s, settings) for row, column in found]
    rows, columns = {row for row, _ in found}, {column for _, column in found}
    return (
        seen,
        [track for row, track in enumerate(tracks) if row not in rows],
        [one for column, one in enumerate(detections) if column not in columns],
    )


def _seen(track: Track, one: Detection, at_s: float, settings: TrackerSettings) -> Track:
    x, y, width, height = _measures(one.box)
    noise = settings.noise * height
    return replace(
        track,
        x=measured(track.x, x, noise),
        y=measured(track.y, y, noise),
        width=measured(track.width, width, noise),
        height=measured(track.height, height, noise),
        hits=track.hits + 1,
        seen_s=at_s,
    )


def _without_doubles(tracks: list[Track], settings: TrackerSettings) -> list[Track]:
    """Of two that lie on one another the one followed for longer stays."""
    kept: list[Track] = []
    for track in sorted(tracks, key=lambda one: (-one.hits, one.number)):
        if all(iou(track.box, other.box) < settings.same for other in kept):
            kept.append(track)
    return kept
