"""The short mode of the chaos bench: real processes, killed and cut off under load; no promise to a client is broken."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


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
    assert found["log_complaints"] == {}
