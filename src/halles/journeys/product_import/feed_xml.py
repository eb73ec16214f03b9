"""Google product feeds as RSS 2.0 or Atom, streamed: SAX gives each item with its line, whatever the size of the file.

Entities and document types are refused (defusedxml), so that a feed cannot make Halles read other files or explode.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.sax import SAXParseException, handler
from xml.sax.xmlreader import Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser

from halles.journeys.product_import.attributes import attribute_name
from halles.journeys.product_import.reading import Source
from halles.journeys.product_import.rows import Raw, read_rows
from halles.journeys.product_import.types import BadFile, Offered, Options, RowError

GOOGLE = "http://base.google.com/ns/1.0"
_ITEMS = {"item", "entry"}
_CHUNK = 65_536
_LONGEST_VALUE = 50_000


def read_feed(source: Source, options: Options) -> Iterator[Offered | RowError]:
    """Products of an RSS or Atom feed. Raises BadFile when the XML breaks off: at its first pass, before anything is given."""
    return read_rows(lambda: _pass(source), options)


def count_items(source: Source) -> int:
    """Items in a feed. Raises BadFile when the XML breaks off, or has none."""
    found = sum(1 for _ in _pass(source))
    if not found:
        raise BadFile(f"{source.name} has no <item> and no <entry>.")
    return found


def _pass(source: Source) -> Iterator[Raw]:
    reader: Any = create_parser(forbid_dtd=True)
    items = _Items(reader)
    reader.setContentHandler(items)
    reader.setErrorHandler(handler.ErrorHandler())
    reader.setFeature(handler.feature_namespaces, True)  # the SAX interface takes it by position
    try:
        with source.open_binary() as file:
            while chunk := file.read(_CHUNK):
                reader.feed(chunk)
                yield from items.take()
            reader.close()
            yield from items.take()
    except SAXParseException as error:
        raise BadFile(
            f"{source.name} is not well-formed XML: line {error.getLineNumber()}, {error.getMessage()}.",
            line=error.getLineNumber(),
        ) from error
    except DefusedXmlException as error:
        raise BadFile(
            f"{source.name} declares a document type or entities, which product feeds do not need."
        ) from error
    except (ValueError, LookupError) as error:
        raise BadFile(f"{source.name} says an encoding that it is not in: {error}.") from error


class _Items(handler.ContentHandler):
    """Collects items: elements directly inside <item> or <entry>, in Google's namespace or the feed's own."""

    def __init__(self, where: Locator) -> None:
        super().__init__()
        self._done: list[Raw] = []
        self._row: dict[str, list[str]] | None = None
        self._google: set[str] = set()
        self._line, self._depth = 0, 0
        self._words: list[str] = []
        self._size = 0
        self._where = where

    def take(self) -> list[Raw]:
        done, self._done = self._done, []
        return done

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:  # noqa: N802  the SAX interface
        if self._row is None:
            if name[1] in _ITEMS:
                self._row, self._depth, self._google = {}, 0, set()
                self._line = self._where.getLineNumber() or 0
            return
        self._depth += 1
        if self._depth == 1:
            self._words, self._size = [], 0

    def characters(self, content: str) -> None:
        if self._row is not None and self._depth == 1 and self._size < _LONGEST_VALUE:
            self._words.append(content)
            self._size += len(content)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802
        if self._row is None:
            return
        if self._depth == 0:
            self._done.append((self._line, self._row))
            self._row = None
            return
        if self._depth == 1:
            self._keep(name)
        self._depth -= 1

    def _keep(self, name: tuple[str | None, str]) -> None:
        """Google's own element wins over the feed's of the same name (`g:title` over `title`)."""
        assert self._row is not None
        key, value, google = attribute_name(name[1]), "".join(self._words).strip(), name[0] == GOOGLE
        if not value or (key in self._google and not google):
            return
        if google and key not in self._google:
            self._google.add(key)
            self._row[key] = [value]
        else:
            self._row.setdefault(key, []).append(value)
