"""The language a caller reads: one of the two that every text of the product has."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal, cast

from fastapi import Depends, Query, Request

Language = Literal["en", "fr"]


async def language_of(
    request: Request,
    lang: Annotated[Language | None, Query(description="Absent: Accept-Language decides.")] = None,
) -> Language:
    """`?lang=`, else the caller's first preference that is one of ours, else English."""
    return lang or preferred(request.headers.get("accept-language", ""))


def preferred(told: str) -> Language:
    """The language for an Accept-Language header."""
    return _recent(told) if len(told) <= _SHORT else _first(told)


def _first(told: str) -> Language:
    for item in told.split(","):
        code = item.split(";", 1)[0].strip().lower()[:2]
        if code in {"en", "fr"}:
            return cast("Language", code)
    return "en"


_SHORT = 128
"""Characters of a header that is remembered."""
_recent = lru_cache(maxsize=1024)(_first)

LanguageDep = Annotated[Language, Depends(language_of)]
