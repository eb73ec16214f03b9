"""The whole application on the database named in BENCH_DSN, as `halles web` runs it, without rate limits."""

from __future__ import annotations

import os

from halles.edge.ops.server import web
from halles.kernel.settings import load

if __name__ == "__main__":
    port = int(os.environ["BENCH_PORT"])
    settings = load(
        database_url=os.environ["BENCH_DSN"],
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        rate_limit_factor=1e9,
        log_level="warning",
    )
    web(settings, port=port, host="127.0.0.1", listener=None, certificate=None, key=None)
