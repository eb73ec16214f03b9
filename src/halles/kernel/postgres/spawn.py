"""Runs one PostgreSQL program as another user: a small script of its own, started by the launcher, importing nothing of Halles.

A separate process, because dropping root and raising a capability is not safe inside a program with threads. Reads one JSON
object from its first argument: `command` (absolute path and arguments), `detach` (fork, print the child's pid, leave), `uid`,
`gid` (None: stay who we are) and `capability` (its number in linux/capability.h; None: keep no right of root's).
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from typing import Any

CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2

_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522


def run(order: dict[str, Any]) -> None:
    """Become the program that `order` names; returns only in the parent of a detached one."""
    if order["detach"]:
        child = os.fork()
        if child:
            os.write(1, str(child).encode())
            return
        os.dup2(2, 1)  # the launcher reads our standard output to its end: the server must not hold it open
    os.umask(0o077)
    os.chdir("/")
    for number in (
        signal.SIGPIPE,
        signal.SIGXFSZ,
    ):  # Python ignores them, and an ignored signal survives exec
        signal.signal(number, signal.SIG_DFL)
    if order["uid"] is not None:
        _become(order["uid"], order["gid"], order["capability"])
    os.execv(order["command"][0], order["command"])


def _become(uid: int, gid: int, capability: int | None) -> None:
    """Give root up for `uid`, for good; `capability` stays, and survives exec as an ambient one (capabilities(7))."""
    libc = ctypes.CDLL(None, use_errno=True)
    if capability is not None:
        _call(libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl")
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if capability is None:
        return
    bit = 1 << capability
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(
        bit, bit, bit, 0, 0, 0
    )  # effective, permitted, inheritable; then the upper 32
    _call(libc.capset(header, sets), "capset")
    _call(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0), "prctl")


def _call(result: int, name: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    try:
        run(json.loads(sys.argv[1]))
    except OSError as reason:
        os.write(2, f"FATAL:  could not start the program: {reason}\n".encode())
        os._exit(70)
