"""The development commands: what reaches pytest, what a run counts as, what stays out of the tests' environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from halles.edge import dev
from halles.kernel.postgres import ensure_running, leave, started_here, status

REPORT = """<testsuites>
  <testsuite tests="5" failures="1" errors="1" skipped="1"/><testsuite tests="2" failures="0" errors="0" skipped="0"/>
</testsuites>"""


def _ran(step: str, status: int) -> dev.Outcome:
    return dev.Outcome(step=step, ok=status == 0, took_s=0.0, status=status)


def test_what_it_does_not_know_goes_to_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[list[str], bool, bool]] = []

    def record(rest: list[str], *, browser: bool, python_only: bool) -> int:
        seen.append((rest, browser, python_only))
        return 0

    monkeypatch.setattr(dev, "test", record)
    monkeypatch.chdir(dev.ROOT)
    dev.main(["test"])
    dev.main(["test", "--fast", "-k", "wallet", "-x"])
    dev.main(["test", "--python", "tests/test_docs.py::test_links"])
    assert seen == [
        ([], True, False),
        (["-k", "wallet", "-x"], False, False),
        (["tests/test_docs.py::test_links"], True, True),
    ]


@pytest.mark.parametrize(
    ("statuses", "expected"), [((0, 5), [0]), ((5, 0), [0]), ((5, 5), [5, 5]), ((1, 5), [1])]
)
def test_a_run_without_tests_fails_only_alone(statuses: tuple[int, int], expected: list[int]) -> None:
    runs = [_ran("tests", statuses[0]), _ran("browser tests", statuses[1])]
    assert [run.status for run in dev.some_ran(runs)] == expected


def test_counts_add_up_over_suites(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    assert sum(dev.counts(report).values()) == 0
    report.write_text(REPORT)
    assert dev.counts(report) == {"tests": 7, "failures": 1, "errors": 1, "skipped": 1}


def test_nobodys_own_data_or_database_is_tested_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HALLES_DATA", "HALLES_DATABASE_URL", "PGHOST", "HALLES_PG_BIN"):
        monkeypatch.setenv(name, "mine")
    env = dev.clean_environment(tmp_path)
    assert env["HALLES_PG_BIN"] == "mine"
    assert env["HALLES_DATA"] == str(tmp_path / "data")
    assert not {"HALLES_DATABASE_URL", "PGHOST"} & env.keys()


def test_the_summary_ends_with_the_totals(capsys: pytest.CaptureFixture[str]) -> None:
    good = dev.Outcome(step="tests", ok=True, took_s=1.0, passed=3, skipped=1)
    bad = dev.Outcome(step="browser tests", ok=False, took_s=1.0, passed=1, failed=2, status=1)
    assert dev.conclude([good]) == 0
    assert capsys.readouterr().out == "3 passed, 0 failed, 1 skipped\n"
    assert dev.conclude([good, bad]) == 1
    printed = capsys.readouterr()
    assert printed.out == "4 passed, 2 failed, 1 skipped\n"
    assert "FAILED browser tests" in printed.err


def test_only_benches_are_offered_as_benches() -> None:
    found = set(dev.benches())
    assert {"chaos", "flash", "photo", "relay", "soak"} <= found
    assert not {"chaos_books", "chaos_client", "chaos_wire", "http_load", "measure", "serve", "shop"} & found


def test_the_help_of_a_checkout_names_what_it_can_do() -> None:
    from halles.edge.cli import app

    told = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "400"}).output
    assert all(f"./halles {name}" in told for name in dev.COMMANDS)


def test_a_command_leaves_no_database_of_its_own_behind(tmp_path: Path) -> None:
    env, before = {**dev.clean_environment(tmp_path), "HALLES_DATA": str(tmp_path / "data")}, started_here()
    command = [sys.executable, "-m", "halles", "shop", "open", "Corner"]
    subprocess.run(command, env=env, check=True, timeout=120, stdout=subprocess.DEVNULL)
    assert status(tmp_path / "data") is None
    with psycopg.connect(ensure_running(tmp_path / "data", durable=False).dsn) as somebody:
        somebody.execute("select 1")
        leave(before)
        assert somebody.execute("select 1").fetchone() == (1,)
    leave(before)
    assert status(tmp_path / "data") is None
