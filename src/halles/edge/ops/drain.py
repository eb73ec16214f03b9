"""A process on its way out: it says so, takes nothing new after a while, and answers what it has begun."""

from __future__ import annotations

import time
from collections.abc import Callable

from halles.kernel.errors import Unavailable


class Draining(Unavailable):
    """This process is about to end: send what is new to another."""

    code, title = "edge.draining", "This process is ending"


class Drain:
    """Whether the process is ending, and until when it still accepts connections. `lead_s`: seconds between the two."""

    def __init__(self, lead_s: float = 0.0, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._lead_s, self._monotonic = lead_s, monotonic
        self._began: float | None = None

    @property
    def begun(self) -> bool:
        return self._began is not None

    @property
    def closed(self) -> bool:
        """The lead is over: no connection is accepted any more."""
        return self._began is not None and self._monotonic() >= self._began + self._lead_s

    def begin(self) -> None:
        """Repeating it changes nothing."""
        if self._began is None:
            self._began = self._monotonic()

    def refuse(self) -> None:
        """Raise Draining once it has begun."""
        if self.begun:
            raise Draining("This process is ending; ask another one.", retry_after_s=2)
