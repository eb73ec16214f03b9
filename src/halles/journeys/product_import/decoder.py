"""The processes that decode pictures: a few, made when the first picture comes, ended with the import, killed when they hang."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path

import msgspec

from halles.journeys.product_import.types import PictureRefused
from halles.kernel.errors import StorageFull

_SECONDS = 60.0
_COMMAND = (sys.executable, "-m", "halles.journeys.product_import.convert")


class _Answer(msgspec.Struct):
    name: str = ""
    width: int = 0
    height: int = 0
    refused: str | None = None
    full: bool = False


class Decoder:
    """Gives pictures to at most `workers` processes at once. A process that dies or hangs costs its own picture alone."""

    def __init__(self, folder: Path, *, workers: int = 2, seconds: float = _SECONDS) -> None:
        self._folder, self._seconds = folder, seconds
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[Process] = []

    async def convert(self, data: bytes) -> tuple[str, int, int]:
        """The stored name, width and height of a picture. Raises PictureRefused, StorageFull."""
        async with self._slots:
            process = self._idle.pop() if self._idle else await self._start()
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await _ask(process, data)
            except TimeoutError as error:
                raise PictureRefused(f"took longer than {self._seconds:.0f} seconds to decode") from error
            except (OSError, EOFError, msgspec.DecodeError) as error:
                raise PictureRefused("could not be decoded") from error
            else:
                self._idle.append(process)
            finally:
                if process not in self._idle:
                    await _end(process)
        if answer.full:
            raise StorageFull(answer.refused or "The media folder is full.", retry_after_s=30)
        if answer.refused is not None:
            raise PictureRefused(answer.refused)
        return answer.name, answer.width, answer.height

    async def close(self) -> None:
        """End the processes."""
        while self._idle:
            await _end(self._idle.pop())

    async def _start(self) -> Process:
        return await asyncio.create_subprocess_exec(*_COMMAND, str(self._folder), stdin=PIPE, stdout=PIPE)


async def _ask(process: Process, data: bytes) -> _Answer:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(len(data).to_bytes(4, "big"))
    process.stdin.write(data)
    await process.stdin.drain()
    line = await process.stdout.readline()
    if not line:
        raise EOFError
    return msgspec.json.decode(line, type=_Answer)


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    with suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    await process.wait()
