"""Where the server of this data folder answers, for commands that print an address while it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from halles.kernel.settings import Settings

_FILE = "serving.json"


@contextmanager
def serving(settings: Settings) -> Generator[None]:
    """While inside, commands on the same data folder know the address that this process serves at."""
    path = settings.data / _FILE
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps({"pid": os.getpid(), "address": settings.public_url}))
    fresh.replace(path)
    try:
        yield
    finally:
        if _read(path).get("pid") == os.getpid():
            path.unlink(missing_ok=True)


def address(settings: Settings) -> str:
    """HALLES_PUBLIC_URL where it is set; else the address of the server that runs on this data folder, whatever its port;
    else the one that a server would have by its settings. Without a slash at the end."""
    found = None if "public_url" in settings.model_fields_set else _read(settings.data / _FILE)
    if found and _lives(found.get("pid")):
        return str(found["address"]).rstrip("/")
    return settings.public_url.rstrip("/")


def _read(path: Path) -> dict[str, Any]:
    """Empty where nothing can be read: a server that died may leave anything."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("address"), str) else {}  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType]


def _lives(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is another user's
    return True
