"""A large index on disk: one folder a generation, complete or absent, checked before it is used.

    <data>/index/<seller>-<model>/g-<number>/   index.json   graph.usearch  vectors.f16  rows.npz  shop.npz

A generation is written beside the others and takes its name by one rename, so that a reader sees all of it or none.
It is never changed afterwards; several processes map the same files and share their memory. `index.json` holds the
SHA-256 of each file and its own in the first line. A generation that fails the check is set aside and the one before
it is used.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from halles.vision.types import IndexDamaged

FORMAT = 1
MANIFEST, GRAPH, VECTORS, ROWS, SHOP = "index.json", "graph.usearch", "vectors.f16", "rows.npz", "shop.npz"
_KEPT = 2
_NAME = re.compile(r"g-\d{8}")


class IndexManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a generation is. `version`, `rebuilt`: the state of the store that it holds at least.

    `rows` stand in the graph, `whole_rows` did when it was last built from nothing; `shop_pictures` beside it.
    `files`: name → size in bytes and SHA-256.
    """

    format: int
    seller_id: int
    model_id: str
    dim: int
    version: int
    rebuilt: int
    rows: int
    whole_rows: int
    shop_pictures: int
    built_at: datetime
    build_s: float
    files: dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Generation:
    """A checked generation in its folder."""

    folder: Path
    manifest: IndexManifest


def index_folder(data: Path, seller_id: int, model_id: str) -> Path:
    """Where the generations of a seller's index under a model are. Touches nothing."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", model_id)[:60]
    return data / "index" / f"{seller_id}-{name}-{hashlib.sha256(model_id.encode()).hexdigest()[:8]}"


def generations(folder: Path) -> list[Path]:
    """The generations in a folder, newest first, none of them checked."""
    if not folder.is_dir():
        return []
    return sorted((one for one in folder.iterdir() if _NAME.fullmatch(one.name)), reverse=True)


def check(folder: Path) -> Generation:
    """Reads a generation through and compares it with its manifest: some seconds for a million pictures.

    Raises IndexDamaged, naming the file.
    """
    manifest = read_manifest(folder)
    for name, (size, digest) in manifest.files.items():
        file = folder / name
        if not file.is_file() or file.stat().st_size != size:
            raise IndexDamaged(file=f"{folder.name}/{name}", reason="it is not as long as it was written")
        with file.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != digest:
                raise IndexDamaged(file=f"{folder.name}/{name}", reason="its checksum is another")
    return Generation(folder, manifest)


def read_manifest(folder: Path) -> IndexManifest:
    """The manifest alone, checked against its own first line. Raises IndexDamaged."""
    name = f"{folder.name}/{MANIFEST}"
    try:
        seal, _, body = (folder / MANIFEST).read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != seal:
            raise IndexDamaged(file=name, reason="its checksum is another")
        manifest = msgspec.json.decode(body, type=IndexManifest)
    except (OSError, msgspec.DecodeError) as reason:
        raise IndexDamaged(file=name, reason="it cannot be read") from reason
    if manifest.format != FORMAT:
        raise IndexDamaged(file=name, reason=f"it has format {manifest.format}, this release reads {FORMAT}")
    return manifest


@contextmanager
def new_generation(folder: Path) -> Generator[Path]:
    """A folder to write a generation into. What was left of a writer that died is swept first; one writer at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("writing-*"):
        shutil.rmtree(stale)
    work = folder / f"writing-{os.getpid()}"
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def publish(work: Path, manifest: IndexManifest) -> Path:
    """Seals what was written under `work` and gives it its place; then lets the oldest generations go."""
    folder = work.parent
    files = {one.name: _sealed(one) for one in sorted(work.iterdir())}
    body = msgspec.json.encode(msgspec.structs.replace(manifest, files=files))
    with (work / MANIFEST).open("wb") as out:
        out.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        _to_disk(out)
    newest = next(iter(generations(folder)), None)
    number = int(newest.name[2:]) + 1 if newest else 1
    place = folder / f"g-{number:08d}"
    work.rename(place)
    _folder_to_disk(folder)
    for old in generations(folder)[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return place


def _sealed(file: Path) -> tuple[int, str]:
    with file.open("rb+") as content:
        _to_disk(content)
        return file.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest()


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
