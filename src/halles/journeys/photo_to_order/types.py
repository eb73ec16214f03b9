"""What a photo is answered with."""

from __future__ import annotations

from dataclasses import dataclass

from halles.vision.types import PhotoMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The record of the photo, and how long the shopper waited for it: `took_ms`, wall time on the server.

    `refines`: a second look is under way; within a second or two `present_answer` may tell more.
    """

    match: PhotoMatch
    took_ms: int
    refines: bool = False
