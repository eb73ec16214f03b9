"""The built web pages, served from memory: compressed once, validated by content, cached for ever where the name is a hash."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("application/wasm", ".wasm")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("image/webp", ".webp")

_COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/manifest+json",
    "application/wasm",
    "image/svg+xml",
)
_ZIPPED = ".gz"
"""The build compresses what is large, so that not every process does it at its start."""
_FOREVER = "public, max-age=31536000, immutable"
_PAGES = {"console": "console.html", "kit": "kit.html"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    body: bytes
    zipped: bytes | None
    media_type: str
    tag: str
    cache: str


class WebPages:
    """Every file below `folder`, read once. A path that is no file is a page of one of the applications."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            str(p.relative_to(folder)): _read(p, str(p.relative_to(folder)))
            for p in sorted(folder.rglob("*"))
            if p.is_file() and p.suffix != _ZIPPED
        }

    @property
    def built(self) -> bool:
        return "index.html" in self._files

    def respond(self, path: str, request: Request) -> Response | None:
        """The file at `path`, or the application page that owns the path; None when there is neither."""
        name = path.strip("/")
        file = self._files.get(name)
        if file is None and "." not in name.rsplit("/", 1)[-1]:
            file = self._files.get(_PAGES.get(name.split("/", 1)[0], "index.html"))
        if file is None:
            return None
        headers = {"etag": file.tag, "cache-control": file.cache, "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        if file.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                file.zipped, headers={**headers, "content-encoding": "gzip"}, media_type=file.media_type
            )
        return Response(file.body, headers=headers, media_type=file.media_type)


def _read(path: Path, name: str) -> _File:
    body = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    ready = path.with_name(path.name + _ZIPPED)
    zipped = None
    if media_type.startswith(_COMPRESSIBLE) and len(body) > 512:
        zipped = ready.read_bytes() if ready.exists() else gzip.compress(body, 9, mtime=0)
    return _File(
        body=body,
        zipped=zipped,
        media_type=media_type,
        tag=f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
        cache=_FOREVER if name.startswith("assets/") else "no-cache",
    )
