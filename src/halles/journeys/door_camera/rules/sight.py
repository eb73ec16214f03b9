"""Whether the camera sees anything: nobody counted must never mean that nobody could be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

_MISSING_S = 5.0
_FROZEN_S = 10.0
"""A camera's noise makes every picture differ; a stream that hangs repeats the last one."""
_DARK_S = 10.0
_DARK_LEVEL, _DARK_SPREAD = 16.0, 6.0
"""Of 255: a covered lens or a dark room. 16 is black in video levels."""


class Blind(StrEnum):
    """Why nothing is seen."""

    NO_PICTURE = "no_picture"
    FROZEN = "frozen"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A picture in three numbers: its checksum, and mean and spread of its brightness, of 255."""

    checksum: int
    level: float
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Seconds of the last picture, of the last one that differed, of the last one with light; and why blind, None when not."""

    picture_s: float
    changed_s: float
    light_s: float
    checksum: int | None = None
    blind: Blind | None = None


def opened(at_s: float) -> Sight:
    """Nothing was seen yet, and nothing is wrong yet."""
    return Sight(picture_s=at_s, changed_s=at_s, light_s=at_s)


def after(sight: Sight, at_s: float, glance: Glance | None) -> Sight:
    """What is known at `at_s`, with a picture or without."""
    if glance is not None:
        light = glance.level > _DARK_LEVEL or glance.spread > _DARK_SPREAD
        sight = replace(
            sight,
            picture_s=at_s,
            changed_s=sight.changed_s if glance.checksum == sight.checksum else at_s,
            light_s=at_s if light else sight.light_s,
            checksum=glance.checksum,
        )
    blind = None
    if at_s - sight.picture_s > _MISSING_S:
        blind = Blind.NO_PICTURE
    elif at_s - sight.changed_s > _FROZEN_S:
        blind = Blind.FROZEN
    elif at_s - sight.light_s > _DARK_S:
        blind = Blind.DARK
    return replace(sight, blind=blind)
