"""What is deployed names only what exists: every metric of the rules and the dashboard is measured, every alarm has its page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from halles.edge.ops import metrics
from halles.edge.ops.systemd import notify
from halles.edge.supervisor import Child
from halles.kernel import telemetry

ROOT = Path(__file__).resolve().parents[5]
DEPLOY, RUNBOOK = ROOT / "deploy", ROOT / "docs" / "runbook"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "dashboard.json").read_text())
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
_NAME = re.compile(r"\bhalles_\w+")
_LABEL = re.compile(r"(\w+)\s*=~?\s*\"|by \(([^)]*)\)")


def _measured(tmp_path: Path) -> dict[str, set[str]]:
    """Every name that a scrape may hold, with its labels."""
    metrics.note_children(tmp_path, [Child(name="worker", command=[])])
    now = CollectorRegistry()
    now.register(metrics.Now(tmp_path, tmp_path))
    found: dict[str, set[str]] = {}
    for metric in vars(telemetry).values():
        if isinstance(metric, MetricWrapperBase):
            for described in metric.describe():
                kind = described.type
                ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(kind, [""])
                for end in ends:
                    found[described.name + end] = set(_labels(metric))
    for family in text_string_to_metric_families(metrics.generate_latest(now).decode()):
        for name in (family.name, f"{family.name}_total"):
            found[name] = {label for sample in family.samples for label in sample.labels}
    found["halles_child_memory_bytes"] = {"child"}
    return found


def _labels(metric: Any) -> tuple[str, ...]:
    return metric._labelnames


@pytest.mark.parametrize("query", [*(rule["expr"] for rule in RULES), *QUERIES])
def test_every_metric_that_is_asked_for_is_measured(query: str, tmp_path: Path) -> None:
    measured = _measured(tmp_path)
    names = _NAME.findall(query)
    assert names or query.startswith("up{")
    for name in names:
        assert name in measured, f"{name} is not measured"
    known = {"instance", "job", "le"}.union(*(measured[name] for name in names))
    for one, several in _LABEL.findall(query):
        for label in [one] if one else [word.strip() for word in several.split(",")]:
            assert label in known, f"no metric of this query has a label {label}"


def test_every_alarm_has_its_page_and_every_page_its_alarm() -> None:
    pages = [rule["annotations"]["runbook"] for rule in RULES]
    assert sorted(pages) == sorted(f"docs/runbook/{page.name}" for page in RUNBOOK.glob("*.md"))
    for rule in RULES:
        text = (ROOT / rule["annotations"]["runbook"]).read_text()
        assert rule["alert"] in text
        for heading in ("## What it means", "## Look", "## Do"):
            assert heading in text, f"{rule['annotations']['runbook']} lacks {heading}"
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_a_gauge_is_one_number_over_all_processes() -> None:
    """Without a mode each process would show its own, most of them a zero that nobody set."""
    gauges = [value for value in vars(telemetry).values() if isinstance(value, Gauge)]
    assert gauges
    for gauge in gauges:
        assert gauge._multiprocess_mode == "mostrecent", gauge  # pyright: ignore[reportPrivateUsage]


def test_units_run_commands_that_exist() -> None:
    from halles.edge.cli import app

    known = {command.name for command in app.registered_commands if command.name} | {
        command.callback.__name__ for command in app.registered_commands if command.callback
    }
    for unit in DEPLOY.glob("*.service"):
        for word in re.findall(r"/opt/halles/bin/halles (\w+)", unit.read_text()):
            assert word in known
    assert 'CMD ["halles", "serve"]' in (DEPLOY / "Containerfile").read_text()


def test_the_service_manager_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        notify("READY=1")
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        notify("STOPPING=1", "STATUS=Ends")
        assert listening.recv(100) == b"STOPPING=1\nSTATUS=Ends"
