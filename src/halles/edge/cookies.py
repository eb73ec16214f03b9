"""What a request's cookies tell."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

VISITOR = re.compile(r"[A-Za-z0-9_-]{22,43}")
"""A browser's anonymous id."""
_MOST, _SHORT = 10_000, 512
"""Lines of cookies, of so many bytes at most, of which it is remembered what they tell."""


class Cookies:
    """Reads the same line once: a browser sends the same one with every request."""

    def __init__(self, session: str, visitor: str, mark: Callable[[str], str]) -> None:
        """`session`, `visitor`: the names of these cookies, with their "=". `mark`: what a visitor is called."""
        self._session, self._visitor, self._mark = session, visitor, mark
        self._recent = lru_cache(maxsize=_MOST)(self._read)

    def told(self, line: bytes) -> tuple[str | None, str]:
        """The session's token, None where there is none or no visitor beside it; and the visitor's mark."""
        return self._recent(line) if len(line) <= _SHORT else self._read(line)

    def _read(self, line: bytes) -> tuple[str | None, str]:
        cookies = line.decode("latin-1")
        token, visitor = cookie(cookies, self._session), cookie(cookies, self._visitor)
        is_plain = VISITOR.fullmatch(visitor) and 32 <= len(token) <= 64
        return token if is_plain else None, self._mark(visitor)


def cookie(cookies: str, name: str) -> str:
    """The value of the first cookie called `name` (with its "="), or "": a full parser would cost more than the session read."""
    start = 0
    while (at := cookies.find(name, start)) >= 0:
        if at == 0 or cookies[at - 1] in "; ":
            end = cookies.find(";", at)
            return cookies[at + len(name) : end if end >= 0 else None].strip().strip('"')
        start = at + 1
    return ""
