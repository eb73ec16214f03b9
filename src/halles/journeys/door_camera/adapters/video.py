"""Pictures from a recording or a camera. They live in memory alone, and no longer than until the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Event, Thread
from time import monotonic
from typing import Any, Protocol

import cv2
import numpy as np

from halles.journeys.door_camera.adapters.yolox import Frame
from halles.journeys.door_camera.rules.pace import due, pause_s
from halles.journeys.door_camera.types import SourceUnavailable

_PATIENCE_MS = 10_000
"""How long OpenCV waits for a camera over the network."""
_USUAL_FPS = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture and when it was taken: seconds from the beginning of a recording, or on this machine's monotonic clock."""

    frame: Frame
    at_s: float


class Capture(Protocol):
    """What of OpenCV's capture is used."""

    def grab(self) -> bool: ...
    def retrieve(self) -> tuple[bool, Any]: ...
    def release(self) -> None: ...


def recording(path: Path, rate: float) -> Iterator[Shot]:
    """The pictures of a file in their order, `rate` of its seconds at most. Raises SourceUnavailable if it cannot be opened."""
    capture = cv2.VideoCapture(str(path)) if path.is_file() else None
    if capture is None or not capture.isOpened():
        raise SourceUnavailable(f"{path} is no recording that can be opened.")
    try:
        fps = capture.get(cv2.CAP_PROP_FPS)
        fps = fps if 0.1 <= fps <= 1000 else _USUAL_FPS
        number, next_s = 0, 0.0
        while capture.grab():
            now_s = number / fps
            wanted, next_s = due(now_s, next_s, rate)
            if wanted:
                whole, frame = capture.retrieve()
                if whole:
                    yield Shot(frame=np.asarray(frame, np.uint8), at_s=now_s)
            number += 1
        if number == 0:
            raise SourceUnavailable(f"{path} has no pictures.")
    finally:
        capture.release()


def opened(source: str) -> Capture | None:
    """A camera by its number, or by its address over FFmpeg; None where it cannot be had now."""
    if source.isdecimal():
        capture = cv2.VideoCapture(int(source))
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    else:
        patience = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            _PATIENCE_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            _PATIENCE_MS,
        ]
        capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, patience)
    if capture.isOpened():
        return capture
    capture.release()
    return None


class Camera:
    """A camera read by a thread of its own, so that whoever is slow gets the newest picture and the others are dropped. A camera
    that is lost is opened again, after pauses that double up to a minute."""

    def __init__(
        self,
        source: str,
        rate: float,
        *,
        open_: Callable[[str], Capture | None] = opened,
        wait: Callable[[Event, float], bool] = Event.wait,
    ) -> None:
        """`rate`: pictures a second at most. `open_` and `wait` are the outside, for tests."""
        self._source, self._rate, self._open, self._wait = source, rate, open_, wait
        self._news, self._over = Condition(), Event()
        self._shot: Shot | None = None
        self.dropped = 0
        self._thread = Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def next(self, timeout_s: float) -> Shot | None:
        """The newest picture that was not given yet; None when there is none within the time."""
        assert self._thread.is_alive(), "the camera's thread has died: its traceback says of what"
        with self._news:
            self._news.wait_for(lambda: self._shot is not None, timeout_s)
            shot, self._shot = self._shot, None
            return shot

    def close(self) -> None:
        """Ends the thread, or leaves it behind where the driver does not answer."""
        self._over.set()
        self._thread.join(timeout=2.0)

    def _run(self) -> None:
        failures = 0
        while not self._over.is_set():
            capture = self._open(self._source)
            if capture is not None:
                try:
                    failures = 0 if self._read(capture) else failures
                except cv2.error:
                    pass  # a stream that OpenCV chokes on is a lost camera
                finally:
                    capture.release()
            failures += 1
            self._wait(self._over, pause_s(failures))

    def _read(self, capture: Capture) -> bool:
        """Reads until the camera is lost; whether it gave any picture."""
        next_s, any_ = 0.0, False
        while not self._over.is_set() and capture.grab():
            now_s = monotonic()
            wanted, next_s = due(now_s, next_s, self._rate)
            if not wanted:
                continue
            whole, frame = capture.retrieve()
            if whole:
                any_ = True
                with self._news:
                    self.dropped += self._shot is not None
                    self._shot = Shot(frame=frame, at_s=now_s)
                    self._news.notify()
        return any_
