"""Where the inference sockets are: in the data folder, or, when that path is too long for a socket, beside it in a
private folder of the temporary directory; and which seller's photos go to which. Server and client compute the same."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from halles.vision.types import InferenceUnavailable

_MAX_SOCKET_PATH_BYTES = 100
"""Linux takes 107 bytes (sun_path, unix(7)), macOS 103."""


@dataclass(frozen=True, slots=True)
class Share:
    """The catalogues that one of `of` inference processes answers for; `number` counts from 0."""

    number: int = 0
    of: int = 1

    def holds(self, seller_id: int) -> bool:
        return seller_id % self.of == self.number


WHOLE = Share()
"""All catalogues: there is one process."""


def socket_path(data: Path, number: int = 0) -> Path:
    """The socket of an inference process of the installation in this data folder. Touches nothing."""
    name = "inference.sock" if number == 0 else f"inference-{number + 1}.sock"
    path = data.absolute() / "run" / name
    if len(os.fsencode(path)) <= _MAX_SOCKET_PATH_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"halles-{os.getuid()}-{digest}" / name


def make_folder(path: Path) -> None:
    """Makes the socket's folder, for this user alone. Raises InferenceUnavailable when another user owns it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = path.parent.lstat()
    if not stat.S_ISDIR(folder.st_mode) or folder.st_uid != os.getuid():
        raise InferenceUnavailable(
            "the folder of the inference socket belongs to somebody else", folder=path.parent.name
        )
