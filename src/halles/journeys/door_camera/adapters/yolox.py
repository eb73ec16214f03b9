"""People in a picture, by a YOLOX network (Ge et al. 2021) in ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, cast

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from halles.journeys.door_camera.types import Box, Detection, ModelMissing, NotYolox

Frame = npt.NDArray[np.uint8]
"""uint8[H, W, 3], BGR as OpenCV gives it."""
Floats = npt.NDArray[np.float32]

_PERSON = 0
"""Of the COCO classes, and of networks that know people alone."""
_STRIDES = ((8, 16, 32), (8, 16, 32, 64))
_GREY = 114
"""What YOLOX fills the rest of its square with."""
_USUAL_PX = 416
"""Side of the input where the file leaves it open."""
_SAME_PERSON = 0.45
"""IoU from which two boxes are one person: the value of YOLOX's own demonstration."""


class PeopleDetector(Protocol):
    """Finds people: a picture in, boxes in its pixels out."""

    def people(self, frame: Frame) -> list[Detection]: ...


class Yolox:
    """Any YOLOX export with one input [1, 3, H, W] of BGR pixels from 0 to 255 and one output [1, cells, 5 + classes]: x, y,
    width, height, objectness and class scores, the first class being people. The size is read from the file; whether boxes
    come decoded is found out by trying. Costs one run of the network a picture."""

    def __init__(self, model: Path, *, threads: int = 1, lowest: float = 0.1) -> None:
        """`lowest`: score below which nothing is given. Raises ModelMissing, NotYolox."""
        if not model.is_file():
            raise ModelMissing(f"There is no detector at {model}.")
        self._name, self._lowest = model.name, lowest
        options = cast("Any", ort.SessionOptions())  # pyright: ignore[reportUnknownMemberType]
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session: Any = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as reason:  # ONNX Runtime raises its own undocumented classes
            raise NotYolox(f"{model.name} is no model that ONNX Runtime can load.") from reason
        self._read_input()
        self._try_out()

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width in pixels that the network looks at."""
        return self._height, self._width

    def people(self, frame: Frame) -> list[Detection]:
        """People in a picture of any size, best first; boxes may reach over its edges no more."""
        height, width = frame.shape[:2]
        scale = min(self._height / height, self._width / width)
        return found(
            self._run(letterbox(frame, self._height, self._width)), scale, (width, height), self._lowest
        )

    def _read_input(self) -> None:
        inputs = self._session.get_inputs()
        shape = list(inputs[0].shape) if inputs else []
        kinds = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
        if len(inputs) != 1 or len(shape) != 4 or inputs[0].type not in kinds or shape[1] not in {3, None}:
            raise self._refused("it does not take one picture [1, 3, height, width]")
        if isinstance(shape[0], int) and shape[0] != 1:
            raise self._refused("it takes several pictures at once")
        sides = [side if isinstance(side, int) and side > 0 else _USUAL_PX for side in shape[2:]]
        if any(side % 32 for side in sides) or not all(64 <= side <= 2048 for side in sides):
            raise self._refused(
                f"a side of {sides[0]} × {sides[1]} pixels is no multiple of 32 from 64 to 2048"
            )
        self._input, self._kind = str(inputs[0].name), kinds[inputs[0].type]
        self._height, self._width = sides

    def _try_out(self) -> None:
        """Runs a grey picture: a YOLOX answers with one row a cell, scores from 0 to 1 and boxes around their cells."""
        cells = [_cells(self._height, self._width, strides) for strides in _STRIDES]
        try:
            raw = self._session.run(
                None, {self._input: np.full((1, 3, self._height, self._width), _GREY, self._kind)}
            )
        except Exception as reason:  # ONNX Runtime raises its own undocumented classes
            raise self._refused("it does not run") from reason
        if len(raw) != 1 or raw[0].ndim != 3 or raw[0].shape[0] != 1 or raw[0].shape[2] < 6:
            raise self._refused("it does not answer with rows of box, objectness and classes")
        rows = raw[0][0].astype(np.float32)
        fitting = [grid for grid in cells if len(grid) == len(rows)]
        if not fitting:
            raise self._refused(f"{len(rows)} rows are not those of its grid")
        self._grid = fitting[0]
        scores = rows[:, 4:]
        if not np.isfinite(rows).all() or scores.min() < -1e-3 or scores.max() > 1 + 1e-3:
            raise self._refused("its scores are not from 0 to 1")
        strides, corners = self._grid[:, 2:], self._grid[:, :2]
        self._decoded = _near(rows[:, :2] / strides - corners)
        if not self._decoded and not _near(rows[:, :2]):
            raise self._refused("its boxes are not around the cells of its grid")

    def _run(self, square: Frame) -> Floats:
        """Decoded rows: middle x, middle y, width, height in pixels of the input, objectness, classes."""
        x = np.ascontiguousarray(square.transpose(2, 0, 1)[None], dtype=self._kind)
        rows: Floats = self._session.run(None, {self._input: x})[0][0].astype(np.float32)
        return rows if self._decoded else decoded(rows, self._grid)

    def _refused(self, why: str) -> NotYolox:
        return NotYolox(f"{self._name} is no YOLOX model: {why}.")


def _near(offsets: Floats) -> bool:
    """Whether boxes lie around their cells: the middle one within two cells of its own."""
    return bool(np.median(np.abs(offsets)) < 2.0)


def _cells(height: int, width: int, strides: tuple[int, ...]) -> Floats:
    """float32[cells, 3]: column, row and stride of each cell, finest grid first, row by row."""
    parts: list[Floats] = []
    for stride in strides:
        y, x = np.mgrid[0 : height // stride, 0 : width // stride]
        parts.append(np.stack([x.ravel(), y.ravel(), np.full(x.size, stride)], 1).astype(np.float32))
    return np.concatenate(parts)


def letterbox(frame: Frame, height: int, width: int) -> Frame:
    """The picture scaled to fit, in the upper left corner of a grey one of height × width."""
    scale = min(height / frame.shape[0], width / frame.shape[1])
    inner = (max(1, int(frame.shape[1] * scale)), max(1, int(frame.shape[0] * scale)))
    square: Frame = np.full((height, width, 3), _GREY, np.uint8)
    square[: inner[1], : inner[0]] = cv2.resize(frame, inner, interpolation=cv2.INTER_LINEAR)
    return square


def decoded(rows: Floats, grid: Floats) -> Floats:
    """Raw rows with their boxes in pixels: the middle is an offset from the cell, the size a logarithm, both in strides."""
    strides = grid[:, 2:]
    middles = (rows[:, :2] + grid[:, :2]) * strides
    sizes = np.exp(np.minimum(rows[:, 2:4], 10.0)) * strides
    return np.concatenate([middles, sizes, rows[:, 4:]], axis=1)


def found(rows: Floats, scale: float, size: tuple[int, int], lowest: float) -> list[Detection]:
    """People in decoded rows, best first, in pixels of the picture of `size` (width, height) and within its edges."""
    scores = rows[:, 4] * rows[:, 5 + _PERSON]
    rows, scores = rows[scores >= lowest], scores[scores >= lowest]
    half = rows[:, 2:4] / 2
    boxes = np.concatenate([rows[:, :2] - half, rows[:, :2] + half], axis=1) / scale
    boxes = np.clip(boxes, 0, [size[0], size[1], size[0], size[1]]).astype(np.float32)
    return [
        Detection(
            box=Box(left=float(left), top=float(top), right=float(right), bottom=float(bottom)),
            score=float(scores[row]),
        )
        for row in kept(boxes, scores)
        for left, top, right, bottom in [boxes[row]]
        if right - left >= 1 and bottom - top >= 1
    ]


def kept(boxes: Floats, scores: Floats) -> list[int]:
    """Rows that no better one covers (greedy non-maximum suppression), best first."""
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    waiting = np.argsort(-scores, kind="stable")
    stay: list[int] = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        stay.append(int(best))
        corner = np.maximum(boxes[best, :2], boxes[waiting, :2])
        sides = np.maximum(0.0, np.minimum(boxes[best, 2:], boxes[waiting, 2:]) - corner)
        common = sides[:, 0] * sides[:, 1]
        waiting = waiting[common < _SAME_PERSON * np.maximum(areas[best] + areas[waiting] - common, 1e-9)]
    return stay
