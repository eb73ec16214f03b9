"""Reads the text on a package: PP-OCR's two small networks from the wheel `rapidocr`, on one thread.

The wheel (Apache-2.0) carries the networks as ONNX files: a detector after Liao et al., "Real-time Scene Text Detection
with Differentiable Binarization" (AAAI 2020), and a recogniser whose answer is decoded by CTC. The library around them
is not imported: on a server only the lines that are worth their time are read, and no thread is started.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from onnx import TensorProto, numpy_helper
from PIL import Image

from halles.vision.types import ModelDamaged, ModelMissing, Rgb

_WHEEL = "rapidocr"
_DETECTOR = ("PP-OCRv6_det_small.onnx", "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f")
_READER = ("PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884")

DETECT_PX = 480
"""The long side that text is looked for at. At 736, the library's own, two more lines in a hundred are found, for twice
the time."""

READ_SHARE = 0.75
"""The central share of each side of a photo that is read: letters are larger so, and those of what stands beside it are
mostly left out. Two packages more in a hundred are told apart than with the whole photo."""

PICTURE_PX = 736
"""The same for catalogue pictures, which are read once and not while somebody waits."""

MAX_LINES = 10
"""Lines read in a photo, the largest first."""

MAX_PICTURE_LINES = 30
"""Lines read in a catalogue picture."""

_LINE_PX = 48
_LONGEST_LINE_PX = 480
_TEXT = 0.3
_SURE_BOX = 0.5
_SURE_LINE = 0.5
_GROWTH = 1.6
_SMALLEST_BOX_PX = 4
_DUST = np.float32(1e-20)
_LINE_WIDTHS_PX = 64  # widths are rounded up to this, so that the network sees few shapes

_Box = tuple[tuple[float, float], tuple[float, float], float]
"""Centre, size, angle in degrees, as cv2.minAreaRect gives them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `share` of the photo's area that it covers, 0 to 1."""

    text: str
    share: float


class TextReader:
    """Finds and reads lines of text. Loads its networks at the first photo: about 60 MB, which some shops never need."""

    def __init__(self, models: Path | None = None) -> None:
        """`models`: the folder with both files; None: that of the wheel."""
        self._models = models
        self._detector: Any = None
        self._reader: Any = None
        self._letters: list[str] = []

    def checked(self) -> TextReader:
        """Itself, after its files were found to be the published ones. Raises ModelMissing or ModelDamaged."""
        for file in (_DETECTOR, _READER):
            _bytes(self._models or _wheel_folder(), *file)
        return self

    def read(
        self, photo: Rgb, *, side_px: int = DETECT_PX, lines_at_most: int = MAX_LINES, share: float = 1.0
    ) -> tuple[Line, ...]:
        """The lines in a photo, the largest first. Raises ModelMissing or ModelDamaged at the first call.

        `share`: the central part of each side that is read. `side_px`: the long side of it that text is looked for at.
        CPU: 63 ms to look at 480 px, 10 to 20 a line.
        """
        self._load()
        photo = _middle(photo, share)
        boxes = self._boxes(photo, side_px)
        boxes.sort(
            key=lambda box: -min(box[1]) * min(box[1])
        )  # tall letters are names, small ones ingredients
        area = float(photo.shape[0] * photo.shape[1])
        lines: list[Line] = []
        for box in boxes[:lines_at_most]:
            text, sure = self._line(_cut(photo, box))
            if text and sure >= _SURE_LINE:
                lines.append(Line(text, min(box[1][0] * box[1][1] / area, 1.0)))
        return tuple(lines)

    def _load(self) -> None:
        if self._reader is None:
            folder = self._models or _wheel_folder()
            self._detector = _session(folder, *_DETECTOR)
            self._reader = _session(folder, *_READER)
            letters = str(self._reader.get_modelmeta().custom_metadata_map.get("character", ""))
            self._letters = ["", *letters.split("\n"), " "]

    def _boxes(self, photo: Rgb, side_px: int) -> list[_Box]:
        """Where text is, in the photo's pixels; each box grown from the shrunk kernel the detector marks."""
        height, width = photo.shape[:2]
        scale = side_px / max(height, width)
        size = (max(round(width * scale / 32), 1) * 32, max(round(height * scale / 32), 1) * 32)
        small = np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BILINEAR), np.float32)
        batch = _batch(small)
        likely = _run(self._detector, batch)[0, 0]
        mask = (likely > _TEXT).astype(np.uint8)
        outlines = cast("list[Any]", cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0])
        to_x, to_y = width / size[0], height / size[1]
        boxes: list[_Box] = []
        for outline in outlines:
            (x, y), (w, h), angle = cv2.minAreaRect(outline)
            if min(w, h) < _SMALLEST_BOX_PX or _mean_inside(likely, outline) < _SURE_BOX:
                continue
            grown = w * h * _GROWTH / (2 * (w + h))  # the offset of the paper's unclip step, D' = A' r' / L'
            stretch = (to_x + to_y) / 2
            boxes.append(
                ((x * to_x, y * to_y), ((w + 2 * grown) * stretch, (h + 2 * grown) * stretch), angle)
            )
        return boxes

    def _line(self, cut: Rgb) -> tuple[str, float]:
        """A cut line → its text and the mean certainty of its letters."""
        height, width = cut.shape[:2]
        wide = min(max(round(width * _LINE_PX / height), 16), _LONGEST_LINE_PX)
        padded = -(-wide // _LINE_WIDTHS_PX) * _LINE_WIDTHS_PX
        canvas = np.full((_LINE_PX, padded, 3), 127.5, np.float32)
        scaled = Image.fromarray(cut).resize((wide, _LINE_PX), Image.Resampling.BILINEAR)
        canvas[:, :wide] = np.asarray(scaled, np.float32)
        answer = _run(self._reader, _batch(canvas))[0]
        best = answer.argmax(axis=1)
        sure = answer.max(axis=1)
        keep = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])  # CTC: no blanks, no repeats
        if not keep.any():
            return "", 0.0
        places = cast("list[int]", best[keep].tolist())
        text = "".join(self._letters[i] for i in places if i < len(self._letters))
        return text.strip(), float(sure[keep].mean())


def _middle(photo: Rgb, share: float) -> Rgb:
    height, width = photo.shape[:2]
    top, left = round(height * (1 - share) / 2), round(width * (1 - share) / 2)
    return np.ascontiguousarray(photo[top : height - top, left : width - left])


def _wheel_folder() -> Path:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise ModelMissing(file=_READER[0], reason="the wheel rapidocr is not installed")
    return Path(spec.origin).parent / "models"


def _bytes(folder: Path, file: str, sha256: str) -> bytes:
    try:
        data = (folder / file).read_bytes()
    except OSError as reason:
        raise ModelMissing(file=file, reason=reason.strerror or "cannot be read") from reason
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelDamaged(file=file, reason="its SHA-256 is not the published one")
    return data


def _session(folder: Path, file: str, sha256: str) -> Any:
    data = without_dust(_bytes(folder, file, sha256))
    options = cast("Any", ort.SessionOptions())  # pyright: ignore[reportUnknownMemberType]
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    try:
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as reason:  # ONNX Runtime raises its own undocumented classes
        raise ModelDamaged(file=file, reason="ONNX Runtime cannot load it") from reason


def without_dust(model: bytes) -> bytes:
    """The network with weights below 1e-20 as zeros: it answers the same to the bit, and four times as fast.

    The detector's training left 255,000 weights so small that floats hold them as subnormal numbers (IEEE 754), for which
    a processor takes a hundred times as long. ONNX Runtime can flush them only for the thread that opened the first session.
    """
    network = onnx.load_model_from_string(model)
    for weights in network.graph.initializer:
        if weights.data_type == TensorProto.FLOAT:
            numbers = numpy_helper.to_array(weights)
            clean = np.where(np.abs(numbers) < _DUST, np.float32(0), numbers)
            weights.CopyFrom(numpy_helper.from_array(clean, weights.name))
    return network.SerializeToString()


def _batch(pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """float32[H, W, 3], RGB from 0 to 255 → float32[1, 3, H, W], BGR from −1 to 1, as both networks were trained."""
    scaled = pixels / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(scaled[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)


def _run(session: Any, batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray(session.run(None, {session.get_inputs()[0].name: batch})[0], np.float32)


def _mean_inside(likely: npt.NDArray[np.float32], outline: Any) -> float:
    x, y, w, h = cv2.boundingRect(outline)
    inside = np.zeros((h, w), np.uint8)
    cv2.fillPoly(inside, [outline - np.array([[x, y]])], 1)
    return float(cv2.mean(likely[y : y + h, x : x + w], inside)[0])


def _cut(photo: Rgb, box: _Box) -> Rgb:
    """The box laid level, its longer side across; text that runs upright is turned to be read from below."""
    corners = cv2.boxPoints(box)
    by_x = corners[np.argsort(corners[:, 0])]
    left, right = by_x[:2][np.argsort(by_x[:2, 1])], by_x[2:][np.argsort(by_x[2:, 1])]
    ordered = np.array([left[0], right[0], right[1], left[1]], np.float32)
    width = max(int(np.linalg.norm(ordered[0] - ordered[1])), int(np.linalg.norm(ordered[3] - ordered[2])), 4)
    height = max(
        int(np.linalg.norm(ordered[0] - ordered[3])), int(np.linalg.norm(ordered[1] - ordered[2])), 4
    )
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    level = cv2.warpPerspective(
        photo, cv2.getPerspectiveTransform(ordered, target), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    if height >= width * 1.5:
        level = np.rot90(level)
    return np.ascontiguousarray(level, np.uint8)
