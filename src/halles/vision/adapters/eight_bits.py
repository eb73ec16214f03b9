"""A convolutional network in 8-bit numbers: half the time on a processor of today, and a quarter of the file.

Each convolution and each sum gets its inputs rounded to 256 steps between the values expected of them, and weights rounded
for each output channel on its own (Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", CVPR 2018). The graph says so with QuantizeLinear and DequantizeLinear, which ONNX
Runtime melts into convolutions on integers. No picture is needed, so the same wheels give the same file everywhere.

**Two weights of neighbouring channels do not sum to more than 128**, either way. Processors without VNNI add two products of
8 bits in 16 and cut off what is beyond; 255 × 128 still fits, so every machine computes the same integers.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from halles.vision.adapters.efficientnet_lite import Ranges

_STEPS = 255
_MOST = 127
_MOST_OF_TWO = 128 - 1  # each of the two may be rounded up by a half
_LARGEST_BIAS = 2.0**30
_LEAST = 1e-8


def in_eight_bits(network: onnx.ModelProto, ranges: Ranges, in_float: Container[str]) -> Mapping[str, str]:
    """Rewrites the network in place; answers where the rounded form of an output stands, by the output's name.

    `ranges`: of every input of a convolution or sum that is to be rounded. `in_float`: the outputs of convolutions that stay
    as they are; such a convolution is still given the rounded form of its input where there is one.
    """
    rounded = _Rounded(network, ranges)
    for node in list(network.graph.node):
        if node.op_type == "Add":
            node.input[:] = [rounded.output(one) for one in node.input]
        elif node.op_type == "Conv" and node.output[0] in in_float:
            if node.input[0] in ranges:
                node.input[0] = rounded.output(node.input[0])
        elif node.op_type == "Conv":
            node.input[:] = rounded.convolution(node)
        rounded.nodes.append(node)
    rounded.finish()
    return rounded.outputs


class _Rounded:
    """Collects the nodes and constants of the new graph."""

    def __init__(self, network: onnx.ModelProto, ranges: Ranges) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.outputs: dict[str, str] = {}
        self._graph = network.graph
        self._ranges = ranges
        self._old = {one.name: one for one in network.graph.initializer}
        self._new: list[onnx.TensorProto] = []
        self._step: dict[str, np.float32] = {}

    def output(self, x: str) -> str:
        """The name of `x` in 256 steps, made at its first use."""
        if x not in self.outputs:
            low, high = self._ranges[x]
            step = np.float32(max((high - low) / _STEPS, _LEAST))
            scale = self._constants(x, np.array(step), np.array(round(-low / float(step)), np.uint8))
            self._add("QuantizeLinear", [x, *scale], f"{x}.q")
            self.outputs[x] = self._add("DequantizeLinear", [f"{x}.q", *scale], f"{x}.dq")
            self._step[x] = step
        return self.outputs[x]

    def convolution(self, node: onnx.NodeProto) -> list[str]:
        """The inputs of a convolution, all rounded: its weights by output channel, its bias in 32 bits."""
        x, weights, bias = node.input
        seen = self.output(x)
        kernel, offset = (numpy_helper.to_array(self._old[one]) for one in (weights, bias))
        largest = np.abs(kernel).reshape(len(kernel), -1).max(axis=1)
        needed = np.maximum(largest / _MOST, _largest_of_two(kernel) / _MOST_OF_TWO)
        floor = np.abs(offset) / (
            float(self._step[x]) * _LARGEST_BIAS
        )  # a channel without weights is its bias alone
        steps = np.maximum(np.maximum(needed, floor), _LEAST).astype(np.float32)
        whole = np.rint(kernel / steps[:, None, None, None])
        return [
            seen,
            self._constant(weights, whole.astype(np.int8), steps),
            self._constant(
                bias, np.rint(offset / (steps * self._step[x])).astype(np.int32), steps * self._step[x]
            ),
        ]

    def finish(self) -> None:
        """Puts the new nodes and constants in the place of the old."""
        used = {one for node in self.nodes for one in node.input}
        kept = [one for name, one in self._old.items() if name in used]
        del self._graph.node[:]
        self._graph.node.extend(self.nodes)
        del self._graph.initializer[:]
        self._graph.initializer.extend([*kept, *self._new])

    def _constant(self, name: str, whole: npt.NDArray[Any], steps: npt.NDArray[np.float32]) -> str:
        """Integers and how large their steps are, by the first axis → the name of the numbers they stand for."""
        self._new.append(numpy_helper.from_array(whole, f"{name}.q"))
        scale = self._constants(name, steps, np.zeros(len(steps), whole.dtype))
        return self._add("DequantizeLinear", [f"{name}.q", *scale], f"{name}.dq", axis=0)

    def _constants(self, name: str, step: npt.NDArray[np.float32], zero: npt.NDArray[Any]) -> tuple[str, str]:
        self._new.append(numpy_helper.from_array(step, f"{name}.step"))
        self._new.append(numpy_helper.from_array(zero, f"{name}.zero"))
        return f"{name}.step", f"{name}.zero"

    def _add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output


def _largest_of_two(kernel: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """By output channel, the largest sum of two neighbouring channels' weights, either way; 0 where there is one channel."""
    both = np.abs(kernel[:, 1:] + kernel[:, :-1]).reshape(len(kernel), -1)
    return np.asarray(both.max(axis=1, initial=0.0), np.float32)
