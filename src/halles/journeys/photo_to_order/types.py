"""What a photo is answered with."""

from __future__ import annotations

from dataclasses import dataclass

from halles.vision.types import PhotoMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The record of the photo, and how long the shopper waited for it: `took_ms`, wall time on the server."""

    match: PhotoMatch
    took_ms: int
