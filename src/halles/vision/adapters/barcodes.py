"""Reads barcodes from pixels with zxing-cpp and ZBar, trying harder while a CPU budget lasts.

One look at the photo as it is, always. Then, where the photo looks as if it held bars or the caller has time, other
looks, in the order of what each adds for what it costs. Sharpening
makes up bars where there are none, and a check digit lets one misread in ten pass: what only a sharpened copy showed, or
few lines of ZBar's, counts when a second look says the same. What is too blurred for either is fitted at last
(blurred_bars).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image

from halles.vision.adapters import blurred_bars, zbar
from halles.vision.adapters.straightened import straightened
from halles.vision.rules.gtin import gtin_of
from halles.vision.types import Box, Code, Rgb

Grey = npt.NDArray[np.uint8]
"""uint8[H, W]."""

QUICK_MS = 20.0
"""CPU for other looks while a shopper waits for the first answer."""

THOROUGH_MS = 500.0
"""CPU for them when the first answer is given and this is the second look."""

_BARS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.EAN13,
        zxingcpp.BarcodeFormat.EAN8,
        zxingcpp.BarcodeFormat.UPCA,
        zxingcpp.BarcodeFormat.UPCE,
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.DataBar,
        zxingcpp.BarcodeFormat.ITF14,
    ]
)
_SQUARES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix])
_SQUARES_SIDE_PX = 800
"""Square codes are looked for in a copy of at most about this side: they are drawn coarser than bars, and cost more."""

_LOCAL, _GLOBAL = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram
_SURE = {"code-128", "qr-code", "data-matrix", "databar"}
"""Symbologies whose own check leaves one misread in hundreds, or that correct errors: one look is enough."""

_ENOUGH_LINES = 16
"""As many lines of an evened copy on which ZBar read the same are enough; no misread of 239 photos had more than 8."""
_ZBAR_MS_PER_PX = 4.5e-5
_LARGEST_RETRY_PX = 1_300_000
_GATE_SIDE_PX = 640
_BLOCK_PX = 16
_TINY = np.float32(1e-6)


@dataclass(frozen=True, slots=True)
class Look:
    """Another way to look: contrast evened out, enlarged by `scale`, turned by `angle` degrees, sharpened by `sharpen`.

    `threshold` tells light from dark: by the neighbourhood, or for a whole line of the photo. `zbar`: ZBar reads. `upright`:
    the bars set upright and averaged along their length; with `blur`, that much is undone.
    """

    scale: float
    angle: float = 0
    sharpen: float = 0
    even: bool = False
    threshold: zxingcpp.Binarizer = _LOCAL
    squares: bool = False
    zbar: bool = False
    upright: bool = False
    blur: float = 0
    noise: float = 0.003

    @property
    def always(self) -> bool:
        """Whether it is taken of photos too that do not look as if they held bars."""
        return self.squares or self in _BROAD

    @property
    def disturbs(self) -> bool:
        """Whether a reading of it alone is doubtful."""
        return bool(self.sharpen) or self.zbar or self.upright

    def cost_ms(self, grey: Grey, first_ms: float) -> float:
        """CPU milliseconds that it is expected to take, where the first look took `first_ms`."""
        return grey.size * self.scale**2 * _ZBAR_MS_PER_PX if self.zbar else first_ms * self.scale**2 * 1.5

    def applied(self, grey: Grey) -> Grey:
        if self.upright:
            return straightened(grey, blur=self.blur, noise=self.noise, even=self.even)
        if self.even:
            grey = _as_grey(cv2.createCLAHE(3, (4, 4)).apply(grey))
        if self.scale != 1:
            grey = _as_grey(
                cv2.resize(grey, None, fx=self.scale, fy=self.scale, interpolation=cv2.INTER_CUBIC)
            )
        if self.angle:
            turned = Image.fromarray(grey).rotate(
                self.angle, Image.Resampling.BILINEAR, expand=True, fillcolor=255
            )
            grey = np.asarray(turned, np.uint8)
        if self.sharpen:
            soft = cv2.GaussianBlur(grey, (0, 0), 1.2 * self.scale)
            grey = _as_grey(cv2.addWeighted(grey, 1 + self.sharpen, soft, -self.sharpen, 0))
        return grey


_BROAD = (Look(1, even=True, threshold=_GLOBAL), Look(2, even=True, zbar=True))
"""Looks that are quickly taken and found the most."""

# In the order of what each adds for what it costs, on 321 camera photos (zxing test sets).
_LOOKS = (
    *_BROAD,
    Look(2, angle=-8, sharpen=2.5, even=True, threshold=_GLOBAL),
    Look(2, sharpen=2.5, even=True, threshold=_GLOBAL),
    Look(2, angle=8, sharpen=2.5, even=True, threshold=_GLOBAL),
    Look(2, even=True, threshold=_GLOBAL),
    Look(3),
    Look(2, sharpen=2.5, threshold=_GLOBAL),
    Look(3, sharpen=2.5, threshold=_GLOBAL),
    Look(2, angle=-8, sharpen=2.5, zbar=True),
    Look(1, even=True, zbar=True),
    Look(2, upright=True, zbar=True, blur=1.5, noise=0.02),
    Look(2, upright=True, zbar=True, blur=1.5, even=True),
    Look(2, upright=True, zbar=True, blur=1.5, even=True, noise=0.02),
    Look(0.5, squares=True),
    Look(2, even=True, squares=True),
    Look(1, sharpen=2, squares=True),
    Look(3, angle=90, sharpen=2.5, even=True, threshold=_GLOBAL),
    Look(3, angle=90, even=True, threshold=_GLOBAL),
    Look(2, angle=-15, sharpen=2.5, even=True, threshold=_GLOBAL),
    Look(2, angle=15, sharpen=2.5, even=True, threshold=_GLOBAL),
    Look(2, angle=20, squares=True),
    Look(1.5, angle=45, squares=True),
)


def read_codes(
    photo: Rgb, *, budget_ms: float = QUICK_MS, cpu_clock_s: Callable[[], float] = time.thread_time
) -> tuple[Code, ...]:
    """The codes of a photo, each content once. Other looks stop when one was found or `budget_ms` of CPU time are spent.

    With no more than QUICK_MS they are for photos that look as if they held bars; one is begun only while its expected
    cost, from the first look and its size, still fits the budget.
    """
    grey = _as_grey(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY))
    started = cpu_clock_s()
    codes = _read(grey)
    cost_ms = (cpu_clock_s() - started) * 1000
    if codes:
        return codes
    thorough, barred = budget_ms > QUICK_MS, may_hold_bars(grey)
    if not (thorough or barred):
        return ()
    left_ms = budget_ms
    once: set[str] = set()
    for look in _LOOKS:
        if not (barred or look.always):
            continue
        if grey.size * look.scale**2 > _LARGEST_RETRY_PX or look.cost_ms(grey, cost_ms) > left_ms:
            continue
        if look.zbar and not zbar.ready():
            continue
        begun = cpu_clock_s()
        seen: set[str] = set()
        for code, sure in _read_again(look, grey):
            if sure or _content(code) in once:
                return (code,)
            seen.add(_content(code))
        once |= seen
        left_ms -= (cpu_clock_s() - begun) * 1000
    return _fitted(grey) if thorough else ()


def _fitted(grey: Grey) -> tuple[Code, ...]:
    digits = blurred_bars.read(grey)
    if digits is None:
        return ()
    return (_code("upc-a", digits[1:]) if digits[0] == "0" else _code("ean-13", digits),)


def read_codes_thoroughly(photo: Rgb) -> tuple[Code, ...]:
    """As read_codes, with the time that the second look at a photo has."""
    return read_codes(photo, budget_ms=THOROUGH_MS)


def _read(grey: Grey) -> tuple[Code, ...]:
    shrink = round(max(grey.shape) / _SQUARES_SIDE_PX)
    smaller = np.asarray(Image.fromarray(grey).reduce(shrink), np.uint8) if shrink > 1 else grey
    found = [*_codes(grey, _BARS, _LOCAL, shrink <= 1), *_codes(smaller, _SQUARES, _LOCAL, shrink <= 1)]
    return tuple({code.text: code for code in reversed(found)}.values())[::-1]


def _read_again(look: Look, grey: Grey) -> list[tuple[Code, bool]]:
    """The codes that a look shows, each with whether it can be believed without another."""
    copy = look.applied(grey)
    if look.zbar:
        found = sorted(zbar.read(copy), key=lambda one: -one[2])
        enough = look.even and not look.sharpen and not look.upright
        return [
            (_code(symbology, text), enough and lines >= _ENOUGH_LINES) for symbology, text, lines in found
        ]
    formats = _SQUARES if look.squares else _BARS
    codes = _codes(copy, formats, look.threshold, inverted=look.squares)
    if look.angle:
        codes = [replace(code, box=None) for code in codes]
    return [(code, code.symbology in _SURE or not look.disturbs) for code in codes]


def _content(code: Code) -> str:
    return code.gtin14 or code.text


def _codes(
    grey: Grey, formats: zxingcpp.BarcodeFormats, threshold: zxingcpp.Binarizer, inverted: bool
) -> list[Code]:
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey), formats=formats, try_invert=inverted, binarizer=threshold
    )
    return [
        _code(str(one.format).lower().replace(" ", "-"), str(one.text), _box(one.position, grey))
        for one in found
    ]


def _code(symbology: str, text: str, box: Box | None = None) -> Code:
    return Code(symbology=symbology, text=text, gtin14=gtin_of(symbology, text), box=box)


def _box(at: zxingcpp.Position, grey: Grey) -> Box:
    """What a code covers, as shares of the copy it was read in: scale does not matter."""
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    height, width = grey.shape[:2]
    xs = [min(max(one.x / width, 0.0), 1.0) for one in corners]
    ys = [min(max(one.y / height, 0.0), 1.0) for one in corners]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def _as_grey(pixels: object) -> Grey:
    return np.asarray(pixels, np.uint8)


def may_hold_bars(grey: Grey) -> bool:
    """Whether some patch of the photo has many parallel edges that alternate between light and dark; 2 ms of CPU.

    For blocks of 16 px, the structure tensor tells how strong the gradients are and whether they share one direction;
    bars also cancel out (as many steps up as down), which a shelf's edge does not. Six neighbouring blocks of one
    direction are enough. It keeps 14 of the 15 photos of bars that only a retry reads, and spares six of seven photos
    without bars the retries (barcode test set, shop photos).
    """
    shrink = round(max(grey.shape) / _GATE_SIDE_PX)
    light = np.asarray(Image.fromarray(grey).reduce(max(shrink, 1)), np.float32)
    across: npt.NDArray[np.float32] = light[:-1, 1:] - light[:-1, :-1]
    down: npt.NDArray[np.float32] = light[1:, :-1] - light[:-1, :-1]
    if min(across.shape) < 3 * _BLOCK_PX:
        return True
    xx, yy, xy = _block_means(across * across), _block_means(down * down), _block_means(across * down)
    energy = xx + yy
    coherence = np.sqrt(np.square(xx - yy) + 4 * np.square(xy)) / (energy + _TINY)
    sideways = np.abs(_block_means(across)) / (_block_means(np.abs(across)) + _TINY)
    upright = np.abs(_block_means(down)) / (_block_means(np.abs(down)) + _TINY)
    barred = (energy > 100) & (coherence > 0.7) & (np.where(xx > yy, sideways, upright) < 0.2)
    angle = np.arctan2(2 * xy, xx - yy)
    direction = np.pad(np.exp(1j * angle) * barred, 1)
    rows, columns = angle.shape
    agreeing = sum(direction[i : i + rows, j : j + columns] for i in range(3) for j in range(3))
    return bool(np.abs(agreeing).max() >= 6)


def _block_means(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    rows, columns = values.shape[0] // _BLOCK_PX, values.shape[1] // _BLOCK_PX
    whole = values[: rows * _BLOCK_PX, : columns * _BLOCK_PX]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
