"""Sends crossings from the spool to Halles, for as long as it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import httpx

from halles.journeys.door_camera.adapters.spool import Spool, as_sent
from halles.journeys.door_camera.rules.pace import pause_s
from halles.journeys.door_camera.rules.sending import AT_ONCE, Verdict, judge
from halles.journeys.door_camera.types import BadOptions, KeyInClear, SpoolUnwritable, Told
from halles.kernel.clock import Clock

_SKEW_S = 60.0
_HERE = {"localhost", "127.0.0.1", "::1"}
Report = Callable[..., None]
"""report(kind, **facts): tells a person or a program what happened."""


def endpoint(url: str) -> str:
    """Where crossings go, from the address of a Halles. Raises BadOptions; KeyInClear for http to another machine."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise BadOptions("--post is the address of Halles, such as https://shop.example.com.")
    if parts.scheme == "http" and parts.hostname not in _HERE:
        raise KeyInClear(
            "The API key would be readable on the way: --post needs https:// but for this very machine."
        )
    return url.rstrip("/") + "/api/welcome/crossings"


class Poster:
    """A thread that empties the spool. One request at a time, oldest first; pauses that double up to a minute after failures."""

    def __init__(
        self,
        spool: Spool,
        client: httpx.Client,
        *,
        url: str,
        door: str,
        key: str,
        clock: Clock,
        report: Report,
        wait: Callable[[Event, float], bool] = Event.wait,
    ) -> None:
        self._spool, self._client, self._clock, self._report, self._wait = spool, client, clock, report, wait
        self._url, self._door = endpoint(url), door
        self._headers = {"authorization": f"Bearer {key}"}
        self._news, self._over, self._gone = Event(), Event(), Event()
        self._failures, self._said = 0, ""
        self._thread = Thread(target=self._run, name="poster", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something to send."""
        assert self._thread.is_alive(), "the poster has died: its traceback says of what"
        self._news.set()

    def close(self, patience_s: float) -> None:
        """Gives it this long to send what waits; the rest is sent by the next run. Says nothing any more afterwards."""
        self._over.set()
        self._news.set()
        self._thread.join(timeout=patience_s)
        self._gone.set()

    def send_waiting(self) -> bool:
        """Sends what waits, in requests of two hundred; False as soon as something must be tried again."""
        while batch := self._spool.waiting(AT_ONCE):
            if self._gone.is_set() or not self._deliver(batch):
                return False
        return True

    def _run(self) -> None:
        while True:
            last = self._over.is_set()
            try:
                sent = self.send_waiting()
            except SpoolUnwritable as refusal:
                self._tell(refusal.message)
                sent = False
            if last:
                return
            if sent:
                self._failures = 0
                self._news.wait()
                self._news.clear()
            else:
                self._failures += 1
                self._wait(self._over, pause_s(self._failures))

    def _deliver(self, batch: list[Told]) -> bool:
        status, body = self._post(batch)
        verdict = judge(status, body.get("recorded"), len(batch))
        if verdict is Verdict.TAKEN:
            self._spool.done([told.event_id for told in batch])
            if self._said:
                self._said = ""
                self._report("sending", waiting=len(self._spool))
            return True
        if verdict is Verdict.APART:
            half = len(batch) // 2
            return self._deliver(batch[:half]) and self._deliver(batch[half:])
        why = f"{status} {body.get('code') or body.get('detail') or ''}".strip()
        if verdict is Verdict.REFUSED:
            self._spool.set_aside(batch[0], why)
            self._report("refused", event_id=str(batch[0].event_id), why=why)
            return True
        self._tell(why if status else str(body["detail"]))
        return False

    def _post(self, batch: list[Told]) -> tuple[int, dict[str, Any]]:
        """Status and body; status 0 where no answer came."""
        message = {"door": self._door, "source": "camera", "crossings": [as_sent(told) for told in batch]}
        try:
            answer = self._client.post(self._url, json=message, headers=self._headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as reason:
            return 0, {"detail": f"no answer: {reason or type(reason).__name__}"}
        self._compare_clocks(answer.headers.get("date"))
        try:
            body: Any = answer.json()
        except (ValueError, RecursionError):
            body = None
        return answer.status_code, body if isinstance(body, dict) else {}  # pyright: ignore[reportUnknownVariableType]

    def _compare_clocks(self, date: str | None) -> None:
        try:
            theirs: datetime | None = parsedate_to_datetime(date) if date else None
        except (ValueError, OverflowError):
            return
        if theirs is not None and theirs.tzinfo is not None:
            off_s = (self._clock() - theirs).total_seconds()
            if abs(off_s) > _SKEW_S:
                self._report("clock_wrong", off_s=round(off_s))

    def _tell(self, why: str) -> None:
        """Once for each new reason, not at every try."""
        if why != self._said and not self._gone.is_set():
            self._said = why
            self._report("not_sending", why=why, waiting=len(self._spool))
