"""The language a caller reads: one of the two that every text of the product has."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from fastapi import Depends, Query, Request

Language = Literal["en", "fr"]


async def language_of(
    request: Request,
    lang: Annotated[Language | None, Query(description="Absent: Accept-Language decides.")] = None,
) -> Language:
    """`?lang=`, else the caller's first preference that is one of ours, else English."""
    if lang is not None:
        return lang
    for item in request.headers.get("accept-language", "").split(","):
        preferred = item.split(";", 1)[0].strip().lower()[:2]
        if preferred in {"en", "fr"}:
            return cast("Language", preferred)
    return "en"


LanguageDep = Annotated[Language, Depends(language_of)]
