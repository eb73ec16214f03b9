"""The page docs/explanation/capacity.md, computed from the table at its top.

python tools/capacity.py            # read the table, write the page anew
python tools/capacity.py --check    # 1 when the page is not what the table gives
"""

# ruff: noqa: E501  the page's sentences are its own
from __future__ import annotations

import math
import re
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "capacity.md"
_ROW = re.compile(r"^\| `(\w+)` \| ([\d.,]+) \| (.*) \|$", re.MULTILINE)


class Inputs(dict[str, float]):
    """The table's figures by name; a name that is absent is a mistake in the table."""

    def __missing__(self, name: str) -> float:
        raise KeyError(f"the table lacks `{name}`")


def read(page: str) -> Inputs:
    """The figures of the first table."""
    return Inputs({name: float(value.replace(",", "")) for name, value, _ in _ROW.findall(page)})


def machines(cores: float, given: Inputs) -> int:
    """Machines for this much steady work: with headroom, and enough when one of the zones is gone."""
    usable = given["machine_cores"] * given["busy_share"]
    needed = math.ceil(round(cores / usable, 6))
    zones = given["zones"]
    return max(int(zones), math.ceil(round(needed * zones / (zones - 1), 6)))


def computed(given: Inputs) -> dict[str, float]:
    """Everything that the page states, by name. Cores are of the machine that the figures were measured on."""
    orders, payments = given["orders_per_s"], given["payments_per_s"]
    batches = orders / given["batch"]
    cores = {
        "web": (orders * given["http_us"] + payments * given["payment_http_us"]) / 1e6,
        "writer": orders * given["python_us"] / 1e6,
        "coordinator": (orders * given["coordinator_us"] + payments * given["payment_coordinator_us"]) / 1e6,
        "worker": (orders * given["worker_us"] + payments * given["payment_worker_us"]) / 1e6,
        "relay": orders * given["events_per_order"] * given["relay_us"] / 1e6,
    }
    found = {f"{name}_cores": value for name, value in cores.items()}
    found |= {
        "web_machines": machines(cores["web"], given),
        "writer_machines": machines(cores["writer"] + cores["relay"], given),
        "worker_machines": machines(cores["worker"], given),
    }
    cells = math.ceil(round(cores["coordinator"] / (given["machine_cores"] * given["busy_share"]), 6))
    workers, wal = (
        found["worker_machines"],
        (orders + payments * given["payment_share_of_wal"]) * given["wal_bytes"],
    )
    found |= {
        "cells": cells,
        "coordinator_machines": 2 * cells,
        "standby_machines": workers,
        "one_server_cores": orders * given["postgres_us"] / 1e6,
        "batches_per_s": batches,
        "flushes_per_worker_s": 2 * batches,
        "writers": math.ceil(cores["writer"] / given["busy_share"]),
        "wal_mb_s": wal / 1e6,
        "wal_mb_s_worker": wal / 1e6 / workers,
        "wal_share_of_disk": wal / 1e6 / workers / given["disk_mb_s"],
        "wal_tb_hour": wal * 3600 / 1e12,
        "disk_tb_hour": orders * given["disk_bytes"] * 3600 / 1e12,
        "http_gbit_s": orders * given["http_bytes"] * 8 / 1e9,
        "http_gbit_s_machine": orders * given["http_bytes"] * 8 / 1e9 / found["web_machines"],
        "cluster_gbit_s": orders * given["cluster_bytes"] * 8 / 1e9 / cells,
        "replication_gbit_s": wal * 8 / 1e9 / workers,
        "hot_seconds": orders / given["hot_item_per_s"],
    }
    found["all_machines"] = sum(
        found[f"{kind}_machines"] for kind in ("web", "writer", "coordinator", "worker", "standby")
    )
    return found


def written(page: str) -> str:
    """The page that the table at its top gives."""
    given = read(page)
    head, _, _ = page.partition("\n## The sum\n")
    found = computed(given)
    return head + "\n" + "\n".join(part(given, found) for part in (_sum, _failure, _bytes, _limits))


def _shown(given: Inputs, c: dict[str, float]) -> tuple[dict[str, str], dict[str, str]]:
    """Every figure by name, whole and with one decimal."""
    whole = {name: f"{value:,.0f}" for name, value in {**given, **c}.items()}
    return whole, {name: f"{value:,.1f}" for name, value in c.items()}


def _sum(given: Inputs, c: dict[str, float]) -> str:
    n, one = _shown(given, c)
    return f"""## The sum
{n["orders_per_s"]} orders and {n["payments_per_s"]} payments a second, on machines of {n["machine_cores"]} such cores:

| part | work, cores | machines | why so many |
| --- | --- | --- | --- |
| web: parse, authorise, answer | {one["web_cores"]} | {n["web_machines"]} | work ÷ ({n["machine_cores"]} × {given["busy_share"]:.0%}), then × {n["zones"]}/{given["zones"] - 1:.0f} so that a zone may fail |
| writers (decide, encode) and relays | {one["writer_cores"]} + {one["relay_cores"]} | {n["writer_machines"]} | the same; {n["writers"]} writer processes, each with its cells under a lease |
| coordinators | {one["coordinator_cores"]} | {n["coordinator_machines"]} | {n["cells"]} with a synchronous standby each |
| workers (shards) | {one["worker_cores"]} | {n["worker_machines"]} | as web |
| standbys of the workers | replay only | {n["standby_machines"]} | one each, synchronous: an answered order is on two disks |
| **all** | | **{n["all_machines"]}** | |

One PostgreSQL without sharding would need {one["one_server_cores"]} cores for the same orders: the two-phase commit and the way over the
coordinator cost {(given["coordinator_us"] + given["worker_us"]) / given["postgres_us"]:.1f} times its work, and buy disks, memory and a
failure that stops one part instead of all.

### Two-phase commit
A batch of {n["batch"]} orders is one transaction over the sellers' and the owners' shards. At {n["batches_per_s"]} batches a second each worker
writes its part, flushes it at PREPARE and again at COMMIT PREPARED: up to {n["flushes_per_worker_s"]} flushes a second a worker, which commit in groups. It
is paid once a batch, so it falls with the batch: at 1,000 orders a batch the prototype needed 36 + 27 µs instead of 53 + 41.
A commit waits for the slowest worker and its standby: a batch takes two round trips and two flushes longer than on one server. Throughput
then comes from more writers with a batch in flight each, not from a faster one.
"""


def _failure(given: Inputs, c: dict[str, float]) -> str:
    n, _ = _shown(given, c)
    return f"""### When a node dies
- **A web or writer machine:** the others have the headroom; a writer's cells move with their lease. Its clients send the same order again.
- **A worker:** its shards refuse until its standby is promoted and named with `citus_update_node`. With {n["worker_machines"]} workers that is {100 / c["worker_machines"]:.0f} % of
  sellers and of wallets; a batch that touches one of them fails whole, and its callers are told to send again. So nearly every batch
  of {n["batch"]} fails until the standby is up: that time is the outage to plan for.
- **A coordinator:** its part stands still until its standby takes over; prepared transactions are finished by Citus' recovery (once a
  minute unless `citus.recover_2pc_interval` says otherwise).
- **A zone:** a third of all; the machines above are counted so that the rest carries the peak.
"""


def _bytes(given: Inputs, c: dict[str, float]) -> str:
    n, one = _shown(given, c)
    return f"""### Disk
{n["wal_bytes"]} bytes of log an order make {n["wal_mb_s"]} MB/s in all, {n["wal_mb_s_worker"]} MB/s a worker: {c["wal_share_of_disk"]:.0%} of a disk that writes
{n["disk_mb_s"]} MB/s. A peak of one hour leaves {one["wal_tb_hour"]} TB of log to archive and {one["disk_tb_hour"]} TB of rows.

### Network
Clients: {one["http_gbit_s"]} Gbit/s, {one["http_gbit_s_machine"]} Gbit/s a web machine. Between a coordinator and its workers: {one["cluster_gbit_s"]} Gbit/s a coordinator; to a standby {one["replication_gbit_s"]} Gbit/s a
worker. All fit a 25 Gbit/s card.
"""


def _limits(given: Inputs, c: dict[str, float]) -> str:
    n, one = _shown(given, c)
    return f"""## One article that everybody wants
Machines do not help a single row. One hot article takes about {n["hot_item_per_s"]} orders a second in process; a second of such a peak is {one["hot_seconds"]}
seconds of its work. A flash sale therefore has a waiting room that lets in what the row can take, and a peak of {n["orders_per_s"]} a second is
one over many articles and sellers.

## What this takes for granted
- Cores like those measured: two shared virtual cores. A core of one's own is faster; nobody has measured how much.
- CPU an order stays what it was at thousands a second. Contention on {n["machine_cores"]} cores (locks inside PostgreSQL, memory) is not in it; `busy_share`
  is to cover it.
- Orders spread over sellers and shoppers as the hash spreads them. One seller with a tenth of all orders fills a shard alone.
- One line an order, paid from the wallet; three lines cost about 1.4 times the log and twice the CPU.
- Sessions, the catalogue's pages and search are other machines' work, and read replicas carry them. Photos are not in it.
- Payments are holds captured in sets; a card payment's waiting is the provider's.

## What was not tried
No cluster of this size was run, nor any of more than three Citus nodes, and those shared two cores. Not tried: a coordinator above one
core, more than a handful of writers, a synchronous standby on another machine, the loss of a zone, a network slower than a socket,
rebalancing shards under load, an hour at the peak. The first thing to measure on real machines is one coordinator with three workers:
if its two figures in the table hold, the rest is multiplication.
"""


def main() -> int:
    page = PAGE.read_text()
    new = written(page)
    if "--check" in sys.argv:
        return int(new != page)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
