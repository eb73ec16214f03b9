"""Where the inference socket is: in the data folder, or, when that path is too long for a socket, beside it in a
private folder of the temporary directory. Server and client compute the same answer."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from halles.vision.types import InferenceUnavailable

_MAX_SOCKET_PATH_BYTES = 100
"""Linux takes 107 bytes (sun_path, unix(7)), macOS 103."""

_NAME = "inference.sock"


def socket_path(data: Path) -> Path:
    """The socket of the installation in this data folder. Touches nothing."""
    path = data.absolute() / "run" / _NAME
    if len(os.fsencode(path)) <= _MAX_SOCKET_PATH_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"halles-{os.getuid()}-{digest}" / _NAME


def make_folder(path: Path) -> None:
    """Makes the socket's folder, for this user alone. Raises InferenceUnavailable when another user owns it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = path.parent.lstat()
    if not stat.S_ISDIR(folder.st_mode) or folder.st_uid != os.getuid():
        raise InferenceUnavailable(
            "the folder of the inference socket belongs to somebody else", folder=path.parent.name
        )
