"""Metrics of an installation: every process writes its own into one folder, whoever is asked adds them up.

The folder is `PROMETHEUS_MULTIPROC_DIR`, as prometheus_client names it; the supervisor makes it and tells it to its children.
Without it (a process that runs alone) a process shows what it has measured itself.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from halles.edge.supervisor import Child

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
LAST_BACKUP = "last-backup.json"
_CHILDREN = "children.json"
_PAGE = os.sysconf("SC_PAGE_SIZE")


def exposition(data: Path) -> bytes:
    """Prometheus' text of everything measured, and of the disk under `data`, the children and the last backup as they are now.

    Reads files: milliseconds for a few processes. Call it beside the loop.
    """
    folder = os.environ.get(FOLDER)
    measured: CollectorRegistry = REGISTRY
    if folder is not None:
        measured = CollectorRegistry()
        multiprocess.MultiProcessCollector(measured, path=folder)
    now = CollectorRegistry()
    now.register(Now(data, None if folder is None else Path(folder)))
    return generate_latest(measured) + generate_latest(now)


class Now(Collector):
    """What is looked at when it is asked for, rather than counted."""

    def __init__(self, data: Path, folder: Path | None) -> None:
        self._data, self._folder = data, folder

    def collect(self) -> Iterator[Metric]:
        yield from _disk(self._data)
        yield from _children(_read(self._folder / _CHILDREN) if self._folder is not None else {})
        last = GaugeMetricFamily(
            "halles_backup_last_success_timestamp_seconds",
            "When the last backup of this installation was complete (seconds since 1970); 0: never",
        )
        last.add_metric([], float(_read(self._data / LAST_BACKUP).get("at", 0.0)))
        yield last


def note_children(folder: Path, children: Sequence[Child]) -> None:
    """Write down which children run, for whoever is asked for metrics."""
    told = {
        child.name: {
            "pid": child.process.pid
            if child.process is not None and child.process.returncode is None
            else None,
            "starts": child.starts,
        }
        for child in children
    }
    aside = folder / f"{_CHILDREN}.new"
    aside.write_text(json.dumps(told), encoding="utf-8")
    aside.replace(folder / _CHILDREN)


def _disk(data: Path) -> Iterator[Metric]:
    try:
        usage = shutil.disk_usage(data)
    except OSError:
        return
    free = GaugeMetricFamily("halles_disk_free_bytes", "Free bytes of the disk under the data folder")
    size = GaugeMetricFamily("halles_disk_size_bytes", "Size of the disk under the data folder")
    free.add_metric([], usage.free)
    size.add_metric([], usage.total)
    yield free
    yield size


def _children(told: Mapping[str, Any]) -> Iterator[Metric]:
    alive = GaugeMetricFamily("halles_child_up", "1 while a supervised process runs", labels=["child"])
    starts = CounterMetricFamily(
        "halles_child_starts", "Times a supervised process was started", labels=["child"]
    )
    memory = GaugeMetricFamily(
        "halles_child_memory_bytes", "Resident memory of a supervised process", labels=["child"]
    )
    for name, child in told.items():
        resident = _resident(child["pid"])
        alive.add_metric([name], 0 if resident is None else 1)
        starts.add_metric([name], child["starts"])
        if resident is not None:
            memory.add_metric([name], resident)
    yield alive
    yield starts
    yield memory


def _resident(pid: int | None) -> int | None:
    """Bytes of memory that a process holds; None when there is no such process, 0 where the system does not tell."""
    if pid is None:
        return None
    try:
        os.kill(pid, 0)
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except ProcessLookupError:
        return None
    except OSError:
        return 0


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
