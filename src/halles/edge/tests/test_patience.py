"""Requests that begin and do not go on, on a real socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.edge.patience import Patience, Watch
from halles.edge.tests.test_hot_lane import Server
from halles.kernel.db import Database
from halles.kernel.settings import load

HEAD = b"POST /api/photos HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: image/jpeg\r\n"
ORDER = (
    b"POST /api/orders HTTP/1.1\r\nhost: 127.0.0.1\r\norigin: http://127.0.0.1\r\ncontent-type: application/json\r\n"
    b"cookie: halles_session=" + b"a" * 43 + b"; halles_visitor=" + b"A" * 24 + b"\r\n"
)
FAST = Patience(head_s=0.3, pause_s=0.3, least_bytes_s=10, look_s=0.02)


@pytest.fixture
def server(db: Database, tmp_path: Any) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings = load(
        data=tmp_path, database_url=db.dsn, public_url=f"http://127.0.0.1:{port}", secret="s" * 40, demo=True
    )
    made = Server(settings, port, Watch(FAST))
    yield made
    made.stop()


def heard(server: Server, *said: bytes) -> list[bytes]:
    """All that callers hear who each say one of these and then nothing more, until the server hangs up."""
    with ExitStack() as open_:
        lines = [
            open_.enter_context(closing(socket.create_connection(("127.0.0.1", server.port), timeout=20)))
            for _ in said
        ]
        for line, what in zip(lines, said, strict=True):
            line.sendall(what)
        return [b"".join(iter(partial(line.recv, 65_536), b"")) for line in lines]


def refusal(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert b"connection: close" in lines
    assert b"content-type: application/problem+json" in lines
    assert f"content-length: {len(body)}".encode() in lines
    return int(head.split(b" ")[1]), json.loads(body)["code"]


def test_a_request_that_does_not_go_on_is_refused(server: Server) -> None:
    begun = {
        "a line": b"GET /api/ba",
        "a head": HEAD,
        "no body": HEAD + b"content-length: 50000\r\n\r\n",
        "half a body": HEAD + b"content-length: 50000\r\n\r\nhalf",
        "chunks": HEAD + b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "a question": HEAD + b"content-length: 4\r\nexpect: 100-continue\r\n\r\n",
        "an order": ORDER + b"content-length: 100\r\n\r\n{",
    }
    answers = dict(zip(begun, heard(server, *begun.values()), strict=True))
    for what, answer in answers.items():
        told = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert refusal(told) == (408, "kernel.request_unfinished"), what


def test_who_begins_nothing_is_told_nothing_and_one_answer_buys_no_more_time(server: Server) -> None:
    whole = b"GET /api/config HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    nothing, empty, again, lines = heard(server, b"", b"\r\n", whole + b"\r\n" + HEAD, whole + b"\r\n\r\n")
    assert nothing == empty == b""
    assert (again.count(b"HTTP/1.1 "), again.count(b"HTTP/1.1 408 ")) == (2, 1)
    assert (lines.count(b"HTTP/1.1 "), lines.count(b"HTTP/1.1 408 ")) == (1, 0)


def test_a_body_in_pieces_that_keep_coming_is_taken(server: Server) -> None:
    """Pieces of a photo that is none, each within the pause, together longer than one."""
    pieces = 12
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=0.05)) as line:
        line.sendall(HEAD + b"content-length: %d\r\n\r\n" % pieces)
        for _ in range(pieces - 1):
            with pytest.raises(TimeoutError):
                line.recv(1)
            line.sendall(b"x")
        line.settimeout(20)
        line.sendall(b"x")
        answer = line.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 4")
    assert not answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    "begun",
    [
        HEAD,
        b"GET /",
        HEAD + b"x: ",
        HEAD + b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
        HEAD + b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nx: ",
        HEAD + b"transfer-encoding: chunked\r\n\r\n4;",
    ],
    ids=["lines", "an address", "a line", "trailers", "a trailer", "a chunk's own words"],
)
def test_what_has_no_end_is_not_kept_in_memory(db: Database, tmp_path: Any, begun: bytes) -> None:
    """Heads and trailers are kept until they are whole: four times their size, whatever they say, as fast as they come."""
    more = b"v" * 65_536 if begun[-2:] != b"\r\n" else b"".join(b"a%d: v\r\n" % n for n in range(8_000))
    settings = load(
        data=tmp_path, database_url=db.dsn, public_url="http://127.0.0.1", secret="s" * 40, demo=True
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    patient = Server(settings, port, Watch())
    try:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as line:
            line.sendall(begun)
            sent = 0
            with pytest.raises(OSError, match=r"reset|pipe"):
                while sent < 2**26:
                    line.sendall(more)
                    sent += len(more)
    finally:
        patient.stop()


@given(st.floats(0, 1e6), st.integers(0, 2**31), st.floats(0, 1e5))
def test_a_body_is_waited_for_as_long_as_it_comes_fast_enough(
    began: float, received: int, took: float
) -> None:
    patience, now = Patience(), began + took
    until = patience.body_until(began, received, now)
    assert until <= now + patience.pause_s
    enough = received >= took * patience.least_bytes_s
    assert (until == now + patience.pause_s) or not enough
    if received == 0:
        assert until == pytest.approx(began + patience.pause_s)
