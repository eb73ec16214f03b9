"""Rates files from where they are published."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx

from halles.pricing.types import BadRates, RatesUnreachable

ECB_DAILY = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"
MOST_BYTES = 32 * 2**20
"""The Bank's whole history is a fifth of this."""


def read_source(source: str, *, timeout_s: float = 20.0) -> tuple[str, str]:
    """The text of a file or an https:// address, and the name to remember it by. Raises BadRates, RatesUnreachable."""
    if urlsplit(source).scheme in {"http", "https"}:
        return _fetched(source, timeout_s), source
    path = Path(source)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadRates(f"{path.name} is larger than {MOST_BYTES >> 20} MiB.")
        return _text(path.read_bytes(), path.name), path.name
    except OSError as error:
        raise BadRates(f"{path.name} cannot be read: {error.strerror}.") from error


def _fetched(url: str, timeout_s: float) -> str:
    try:
        with httpx.stream("GET", url, timeout=timeout_s, follow_redirects=True) as answer:
            answer.raise_for_status()
            body = bytearray()
            for part in answer.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise BadRates(f"{url} sends more than {MOST_BYTES >> 20} MiB.")
    except httpx.HTTPError as error:
        raise RatesUnreachable(
            f"{url} does not answer: {error or type(error).__name__}", retry_after_s=600
        ) from error
    return _text(bytes(body), url)


def _text(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRates(f"{name} is not text in UTF-8.") from error
