"""What a backup says about itself: a manifest with the checksum of every file, and the manifest's own beside it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from halles.edge.ops.errors import BackupDamaged

FORMAT = 1
DUMP = "database.dump"
_MANIFEST, _SUM = "manifest.json", "manifest.sha256"
_CHUNK = 1 << 20
_MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file of the backup. `sha256`: of its bytes, in hex."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`version`: the release that made it. `revision`: the schema's. `server`, `program`: major versions of the database and of
    pg_dump. `taken_at`: seconds since 1970, the moment that the database is in. `database_bytes`: its size when it lived.
    `files`: paths inside the backup."""

    format: int
    version: str
    revision: str
    server: int
    program: int
    taken_at: float
    database_bytes: int
    files: Mapping[str, Kept]

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files.values())


def write(folder: Path, manifest: Manifest) -> None:
    """`sha256sum --check manifest.sha256` understands the second file."""
    body = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    _write_safely(folder / _MANIFEST, body)
    _write_safely(folder / _SUM, f"{hashlib.sha256(body).hexdigest()}  {_MANIFEST}\n".encode())


def read(folder: Path) -> Manifest:
    """Raises BackupDamaged when there is none, or it is not the one that was written."""
    try:
        body = _read_plain(folder / _MANIFEST)
        told = _read_plain(folder / _SUM).decode("ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupDamaged(f"{folder} is no backup: it has no readable manifest.") from error
    if told[:1] != [hashlib.sha256(body).hexdigest()]:
        raise BackupDamaged("The manifest is not the one that was written.", file=_MANIFEST)
    try:
        manifest = msgspec.json.decode(body, type=Manifest)
    except msgspec.DecodeError as error:
        raise BackupDamaged("This release cannot read the manifest.", file=_MANIFEST) from error
    if DUMP not in manifest.files:
        raise BackupDamaged(f"The manifest names no {DUMP}.", file=DUMP)
    return manifest


def verify(folder: Path, manifest: Manifest) -> None:
    """Read every file once and compare. A name means the same place in every folder: it has no steps upwards, and no link leads
    elsewhere. Raises BackupDamaged naming the first that differs."""
    real = folder.resolve()
    for name, kept in manifest.files.items():
        path = real / name
        plain = "\x00" not in name and ".." not in Path(name).parts and name == Path(name).as_posix()
        if not plain or not path.is_relative_to(real) or path.resolve() != path or not path.is_file():
            raise BackupDamaged(f"{name} is missing in the backup.", file=name)
        if path.stat().st_size != kept.size or checksum(path) != kept.sha256:
            raise BackupDamaged(f"{name} is not as it was written.", file=name)


def _read_plain(path: Path) -> bytes:
    """A file that is one, of a size that a manifest can have: no link to a device that never ends, no pipe that nobody fills."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
        raise OSError(f"{path} is no manifest.")
    return path.read_bytes()


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy(source: Path, target: Path, *, most: int = 0o777) -> Kept:
    """Copy a file durably and say what was written: one pass, so that the sum is of the bytes that were read. `most`: of the
    file's permissions, those that the copy may have."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reading, target.open("xb") as writing:
        os.fchmod(writing.fileno(), source.stat().st_mode & most)
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    return Kept(size=size, sha256=digest.hexdigest())


def _write_safely(path: Path, body: bytes) -> None:
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
