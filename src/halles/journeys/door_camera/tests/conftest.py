"""A network in the shape of YOLOX that takes light for people, and recordings to show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

SIDE, STRIDES = 128, (8, 16, 32)
BOX_W, BOX_H = 40.0, 60.0
FPS = 10


def _grid() -> Any:
    parts: list[Any] = []
    for stride in STRIDES:
        y, x = np.mgrid[0 : SIDE // stride, 0 : SIDE // stride]
        parts.append(np.stack([x.ravel(), y.ravel(), np.full(x.size, stride)], 1).astype(np.float32))
    return np.concatenate(parts)


def write_network(
    path: Path, *, decoded: bool = False, half: bool = False, classes: int = 80, open_sides: bool = False
) -> Path:
    """Each cell of the finest grid is a person of 40 × 60 pixels as surely as the cell is brighter than grey."""
    kind, dtype = (TensorProto.FLOAT16, np.float16) if half else (TensorProto.FLOAT, np.float32)
    grid = _grid()
    cells = len(grid)
    boxes = np.zeros((1, cells, 4), np.float32)
    if decoded:
        boxes[0, :, :2] = (grid[:, :2] + 0.5) * grid[:, 2:]
        boxes[0, :, 2:] = BOX_W, BOX_H
    else:
        boxes[0, :, :2] = 0.5
        boxes[0, :, 2:] = np.log(np.array([BOX_W, BOX_H]) / grid[:, 2:])
    coarse = cells - (SIDE // 8) ** 2
    kinds = np.zeros((1, cells, classes), np.float32)
    kinds[:, :, 0] = 1.0
    constants: dict[str, Any] = {
        "scale": np.array(2 / 255),
        "grey_level": np.array(1.0),
        "boxes": boxes,
        "coarse": np.zeros((1, coarse, 1)),
        "kinds": kinds,
    }
    nodes = [
        helper.make_node("AveragePool", ["images"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("ReduceMean", ["pooled"], ["grey"], axes=[1], keepdims=0),
        helper.make_node("Mul", ["grey", "scale"], ["scaled"]),
        helper.make_node("Sub", ["scaled", "grey_level"], ["above"]),
        helper.make_node("Relu", ["above"], ["light"]),
        helper.make_node("Reshape", ["light", "shape"], ["fine"]),
        helper.make_node("Concat", ["fine", "coarse"], ["objects"], axis=1),
        helper.make_node("Concat", ["boxes", "objects", "kinds"], ["output"], axis=2),
    ]
    initial = [numpy_helper.from_array(np.asarray(v, dtype), n) for n, v in constants.items()]
    initial.append(numpy_helper.from_array(np.array([1, -1, 1], np.int64), "shape"))
    sides = ["h", "w"] if open_sides else [SIDE, SIDE]
    graph = helper.make_graph(
        nodes,
        "light",
        [helper.make_tensor_value_info("images", kind, [1, 3, *sides])],
        [helper.make_tensor_value_info("output", kind, None)],
        initial,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_network(tmp_path_factory.mktemp("yolox") / "light.onnx")


def picture(lights: Sequence[tuple[float, float]], size: tuple[int, int] = (128, 96)) -> Any:
    """A dark picture with a light of 15 × 15 pixels around each point."""
    frame = np.full((size[1], size[0], 3), 8, np.uint8)
    for x, y in lights:
        cv2.rectangle(frame, (round(x) - 7, round(y) - 7), (round(x) + 7, round(y) + 7), (255, 255, 255), -1)
    return frame


def write_recording(path: Path, frames: int, lights: Callable[[int], Sequence[tuple[float, float]]]) -> Path:
    """Ten pictures a second, 128 × 96."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (128, 96))
    assert writer.isOpened()
    for number in range(frames):
        writer.write(picture(lights(number)))
    writer.release()
    return path
