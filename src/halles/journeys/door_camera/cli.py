"""`halles door count`, also as `python -m halles.journeys.door_camera count` where nothing else of Halles is needed.

Heavy libraries are imported when counting begins, so that the other commands do not pay for them.
"""

from __future__ import annotations

import json
import os
import re
import signal
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from halles.journeys.door_camera.rules.counting import CountSettings, Point
from halles.journeys.door_camera.rules.line import check
from halles.journeys.door_camera.rules.source import hidden, is_recording
from halles.journeys.door_camera.types import BadOptions, Line
from halles.kernel.clock import system_clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halles.journeys.door_camera.adapters.poster import Poster, Report
    from halles.journeys.door_camera.adapters.spool import Spool
    from halles.journeys.door_camera.adapters.video import Camera, Shot

KEY = "HALLES_DOOR_KEY"
_CODE = re.compile("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_FAREWELL_S = 5.0
_TUNE_PICTURES, _TUNE_RATE = 100, 5.0
app = typer.Typer(help="Counting people at a door.", no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def door() -> None:
    """Counting people at a door."""


def _numbers(text: str, how_many: int, what: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if len(found) != how_many:
        raise BadOptions(f"{what} is {how_many} numbers from 0 to 1 with commas between them.")
    return found


def read_line(line: str, inside: str) -> Line:
    """Raises BadOptions where they are no numbers, BadLine where they make no line."""
    ax, ay, bx, by = _numbers(line, 4, "--line")
    x, y = _numbers(inside, 2, "--inside")
    read = Line(ax=ax, ay=ay, bx=bx, by=by, inside_x=x, inside_y=y)
    check(read)
    return read


def _start(text: str | None, *, needed: bool) -> datetime:
    if text is None:
        if needed:
            raise BadOptions("Posting a recording needs --start, when it began.")
        return system_clock()
    try:
        start = datetime.fromisoformat(text)
        if start.tzinfo is not None:
            return start
    except ValueError:
        pass
    raise BadOptions("--start is a moment with its zone: 2026-11-21T09:00:00+01:00.")


def _default_spool(code: str) -> Path:
    data = os.environ.get("HALLES_DATA") or f"{os.environ.get('XDG_DATA_HOME') or '~/.local/share'}/halles"
    return Path(data).expanduser() / f"door-{code}.jsonl"


@app.command()
def count(
    source: Annotated[
        str,
        typer.Argument(
            envvar="HALLES_DOOR_SOURCE",
            help="A recording, a camera's number, or its address (rtsp://, http://).",
        ),
    ],
    model: Annotated[Path, typer.Option(help="A YOLOX network in ONNX.")],
    line: Annotated[str | None, typer.Option(help="The line, as shares of the picture: x1,y1,x2,y2.")] = None,
    inside: Annotated[str | None, typer.Option(help="Any point on the inner side: x,y.")] = None,
    point: Annotated[Point, typer.Option(help="Which point of a person crosses the line.")] = Point.FOOT,
    rate: Annotated[float, typer.Option(min=1, max=60, help="Pictures a second looked at, at most.")] = 10.0,
    threads: Annotated[int, typer.Option(min=1, max=16, help="Processor cores for the network.")] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line; the last has the counts.")
    ] = False,
    post: Annotated[
        str | None, typer.Option(help=f"Address of Halles to send to; its API key is in {KEY}.")
    ] = None,
    door_code: Annotated[str | None, typer.Option("--door", help="The door's code in Halles.")] = None,
    spool: Annotated[Path | None, typer.Option(help="File for crossings that are not sent yet.")] = None,
    start: Annotated[str | None, typer.Option(help="When a recording began, with its zone.")] = None,
    tune: Annotated[
        Path | None, typer.Option(help="Count nothing: draw a blurred picture (PNG) to set the line by.")
    ] = None,
) -> None:
    """Count people who cross a line in a camera's view. No picture is kept or sent. Ends with the recording, or with Ctrl+C."""
    drawn = _line_of(line, inside, needed=tune is None)
    if tune is not None:
        _tune(tune, source, model, threads, drawn, point)
        return
    assert drawn is not None
    target = _target(post, door_code, spool)
    began = _start(start, needed=target is not None and is_recording(source))
    report = _report(as_json=as_json, since=began if start is None and is_recording(source) else None)
    _count(source, model, drawn, point, rate, threads, target, began, report)


def _line_of(line: str | None, inside: str | None, *, needed: bool) -> Line | None:
    if (line is None) != (inside is None) or (needed and line is None):
        raise BadOptions("--line and --inside belong together; --tune draws a picture to find them by.")
    return read_line(line, inside) if line is not None and inside is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where crossings go: a Halles, one of its doors, with a key; and the file that keeps them until then."""

    url: str
    door: str
    key: str
    spool: Path


def _target(post: str | None, code: str | None, spool: Path | None) -> Target | None:
    if post is None:
        if code is not None or spool is not None:
            raise BadOptions(
                "--door and --spool say what to send and where to keep it meanwhile: --post is missing."
            )
        return None
    if code is None or not _CODE.fullmatch(code):
        raise BadOptions("--post needs --door, the door's code: small letters, digits and hyphens.")
    key = os.environ.get(KEY, "").strip()
    if not key.isascii() or not key:
        raise BadOptions(f"--post needs an API key of the shop in the environment variable {KEY}.")
    return Target(url=post, door=code, key=key, spool=spool or _default_spool(code))


def _report(*, as_json: bool, since: datetime | None) -> Report:
    """`since`: where a recording begins whose own time nobody told; crossings are then told in seconds from there."""

    def report(kind: str, **facts: object) -> None:
        if since is not None and "at" in facts:
            at_s = (datetime.fromisoformat(str(facts.pop("at"))) - since).total_seconds()
            facts = {"at_s": round(at_s, 2), **facts}
        if as_json:
            typer.echo(json.dumps({"kind": kind, **facts}))
        else:
            words = ", ".join(f"{name} {value}" for name, value in facts.items())
            typer.echo(f"{kind.replace('_', ' ')}: {words}", err=kind not in {"crossing", "counts"})

    return report


def _hushed() -> None:
    """Before OpenCV is imported: its and FFmpeg's own lines about a lost camera would hide ours, which say the same."""
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


def _count(
    source: str,
    model: Path,
    line: Line,
    point: Point,
    rate: float,
    threads: int,
    target: Target | None,
    began: datetime,
    report: Report,
) -> None:
    _hushed()
    from halles.journeys.door_camera import program
    from halles.journeys.door_camera.adapters import video
    from halles.journeys.door_camera.adapters.yolox import Yolox

    over = Event()
    settings = CountSettings(point=point)
    detector = Yolox(model, threads=threads, lowest=settings.tracker.unsure)
    with ExitStack() as stack:
        spool, poster = _sender(stack, target, report) if target else (None, None)
        counter = program.Counter(detector, line, settings, report, spool, poster)
        _until_told(stack, over)
        if is_recording(source):
            shots = takewhile(lambda _: not over.is_set(), video.recording(Path(source), rate))
            program.count_recording(counter, shots, began, target.door if target else "")
        else:
            camera = video.Camera(source, rate)
            stack.callback(camera.close)
            report("watching", source=hidden(source))
            program.count_camera(counter, camera, system_clock, over)
        totals = counter.finish()
        if poster is not None:
            poster.close(_FAREWELL_S)
        facts = totals.facts() | ({"waiting": len(spool)} if spool is not None else {})
        report("counts", **facts)


def _until_told(stack: ExitStack, over: Event) -> None:
    """SIGTERM and Ctrl+C end the counting, not the program: what was counted is still told and sent."""

    def end(_number: int, _frame: object) -> None:
        over.set()

    for one in (signal.SIGTERM, signal.SIGINT):
        stack.callback(signal.signal, one, signal.signal(one, end))


def _sender(stack: ExitStack, target: Target, report: Report) -> tuple[Spool, Poster]:
    """The spool of this door and the thread that empties it, already at work on what an earlier run left."""
    import httpx

    from halles.journeys.door_camera.adapters.poster import Poster, endpoint
    from halles.journeys.door_camera.adapters.spool import Spool

    endpoint(target.url)
    spool = Spool(target.spool, target.door)
    stack.callback(spool.close)
    if spool.damaged:
        report("spool_damaged", lines=spool.damaged, copy=f"{target.spool}.damaged")
    client = stack.enter_context(httpx.Client(timeout=10.0, follow_redirects=False))
    poster = Poster(
        spool, client, url=target.url, door=target.door, key=target.key, clock=system_clock, report=report
    )
    poster.start()
    poster.wake()
    return spool, poster


def _tune(path: Path, source: str, model: Path, threads: int, line: Line | None, point: Point) -> None:
    _hushed()
    from halles.journeys.door_camera import still
    from halles.journeys.door_camera.adapters import video
    from halles.journeys.door_camera.adapters.yolox import Yolox

    detector = Yolox(model, threads=threads)
    with ExitStack() as stack:
        if is_recording(source):
            shots = video.recording(Path(source), _TUNE_RATE)
        else:
            camera = video.Camera(source, _TUNE_RATE)
            stack.callback(camera.close)
            shots = _live(camera)
        dots = still.draw(path, shots, detector, line, point)
    typer.echo(f"{path}: a dot for each time that somebody was seen ({dots}).")


def _live(camera: Camera) -> Iterator[Shot]:
    """Some pictures of a camera; none where it gives none."""
    for _ in range(_TUNE_PICTURES):
        shot = camera.next(15.0)
        if shot is None:
            return
        yield shot
