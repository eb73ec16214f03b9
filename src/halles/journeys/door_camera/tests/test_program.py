"""The whole counter: as a process of its own, killed, against a server that answers now and then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from halles.journeys.door_camera.adapters.spool import Spool, as_sent
from halles.journeys.door_camera.adapters.video import Shot, recording
from halles.journeys.door_camera.adapters.yolox import Yolox
from halles.journeys.door_camera.cli import app, read_line
from halles.journeys.door_camera.program import Counter, count_camera, count_recording, glance
from halles.journeys.door_camera.rules.counting import CountSettings
from halles.journeys.door_camera.tests.conftest import picture, write_recording
from halles.journeys.door_camera.types import BadOptions, KeyInClear, NotYolox, SpoolUnwritable
from halles.kernel.clock import FixedClock
from halles.kernel.errors import Refusal

SHARED = Path(__file__).resolve().parents[6] / "shared" / "data"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LINE = ["--line", "0.5,0,0.5,1", "--inside", "0.9,0.5"]
START = ["--start", "2026-11-21T10:00:00+01:00"]


def _there_and_back(number: int) -> list[tuple[float, float]]:
    """Somebody goes to and fro, ten pictures a way, for ever."""
    way = number % 40
    return [(24 + 4 * way if way < 20 else 104 - 4 * (way - 20), 48)]


@pytest.fixture(scope="session")
def busy_door(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty crossings in two minutes, inward first."""
    return write_recording(tmp_path_factory.mktemp("door") / "busy.avi", 1200, _there_and_back)


def command(source: object, network: Path, *more: str) -> list[str]:
    return ["count", str(source), "--model", str(network), *LINE, *more]


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_a_recording_is_counted(network: Path, busy_door: Path) -> None:
    done = CliRunner().invoke(app, command(busy_door, network, "--json", *START), catch_exceptions=False)
    told = lines(done.output)
    assert [one["inward"] for one in told[:-1]] == [1, 0] * 30
    assert told[0]["at"].startswith("2026-11-21T10:00:0")
    assert (told[-1]["kind"], told[-1]["inward"], told[-1]["outward"]) == ("counts", 30, 30)
    assert told[-1]["pictures"] == 1200


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        (["--post", "https://shop.example.com"], BadOptions),
        (["--post", "https://shop.example.com", "--door", "No Door"], BadOptions),
        (["--post", "https://shop.example.com", "--door", "main"], BadOptions),
        (["--post", "http://shop.example.com", "--door", "main", *START], KeyInClear),
        (["--door", "main"], BadOptions),
        (["--start", "yesterday"], BadOptions),
        (["--start", "2026-11-21T10:00:00"], BadOptions),
        (["--model", __file__], NotYolox),
    ],
)
def test_options_that_cannot_be(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], kind: type[Refusal]
) -> None:
    monkeypatch.setenv("HALLES_DOOR_KEY", "hk_test")
    monkeypatch.setenv("HALLES_DATA", str(tmp_path))
    with pytest.raises(kind):
        CliRunner().invoke(app, command(tmp_path / "a.avi", network, *more), catch_exceptions=False)


@pytest.mark.parametrize(("line", "inside"), [("0.5,0,0.5", "1,1"), ("a,b,c,d", "1,1"), ("0,0,1,1", "1")])
def test_lines_that_cannot_be_read(line: str, inside: str) -> None:
    with pytest.raises(BadOptions):
        read_line(line, inside)


# ── the process ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_counter_needs_little_of_halles_and_no_database() -> None:
    code = (
        "import sys, halles.journeys.door_camera.__main__, halles.journeys.door_camera.program\n"
        "import halles.journeys.door_camera.still, httpx\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))\n"
        "print(*sorted(name for name in sys.modules if name.startswith('halles.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    libraries, ours = (set(line.split()) for line in done.stdout.splitlines())
    assert not libraries & {
        "psycopg",
        "fastapi",
        "pydantic",
        "alembic",
        "uvicorn",
        "PIL",
        "onnx",
        "structlog",
    }
    outside = {name for name in ours if not name.startswith("halles.journeys")}
    assert outside == {"halles.kernel", "halles.kernel.clock", "halles.kernel.errors", "halles.kernel.ids"}


class Halles(BaseHTTPRequestHandler):
    """The route that takes crossings: ids count once. Answers 503 to every third request, and drops every fifth answer."""

    taken: ClassVar[dict[str, Any]] = {}
    requests: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.requests.append(self.path)
        if len(self.requests) % 3 == 0:
            self.send_error(503)
            return
        fresh = [one for one in body["crossings"] if one["event_id"] not in self.taken]
        for one in body["crossings"]:
            assert self.taken.setdefault(one["event_id"], one) == one, "an id means one crossing"
        if len(self.requests) % 5 == 0:
            self.close_connection = True
            return
        answer = json.dumps({"recorded": len(fresh)}).encode()
        self.send_response(202)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        pass


@pytest.fixture
def shaky_server() -> Iterator[str]:
    Halles.taken.clear()
    Halles.requests.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Halles)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_killed_again_and_again_loses_and_doubles_nothing(
    network: Path, busy_door: Path, tmp_path: Path, shaky_server: str
) -> None:
    """Each run counts the same recording and is killed at another moment; what the server has in the end is what one undisturbed
    run counts."""
    spool = tmp_path / "spool.jsonl"
    more = ["--post", shaky_server, "--door", "main", "--spool", str(spool), *START]
    run = [sys.executable, "-m", "halles.journeys.door_camera", *command(busy_door, network, *more)]
    environment = {**os.environ, "HALLES_DOOR_KEY": "hk_test"}
    for crossings in (3, 20, 45):
        process = subprocess.Popen(
            run, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout is not None
        for _ in range(crossings):
            assert process.stdout.readline().startswith("crossing")
        process.kill()
        process.communicate()
    done = subprocess.run([*run, "--json"], env=environment, capture_output=True, text=True, check=True)
    told = [one for one in lines(done.stdout) if one["kind"] == "crossing"]
    assert len(told) == 60
    kept = Spool(spool, "main")
    kept.close()
    all_of_them = Halles.taken | {str(one.event_id): as_sent(one) for one in kept.waiting(1000)}
    assert sorted((one["at"], one["inward"]) for one in all_of_them.values()) == [
        (one["at"], one["inward"]) for one in told
    ]
    assert len(Halles.requests) > 3


def test_told_to_end_it_says_what_it_counted(network: Path, tmp_path: Path) -> None:
    run = [sys.executable, "-m", "halles.journeys.door_camera"]
    run += command("http://127.0.0.1:9/camera", network, "--json")
    process = subprocess.Popen(run, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["kind"] == "watching"
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert lines(rest)[-1]["kind"] == "counts"


# ── without a process ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Heard(list[tuple[str, dict[str, object]]]):
    def __call__(self, kind: str, **facts: object) -> None:
        self.append((kind, facts))


class StubbornSpool(Spool):
    """A disk that is full for a while."""

    full = True

    def add(self, crossings: Any) -> None:
        if self.full:
            raise SpoolUnwritable("full")
        super().add(crossings)


def test_a_full_disk_holds_crossings_back_and_loses_none(network: Path, tmp_path: Path) -> None:
    heard, spool = Heard(), StubbornSpool(tmp_path / "s.jsonl", "main")
    counter = Counter(Yolox(network), read_line("0.5,0,0.5,1", "0.9,0.5"), CountSettings(), heard, spool)
    shots = [Shot(frame=picture(_there_and_back(n)), at_s=n / 10) for n in range(80)]
    count_recording(counter, shots[:70], NOW, "main")
    assert [kind for kind, _ in heard] == ["not_kept"] * 3
    assert counter.totals.inward == 0
    spool.full = False
    count_recording(counter, shots[70:], NOW, "main")
    counter.finish()
    assert (counter.totals.inward, counter.totals.outward) == (2, 2)
    assert len(spool) == 4
    spool.close()


class Eyes:
    """A camera that is away, then stuck, then well."""

    def __init__(self, over: Event, shots: list[Shot | None]) -> None:
        self.over, self.shots = over, shots

    def next(self, timeout_s: float) -> Shot | None:
        if len(self.shots) == 1:
            self.over.set()
        return self.shots.pop(0)


def test_blindness_is_told(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(
        "halles.journeys.door_camera.program.monotonic", lambda: now.__setitem__(0, now[0] + 2.0) or now[0]
    )
    over, heard = Event(), Heard()
    frames = [picture([(x, 48)]) for x in (30, 50)]
    shots: list[Shot | None] = [None] * 4 + [Shot(frame=frames[n % 2], at_s=100.0 + n) for n in range(3)]
    counter = Counter(Yolox(network), read_line("0.5,0,0.5,1", "0.9,0.5"), CountSettings(), heard)
    camera: Any = Eyes(over, shots)
    count_camera(counter, camera, FixedClock(NOW), over)
    assert [(kind, facts["why"]) for kind, facts in heard] == [
        ("blind", "no_picture"),
        ("seeing", "no_picture"),
    ]


class Sender:
    """Who would send: only told that something waits."""

    woken = 0

    def wake(self) -> None:
        self.woken += 1


def test_a_camera_that_sees_says_so_where_nobody_passes(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At first after some seconds, then every five minutes; not while blind, and not while its last word waits to be sent."""
    now = [0.0]
    monkeypatch.setattr(
        "halles.journeys.door_camera.program.monotonic", lambda: now.__setitem__(0, now[0] + 2.0) or now[0]
    )
    over, sender, spool = Event(), Sender(), Spool(tmp_path / "s.jsonl", "main")
    frames = [picture([(x, 48)]) for x in (30, 50)]
    shots: list[Shot | None] = [None] * 20 + [Shot(frame=frames[n % 2], at_s=float(n)) for n in range(400)]
    posting: Any = sender
    settings, line = CountSettings(), read_line("0.5,0,0.5,1", "0.9,0.5")
    counter = Counter(Yolox(network), line, settings, Heard(), spool, posting)
    blind: Any = Eyes(over, shots[:20])
    count_camera(counter, blind, FixedClock(NOW), over)
    assert len(spool) == 0
    over.clear()
    seeing: Any = Eyes(over, shots[20:220])
    count_camera(counter, seeing, FixedClock(NOW), over)
    [sign] = spool.waiting(9)
    assert (sign.at, sign.inward, sign.outward) == (NOW, 0, 0)
    assert sender.woken == 1, "the second waits for the first to be sent"
    spool.done([sign.event_id])
    over.clear()
    again: Any = Eyes(over, shots[220:])
    count_camera(counter, again, FixedClock(NOW), over)
    assert len(spool) == 1
    assert (counter.totals.inward, counter.totals.outward) == (0, 0)
    spool.close()


def test_a_glance() -> None:
    dark, light = glance(picture([])), glance(picture([(30, 48)]))
    assert dark.level < 16 < light.level + light.spread
    assert dark.spread < 6
    assert dark.checksum != light.checksum == glance(picture([(30, 48)])).checksum
    assert isinstance(light.level, float)


# ── real people ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.shared
@pytest.mark.parametrize(("begin_s", "end_s"), [(16.0, 21.0), (42.0, 47.0)])
def test_somebody_leaves(begin_s: float, end_s: float) -> None:
    """Two of the six people of the clip; all of it is measured in docs/algorithms/counting-people.md."""
    model, clip = SHARED / "models" / "yolox_nano.onnx", SHARED / "video" / "one-by-one-person-detection.mp4"
    if not (model.exists() and clip.exists()):
        pytest.skip("the network or the clip is not beside the checkout")
    counter = Counter(Yolox(model), read_line("0.75,0,0.75,1", "0.3,0.5"), CountSettings(), Heard())
    shots = (shot for shot in recording(clip, 30) if begin_s <= shot.at_s < end_s)
    count_recording(counter, shots, NOW, "main")
    assert (counter.totals.inward, counter.totals.outward) == (0, 1)
