"""The network and the camera."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from halles.journeys.door_camera import still
from halles.journeys.door_camera.adapters import video, yolox
from halles.journeys.door_camera.adapters.video import Camera, Shot, recording
from halles.journeys.door_camera.adapters.yolox import Yolox
from halles.journeys.door_camera.rules.counting import Point
from halles.journeys.door_camera.tests.conftest import picture, write_network, write_recording
from halles.journeys.door_camera.types import Line, ModelMissing, NotYolox, SourceUnavailable

# ── the network ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "how", [{}, {"decoded": True}, {"half": True}, {"classes": 1}], ids=["raw", "decoded", "half", "people"]
)
def test_people_are_where_the_light_is(tmp_path: Path, how: dict[str, Any]) -> None:
    detector = Yolox(write_network(tmp_path / "m.onnx", **how))
    assert detector.input_size == (128, 128)
    (one,) = detector.people(picture([(36, 44)]))
    assert (one.box.left + one.box.right) / 2 == pytest.approx(36, abs=6)
    assert (one.box.top + one.box.bottom) / 2 == pytest.approx(44, abs=6)
    assert one.box.right - one.box.left == pytest.approx(40, abs=0.1)
    assert detector.people(picture([])) == []


def test_boxes_are_in_pixels_of_the_picture_and_within_it(tmp_path: Path) -> None:
    detector = Yolox(write_network(tmp_path / "m.onnx"))
    large = np.asarray(picture([(4, 44), (92, 44)])).repeat(4, axis=0).repeat(4, axis=1)
    left, right = sorted(detector.people(large), key=lambda one: one.box.left)
    assert left.box.left == 0.0
    assert (right.box.left + right.box.right) / 2 == pytest.approx(4 * 92, abs=24)
    assert 0 <= right.box.top < right.box.bottom <= large.shape[0]


def test_a_file_that_is_no_yolox(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        Yolox(tmp_path / "none.onnx")
    noise = tmp_path / "noise.onnx"
    noise.write_bytes(b"\x08\x07" + bytes(100))
    with pytest.raises(NotYolox):
        Yolox(noise)


@pytest.mark.parametrize(
    ("shape", "out", "why"),
    [
        ([1, 3, 100, 100], [1, 100, 85], "no multiple of 32"),
        ([4, 3, 64, 64], [4, 84, 85], "several pictures"),
        ([1, 1, 64, 64], [1, 84, 85], "does not take one picture"),
        ([1, 3, 64, 64], [1, 99, 85], "not those of its grid"),
        ([1, 3, 64, 64], [1, 84], "does not answer with rows"),
        ([1, 3, 64, 64], [1, 84, 4], "does not answer with rows"),
    ],
)
def test_other_networks_are_refused(tmp_path: Path, shape: list[int], out: list[int], why: str) -> None:
    with pytest.raises(NotYolox, match=why):
        Yolox(_constant(tmp_path / "m.onnx", shape, np.full(out, 0.5)))


def test_a_network_whose_scores_or_boxes_are_something_else(tmp_path: Path) -> None:
    rows = np.full([1, 84, 85], 3.0)
    with pytest.raises(NotYolox, match="scores"):
        Yolox(_constant(tmp_path / "a.onnx", [1, 3, 64, 64], rows))
    rows[..., :4], rows[..., 4:] = 5000.0, 0.5
    with pytest.raises(NotYolox, match="boxes"):
        Yolox(_constant(tmp_path / "b.onnx", [1, 3, 64, 64], rows))


def _constant(path: Path, shape: list[int], answer: Any) -> Path:
    value = onnx.numpy_helper.from_array(np.asarray(answer, np.float32))
    nodes = [
        helper.make_node("Constant", [], ["c"], value=value),
        helper.make_node("ReduceMean", ["x"], ["m"], keepdims=0),
        helper.make_node("Mul", ["m", "zero"], ["nothing"]),
        helper.make_node("Add", ["c", "nothing"], ["y"]),
    ]
    zero = onnx.numpy_helper.from_array(np.zeros((), np.float32), "zero")
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "constant", inputs, outputs, [zero])
    path.write_bytes(
        helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
        ).SerializeToString()
    )
    return path


def test_the_better_of_two_boxes_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [20, 0, 30, 10], [0, 0, 10, 30]], np.float32)
    assert yolox.kept(boxes, np.array([0.5, 0.9, 0.3, 0.4], np.float32)) == [1, 3, 2]
    assert yolox.kept(boxes[:0], np.zeros(0, np.float32)) == []


def test_the_picture_is_scaled_into_the_corner() -> None:
    square = yolox.letterbox(np.zeros((50, 200, 3), np.uint8), 64, 128)
    assert square.shape == (64, 128, 3)
    assert square[:32].max() == 0
    assert square[32:].min() == square[32:].max() == 114


# ── recordings ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_recording_at_its_own_pace_or_a_slower_one(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.avi", 30, lambda _: [])
    assert [shot.at_s for shot in recording(path, 60)] == pytest.approx([n / 10 for n in range(30)])
    assert [shot.at_s for shot in recording(path, 5)] == pytest.approx([n / 5 for n in range(15)])


def test_what_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "b.avi").write_text("hello")
    for name in ("none.avi", "b.avi"):
        with pytest.raises(SourceUnavailable):
            next(recording(tmp_path / name, 10))


# ── cameras ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Played:
    """A camera that gives so many pictures, waiting for leave before each, and is then lost."""

    def __init__(self, pictures: int, leave: Event | None = None) -> None:
        self.left, self.leave, self.given, self.released = pictures, leave, 0, False

    def grab(self) -> bool:
        if self.leave is not None:
            self.leave.wait(20)
        self.left -= 1
        return self.left >= 0

    def retrieve(self) -> tuple[bool, Any]:
        self.given += 1
        return True, np.full((4, 4, 3), self.given % 256, np.uint8)

    def release(self) -> None:
        self.released = True


def test_who_is_slow_gets_the_newest_picture_and_no_queue() -> None:
    drained = Event()

    def wait(over: Event, _seconds: float) -> bool:
        drained.set()
        return over.wait(20)

    played = Played(500)
    camera = Camera("rtsp://x", 1e9, open_=lambda _: played, wait=wait)
    assert drained.wait(20)
    shot = camera.next(1.0)
    assert shot is not None
    assert shot.frame[0, 0, 0] == played.given % 256
    assert camera.next(0.01) is None
    assert camera.dropped == played.given - 1
    camera.close()
    assert played.released


def test_a_lost_camera_is_opened_again_after_growing_pauses() -> None:
    opened: list[Played | None] = [None, None, None, Played(1), None, Played(1)]
    pauses: list[float] = []
    through = Event()

    def wait(over: Event, seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == 6:
            through.set()
            return over.wait(20)
        return False

    camera = Camera("0", 1e9, open_=lambda _: opened[len(pauses)], wait=wait)
    assert through.wait(20)
    camera.close()
    assert pauses == [1, 2, 4, 1, 2, 1]


def test_a_stream_that_opencv_chokes_on_is_a_lost_camera() -> None:
    class Choking(Played):
        def grab(self) -> bool:
            raise cv2.error("unexpected data")

    choked, through = Choking(1), Event()

    def wait(over: Event, _seconds: float) -> bool:
        through.set()
        return over.wait(20)

    camera = Camera("0", 1e9, open_=lambda _: choked, wait=wait)
    assert through.wait(20)
    assert choked.released
    assert camera.next(0.01) is None
    camera.close()


# ── the picture to set the line by ─────────────────────────────────────────────────────────────────────────────────────────


def test_nobody_can_be_recognised_in_the_still(network: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    coarse = still.coarse(noise)
    assert coarse.shape == (720, 960, 3)
    steps = np.abs(np.diff(coarse.astype(float), axis=1)).max()
    assert steps < 20, "nothing as fine as a face is left"
    line = Line(ax=0.5, ay=0, bx=0.5, by=1, inside_x=0.8, inside_y=0.5)
    shots = [Shot(frame=picture([(x, 44)]), at_s=0.0) for x in (28, 36, 44)]
    assert still.draw(tmp_path / "a.png", iter(shots), Yolox(network), line, Point.FOOT) == 3
    assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with pytest.raises(SourceUnavailable):
        still.draw(tmp_path / "b.png", [], Yolox(network), line, Point.FOOT)
    assert not (tmp_path / "b.png").exists()


def test_an_unreachable_address_is_not_open() -> None:
    assert video.opened("http://127.0.0.1:9/none") is None
