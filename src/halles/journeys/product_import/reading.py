"""What kind of file this is, and its text as lines: encodings, delimiters, formats. Nothing is read whole."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from halles.journeys.product_import.types import BadFile

_CHUNK = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LATIN = "cp1252"
csv.field_size_limit(_CHUNK)


class Format(StrEnum):
    JSONL = "jsonl"
    XML = "xml"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to import. `base`: the folder that its picture paths are relative to; None (an upload): it may name no paths.

    `note`: what a person should know about how it was read.
    """

    path: Path
    name: str
    base: Path | None
    format: Format
    encoding: str
    delimiter: str = ","
    note: str | None = None

    def open(self) -> IO[str]:
        return self.path.open(encoding=self.encoding, newline="")

    def open_binary(self) -> IO[bytes]:
        return self.path.open("rb")


def look(path: Path, *, base: Path | None, name: str | None = None, encoding: str | None = None) -> Source:
    """Find out what a file is, from its content first and its name second. Raises BadFile with a sentence that helps."""
    name = name or path.name
    with path.open("rb") as file:
        head = file.read(65_536)
    if not head.strip():
        raise BadFile(f"{name} is empty.")
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise BadFile(
            f"{name} is an archive or an office document: save it as CSV, TSV, XML or JSON Lines and try again."
        )
    found, note = (encoding, None) if encoding else _encoding(path, head, name)
    start = _decode(head, found, name).lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return Source(path=path, name=name, base=base, format=Format.XML, encoding=found)
    if start.startswith("{"):
        return Source(path=path, name=name, base=base, format=Format.JSONL, encoding=found, note=note)
    if start.startswith("["):
        raise BadFile(f"{name} is one JSON array: write one product a line instead (JSON Lines).")
    header = start.splitlines()[0]
    delimiter = max("\t,;|", key=header.count)
    if header.count(delimiter) == 0:
        raise BadFile(
            f"{name} has no columns: its first line should name them, separated by tabs, commas or semicolons."
        )
    return Source(
        path=path, name=name, base=base, format=Format.TABLE, encoding=found, delimiter=delimiter, note=note
    )


def _encoding(path: Path, head: bytes, name: str) -> tuple[str, str | None]:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, None
    if head.lstrip().startswith(b"<"):
        return "utf-8", None  # XML says its own encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return (
            LATIN,
            f"{name} is not UTF-8; it was read as Windows-1252 (latin-1). Check the accents, or name its encoding.",
        )
    return "utf-8", None


def _decode(head: bytes, encoding: str, name: str) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    except (LookupError, UnicodeError) as error:
        raise BadFile(f"{encoding!r} is not an encoding {name} can be read in.") from error


def table_rows(source: Source) -> Iterator[tuple[int, list[str] | str]]:
    """(line, cells) of each row that is not empty, the header included; the text instead of cells: why a row cannot be read.

    `line` is where the row begins. Raises BadFile when the bytes are not of the encoding.
    """
    with source.open() as file:
        reader = csv.reader(file, delimiter=source.delimiter)
        line = 1
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, f"cannot be read: {error}"
            except UnicodeDecodeError as error:
                raise BadFile(
                    f"Line {line} of {source.name} is not {source.encoding}; name the file's encoding."
                ) from error
            else:
                if any(cell.strip() for cell in row):
                    yield line, row
            line = reader.line_num + 1


def text_lines(source: Source) -> Iterator[tuple[int, str]]:
    """(line, text) of each line that is not blank. Raises BadFile when the bytes are not of the encoding."""
    with source.open() as file:
        line = 0
        while True:
            line += 1
            try:
                text = file.readline(_CHUNK * 4)
            except UnicodeDecodeError as error:
                raise BadFile(
                    f"Line {line} of {source.name} is not {source.encoding}; name the file's encoding."
                ) from error
            if not text:
                return
            if text.strip():
                yield line, text.removeprefix("\ufeff")
