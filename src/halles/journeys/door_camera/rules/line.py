"""The line at the door: which side somebody is on, and whether a path goes through it."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

from halles.journeys.door_camera.types import BadLine, Line

_SHORTEST = 0.02
"""Of the picture's height: a shorter line is a slip of the hand."""
_BEYOND = 0.02
"""Of the line's length: how far beyond an end a path still goes through it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point as the line sees it. `depth`: pixels from the line, above zero inside. `along`: 0 at A, 1 at B."""

    depth: float
    along: float


def check(line: Line) -> None:
    """Raises BadLine where the line cannot be used, whatever the picture's shape."""
    numbers = (line.ax, line.ay, line.bx, line.by, line.inside_x, line.inside_y)
    if not all(0.0 <= number <= 1.0 for number in numbers):
        raise BadLine("The line and its inside are shares of the picture, from 0 to 1.")
    if hypot(line.bx - line.ax, line.by - line.ay) < _SHORTEST:
        raise BadLine("The line is too short: its two points lie on one another.")
    if abs(place(line, line.inside_x, line.inside_y, 1.0, 1.0).depth) < _SHORTEST:
        raise BadLine("The point that marks the inside lies on the line.")


def place(line: Line, x: float, y: float, width: float, height: float) -> Place:
    """Where the point (x, y) lies in a picture of width × height pixels."""
    ax, ay = line.ax * width, line.ay * height
    dx, dy = line.bx * width - ax, line.by * height - ay
    length = hypot(dx, dy)

    def left_of(px: float, py: float) -> float:
        return (dx * (py - ay) - dy * (px - ax)) / length

    turn = 1.0 if left_of(line.inside_x * width, line.inside_y * height) > 0 else -1.0
    return Place(depth=turn * left_of(x, y), along=(dx * (x - ax) + dy * (y - ay)) / length**2)


def through(before: Place, after: Place) -> bool:
    """Whether the straight way between points on either side goes through the line, not past its ends."""
    share = before.depth / (before.depth - after.depth)
    along = before.along + share * (after.along - before.along)
    return -_BEYOND <= along <= 1.0 + _BEYOND
