"""How a file reads: sizes, names, words. The exception lists only shrink."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, DOOR_LINES, FUNCTION_LINES = 400, 250, 60

LONG_FILES: dict[str, str] = {}
"""Path → why it is longer than FILE_LINES."""

LONG_FUNCTIONS: dict[str, str] = {}
"""`path::function` → why it is longer than FUNCTION_LINES."""

CAPABILITY_FILES = {"__init__", "types", "rules", "store", "api", "http", "cli", "wire", "testing"}
CAPABILITIES = (
    "catalog",
    "places",
    "pricing",
    "inventory",
    "orders",
    "wallet",
    "payments",
    "identity",
    "promises",
    "vision",
    "visits",
    "flash",
    "assortments",
    "welcome",
)


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


PYTHON = _tracked("*.py")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PYTHON, ids=_name)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    limit = DOOR_LINES if path.name == "api.py" else FILE_LINES
    assert lines <= limit or _name(path) in LONG_FILES, f"{lines} lines: split it"


def _functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (node.name, (node.end_lineno or 0) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


@pytest.mark.parametrize("path", [p for p in PYTHON if "migrations" not in p.parts], ids=_name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    long = [
        f"{name} ({lines})"
        for name, lines in _functions(path)
        if lines > FUNCTION_LINES and f"{_name(path)}::{name}" not in LONG_FUNCTIONS
    ]
    assert not long, f"split {', '.join(long)}"


def test_the_exception_lists_only_shrink() -> None:
    stale = [
        name
        for name in LONG_FILES
        if not (ROOT / name).exists() or len((ROOT / name).read_text().splitlines()) <= FILE_LINES
    ]
    for entry in LONG_FUNCTIONS:
        path, _, function = entry.partition("::")
        if not any(name == function and lines > FUNCTION_LINES for name, lines in _functions(ROOT / path)):
            stale.append(entry)
    assert not stale, f"no longer needed: {stale}"


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_a_capability_has_the_usual_shape(capability: str) -> None:
    folder = ROOT / "src" / "halles" / capability
    names = {path.stem for path in folder.glob("*.py")} | {
        p.name for p in folder.iterdir() if p.is_dir() and p.name != "__pycache__"
    }
    assert {"types", "store", "api", "migrations", "tests"} <= names
    assert names <= CAPABILITY_FILES | {"adapters", "migrations", "tests"}, names
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    assert len(docstring) > 100, "the package says what it owns, promises and emits"


_SQL = re.compile(
    r"\b(select\s.+\sfrom|insert\s+into|update\s+\w+\.\w+\s+set|delete\s+from)\b", re.IGNORECASE
)


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in PYTHON
        if "halles" in p.parts
        and "kernel" not in p.parts
        and "tests" not in p.parts
        and "migrations" not in p.parts
    ],
    ids=_name,
)
def test_sql_lives_in_store(path: Path) -> None:
    if path.name == "store.py" or path.parent.name == "store":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and "\n" not in node.value.strip()[:40]
        ):
            assert not _SQL.match(node.value.strip()), f"SQL outside store.py: {node.value[:60]!r}"


def test_no_word_of_this_machine_or_a_registry_in_the_repository() -> None:
    hosts = re.compile(
        r'"resolved": *"https?://|(index-url|extra-index|registry) *= *"?https?://|https?://[^ "]*/(simple|packages)/'
    )
    folders = re.compile(r"/(work|root)/(main|shared|\.pyenv|\.cargo)\b")
    for path in _tracked():
        if (
            path.suffix in {".png", ".webp", ".jpg", ".woff2", ".pdf", ".onnx"}
            or path == Path(__file__).resolve()
        ):
            continue
        text = path.read_text(errors="ignore")
        assert not hosts.search(text), _name(path)
        assert not folders.search(text), _name(path)
