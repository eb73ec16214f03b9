"""Bars set upright and averaged along their length, against noise, glare and blur.

What blurs a code across its bars cannot be averaged away, but what differs along them can: a dozen rows that should be
alike become one with a third of the noise, and then blur can be undone further than in the photo itself.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
"""uint8[H, W]."""

_Lines = npt.NDArray[np.float32]

_SCALE = 2.0
_ROWS, _EVERY = 10, 6
_NEIGHBOURHOOD_PX = 40.0
_WINDOW_PX = 33
_MARGIN_PX = 64
_MOST_DIRECTIONS = 2
_REPEATED = 3
"""Each averaged line stands in the copy this often: readers want to see a code more than once."""


def straightened(grey: Grey, *, blur: float = 0, noise: float = 0.003, even: bool = False) -> Grey:
    """A copy, twice as wide, whose bars stand upright, of averaged lines; of uint8[H, W].

    `blur`: sigma in pixels of the copy of a Gaussian across the bars that is undone by Wiener's filter, with `noise` as
    the ratio of noise to signal. `even`: contrast is made the same everywhere.
    """
    lines = _averaged(grey)
    lines = evened(lines) if even else _lines((lines - 128) / 60)
    if blur:
        lines = _unblurred(lines, blur, noise)
    return np.repeat(np.clip(128 + 60 * lines, 0, 255).astype(np.uint8), _REPEATED, axis=0)


def evened(lines: _Lines) -> _Lines:
    """Lines, float32[n, length], with light and contrast made the same everywhere along them."""
    apart = _lines(lines - _smooth(lines))
    return _lines(apart / np.sqrt(_smooth(apart * apart) + 4))


def turned(grey: Grey, degrees: float, scale: float) -> Grey:
    """The photo turned and enlarged, nothing cut off, its edges drawn out."""
    height, width = grey.shape
    cosine, sine = abs(np.cos(np.radians(degrees))), abs(np.sin(np.radians(degrees)))
    wide, high = int((width * cosine + height * sine) * scale), int((height * cosine + width * sine) * scale)
    turning = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    turning[:, 2] += (wide / 2 - width / 2, high / 2 - height / 2)
    copy = cv2.warpAffine(grey, turning, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(copy, np.uint8)


def direction(grey: Grey) -> float:
    """Degrees, −90 to 90, by which the photo must turn for most of its bars to stand upright; 0 where there are none."""
    twice, weight = _slopes(grey)
    return float(np.degrees(np.angle(np.sum(np.exp(1j * twice) * weight))) / 2)


def directions(grey: Grey) -> list[float]:
    """As direction, and then that of the other bars, if any: lines of blurred text look like bars, and lie across."""
    twice, weight = _slopes(grey)
    found: list[float] = []
    while weight.any() and len(found) < _MOST_DIRECTIONS:
        turn = float(np.angle(np.sum(np.exp(1j * twice) * weight)))
        found.append(float(np.degrees(turn)) / 2)
        weight = _lines(weight * (np.cos(twice - turn) < 0.5))
    return found


def _slopes(grey: Grey) -> tuple[_Lines, _Lines]:
    """At each pixel twice the angle of the gradient, from the structure tensor, and how much it speaks of bars.

    Counted are neighbourhoods whose edges share a direction and cancel out, as many steps up as down: a label's border
    is the strongest edge of a photo, and no bar.
    """
    soft = _lines(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1))
    across, down = _slope(soft, 1, 0), _slope(soft, 0, 1)
    xx, yy, xy = _around(across * across), _around(down * down), _around(across * down)
    energy = np.maximum(xx + yy, 0)  # running sums leave a little less than nothing
    coherence = np.sqrt(np.square(xx - yy) + 4 * np.square(xy)) / (energy + 1e-3)
    left_over = np.where(
        xx > yy,
        np.abs(_around(across)) / (_around(np.abs(across)) + 1e-3),
        np.abs(_around(down)) / (_around(np.abs(down)) + 1e-3),
    )
    twice = np.arctan2(2 * xy, xx - yy)
    weight = (coherence > 0.7) * (left_over < 0.2) * np.sqrt(energy)
    return _lines(twice), _lines(weight)


def _lines(values: object) -> _Lines:
    return np.asarray(values, np.float32)


def _slope(soft: _Lines, across: int, down: int) -> _Lines:
    return np.asarray(cv2.Sobel(soft, cv2.CV_32F, across, down), np.float32)


def _around(values: _Lines) -> _Lines:
    return np.asarray(cv2.blur(values, (_WINDOW_PX, _WINDOW_PX)), np.float32)


def _averaged(grey: Grey) -> _Lines:
    upright = turned(grey, direction(grey), _SCALE)
    averaged = cv2.blur(np.asarray(upright, np.float32), (1, _ROWS))
    return np.asarray(averaged[_ROWS // 2 :: _EVERY], np.float32)


def _smooth(lines: _Lines) -> _Lines:
    return np.asarray(cv2.GaussianBlur(lines, (0, 0), sigmaX=_NEIGHBOURHOOD_PX, sigmaY=0.01), np.float32)


def _unblurred(lines: _Lines, blur: float, noise: float) -> _Lines:
    padded = np.pad(lines, ((0, 0), (_MARGIN_PX, _MARGIN_PX)), mode="edge")
    length = padded.shape[1]
    passed = np.exp(-2 * np.square(np.pi * blur * np.fft.rfftfreq(length)))
    spectrum = np.fft.rfft(padded, axis=1) * (passed / (np.square(passed) + noise))
    return np.asarray(np.fft.irfft(spectrum, n=length, axis=1)[:, _MARGIN_PX:-_MARGIN_PX], np.float32)
