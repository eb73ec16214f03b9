"""The evaluation over the product's own stages, on pictures made for it."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from halles.kernel.settings import load
from halles.vision import api
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.evaluation import evaluate, read_list
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.cli import app
from halles.vision.tests.pictures import BLUE, GREEN, RED, encoded, plain
from halles.vision.types import (
    EvaluationInput,
    IndexChange,
    IndexState,
    Outcome,
    PictureKind,
    PictureRow,
)


@pytest.fixture
def lists(tmp_path: Path) -> dict[str, Path]:
    """Three products, two photos of each; one photo shows another colour than its label says."""
    names = {"a": RED, "b": GREEN, "c": BLUE}
    (tmp_path / "deep").mkdir()
    for name, colour in names.items():
        (tmp_path / f"{name}.png").write_bytes(plain(colour))
        (tmp_path / "deep" / f"{name}1.png").write_bytes(plain(colour, (90, 90)))
        (tmp_path / "deep" / f"{name}2.png").write_bytes(plain(colour if name != "c" else RED, (80, 90)))
    (tmp_path / "catalog.csv").write_text(
        "sku,name,department,image,description\n"
        + "".join(f"{name},N,{'Fruit' if name != 'c' else 'Fish'},{name}.png,D\n" for name in names)
    )
    (tmp_path / "photos.csv").write_text(
        "image,sku,split\n" + "".join(f"deep/{name}{i}.png,{name},val\n" for name in names for i in (1, 2))
    )
    (tmp_path / "gallery.csv").write_text(
        "image,sku,split\n" + "".join(f"{name}.png,{name},train\n" for name in names)
    )
    return {path.stem: path for path in tmp_path.glob("*.csv")}


def test_it_counts_right_answers_by_department(lists: dict[str, Path]) -> None:
    pipeline = Pipeline(ColourEmbedder())
    result = evaluate(
        pipeline, catalog=read_list(lists["catalog"]), gallery=[], photos=read_list(lists["photos"])
    )
    assert (result.n, result.refused, result.model) == (6, 0, "colours")
    assert result.top1 == pytest.approx(5 / 6, abs=1e-4)
    assert result.top1_by_department == {"Fish": 0.5, "Fruit": 1.0}
    assert result.cpu_ms_per_photo > 0


def test_the_gallery_alone_can_be_the_catalogue(lists: dict[str, Path]) -> None:
    pipeline = Pipeline(ColourEmbedder())
    result = evaluate(
        pipeline, catalog=[], gallery=read_list(lists["gallery"]), photos=read_list(lists["photos"])
    )
    assert result.top1 == pytest.approx(5 / 6, abs=1e-4)
    assert result.top1_by_department == {}


def test_photos_in_the_gallery_are_not_measured(lists: dict[str, Path]) -> None:
    photos = read_list(lists["photos"])
    with pytest.raises(EvaluationInput, match="memory"):
        evaluate(Pipeline(ColourEmbedder()), catalog=[], gallery=photos, photos=photos[:2])


@pytest.mark.parametrize("text", ["", "image,sku\n", "picture,sku\na.png,1\n", "\xff\xfe"])
def test_a_list_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "l.csv").write_text(text, encoding="latin-1")
    with pytest.raises(EvaluationInput):
        read_list(tmp_path / "l.csv")


def test_a_missing_image_is_named(lists: dict[str, Path]) -> None:
    (lists["photos"].parent / "deep" / "a1.png").unlink()
    with pytest.raises(EvaluationInput, match=r"a1\.png"):
        evaluate(
            Pipeline(ColourEmbedder()),
            catalog=read_list(lists["catalog"]),
            gallery=[],
            photos=read_list(lists["photos"]),
        )


def test_the_command_prints_one_json_object(
    lists: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLES_DATA", str(tmp_path / "data"))
    run = CliRunner().invoke(
        app, ["eval", "--catalog", str(lists["catalog"]), "--photos", str(lists["photos"]), "--json"]
    )
    assert run.exit_code == 0, run.output
    keys = {"n", "top1", "top5", "top1_by_department", "refused", "cpu_ms_per_photo", "model"}
    assert set(json.loads(run.stdout)) == keys
    run = CliRunner().invoke(
        app, ["eval", "--catalog", str(lists["catalog"]), "--photos", str(lists["photos"]), "--head"]
    )
    assert isinstance(run.exception, EvaluationInput)
    run = CliRunner().invoke(app, ["eval", "--photos", str(lists["photos"])])
    assert isinstance(run.exception, EvaluationInput)
    run = CliRunner().invoke(app, ["info"])
    assert json.loads(run.stdout)["model_id"] == "efficientnet-lite-12-1"
    run = CliRunner().invoke(app, ["build-model", "--force"])
    assert run.stdout.strip().endswith("efficientnet_lite_12.onnx")


def _product(kind: int) -> Image.Image:
    """A ball, a striped box, a bottle or a chequered cloth, on white."""
    canvas = Image.new("RGB", (400, 400), (255, 255, 255))
    draw = ImageDraw.Draw(canvas)
    match kind:
        case 0:
            draw.ellipse((90, 90, 310, 310), fill=(230, 120, 20), outline=(150, 70, 10), width=6)
        case 1:
            for x in range(100, 300, 20):
                draw.rectangle((x, 60, x + 10, 340), fill=(20, 60, 180))
        case 2:
            draw.rectangle((170, 40, 230, 140), fill=(20, 90, 40))
            draw.rounded_rectangle((130, 130, 270, 370), 30, fill=(20, 110, 50))
            draw.rectangle((140, 220, 260, 300), fill=(240, 230, 200))
        case _:
            for i in range(64):
                x, y = 80 + 30 * (i % 8), 80 + 30 * (i // 8)
                draw.rectangle(
                    (x, y, x + 30, y + 30), fill=((200, 30, 60), (250, 240, 240))[(i + i // 8) % 2]
                )
    return canvas


def test_a_wall_is_not_recognised_and_a_product_is(tmp_path: Path) -> None:
    engine = api.open_engine(load(data=tmp_path))
    products = {i: _product(i) for i in range(4)}
    rows = [
        PictureRow(
            product_id=UUID(int=i),
            variant_id=None,
            media=str(i),
            kind=PictureKind.CATALOGUE,
            vector=engine.embed(encoded(image), PictureKind.CATALOGUE).vector,
        )
        for i, image in products.items()
    ]
    state = IndexState(version=1, rebuilt=0)
    engine.apply(IndexChange(seller_id=1, state=state, rows=rows, anew=True, photos=None))
    for paint in ((240, 238, 230), (120, 110, 100), (30, 30, 35), (200, 60, 50)):
        assert engine.recognise(plain(paint, (640, 480)), 1).outcome is Outcome.UNKNOWN
    for i, image in products.items():
        near = image.crop((40, 40, 360, 360)).rotate(8, fillcolor=(200, 190, 180))
        found = engine.recognise(encoded(near, "JPEG"), 1)
        assert found.candidates
        assert found.candidates[0].product_id == UUID(int=i)
