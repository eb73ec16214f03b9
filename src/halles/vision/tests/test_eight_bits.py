"""The networks in 8 bits against themselves in float, and the promise that no machine computes anything else."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import helper, numpy_helper

from halles.vision.adapters.efficientnet_lite import LITE1, graph_and_ranges, graph_bytes, wheel_weights
from halles.vision.adapters.eight_bits import in_eight_bits
from halles.vision.adapters.embedder import square
from halles.vision.tests.pictures import speckled

STAYS_FLOAT = ("_conv_stem.out", "_conv_head.out")


@pytest.fixture(scope="module")
def lite1() -> onnx.ModelProto:
    model, ranges = graph_and_ranges(wheel_weights(LITE1), LITE1)
    in_eight_bits(model, ranges, STAYS_FLOAT)
    return model


def _answers(model: bytes, photo: np.ndarray) -> np.ndarray:
    options = cast("Any", ort.SessionOptions())  # pyright: ignore[reportUnknownMemberType]
    options.intra_op_num_threads = 1
    session: Any = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {session.get_inputs()[0].name: photo})[0][0], np.float32)


def test_what_eight_bits_see_is_what_floats_see(lite1: onnx.ModelProto) -> None:
    exact, rounded = graph_bytes(wheel_weights(LITE1), LITE1), lite1.SerializeToString()
    coarse = np.random.default_rng(11).integers(0, 255, (9, 7, 3), np.uint8)
    for scene in (coarse, np.asarray(speckled((200, 90, 60)), np.uint8)):
        pixels = square(scene, 1.0, LITE1.input_px).astype(np.float32)
        photo = np.ascontiguousarray(((pixels - 127) / 128).transpose(2, 0, 1)[None])
        a, b = _answers(exact, photo), _answers(rounded, photo)
        assert float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)) > 0.94


def test_no_two_products_of_eight_bits_outgrow_sixteen(lite1: onnx.ModelProto) -> None:
    """So that processors which add them in 16 bits cut nothing off."""
    kernels = {
        one.name: numpy_helper.to_array(one) for one in lite1.graph.initializer if one.name.endswith(".w.q")
    }
    assert len(kernels) == sum(one.op_type == "Conv" for one in lite1.graph.node) - len(STAYS_FLOAT)
    for name, whole in kernels.items():
        assert whole.dtype == np.int8
        if not name.endswith("_depthwise_conv.w.q"):
            assert whole.shape[2:] == (1, 1)  # so that neighbours are neighbouring channels
            numbers = whole.astype(np.int32)
            assert 255 * int(np.abs(numbers[:, 1:] + numbers[:, :-1]).max()) < 2**15
            assert np.abs(numbers).max() > 90


def test_a_channel_without_weights_is_still_its_bias() -> None:
    kernel = np.zeros((2, 3, 1, 1), np.float32)
    kernel[0] = 0.5
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w", "b"], ["y"], kernel_shape=[1, 1]),
            helper.make_node("Identity", ["y"], ["out"]),
        ],
        "one",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 3, 4, 4])],
        [helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [1, 2, 4, 4])],
        [
            numpy_helper.from_array(kernel, "w"),
            numpy_helper.from_array(np.array([0.0, 3.0], np.float32), "b"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    in_eight_bits(model, {"x": (-1.0, 1.0)}, ())
    answer = _answers(model.SerializeToString(), np.full((1, 3, 4, 4), 0.5, np.float32))
    np.testing.assert_allclose(answer[0], 0.75, atol=0.02)
    np.testing.assert_allclose(answer[1], 3.0, atol=0.02)
