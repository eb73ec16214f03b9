"""How long a connection may take to say what it wants: a request whose head or body does not come is ended, not kept.

Told by one timer for all connections of a process, which looks at them every second or so: a request that comes whole, as nearly
all do, costs nothing more than noting so.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from typing import Protocol

from halles.kernel.errors import Invalid


class RequestUnfinished(Invalid):
    """The request did not arrive whole in time; nothing of it was done. The connection is ended."""

    status, code, title = 408, "kernel.request_unfinished", "The request did not arrive whole"


class Stage(IntEnum):
    """What is still to come of a connection's present request: all or part of its head, part of its body, nothing."""

    HEAD = 0
    BODY = 1
    WHOLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds that a head may take, from the first byte or from the connection on; that a body may pause; and the bytes a second
    that it must bring on the whole, beyond the first `pause_s`. `look_s`: how often that is looked at."""

    head_s: float = 20.0
    pause_s: float = 20.0
    least_bytes_s: float = 500.0
    look_s: float = 1.0

    def body_until(self, began: float, received: int, now: float) -> float:
        """When a body that came so far has to be whole, or to have gone on; monotonic seconds.

        A pause is forgiven, and so is a slow line; a byte now and then is not. Hence the earlier of the two.
        """
        return min(now, began + received / self.least_bytes_s) + self.pause_s


class Waiting(Protocol):
    """A connection, as the one who watches sees it. `until`: when what is still to come of it has to be there; inf: never."""

    until: float

    def is_held_up(self) -> bool:
        """Whether it is this server that keeps the rest waiting."""
        ...

    def wait_on(self, now: float) -> None:
        """Begin to wait anew."""
        ...

    def give_up(self) -> None:
        """End the connection, saying why where that can be said."""
        ...


class Watch:
    """The connections of one event loop at a time. Its timer runs while there are any."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self._open: set[Waiting] = set()
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, connection: Waiting, loop: asyncio.AbstractEventLoop) -> None:
        self._open.add(connection)
        if self._timer is None:
            self._timer = loop.call_later(self.patience.look_s, self._look, loop)

    def leave(self, connection: Waiting) -> None:
        self._open.discard(connection)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now, self._timer = loop.time(), None
        for late in [one for one in self._open if one.until < now]:
            if late.is_held_up():
                late.wait_on(now)
            else:
                late.until = inf
                late.give_up()
        if self._open:
            self._timer = loop.call_later(self.patience.look_s, self._look, loop)
