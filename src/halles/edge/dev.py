"""The commands of those who change Halles: `./halles test`, `lint`, `lock`, `docs`, `bench`. They need a checkout."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from defusedxml import ElementTree

from halles.edge import webbuild
from halles.edge.webbuild import say

ROOT = Path(__file__).resolve().parents[3]
WEB = ROOT / "web"
STATIC = ROOT / "src" / "halles" / "edge" / "static"

_PYTHON = sys.executable
_NO_TESTS = 5  # pytest's exit status when nothing was collected
_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_KEPT = {"HALLES_PG_BIN", "HALLES_CHROMIUM", "HALLES_LOCALSTRIPE"}
_LOCALSTRIPE = "localstripe==1.15.10"

_LINTERS = (
    ("ruff check", (_PYTHON, "-m", "ruff", "check", "--output-format=concise", ".")),
    ("ruff format", (_PYTHON, "-m", "ruff", "format", "--check", "--output-format=concise", ".")),
    ("pyright", (_PYTHON, "-m", "pyright")),
    ("imports", (str(Path(_PYTHON).parent / "lint-imports"),)),
)
_COMPILE = (
    *(_PYTHON, "-m", "piptools", "compile", "--quiet", "--strip-extras", "--annotation-style=line"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host", "--no-emit-options"),
)


COMMANDS = {
    "test": "pages, lint, tests, browser tests",
    "lint": "ruff, pyright and the import rules",
    "lock": "pins the newest versions that pyproject.toml allows",
    "docs": "writes docs/reference from the code",
    "bench": "measures",
}
"""What `./halles` does in a checkout beside the commands of an installation."""


def is_checkout() -> bool:
    """Whether these files are a checkout's, where the commands above work."""
    return (ROOT / "pyproject.toml").is_file() and (ROOT / "halles").is_file()


def benches() -> list[str]:
    """The names of bench/NAME.py that are benches, not parts of them: what runs by itself, and is not run by another."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "bench").glob("*.py"))}
    alone = [name for name, text in texts.items() if '__name__ == "__main__"' in text]
    return [
        name
        for name in alone
        if not any(f"{name}.py" in text for other, text in texts.items() if other != name)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one step went. `passed`/`failed`/`skipped` count tests, where the step has them."""

    step: str
    ok: bool
    took_s: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    status: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the first argument names; the exit status."""
    parser = argparse.ArgumentParser(prog="./halles", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("lint", help="ruff, pyright and the import rules")
    commands.add_parser(
        "lock", help="pin the newest versions that pyproject.toml allows; --upgrade moves existing pins"
    )
    commands.add_parser("docs", help="write docs/reference from the code; --check only compares")
    given = sys.argv[1:] if arguments is None else arguments
    benching = commands.add_parser(
        "bench", add_help=len(given) < 3, help="run bench/NAME.py; what follows goes to it, --help too"
    )
    benching.add_argument("name", choices=benches())
    testing = commands.add_parser(
        "test",
        allow_abbrev=False,
        help="pages, lint, tests, browser tests; what is not known here goes to pytest",
    )
    testing.add_argument("--fast", action="store_true", help="no browser tests")
    testing.add_argument("--python", action="store_true", help="pytest alone: no pages, no lint")
    chosen, rest = parser.parse_known_args(arguments)
    if not (ROOT / "pyproject.toml").is_file():
        parser.error("this is an installed Halles; the command needs a checkout")
    os.chdir(ROOT)
    match chosen.command:
        case "lint":
            return conclude(lint())
        case "lock":
            return lock(rest)
        case "docs":
            return conclude([_run("docs", [_PYTHON, "tools/reference.py", *rest])])
        case "bench":
            return subprocess.run(
                [_PYTHON, f"bench/{chosen.name}.py", *rest], cwd=ROOT, check=False
            ).returncode
        case _:
            return test(rest, browser=not chosen.fast, python_only=chosen.python)


def lint() -> list[Outcome]:
    """Every linter, also after one has complained."""
    env = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    return [_run(name, command, env=env) for name, command in _LINTERS]


def lock(rest: Sequence[str]) -> int:
    """Write requirements.txt and requirements-dev.txt anew from pyproject.toml, naming no index and no folder."""
    env = {**os.environ, "CUSTOM_COMPILE_COMMAND": "./halles lock"}
    runs = [
        _run("requirements.txt", [*_COMPILE, *rest, "-o", "requirements.txt", "pyproject.toml"], env=env),
        _run(
            "requirements-dev.txt",
            [*_COMPILE, *rest, "--extra", "dev", "-o", "requirements-dev.txt", "pyproject.toml"],
            env=env,
        ),
    ]
    return conclude(runs)


def test(rest: Sequence[str], *, browser: bool, python_only: bool) -> int:
    """The whole check. pytest runs last, first without a browser on two processes, then with one; `rest` are its arguments."""
    outcomes: list[Outcome] = []
    if not python_only:
        outcomes += [
            _web("pages", _build_pages),
            _web("web check", _npm("check")),
            _web("web tests", _npm("test")),
        ]
        outcomes += lint()
    with tempfile.TemporaryDirectory(prefix="halles-test-") as scratch:
        env = {**clean_environment(Path(scratch)), **find_localstripe()}
        unit = ["-m", "not browser", "-n", "2", "--dist", "worksteal"]
        runs = [_pytest("tests", [*unit, *rest], env=env, scratch=Path(scratch))]
        if browser:
            runs.append(_browser_tests(rest, env=env, scratch=Path(scratch)))
    return conclude([*outcomes, *some_ran(runs)])


def find_localstripe() -> dict[str, str]:
    """The Python that has localstripe, in an environment apart since it is GPL: only ever run as a peer that tests talk to.

    Empty where it cannot be had; the tests that need it then skip and say so.
    """
    if "HALLES_LOCALSTRIPE" in os.environ:
        return {}
    python = ROOT / ".venv.localstripe" / "bin" / "python"
    made = (
        subprocess.run([python, "-c", "import localstripe"], capture_output=True, check=False).returncode == 0
        if python.exists()
        else False
    )
    if not made:
        say(f"payments: installing {_LOCALSTRIPE}, a peer for the tests")
        subprocess.run([_PYTHON, "-m", "venv", "--clear", str(python.parents[1])], check=False)
        install = [
            python,
            "-m",
            "pip",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
            "install",
            _LOCALSTRIPE,
        ]
        made = subprocess.run(install, check=False).returncode == 0
    return {"HALLES_LOCALSTRIPE": str(python)} if made else {}


def find_chromium() -> str | None:
    """Chromium's path; Debian's package is installed first where there is none, apt-get is here and we are root."""
    if named := os.environ.get("HALLES_CHROMIUM"):
        return named
    found = _on_path(_CHROMIUMS)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        say("browser: no Chromium here; installing Debian's")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (("update",), ("install", "--yes", "--no-install-recommends", "chromium")):
            subprocess.run(("apt-get", "--quiet", *command), env=env, stdin=subprocess.DEVNULL, check=False)
        found = _on_path(_CHROMIUMS)
    return found


def _browser_tests(rest: Sequence[str], *, env: Mapping[str, str], scratch: Path) -> Outcome:
    chromium = find_chromium()
    if chromium is None:
        say(
            "browser: Chromium is needed and absent. Install it, name it in HALLES_CHROMIUM, or run with --fast."
        )
        return Outcome(step="browser tests", ok=False, took_s=0.0, status=1)
    env = {**env, "HALLES_CHROMIUM": chromium}
    return _pytest("browser tests", ["-m", "browser", *rest], env=env, scratch=scratch)


def _pytest(step: str, arguments: Sequence[str], *, env: Mapping[str, str], scratch: Path) -> Outcome:
    report = scratch / f"{step.replace(' ', '-')}.xml"
    run = _run(step, [_PYTHON, "-m", "pytest", f"--junitxml={report}", *arguments], env=env)
    found = counts(report)
    return Outcome(
        step=step,
        ok=run.ok,
        took_s=run.took_s,
        passed=found["tests"] - found["failures"] - found["errors"] - found["skipped"],
        failed=found["failures"] + found["errors"],
        skipped=found["skipped"],
        status=run.status,
    )


def counts(report: Path) -> dict[str, int]:
    """The sums of a JUnit report; zeros when pytest died before it wrote one."""
    names = ("tests", "failures", "errors", "skipped")
    if not report.is_file():
        return dict.fromkeys(names, 0)
    suites = list(ElementTree.parse(report).iter("testsuite"))
    return {name: sum(int(suite.get(name) or 0) for suite in suites) for name in names}


def some_ran(runs: Sequence[Outcome]) -> list[Outcome]:
    """A run that selected nothing is no failure beside one that did: `./halles test -k wallet` has no browser test."""
    if all(run.status == _NO_TESTS for run in runs):
        return list(runs)
    return [run for run in runs if run.status != _NO_TESTS]


def _web(step: str, work: Callable[[], None]) -> Outcome:
    began = time.monotonic()
    _announce(step)
    try:
        work()
    except webbuild.WebBuildFailed as reason:
        say(str(reason))
        return Outcome(step=step, ok=False, took_s=time.monotonic() - began, status=1)
    return Outcome(step=step, ok=True, took_s=time.monotonic() - began)


def _build_pages() -> None:
    webbuild.build(WEB, STATIC)


def _npm(script: str) -> Callable[[], None]:
    def work() -> None:
        npm = webbuild.find_npm()
        webbuild.install(WEB, npm)
        npm.run("run", script, cwd=WEB, step=f"npm run {script}", CI="1")

    return work


def _run(step: str, command: Sequence[str], *, env: Mapping[str, str] | None = None) -> Outcome:
    began = time.monotonic()
    _announce(step)
    status = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode
    return Outcome(step=step, ok=status == 0, took_s=time.monotonic() - began, status=status)


def conclude(outcomes: Sequence[Outcome]) -> int:
    """Print a line a step, and the tests' totals last; the exit status."""
    say("")
    for outcome in outcomes:
        say(f"{'ok    ' if outcome.ok else 'FAILED'} {outcome.step:<16} {outcome.took_s:7.1f} s")
    passed, failed, skipped = (
        sum(getattr(outcome, name) for outcome in outcomes) for name in ("passed", "failed", "skipped")
    )
    if passed or failed:
        sys.stderr.flush()
        sys.stdout.write(f"{passed} passed, {failed} failed, {skipped} skipped\n")
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def clean_environment(scratch: Path) -> dict[str, str]:
    """Ours without what would lead a test to somebody's own data, settings or database."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or not name.startswith(("HALLES_", "PG"))
    }
    return {**env, "HALLES_DATA": str(scratch / "data")}


def _announce(step: str) -> None:
    say(f"\n── {step}")


def _on_path(names: Sequence[str]) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


if __name__ == "__main__":
    sys.exit(main())
