"""When the pages are built, with which Node, and what is said when they cannot be: on a stand-in for npm."""

from __future__ import annotations

from pathlib import Path

import pytest

from halles.edge import webbuild

NODE = "#!/bin/sh\necho v{version}.1.0\n"
NPM = """#!/bin/sh
echo "$*" >> "$0.calls"
case "$*" in
    ci*) mkdir -p node_modules ;;
    "run build") [ ! -f broken ] || { echo "    at deep.js:1"; echo "Error: broken on purpose"; exit 1; }
        mkdir -p "$HALLES_WEB_OUT" && cp page.txt "$HALLES_WEB_OUT/index.html" ;;
esac
"""


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "a web"
    folder.mkdir()
    for name, content in (("package.json", "{}"), ("package-lock.json", "{}"), ("page.txt", "one")):
        (folder / name).write_text(content)
    return folder


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in front of PATH with a Node new enough; the file in which its npm notes each call."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("node", NODE.format(version=20)), ("npm", NPM)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return programs / "npm.calls"


def test_builds_once_and_again_when_a_source_changes(web: Path, calls: Path, tmp_path: Path) -> None:
    out = tmp_path / "static"
    assert webbuild.build(web, out)
    assert not webbuild.build(web, out)
    (web / "page.txt").write_text("two")
    (web / "node_modules" / "noise.js").write_text("is no source")
    assert webbuild.build(web, out)
    assert (out / "index.html").read_text() == "two"
    assert webbuild.build(web, out, force=True)
    assert calls.read_text().splitlines() == [
        "ci --no-audit --no-fund",
        "run build",
        "run build",
        "run build",
    ]


def test_packages_are_fetched_again_when_the_lock_file_changes(
    web: Path, calls: Path, tmp_path: Path
) -> None:
    webbuild.build(web, tmp_path / "static")
    (web / "package-lock.json").write_text('{"changed": true}')
    webbuild.build(web, tmp_path / "static")
    assert calls.read_text().count("ci") == 2


def test_a_failed_build_leaves_the_old_pages_and_says_why(web: Path, calls: Path, tmp_path: Path) -> None:
    out = tmp_path / "static"
    webbuild.build(web, out)
    (web / "broken").touch()
    with pytest.raises(webbuild.WebBuildFailed, match="broken on purpose") as caught:
        webbuild.build(web, out)
    assert "deep.js" not in str(caught.value)
    assert (out / "index.html").read_text() == "one"
    (web / "broken").unlink()
    assert not webbuild.build(web, out)


def test_a_folder_without_sources_is_told(tmp_path: Path) -> None:
    with pytest.raises(webbuild.WebBuildFailed, match=r"package\.json"):
        webbuild.build(tmp_path, tmp_path / "static")


def test_an_old_node_is_passed_over(calls: Path) -> None:
    assert webbuild.has_node()
    (calls.parent / "node").write_text(NODE.format(version=18))
    assert not webbuild.has_node()
