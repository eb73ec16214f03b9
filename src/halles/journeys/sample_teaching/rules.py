"""Why two products are taken for each other, and what to do about it: facts in, codes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

ALIKE = 0.6
"""Centred cosine from which two pictures look like one product to a person too (docs/howto/teach-samples.md)."""

SAME_WORDS = 0.5
"""Share of all words of two titles that both have (Jaccard)."""

ENOUGH_PHOTOS = 5
_BARELY_SHARP, _BARELY_BRIGHT = 0.45, 0.25
_WORD = re.compile(r"\w+")


class Reason(StrEnum):
    """Why a product is taken for another."""

    FEW_PHOTOS = "few_photos"
    BLURRED = "blurred"
    DARK = "dark"
    ONLY_TEXT_DIFFERS = "only_text_differs"
    SAME_WORDS = "same_words"
    UNCLEAR = "unclear"


class Advice(StrEnum):
    """What to do next."""

    TEACH = "teach"
    RETAKE = "retake"
    CLOSER = "closer"
    BARCODE = "barcode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a pair. `similarity` None: only purchases tell of it. `sharpness`, `brightness` of the worst photo."""

    similarity: float | None
    photos: int
    sharpness: float | None
    brightness: float | None
    title: str
    other_title: str


def shared_words(one: str, other: str) -> float:
    """0 to 1: of all words in two titles, the share that stands in both; 0 without words."""
    mine, theirs = set(_WORD.findall(one.casefold())), set(_WORD.findall(other.casefold()))
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0


def reasons(facts: Facts) -> tuple[Reason, ...]:
    """At least one, those that staff can mend first."""
    found: list[Reason] = []
    if facts.photos < ENOUGH_PHOTOS:
        found.append(Reason.FEW_PHOTOS)
    if facts.sharpness is not None and facts.sharpness < _BARELY_SHARP:
        found.append(Reason.BLURRED)
    if facts.brightness is not None and facts.brightness < _BARELY_BRIGHT:
        found.append(Reason.DARK)
    if facts.similarity is not None and facts.similarity >= ALIKE:
        found.append(Reason.ONLY_TEXT_DIFFERS)
    if shared_words(facts.title, facts.other_title) >= SAME_WORDS:
        found.append(Reason.SAME_WORDS)
    return tuple(found) or (Reason.UNCLEAR,)


def advice(found: Sequence[Reason]) -> Advice:
    """The one thing to do next for these reasons."""
    if Reason.FEW_PHOTOS in found:
        return Advice.TEACH
    if Reason.BLURRED in found or Reason.DARK in found:
        return Advice.RETAKE
    if Reason.ONLY_TEXT_DIFFERS in found:
        return Advice.CLOSER
    return Advice.BARCODE


def cell(text: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
