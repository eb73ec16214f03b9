"""The pictures of a batch of products: each source is read once ever, converted in other processes, a few at a time."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from halles.catalog import api as catalog
from halles.catalog.types import Picture
from halles.journeys.product_import import fetch
from halles.journeys.product_import.convert import MAX_BYTES
from halles.journeys.product_import.decoder import Decoder
from halles.journeys.product_import.types import PictureRefused
from halles.kernel.db import Database
from halles.kernel.media import MediaStore

_AT_ONCE = 4


class Pictures:
    """Reads picture sources for one import. `base`: the folder that paths are relative to, and may not leave; None: no paths."""

    def __init__(
        self, db: Database, media: MediaStore, seller_id: int, *, base: Path | None, allow_private: bool
    ) -> None:
        self._db, self._seller_id = db, seller_id
        self._base, self._allow_private = base, allow_private
        self._decoder = Decoder(media.folder)
        self._http: httpx.AsyncClient | None = None
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, db: Database, media: MediaStore, seller_id: int, *, base: Path | None, allow_private: bool
    ) -> AsyncGenerator[Pictures]:
        """For the length of an import; processes and connections are made when the first picture needs them."""
        made = cls(db, media, seller_id, base=base, allow_private=allow_private)
        try:
            yield made
        finally:
            await made._decoder.close()
            if made._http is not None:
                await made._http.aclose()

    async def read(
        self, sources: Collection[str]
    ) -> tuple[dict[str, Picture], dict[str, str], list[Picture]]:
        """What sources became, why others were refused, and which are new (to be remembered with the batch).

        No transaction is open meanwhile. One query; a path is known by the hash of its bytes, an address by itself.
        """
        keys, refused = await self._keys(sources)
        async with self._db.reading() as tx:
            known = await catalog.known_pictures(tx, self._seller_id, set(keys.values()))
        missing = {key: source for source, key in keys.items() if key not in known}
        results = await asyncio.gather(*(self._make(key, source) for key, source in missing.items()))
        made = {
            key: result for key, result in zip(missing, results, strict=True) if isinstance(result, Picture)
        }
        problems = {
            key: result for key, result in zip(missing, results, strict=True) if isinstance(result, str)
        }
        refused |= {source: problems[key] for source, key in keys.items() if key in problems}
        everything: Mapping[str, Picture] = {**known, **made}
        return {s: everything[k] for s, k in keys.items() if k in everything}, refused, list(made.values())

    async def _keys(self, sources: Collection[str]) -> tuple[dict[str, str], dict[str, str]]:
        keys: dict[str, str] = {}
        refused: dict[str, str] = {}
        for source in sources:
            if source.startswith(("http://", "https://")):
                keys[source] = source[:2000]
                continue
            try:
                data = await asyncio.to_thread(self._read_path, source)
                keys[source] = f"file:{hashlib.blake2b(data, digest_size=20).hexdigest()}"
            except PictureRefused as error:
                refused[source] = error.message
        return keys, refused

    async def _make(self, key: str, source: str) -> Picture | str:
        async with self._slots:
            try:
                data = await self._data(source)
                name, width, height = await self._decoder.convert(data)
            except PictureRefused as error:
                return error.message
        return Picture(source=key, name=name, width=width, height=height)

    async def _data(self, source: str) -> bytes:
        if not source.startswith(("http://", "https://")):
            return await asyncio.to_thread(self._read_path, source)
        if self._http is None:
            self._http = fetch.client()
        return await fetch.fetch(self._http, source, allow_private=self._allow_private)

    def _read_path(self, source: str) -> bytes:
        if self._base is None:
            raise PictureRefused("is not an http or https address; an uploaded file cannot name files")
        try:
            path = (self._base / source).resolve()
            if not path.is_relative_to(self._base.resolve()):
                raise PictureRefused("lies outside the file's folder")
            if path.stat().st_size > MAX_BYTES:
                raise PictureRefused(f"is larger than {MAX_BYTES >> 20} MB")
            return path.read_bytes()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
            raise PictureRefused(f"cannot be read: {reason}") from error
