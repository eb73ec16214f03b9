"""The socket that an installation listens on: opened once by the supervisor, inherited by every web process.

One queue of connections for all of them: who is free takes the next. A process that ends or dies leaves the queue as it is, so a
replacement loses nothing; with SO_REUSEPORT each process would have a queue of its own, and its connections would die with it.
"""

from __future__ import annotations

import os
import socket

from halles.kernel.errors import Conflict

BACKLOG = 4096
_FIRST_GIVEN = 3  # sd_listen_fds(3): descriptors given by systemd begin here


class PortTaken(Conflict):
    """Another program listens on this port."""

    code, title = "edge.port_taken", "Port taken"


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket on `host`:`port` (0: any free one), or the one that systemd hands over. Raises PortTaken."""
    given = _given()
    if given is not None:
        return given
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise PortTaken(
            f"Port {port} of {host} cannot be used ({error.strerror}); choose another with --port.", port=port
        ) from error
    return made


def inherited(handle: int) -> socket.socket:
    """The socket behind a descriptor that the supervisor passed on."""
    return socket.socket(fileno=handle)


def _given() -> socket.socket | None:
    """systemd's socket, when it started us for one (`deploy/halles.socket`): it stays open while we are restarted."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS", "0") == "0":
        return None
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    return socket.socket(fileno=_FIRST_GIVEN)
