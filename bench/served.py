"""A real server process, and a real load process against it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from shop import Shop

HERE = Path(__file__).resolve().parent


class Server:
    """One uvicorn process (httptools, uvloop) with the whole application on a database of yours."""

    def __init__(self, dsn: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._data = tempfile.TemporaryDirectory(prefix="halles-bench-web-")
        self._log = (Path(self._data.name) / "log").open("wb")
        environment = {
            **os.environ,
            "HALLES_DATA": self._data.name,
            "BENCH_DSN": dsn,
            "BENCH_PORT": str(self.port),
        }
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "serve.py")], env=environment, stdout=self._log, stderr=self._log
        )
        self.pid = self._process.pid
        self._await()

    def _await(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError("The server did not start:\n" + Path(self._log.name).read_text()[-4000:])

    def memory_mb(self) -> int:
        """Resident memory of the process."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        self._log.close()
        self._data.cleanup()


def load(
    server: Server, shop: Shop, mode: str, *, seconds: float, connections: int, lines: int
) -> dict[str, Any]:
    """Drive the server from a process of its own; gives orders, wall_s, waits_s, refused, example."""
    return _drive(server, shop, mode=mode, seconds=seconds, connections=connections, lines=lines, flow=False)


def flow(server: Server, shop: Shop, *, seconds: float, clients: int) -> dict[str, Any]:
    """Shoppers who go from basket to order through the whole interface; gives the same."""
    return _drive(server, shop, mode="many", seconds=seconds, connections=clients, lines=1, flow=True)


def _drive(server: Server, shop: Shop, *, seconds: float, **how: Any) -> dict[str, Any]:
    task = {
        "port": server.port,
        "seller_id": shop.seller_id,
        "variants": list(shop.variants),
        "tokens": list(shop.tokens),
        "touchpoint": shop.touchpoint,
        "seconds": seconds,
        **how,
    }
    done = subprocess.run(
        [sys.executable, str(HERE / "http_load.py")],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
