"""The door to large indexes: built beside those that serve, opened from their files, taken up when they are ready."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Generator, Set
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from halles.kernel.db import Database
from halles.vision import store
from halles.vision.api.index import all_pictures, index_changes, index_sizes, index_state
from halles.vision.types import IndexBuilding, IndexChange, IndexDamaged, IndexFile, IndexState, OpenedIndex

if TYPE_CHECKING:
    from halles.vision.adapters import index_builder
    from halles.vision.adapters.large_index import Base, LargeIndex

log = structlog.get_logger("halles.vision.index")


async def build_index(
    db: Database,
    data: Path,
    seller_id: int,
    *,
    model_id: str,
    dim: int,
    now: datetime,
    anew: bool = False,
    threads: int = 1,
) -> str:
    """Writes a new generation of a seller's index and answers its name; whoever searches meanwhile is not disturbed.

    What came since the last one is merged into it while that is little; `anew` builds from all pictures. A minute for
    every 100,000 of those. Raises IndexBuilding while another process builds the same.
    """
    from halles.vision.adapters import index_builder, index_files

    folder = index_files.index_folder(data, seller_id, model_id)
    with _sole_builder(folder):
        opened = None if anew else await open_index(db, data, seller_id, model_id=model_id)
        with index_files.new_generation(folder) as work:
            if opened is not None and index_builder.can_merge(index := _large(opened)):
                place = await asyncio.to_thread(
                    index_builder.merge, index, work, state=opened.state, now=now, threads=threads
                )
                return place.name
            builder = index_builder.IndexBuilder(work, dim, threads=threads)
            state = await _take_all(db, seller_id, model_id, dim, builder)
            place = await asyncio.to_thread(
                builder.finish, seller_id=seller_id, model_id=model_id, state=state, now=now
            )
            return place.name


async def _take_all(
    db: Database, seller_id: int, model_id: str, dim: int, builder: index_builder.IndexBuilder
) -> IndexState:
    """The state is that before the first page: what changed meanwhile comes again with the changes since."""
    from halles.vision.adapters.picture_index import indexed

    async with db.reading() as tx:
        state = await index_state(tx, seller_id)
    async for rows in all_pictures(db, seller_id, model_id):
        await asyncio.to_thread(builder.take, [indexed(row, dim) for row in rows])
    return state


async def open_index(
    db: Database, data: Path, seller_id: int, *, model_id: str, but: Set[str] = frozenset()
) -> OpenedIndex | None:
    """The newest generation whose files are whole, brought up to the store; None when there is none.

    `but`: generations not to try. A damaged one is logged and passed over. Reads the files through: some seconds for a
    million pictures, in a thread of its own.
    """
    base = await asyncio.to_thread(_newest, data, seller_id, model_id, but)
    if base is None:
        return None
    from halles.vision.adapters.large_index import LargeIndex

    index = LargeIndex(base)
    state = IndexState(version=base.manifest.version, rebuilt=base.manifest.rebuilt)
    while True:
        async with db.snapshot() as tx:
            changes = await index_changes(tx, model_id, {seller_id: state})
        for change in changes:
            await asyncio.to_thread(_apply, index, change, base.manifest.dim)
            state = change.state
        if not changes:
            return OpenedIndex(seller_id=seller_id, generation=base.folder.name, state=state, index=index)


async def index_files_of(db: Database, data: Path, model_id: str) -> list[IndexFile]:
    """What there is of each seller's index, in the store and on disk; files are not read through. Three queries."""
    async with db.reading() as tx:
        sellers = await store.sellers(tx, 2**31)
        sizes = await index_sizes(tx, model_id, sellers)
        states = await store.states(tx, sellers)
    return [
        _file_of(data, seller_id, model_id, sizes[seller_id], states[seller_id].version)
        for seller_id in sellers
    ]


def newest_generation(data: Path, seller_id: int, model_id: str) -> str | None:
    """The name of the newest generation on disk, unchecked; None when there is none."""
    from halles.vision.adapters import index_files

    found = index_files.generations(index_files.index_folder(data, seller_id, model_id))
    return found[0].name if found else None


def _newest(data: Path, seller_id: int, model_id: str, but: Set[str]) -> Base | None:
    from halles.vision.adapters import index_files
    from halles.vision.adapters.large_index import Base

    for folder in index_files.generations(index_files.index_folder(data, seller_id, model_id)):
        if folder.name in but:
            continue
        try:
            return Base(index_files.check(folder))
        except IndexDamaged as reason:
            log.error("vision.index_damaged", seller_id=seller_id, generation=folder.name, **reason.fields)  # noqa: TRY400
    return None


def _apply(index: LargeIndex, change: IndexChange, dim: int) -> None:
    import numpy as np

    from halles.vision.adapters.picture_index import indexed

    if change.anew:
        index.clear()
    if change.keys is not None:
        index.keep(np.array(change.keys, np.int64))
    index.put(indexed(row, dim) for row in change.rows)


def _large(opened: OpenedIndex) -> LargeIndex:
    from halles.vision.adapters.large_index import LargeIndex

    assert isinstance(opened.index, LargeIndex)
    return opened.index


def _file_of(data: Path, seller_id: int, model_id: str, pictures: int, version: int) -> IndexFile:
    from halles.vision.adapters import index_files

    known = IndexFile(seller_id=seller_id, model_id=model_id, pictures=pictures, version=version)
    found = index_files.generations(index_files.index_folder(data, seller_id, model_id))
    if not found:
        return known
    try:
        manifest = index_files.read_manifest(found[0])
    except IndexDamaged as reason:
        return IndexFile(
            seller_id=seller_id, model_id=model_id, pictures=pictures, version=version,
            generation=found[0].name, damaged=reason.message,
        )  # fmt: skip
    return IndexFile(
        seller_id=seller_id, model_id=model_id, pictures=pictures, version=version, generation=found[0].name,
        file_version=manifest.version, built_at=manifest.built_at,
        disk_bytes=sum(size for size, _ in manifest.files.values()),
    )  # fmt: skip


@contextmanager
def _sole_builder(folder: Path) -> Generator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "building.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as reason:
            raise IndexBuilding("another process builds this index", retry_after_s=60.0) from reason
        yield
