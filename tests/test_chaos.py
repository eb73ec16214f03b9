"""The short mode of the chaos bench: real processes, killed and cut off under load; no promise to a client is broken. And its
books: each kind of broken promise is found when the database is made to say it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SOLD, KEPT, OWNER = 71, 61, 9
Tables = dict[str, list[dict[str, Any]]]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_while_everything_is_killed() -> None:
    command = [sys.executable, str(ROOT / "bench" / "chaos.py"), "--json", "--kills", "12", "--pace", "0.9"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=580)
    assert done.stdout, done.stderr[-4000:]
    found = json.loads(done.stdout)
    assert found["findings"] == 0, json.dumps(found, indent=1)
    assert done.returncode == 0
    assert found["kills"]["all"] >= 12
    assert found["orders"]["acknowledged"] > 0
    assert found["orders"]["sent_again"] > 0
    for what in ("ticket sent", "sales", "reserve sent", "pay sent", "topup sent", "webhooks answered 200"):
        assert found["counted"].get(what, 0) > 0, what
    assert found["log_complaints"] == {}


class Told:
    """What a small true story left behind: a piece bought in a sale, one set aside and bought, one set aside and freed, a card
    paid and given back. `tables`: rows by the table that a statement names first; `asks`: what the clients were told."""

    def __init__(self, bench: Any) -> None:
        order = {"owner_id": OWNER, "placed_at": AT, "state": 1}
        sale = {
            "sale_id": "s", "variants": [SOLD], "starts_at": AT - timedelta(minutes=1), "ends_at": AT + timedelta(minutes=1),
            "stopped_at": None, "settled_at": AT + timedelta(minutes=2), "quantity": 1, "taken": 1, "per_customer": 1,
            "waiting_room": True,
        }  # fmt: skip
        kept = {"owner_id": OWNER, "pieces": 1}
        moves = [
            {"cause": cause, "ref": ref, "quantity": 1, "moments": 1}
            for ref in ("r1", "r2")
            for cause in ("reserved", "released")
        ]
        self.tables: Tables = {
            'orders."order"': [
                {**order, "order_id": "o1", "lines": [SOLD, 1, bench.SALE_PRICE, 0, 0, 0]},
                {**order, "order_id": "o2", "lines": [KEPT, 1, 1200, 0, 0, 0]},
            ],
            "flash.item": [sale],
            "flash.taken": [{"sale_id": "s", "owner_id": OWNER, "taken": 1}],
            "inventory.reservation": [
                {**kept, "reservation_id": "r1", "state": 4},
                {**kept, "reservation_id": "r2", "state": 2},
            ],
            "inventory.movement": moves,
            "inventory.stock": [
                {"variant_id": KEPT, "on_hand": bench.SCARCE, "reserved": 1, "ring_fenced": 0}
            ],
            "wallet.transfer": [
                {"transfer_id": bench.derived_uuid("payments.card", "p", "pi"), "topup_id": None},
                {"transfer_id": bench.derived_uuid("payments.card_refund", 1, "f"), "topup_id": None},
            ],
            "payments.card_refund": [{"refund_id": "f", "seller_id": 1, "state": "succeeded"}],
            "payments.psp_event": [],
        }
        line = {"variant_id": SOLD, "quantity": 1}
        self.asks = [
            _ask("order", "o1", {"lines": [line], "admission": "yes"}, 201, {}),
            _ask(
                "order", "o2", {"lines": [{"variant_id": KEPT, "quantity": 1}], "reservation": "r1"}, 201, {}
            ),
            _ask(
                "order", "o3", {"lines": [line]}, 409, {"code": "flash.sold_out", "sale_id": "s", "left": 0}
            ),
            _ask("reserve", "r1", None, 201, {"state": "standing", "lines": [{"quantity": 1}]}),
            _ask("reserve", "r2", None, 201, {"state": "standing", "lines": [{"quantity": 1}]}),
            _ask("free", "r2", None, 200, {"state": "released", "lines": [{"quantity": 1}]}),
        ]
        paid = SimpleNamespace(subject=("order", "p"), ref="pi", status="succeeded")
        self.provider = SimpleNamespace(
            intents={"pi": paid}, refunds={"re": {"metadata": {"refund_id": "f"}}}, counted=Counter[str]()
        )

    def findings(self, bench: Any) -> list[str]:
        def rows(sql: str) -> list[dict[str, Any]]:
            return next(found for table, found in self.tables.items() if f"from {table}" in sql)

        shops = SimpleNamespace(sold={SOLD}, kept={KEPT}, owners={"token": OWNER})
        checks = bench.Checks(self.asks, rows, shops, self.provider, Counter[str]())
        checks.run()
        return checks.findings


def _ask(op: str, key: str, body: Any, status: int, told: dict[str, Any]) -> Any:
    done, at = status < 300, AT.timestamp()
    return SimpleNamespace(
        op=op, key=key, body=body, token="token", at=at, told_at=at, status=status, told=told, done=done,
        code=told.get("code", ""),
    )  # fmt: skip


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(sys, "path", [str(ROOT / "bench"), *sys.path])
    return importlib.import_module("chaos_checks")


def test_a_true_story_is_believed(bench: Any) -> None:
    assert Told(bench).findings(bench) == []


def _twice(told: Told) -> None:
    told.tables["inventory.movement"][3].update(quantity=2, moments=2)


BROKEN: dict[str, Callable[[Told], object]] = {
    "a sale counts what it did not sell": lambda told: told.tables["flash.item"][0].update(taken=2),
    "more was sold than the sale had": lambda told: told.tables['orders."order"'][0]["lines"].__setitem__(
        1, 2
    ),
    "a customer took more than allowed": lambda told: told.tables["flash.item"][0].update(per_customer=0),
    "a sale was never settled": lambda told: told.tables["flash.item"][0].update(settled_at=None),
    "a fence still stands": lambda told: told.tables["inventory.stock"][0].update(ring_fenced=1),
    "somebody passed the line": lambda told: told.asks[0].body.pop("admission"),
    "sold out was not true": lambda told: told.asks[2].told.update(left=5),
    "a reservation stands for ever": lambda told: told.tables["inventory.reservation"][1].update(state=1),
    "a reservation was freed twice": _twice,
    "a reservation never gave back": lambda told: told.tables["inventory.movement"].pop(),
    "a freed one was ordered": lambda told: told.tables["inventory.reservation"][1].update(state=4),
    "an acknowledged one is not there": lambda told: told.tables["inventory.reservation"].pop(0),
    "a piece is reserved for nobody": lambda told: told.tables["inventory.stock"][0].update(reserved=2),
    "a card was booked twice": lambda told: told.tables["wallet.transfer"].append(
        told.tables["wallet.transfer"][0]
    ),
    "a card was never booked": lambda told: told.tables["wallet.transfer"].pop(0),
    "a refund never reached the card": lambda told: told.provider.refunds.clear(),
    "a refund was not booked": lambda told: told.tables["wallet.transfer"].pop(1),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_each_broken_promise_is_found(bench: Any, broken: str) -> None:
    told = Told(bench)
    BROKEN[broken](told)
    assert told.findings(bench), broken
