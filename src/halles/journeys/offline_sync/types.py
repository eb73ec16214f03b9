"""What the offline shop refuses."""

from __future__ import annotations

from halles.kernel.errors import Conflict, NotFound


class SnapshotNeeded(Conflict):
    """What changed since the phone's version cannot be told: take the whole shop again. `bytes`: how large it is, zipped."""

    code, title = "offline.snapshot_needed", "Take the whole shop again"


class NotSoldIn(NotFound):
    """The shop has no prices in this currency."""

    code, title = "offline.no_such_currency", "Nothing is sold in this currency"
