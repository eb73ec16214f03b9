"""Reads EAN and UPC bars with ZBar, compiled to WebAssembly and run by wasmtime: it sees codes that zxing-cpp misses.

The file comes with the pages' build (web/vite.config.ts copies it from the npm package @undecaf/zbar-wasm) and may be
replaced by another build of the same version. Its exports have one-letter names; their signatures are checked, so that
a file of another version is refused instead of called wrongly.

Pictures come from strangers, and ZBar is C: it runs in a sandbox with bounded memory and bounded work. Whatever goes
wrong in it is one reading less, logged, and the next picture meets a fresh instance.
"""

from __future__ import annotations

import importlib
import importlib.util
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import structlog

# Loaded by name: there are platforms without it, and its own types leave half unsaid.
wasmtime: Any = importlib.import_module("wasmtime") if importlib.util.find_spec("wasmtime") else None

log = structlog.get_logger("halles.vision")

FILE: Final = Path(__file__).parents[2] / "edge" / "static" / "zbar" / "zbar.wasm"

LARGEST_PX: Final = 4_000_000
"""Larger pictures are not read: callers shrink or skip them."""

_MEMORY_BYTES: Final = 64 * 2**20
_WORK_PER_PX: Final = 3_000
_WORK_AT_LEAST: Final = 200_000_000
"""wasm operations for a picture: camera photos take up to 480 a pixel, noise and the finest stripes 830."""

_GREY: Final = int.from_bytes(b"Y800", "little")
_ENABLE, _EMIT_CHECK, _STEP_X, _STEP_Y = 0, 2, 256, 257
_SYMBOLOGIES: Final = {8: "ean-8", 9: "upc-e", 12: "upc-a", 13: "ean-13"}
_MOST_CODES: Final = 32

# name in the file: (what it is in ZBar, parameters, whether it returns), all 32-bit integers
_EXPORTS: Final = {
    "h": ("constructors", 0, False),
    "i": ("ImageScanner_create", 0, True),
    "k": ("ImageScanner_set_config", 4, True),
    "o": ("ImageScanner_scan", 2, True),
    "p": ("Image_create", 6, True),
    "q": ("Image_destroy", 1, False),
    "r": ("Image_get_symbols", 1, True),
    "u": ("malloc", 1, True),
}
# Offsets in bytes: of zbar_symbol_set_t its head; of zbar_symbol_t type, length and place of the data, quality, next.
_HEAD, _TYPE, _LENGTH, _DATA, _QUALITY, _NEXT = 8, 0, 16, 20, 60, 44


class NotThisFile(Exception):
    """The file is no WebAssembly, or not the build whose exports are known here."""


class Reader:
    """One instance of the library. Not thread-safe. Raises NotThisFile, or wasmtime's errors when it cannot start."""

    def __init__(self, engine: Any, module: Any) -> None:
        self._store = wasmtime.Store(engine)
        self._store.set_limits(memory_size=_MEMORY_BYTES)
        self._store.set_fuel(_WORK_AT_LEAST)
        imports = [self._import(one) for one in module.imports]
        exports = wasmtime.Instance(self._store, module, imports).exports(self._store)
        self._memory = exports["g"]
        self._call = {name: exports[letter] for letter, (name, _, _) in _EXPORTS.items()}
        self._do("constructors")
        self._scanner = self._do("ImageScanner_create")
        self._set(0, _ENABLE, 0)
        for symbology in _SYMBOLOGIES:
            self._set(symbology, _ENABLE, 1)
            self._set(symbology, _EMIT_CHECK, 1)

    def read(self, grey: npt.NDArray[np.uint8], step: int = 1) -> list[tuple[str, str, int]]:
        """(symbology, digits, lines that agreed) of the codes in uint8[H, W]; every `step`-th row and column is looked at.

        Raises wasmtime's errors when the library fails or wants more memory or work than it is given.
        """
        height, width = grey.shape
        self._store.set_fuel(max(grey.size * _WORK_PER_PX, _WORK_AT_LEAST))
        self._set(0, _STEP_X, step)
        self._set(0, _STEP_Y, step)
        pixels = self._do("malloc", grey.size)
        if not pixels:
            raise MemoryError("no room for the picture")
        self._memory.write(self._store, grey.tobytes(), pixels)
        image = self._do(
            "Image_create", width, height, _GREY, pixels, grey.size, 0
        )  # owns the pixels from here
        found = self._symbols(image) if self._do("ImageScanner_scan", self._scanner, image) > 0 else []
        self._do("Image_destroy", image)
        return found

    def _symbols(self, image: int) -> list[tuple[str, str, int]]:
        found: list[tuple[str, str, int]] = []
        symbol = self._word(self._do("Image_get_symbols", image) + _HEAD)
        while symbol and len(found) < _MOST_CODES:
            start, length = self._word(symbol + _DATA), self._word(symbol + _LENGTH)
            name = _SYMBOLOGIES.get(self._word(symbol + _TYPE))
            if name is not None and length <= 14:
                text = bytes(self._memory.read(self._store, start, start + length)).decode("ascii")
                found.append((name, text, self._word(symbol + _QUALITY)))
            symbol = self._word(symbol + _NEXT)
        return found

    def _do(self, name: str, *arguments: int) -> int:
        return self._call[name](self._store, *arguments) or 0

    def _set(self, symbology: int, what: int, value: int) -> None:
        self._do("ImageScanner_set_config", self._scanner, symbology, what, value)

    def _word(self, at: int) -> int:
        return int.from_bytes(self._memory.read(self._store, at, at + 4), "little")

    def _import(self, one: Any) -> Any:
        """What the library asks of its host: more memory, the time; files and ends it may ask for in vain."""

        def grow(wanted: int) -> int:
            pages = -(-(wanted - self._memory.data_len(self._store)) // 65536)
            try:
                self._memory.grow(self._store, max(pages, 0))
            except wasmtime.WasmtimeError:
                return 0
            return 1

        def now_ms() -> float:
            return time.time() * 1000

        def refused(*_: int) -> int:
            return 52  # ENOSYS of this build's C library

        answers = {"c": grow, "e": now_ms}
        return wasmtime.Func(self._store, one.type, answers.get(one.name, refused))


def read(grey: npt.NDArray[np.uint8], step: int = 1) -> list[tuple[str, str, int]]:
    """As Reader.read, with this thread's own instance. Nothing where the library is not there or fails."""
    if grey.size > LARGEST_PX or min(grey.shape) < 1:
        return []
    try:
        reader = _reader()
        return reader.read(np.ascontiguousarray(grey), step) if reader is not None else []
    except Exception as reason:  # noqa: BLE001 - whatever a strange picture does to it, the photo has other readers
        # A trap leaves the instance as it was in the middle of its work: the next picture gets another.
        _here.reader = None
        log.warning("vision.zbar_failed", reason=str(reason).splitlines()[0], error=type(reason).__name__)
        return []


def ready() -> bool:
    """Whether the library is there and starts. Compiles it if nobody has: 0.2 s of CPU, once a process."""
    with _once:
        return _module(FILE) is not None


_here = threading.local()
_once = threading.Lock()


def _reader() -> Reader | None:
    reader: Reader | None = getattr(_here, "reader", None)
    if reader is None:
        with _once:
            compiled = _module(FILE)
        if compiled is None:
            return None
        reader = _here.reader = Reader(*compiled)
    return reader


@cache
def _module(file: Path) -> tuple[Any, Any] | None:
    """The compiled library; None, logged once, where it is absent or another's."""
    if wasmtime is None or not file.is_file():
        log.info("vision.zbar_absent", file=file.name, runtime=wasmtime is not None)
        return None
    try:
        config = wasmtime.Config()
        config.consume_fuel = True
        config.parallel_compilation = False
        engine = wasmtime.Engine(config)
        module = wasmtime.Module.from_file(engine, str(file))
        _check(module)
    except (wasmtime.WasmtimeError, NotThisFile, OSError) as reason:
        log.warning("vision.zbar_refused", file=file.name, reason=str(reason).splitlines()[0])
        return None
    return engine, module


def _check(module: Any) -> None:
    number = wasmtime.ValType.i32()
    types: dict[str, Any] = {one.name: one.type for one in module.exports}
    if not isinstance(types.get("g"), wasmtime.MemoryType):
        raise NotThisFile("its memory is not where it was")
    for letter, (name, parameters, returns) in _EXPORTS.items():
        found: Any = types.get(letter)
        if (
            not isinstance(found, wasmtime.FuncType)
            or found.params != [number] * parameters
            or found.results != [number] * returns
        ):
            raise NotThisFile(f"{name} is not where it was")
