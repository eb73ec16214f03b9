"""What systemd wants to hear from a service of `Type=notify`: sd_notify(3) in a few lines, silent anywhere else."""

from __future__ import annotations

import asyncio
import os
import socket


def notify(*lines: str) -> None:
    """Tell the service manager, if one listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
        to.connect(name)
        to.sendall("\n".join(lines).encode())


async def keep_alive() -> None:
    """Tell the watchdog that the loop still turns, twice as often as it asks; returns at once where there is none."""
    microseconds = int(os.environ.get("WATCHDOG_USEC", "0"))
    while microseconds:
        notify("WATCHDOG=1")
        await asyncio.sleep(microseconds / 2_000_000)
