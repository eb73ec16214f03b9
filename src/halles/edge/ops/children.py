"""The processes of an installation, in one list: what each is, when it ends, and whether its successor may start beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

from halles.edge.certificate import Certificate
from halles.edge.ops.server import FINISH_S
from halles.edge.supervisor import Child
from halles.kernel.settings import Settings


class Stage(IntEnum):
    """The order in which an installation ends, from the highest: first whoever takes orders, last what others lean on."""

    INFERENCE = 0
    WORKER = 1
    WRITER = 2
    WEB = 3


def children(
    settings: Settings, tls: Certificate | None, *, listener: int, env: Mapping[str, str]
) -> Sequence[Child]:
    """Everything that `halles serve` runs. `listener`: the descriptor of the listening socket. `env`: what all are told."""
    web = ["web", "--listener", str(listener)]
    if tls is not None:
        web += ["--certificate", str(tls.chain), "--key", str(tls.key)]
    grace_s = settings.drain_s + FINISH_S + 10.0
    return [
        *(
            Child(
                name=f"inference-{number}" if number > 1 else "inference",
                command=["inference", "--number", str(number)],
                stage=Stage.INFERENCE,
                env=env,
            )
            for number in range(1, settings.inference_processes + 1)
        ),
        Child(name="worker", command=["worker"], stage=Stage.WORKER, env=env),
        *(
            Child(
                name=f"writer-{number}",
                command=["writer"],
                stage=Stage.WRITER,
                env=env,
                overlaps=True,
                grace_s=grace_s,
            )
            for number in range(1, settings.writer_processes + 1)
        ),
        *(
            Child(
                name=f"web-{number}",
                command=web,
                stage=Stage.WEB,
                env={**env, "HALLES_PLACE_ORDERS": "writer"} if settings.writer_processes else env,
                inherits=(listener,),
                overlaps=True,
                grace_s=grace_s,
            )
            for number in range(1, settings.web_processes + 1)
        ),
    ]
