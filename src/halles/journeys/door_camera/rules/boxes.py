"""Boxes in pixels."""

from __future__ import annotations

from halles.journeys.door_camera.types import Box


def area(box: Box) -> float:
    """Square pixels; 0 where the box is turned inside out."""
    return max(0.0, box.right - box.left) * max(0.0, box.bottom - box.top)


def iou(a: Box, b: Box) -> float:
    """Intersection over union, from 0 to 1."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (area(a) + area(b) - common)


def grown(box: Box, share: float) -> Box:
    """The box with `share` of its width and height added on every side."""
    dx, dy = (box.right - box.left) * share, (box.bottom - box.top) * share
    return Box(left=box.left - dx, top=box.top - dy, right=box.right + dx, bottom=box.bottom + dy)
