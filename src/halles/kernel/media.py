"""Pictures by content: a file is named by the BLAKE2 hash of its bytes, written once, never changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from halles.kernel.errors import NotFound, StorageFull


class NoSuchMedia(NotFound):
    """No stored file has this name."""

    code, title = "kernel.no_such_media", "No such picture"


class MediaStore:
    """A folder of immutable files `ab/abcdef….webp`. Safe for many processes; a crash leaves no half-written file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes, suffix: str) -> str:
        """Store bytes and return their name, `<40 hex digits>.<suffix>`; the same bytes, the same name. Raises StorageFull."""
        name = f"{hashlib.blake2b(data, digest_size=20).hexdigest()}.{suffix}"
        self.put_as(name, data)
        return name

    def put_as(self, name: str, data: bytes) -> None:
        """Store bytes under a given content-derived name (a resized copy of another file)."""
        path = self.path(name)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(path)
        except OSError as error:
            raise StorageFull(
                f"The media folder cannot be written: {error.strerror}.", retry_after_s=30
            ) from error

    def path(self, name: str) -> Path:
        """Where a name is kept; refuses anything that is not a name of ours (NoSuchMedia)."""
        stem, _, suffix = name.partition(".")
        digits = stem.split("-", 1)[0]
        if (
            len(digits) != 40
            or not all(c in "0123456789abcdef" for c in digits)
            or not suffix.isalnum()
            or "/" in name
        ):
            raise NoSuchMedia("No such picture.", name=name[:80])
        return self.folder / name[:2] / name

    def get(self, name: str) -> bytes:
        """The bytes of a name. Raises NoSuchMedia."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError as error:
            raise NoSuchMedia("No such picture.", name=name) from error
