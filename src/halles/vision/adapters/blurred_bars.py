"""Finds where bars stand in a photo out of focus, and has their code fitted to several averaged lines of them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from halles.vision.adapters import fitted_bars
from halles.vision.adapters.fitted_bars import Floats, Guess
from halles.vision.adapters.straightened import Grey, directions, evened, turned

_WIDEST_PX = 560
"""Larger photos are shrunk: what is out of focus at this size is not sharper in a larger one."""

_LEAST_ALIKE = 0.91
_LEAST_LEAD, _LEAST_LEAD_BLURRED = 0.35, 1.0
"""ln of how many times more than the code the next best one leaves unexplained, summed over three lines. Wrong codes had
up to 0.7 where the blur was wide, right ones up to 3.1."""

_WIDE_BLUR = 1.6
"""A blur, as radius in modules, in which a digit can be mistaken for another."""

_HEIGHTS = (0.5, 0.25, 0.75)
_MOST_SPANS = 3

_LEAST_UPRIGHT, _LEAST_FILLED, _LEAST_CHANGES, _LEAST_ALIKE_ALONG = 5.0, 0.45, 14, 0.5
"""What an area must have to be looked at: steps across so many times those along; so much of its box; so many changes of
light and dark (a code has 59, of which a wide blur leaves 15); lines at two heights that correlate so."""


@dataclass(frozen=True, slots=True)
class _Bars:
    """Bars that stand upright: the averaged lines at three heights, and from where to where they may reach."""

    lines: list[Floats]
    spans: list[tuple[int, int]]


def read(grey: Grey) -> str | None:
    """The thirteen digits of an EAN-13 (a UPC-A with a zero before it) in a photo out of focus, or None.

    CPU: 20 ms where there are no bars, 0.5 s for each of at most three places that may be a code.
    """
    scale = min(2.0, _WIDEST_PX / max(grey.shape))
    if scale < 1:
        smaller = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        grey, scale = np.asarray(smaller, np.uint8), 1.0
    left = _MOST_SPANS
    for turn in directions(grey):
        for bars in _found(np.asarray(turned(grey, turn, scale), np.float32)):
            for span in bars.spans[:left]:
                left -= 1
                digits = _fitted(bars.lines, span)
                if digits is not None:
                    return digits
    return None


def _fitted(lines: list[Floats], span: tuple[int, int]) -> str | None:
    """The code between about these places, where all lines together leave no doubt."""
    start, end = span
    last = len(lines[0]) - 1
    mirrored = [np.ascontiguousarray(line[::-1]) for line in lines]
    refined = [
        (seen, fitted_bars.refined(seen[0], fitted_bars.begun(seen[0], begin, until)))
        for seen, begin, until in ((lines, start, end), (mirrored, last - end, last - start))
    ]
    if max(one.alike for _, one in refined) < _LEAST_ALIKE - 0.02:
        return None
    heard: dict[str, _Heard] = {}
    for seen, one in refined:
        for guess in (one, fitted_bars.decided(seen[1], one)):
            if guess.digits not in heard:
                heard[guess.digits] = _heard(seen, guess)
    first, *others = sorted(heard.values(), key=lambda one: -one.alike)
    lead = min([first.lead, *(len(lines) * fitted_bars.lead(first.alike, one.alike) for one in others)])
    enough = _LEAST_LEAD if first.radius < _WIDE_BLUR else _LEAST_LEAD_BLURRED
    return first.digits if lead >= enough and first.alike >= _LEAST_ALIKE else None


@dataclass(frozen=True, slots=True)
class _Heard:
    """What all lines say of a code: how much it resembles them and how blurred, the means; its lead over others, the sum."""

    digits: str
    alike: float
    radius: float
    lead: float


def _heard(lines: list[Floats], one: Guess) -> _Heard:
    again = [fitted_bars.seen_again(line, one) for line in lines]
    return _Heard(
        digits=one.digits,
        alike=sum(guess.alike for guess, _ in again) / len(again),
        radius=sum(guess.radius for guess, _ in again) / len(again),
        lead=sum(lead for _, lead in again),
    )


def _found(upright: Floats) -> list[_Bars]:
    """The two largest areas of upright bars: strong steps across, weak ones along, as many up as down."""
    across = np.asarray(cv2.Sobel(upright, cv2.CV_32F, 1, 0), np.float32)
    along = np.asarray(cv2.Sobel(cv2.GaussianBlur(upright, (0, 0), 1), cv2.CV_32F, 0, 1), np.float32)
    strong, weak = _around(np.abs(across)), _around(np.abs(along))
    barred = (strong > 2 * weak) & (np.abs(_around(across)) < 0.45 * strong)
    if not barred.any():
        return []
    barred &= strong > 0.3 * np.percentile(strong[barred], 90)
    closed = cv2.morphologyEx(barred.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 25), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(np.asarray(closed, np.uint8))
    largest = sorted(range(1, count), key=lambda i: -int(boxes[i, cv2.CC_STAT_AREA]))[:2]
    found: list[_Bars] = []
    for i in largest:
        _, top, width, height, area = (int(one) for one in boxes[i])
        here = labels == i
        upright_enough = strong[here].mean() > _LEAST_UPRIGHT * weak[here].mean()
        if width < 110 or height < 12 or area < _LEAST_FILLED * width * height or not upright_enough:
            continue
        rows = [int(top + height * share) for share in _HEIGHTS]
        inside = np.flatnonzero(labels[rows[0]] == i)
        if len(inside) < 90:
            continue
        whole = (int(inside[0]), int(inside[-1]))
        lines = [_line(upright, row, height) for row in rows]
        if not _like_bars([line[whole[0] : whole[1]] for line in lines]):
            continue
        found.append(_Bars(lines, [whole, *_parts(upright, top, height, whole)]))
    return found


def _like_bars(lines: list[Floats]) -> bool:
    """Whether light and dark alternate often enough, and much the same at another height."""
    soft = np.convolve(lines[0], np.full(5, 0.2), "same")
    changes = int(np.count_nonzero(np.diff(np.sign(soft))))
    alike = max(float(np.corrcoef(lines[0], other)[0, 1]) for other in lines[1:])
    return changes >= _LEAST_CHANGES and alike >= _LEAST_ALIKE_ALONG


def _around(values: Floats) -> Floats:
    return np.asarray(cv2.blur(values, (31, 21)), np.float32)


def _line(upright: Floats, row: int, height: int) -> Floats:
    """The mean of the rows about this one, a fifth of the bars' height, with light and contrast made even."""
    count = int(min(max(height * 0.2, 8), 30))
    top = max(row - count // 2, 0)
    return evened(upright[top : top + count].mean(axis=0, keepdims=True))[0]


def _parts(upright: Floats, top: int, height: int, whole: tuple[int, int]) -> list[tuple[int, int]]:
    """The longer side of the widest gap in what looks like bars: a book's price stands beside its number."""
    middle = upright[int(top + height * 0.35) : int(top + height * 0.65) + 1]
    steps = np.abs(np.diff(cv2.blur(middle, (1, 5)), axis=1)).mean(axis=0)[whole[0] : whole[1]]
    steps = np.convolve(steps, np.full(5, 0.2), "same")
    quiet = np.pad((steps < 0.35 * np.median(steps)).astype(np.int8), 1)
    begins, ends = np.flatnonzero(np.diff(quiet) == 1), np.flatnonzero(np.diff(quiet) == -1)
    inner = (begins > 20) & (ends < len(steps) - 20) & (ends - begins >= 14)
    if not inner.any():
        return []
    i = int(np.argmax(np.where(inner, ends - begins, 0)))
    before, after = (whole[0], whole[0] + int(begins[i])), (whole[0] + int(ends[i]), whole[1])
    longer = max(before, after, key=lambda part: part[1] - part[0])
    return [longer] if longer[1] - longer[0] >= 90 else []
