"""Crossings are neither lost nor doubled: the file, and the thread that empties it."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halles.journeys.door_camera.adapters.poster import Poster, endpoint
from halles.journeys.door_camera.adapters.spool import Spool, as_sent
from halles.journeys.door_camera.types import BadOptions, KeyInClear, SpoolInUse, SpoolUnwritable, Told
from halles.kernel.clock import FixedClock

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
URL = "https://shop.example.com"


def told(number: int) -> Told:
    at = NOW + timedelta(seconds=number)
    return Told(event_id=UUID(int=number), at=at, inward=number % 2, outward=1 - number % 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "door-main.jsonl"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    opened = Spool(path, "main")
    yield opened
    opened.close()


# ── the file ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.tuples(st.sampled_from(["add", "done", "again"]), st.integers(1, 12)), max_size=40))
@settings(max_examples=40, deadline=None)
def test_the_file_says_what_was_done(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("spool") / "s.jsonl"
    spool, waiting, used = Spool(path, "main"), dict[UUID, Told](), set[UUID]()
    for what, number in steps:
        if what == "add" and told(number).event_id not in used:
            spool.add([told(number)])
            waiting[told(number).event_id] = told(number)
            used.add(told(number).event_id)
        elif what == "done":
            spool.done([told(number).event_id])
            waiting.pop(told(number).event_id, None)
        elif what == "again":
            spool.close()
            spool = Spool(path, "main")
        assert spool.waiting(100) == list(waiting.values())
    spool.close()


def test_a_line_cut_off_by_a_power_cut_is_dropped(path: Path, spool: Spool) -> None:
    spool.add([told(1), told(2)])
    spool.close()
    whole = path.read_bytes()
    for cut in range(len(whole.splitlines(keepends=True)[0]), len(whole), 7):
        path.write_bytes(whole[:cut])
        again = Spool(path, "main")
        assert again.waiting(9) == [told(1), told(2)][: whole[:cut].count(b"\n") - 1]
        assert again.damaged == 0
        again.add([told(3)])
        assert again.waiting(9)[-1] == told(3)
        again.close()
    spool.__init__(path, "main")


def test_damaged_lines_are_set_aside_and_the_rest_goes_on(path: Path, spool: Spool) -> None:
    spool.add([told(1), told(2), told(3)])
    spool.close()
    lines = path.read_text().splitlines()
    lines[2] = '{"event_id": "\x00\x00'
    path.write_text("\n".join([*lines, "[1]", '{"at": "yesterday", "event_id": 7}']) + "\n")
    spool.__init__(path, "main")
    assert spool.waiting(9) == [told(1), told(3)]
    assert spool.damaged == 3
    assert path.with_name(path.name + ".damaged").read_text().splitlines()[2] == lines[2]


def test_one_process_and_one_door(path: Path, spool: Spool) -> None:
    with pytest.raises(SpoolInUse):
        Spool(path, "main")
    spool.add([told(1)])
    spool.close()
    with pytest.raises(SpoolInUse, match="the door main"):
        Spool(path, "garden")
    spool.__init__(path, "main")
    assert len(spool) == 1


def test_a_full_disk_keeps_nothing_by_halves(
    path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.add([told(1)])
    for refuse in (_half, _no_room):
        monkeypatch.setattr(os, "write", refuse)
        with pytest.raises(SpoolUnwritable):
            spool.add([told(2)])
        monkeypatch.undo()
        assert path.read_text().count("\n") == 2
    spool.add([told(2)])
    spool.close()
    spool.__init__(path, "main")
    assert spool.waiting(9) == [told(1), told(2)]


_write = os.write


def _half(fd: int, data: bytes) -> int:
    return _write(fd, data[: len(data) // 2])


def _no_room(_fd: int, _data: bytes) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_the_file_does_not_grow_for_ever(path: Path, spool: Spool) -> None:
    for number in range(1, 1000, 50):
        batch = [told(one) for one in range(number, number + 50)]
        spool.add(batch)
        spool.done([one.event_id for one in batch])
    assert path.stat().st_size < 70_000


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpoolUnwritable):
        Spool(tmp_path / "file" / "s.jsonl", "main")


# ── the poster ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Server:
    """Halles as the poster sees it: remembers ids, and may be told to misbehave. `refused`: ids it will never take."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.sizes: list[int] = []
        self.refused: set[str] = set()
        self.instead: list[Callable[[httpx.Request], httpx.Response]] = []
        self.date = NOW

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        assert request.headers["authorization"] == "Bearer hk_test"
        assert str(request.url) == f"{URL}/api/welcome/crossings"
        assert (body["door"], body["source"]) == ("main", "camera")
        if self.instead:
            return self.instead.pop(0)(request)
        crossings = {one["event_id"]: one for one in body["crossings"]}
        if self.refused & set(crossings):
            return httpx.Response(422, json={"code": "welcome.bad_count"})
        self.sizes.append(len(crossings))
        fresh = set(crossings) - set(self.known)
        self.known |= crossings
        date = f"{self.date:%a, %d %b %Y %H:%M:%S} GMT"
        return httpx.Response(202, json={"recorded": len(fresh)}, headers={"date": date})


class Heard(list[tuple[str, dict[str, object]]]):
    def __call__(self, kind: str, **facts: object) -> None:
        self.append((kind, facts))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self]


def make(spool: Spool, server: Server, heard: Heard) -> Poster:
    client = httpx.Client(transport=httpx.MockTransport(server))
    return Poster(
        spool, client, url=URL + "/", door="main", key="hk_test", clock=FixedClock(NOW), report=heard
    )


def test_all_is_sent_in_order_in_requests_of_two_hundred(spool: Spool) -> None:
    server, heard = Server(), Heard()
    spool.add([told(number) for number in range(1, 451)])
    assert make(spool, server, heard).send_waiting()
    assert server.sizes == [200, 200, 50]
    assert list(server.known.values()) == [as_sent(told(number)) for number in range(1, 451)]
    assert len(spool) == 0
    assert heard == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<title>Free Wi-Fi</title>"),
        httpx.Response(202, text="thanks"),
        httpx.Response(401, json={"code": "kernel.sign_in_needed"}),
        httpx.Response(404, json={"code": "welcome.unknown_door"}),
        httpx.Response(503),
        httpx.Response(302, headers={"location": "https://elsewhere.example"}),
    ],
)
def test_nothing_is_forgotten_until_halles_itself_has_taken_it(spool: Spool, answer: httpx.Response) -> None:
    server, heard = Server(), Heard()
    poster = make(spool, server, heard)
    spool.add([told(1)])
    server.instead = [lambda _: answer, lambda _: answer]
    assert not poster.send_waiting()
    assert not poster.send_waiting()
    assert heard.kinds == ["not_sending"]
    assert len(spool) == 1
    assert poster.send_waiting()
    assert heard.kinds == ["not_sending", "sending"]
    assert len(server.known) == 1


def test_an_answer_lost_on_the_way_sends_the_same_ids_again(path: Path, spool: Spool) -> None:
    server, heard = Server(), Heard()
    spool.add([told(1), told(2)])

    def lost(request: httpx.Request) -> httpx.Response:
        server(request)
        raise httpx.ReadTimeout("no answer")

    server.instead = [lost]
    assert not make(spool, server, heard).send_waiting()
    spool.close()
    spool.__init__(path, "main")
    assert make(spool, server, heard).send_waiting()
    assert set(server.known) == {str(told(1).event_id), str(told(2).event_id)}


def test_one_that_will_never_be_taken_does_not_hold_up_the_others(path: Path, spool: Spool) -> None:
    server, heard = Server(), Heard()
    spool.add([told(number) for number in range(1, 12)])
    server.refused = {str(told(7).event_id)}
    assert make(spool, server, heard).send_waiting()
    assert len(server.known) == 10
    assert len(spool) == 0
    assert heard == [("refused", {"event_id": str(told(7).event_id), "why": "422 welcome.bad_count"})]
    aside = json.loads(path.with_name(path.name + ".refused").read_text())
    assert aside == as_sent(told(7)) | {"why": "422 welcome.bad_count"}


def test_a_wrong_clock_is_told(spool: Spool) -> None:
    server, heard = Server(), Heard()
    server.date = NOW + timedelta(hours=2)
    spool.add([told(1)])
    assert make(spool, server, heard).send_waiting()
    assert heard == [("clock_wrong", {"off_s": -7200})]


def test_the_thread_goes_on_after_an_outage(spool: Spool) -> None:
    server, heard = Server(), Heard()
    pauses: list[float] = []
    arrived = Event()

    def wait(_over: object, seconds: float) -> bool:
        pauses.append(seconds)
        return False

    def down(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    def up(request: httpx.Request) -> httpx.Response:
        arrived.set()
        return server(request)

    server.instead = [down] * 4 + [up]
    client = httpx.Client(transport=httpx.MockTransport(server))
    poster = Poster(
        spool,
        client,
        url=URL,
        door="main",
        key="hk_test",
        clock=FixedClock(NOW),
        report=heard,
        wait=wait,
    )
    spool.add([told(1)])
    poster.start()
    assert arrived.wait(20)
    poster.close(20.0)
    assert len(server.known) == 1
    assert len(spool) == 0
    assert pauses == [1.0, 2.0, 4.0, 8.0]
    assert heard.kinds == ["not_sending", "sending"]


@pytest.mark.parametrize("url", ["shop.example.com", "ftp://shop.example.com", "https://", "https://x?y"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(BadOptions):
        endpoint(url)


def test_a_key_never_travels_in_clear() -> None:
    with pytest.raises(KeyInClear):
        endpoint("http://shop.example.com")
    assert endpoint("http://127.0.0.1:8000/") == "http://127.0.0.1:8000/api/welcome/crossings"
