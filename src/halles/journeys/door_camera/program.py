"""The counter itself: a picture, the people in it, who crossed, a line in the spool, a word to whoever listens."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from time import monotonic, process_time
from uuid import UUID

import cv2
import numpy as np

from halles.journeys.door_camera.adapters.poster import Poster, Report
from halles.journeys.door_camera.adapters.spool import Spool
from halles.journeys.door_camera.adapters.video import Camera, Shot
from halles.journeys.door_camera.adapters.yolox import Frame, PeopleDetector
from halles.journeys.door_camera.rules import sight
from halles.journeys.door_camera.rules.counting import Counting, CountSettings, begin, look
from halles.journeys.door_camera.types import Crossing, Line, SpoolUnwritable, Told
from halles.kernel.clock import Clock
from halles.kernel.ids import derived_uuid, uuid7

_TURN_S = 1.0
SIGN_EVERY_S = 300.0
"""How often a camera that sees says so where nobody passes: a door that says nothing for longer is blind, off, or cut off."""
_FIRST_SIGN_S = 15.0


@dataclass(slots=True)
class Totals:
    """What one run counted, and what it cost: pictures looked at, seconds of the clock and of the processor."""

    inward: int = 0
    outward: int = 0
    pictures: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def facts(self) -> dict[str, float]:
        """As they are told: with pictures a second, and milliseconds of processor a picture."""
        return {
            "inward": self.inward,
            "outward": self.outward,
            "pictures": self.pictures,
            "seconds": round(self.wall_s, 1),
            "pictures_per_s": round(self.pictures / self.wall_s, 1) if self.wall_s else 0.0,
            "cpu_ms_per_picture": round(1000 * self.cpu_s / self.pictures, 1) if self.pictures else 0.0,
        }


class Counter:
    """Counts over one line. `spool` and `poster` are None where nothing is sent.

    A crossing is on disk before it is reported. Where the disk refuses, it is kept in memory and tried again at each picture.
    """

    def __init__(
        self,
        detector: PeopleDetector,
        line: Line,
        settings: CountSettings,
        report: Report,
        spool: Spool | None = None,
        poster: Poster | None = None,
    ) -> None:
        self._detector, self._line, self._settings = detector, line, settings
        self._spool, self._poster = spool, poster
        self.report = report
        self.totals = Totals()
        self._state: Counting | None = None
        self._unwritten: list[Told] = []
        self._started, self._started_cpu = monotonic(), process_time()

    def see(self, shot: Shot, told: Callable[[Crossing], Told]) -> None:
        """Looks at one picture; `told` gives a crossing its id and its moment."""
        height, width = shot.frame.shape[:2]
        state = self._state or begin(shot.at_s)
        people = self._detector.people(shot.frame)
        self._state, crossings = look(state, people, shot.at_s, (width, height), self._line, self._settings)
        self.totals.pictures += 1
        self._keep([told(crossing) for crossing in crossings])

    def sign(self, told: Told) -> None:
        """Says that the camera sees, though nobody passed: a crossing of nobody. What waits to be sent says so as well."""
        if self._spool is None or self._poster is None or self._unwritten or len(self._spool):
            return
        try:
            self._spool.add([told])
        except SpoolUnwritable:
            return  # the next crossing tells it
        self._poster.wake()

    def finish(self) -> Totals:
        """Keeps what could not be kept yet, and adds up the cost."""
        self._keep([])
        self.totals.wall_s = monotonic() - self._started
        self.totals.cpu_s = process_time() - self._started_cpu
        return self.totals

    def _keep(self, crossings: Sequence[Told]) -> None:
        self._unwritten += crossings
        if not self._unwritten:
            return
        if self._spool is not None:
            try:
                self._spool.add(self._unwritten)
            except SpoolUnwritable as refusal:
                if crossings:
                    self.report("not_kept", why=refusal.message, waiting=len(self._unwritten))
                return
        for told in self._unwritten:
            self.totals.inward += told.inward
            self.totals.outward += told.outward
            self.report("crossing", at=told.at.isoformat(), inward=told.inward, outward=told.outward)
        self._unwritten = []
        if self._poster is not None:
            self._poster.wake()


def count_recording(counter: Counter, shots: Iterable[Shot], start: datetime, door: str) -> None:
    """Counts a recording that began at `start`. Ids follow from door, moment, direction and order, so that counting it again with
    the same model, line and pace sends the same crossings, which count once."""
    number = 0

    def told(crossing: Crossing) -> Told:
        nonlocal number
        number += 1
        at = start + timedelta(seconds=crossing.at_s)
        return _told(crossing, at, derived_uuid("door_camera", door, at.isoformat(), crossing.inward, number))

    for shot in shots:
        counter.see(shot, told)


def count_camera(counter: Counter, camera: Camera, clock: Clock, over: Event) -> None:
    """Counts until `over`. Tells when nothing can be seen, and when it can be again; and from time to time that it sees."""
    state = sight.opened(monotonic())
    signed = monotonic() - SIGN_EVERY_S + _FIRST_SIGN_S

    def told(crossing: Crossing) -> Told:
        at = clock() - timedelta(seconds=max(0.0, monotonic() - crossing.at_s))
        return _told(crossing, at, uuid7(int(at.timestamp() * 1000)))

    while not over.is_set():
        shot = camera.next(_TURN_S)
        before, state = state, sight.after(state, monotonic(), glance(shot.frame) if shot else None)
        if state.blind is not before.blind:
            kind = "seeing" if state.blind is None else "blind"
            counter.report(kind, at=clock().isoformat(), why=(state.blind or before.blind))
        if shot is not None:
            counter.see(shot, told)
            if state.blind is None and monotonic() - signed >= SIGN_EVERY_S:
                signed, at = monotonic(), clock()
                counter.sign(Told(event_id=uuid7(int(at.timestamp() * 1000)), at=at, inward=0, outward=0))


def _told(crossing: Crossing, at: datetime, event_id: UUID) -> Told:
    return Told(event_id=event_id, at=at, inward=int(crossing.inward), outward=int(not crossing.inward))


def glance(frame: Frame) -> sight.Glance:
    """A picture in three numbers, from every eighth pixel both ways."""
    small = np.ascontiguousarray(frame[::8, ::8])
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    return sight.Glance(checksum=zlib.crc32(small.data), level=float(grey.mean()), spread=float(grey.std()))
