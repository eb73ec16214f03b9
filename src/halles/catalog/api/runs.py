"""Import runs, remembered so that they survive the process that works on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from halles.catalog import store
from halles.catalog.types import ImportRun, RunState, UnknownImport
from halles.kernel.db import Tx
from halles.kernel.ids import uuid7

STALE_AFTER = timedelta(seconds=30)
"""A run whose heartbeat is older was left by a process that died; progress is recorded every few seconds."""
ERRORS_KEPT = 200
"""Refused rows that a run keeps with their reason; `rejected` counts them all."""


async def start_run(
    tx: Tx, seller_id: int, *, source: str, stored: str | None, options: Mapping[str, Any], queued: bool
) -> ImportRun:
    """Remember an import that begins (`queued` False: the caller runs it itself, now). One statement."""
    params: dict[str, object] = {
        "seller_id": seller_id,
        "import_id": uuid7(),
        "source": source[:300],
        "stored": stored,
        "options": msgspec.json.encode(options).decode(),
        "state": RunState.QUEUED if queued else RunState.RUNNING,
    }
    return await tx.one(store.START_RUN, params)


async def claim_run(tx: Tx, stale_after: timedelta = STALE_AFTER) -> ImportRun | None:
    """Take up the oldest run that waits or was left; None when there is none. Two callers never get the same. One statement."""
    return await tx.first(store.CLAIM_RUN, {"stale": stale_after})


async def record_progress(
    tx: Tx,
    run: ImportRun,
    *,
    total: int,
    created: int,
    changed: int,
    unchanged: int,
    rejected: int,
    errors: Sequence[Mapping[str, Any]],
) -> None:
    """Keep a run's counts and move its heartbeat. One statement."""
    params: dict[str, object] = {
        "seller_id": run.seller_id,
        "import_id": run.import_id,
        "total": total,
        "created": created,
        "changed": changed,
        "unchanged": unchanged,
        "rejected": rejected,
        "errors": msgspec.json.encode(list(errors)[:ERRORS_KEPT]).decode(),
    }
    await tx.run(store.PROGRESS, params)


async def finish_run(tx: Tx, run: ImportRun, failure: str | None = None) -> None:
    """End a run: done, or failed with a sentence for a person. One statement."""
    state = RunState.DONE if failure is None else RunState.FAILED
    await tx.run(
        store.FINISH_RUN,
        {"seller_id": run.seller_id, "import_id": run.import_id, "state": state, "failure": failure},
    )


async def load_run(tx: Tx, seller_id: int, import_id: UUID) -> ImportRun:
    """One run. Raises UnknownImport."""
    found = await tx.first(
        store.RUNS, {"seller_id": seller_id, "import_id": import_id, "before": None, "limit": 1}
    )
    if found is None:
        raise UnknownImport("No import has this id.", import_id=str(import_id))
    return found


async def list_runs(
    tx: Tx, seller_id: int, *, before: UUID | None = None, limit: int = 50
) -> list[ImportRun]:
    """Runs, the latest first. One statement."""
    return await tx.all(
        store.RUNS, {"seller_id": seller_id, "import_id": None, "before": before, "limit": limit}
    )
