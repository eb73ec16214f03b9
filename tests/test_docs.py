"""The documentation is held to the code: generated pages are current, named paths exist, README's commands are real."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _reference() -> Any:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = _reference()
MADE: dict[str, str] = REFERENCE.pages()


@pytest.mark.parametrize("name", sorted(MADE))
def test_reference_is_what_the_code_says(name: str) -> None:
    assert (ROOT / "docs" / "reference" / name).read_text() == MADE[name], "run `./halles docs`"


@pytest.mark.parametrize("text", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(text: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (text.parent / target).exists(), target


_PATH = re.compile(r"`((?:src|docs|tests|tools|bench|web)/[\w./-]+)`")


@pytest.mark.parametrize("text", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_paths_that_pages_name_exist(text: Path) -> None:
    missing = [path for path in _PATH.findall(text.read_text()) if not (ROOT / path).exists()]
    assert not missing


def test_every_event_has_a_docstring_and_every_error_a_title() -> None:
    assert all(len(REFERENCE.sentence(event)) > 10 for event in REFERENCE.events())


def _commands() -> set[str]:
    return set(re.findall(r"^\| `(halles [\w -]+)`", MADE["commands.md"], re.MULTILINE))


def test_commands_that_pages_name_exist() -> None:
    known = _commands() | {"halles test", "halles lint", "halles bench"}
    for page in PAGES:
        for line in re.findall(
            r"^\$? ?(?:\./)?(halles [a-z-]+(?: [a-z-]+)?)", page.read_text(), re.MULTILINE
        ):
            words = line.split()
            assert any(name.split()[: len(words)] == words or name.split() == words[:2] for name in known), (
                f"{line} in {page.name}"
            )


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    for page in [*(ROOT / "docs").rglob("*.md")]:
        if page.name != "README.md":
            assert page.relative_to(ROOT / "docs").as_posix() in index, (
                f"{page.name} is missing in docs/README.md"
            )
