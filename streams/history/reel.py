"""What one venue's connection says, on the disk: a compressed file a day, or more of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import count, groupby
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from streams.history.shelf import file_name
from streams.instrument import NS
from streams.redaction import Redaction

_DAY = 86_400 * NS

_encode = msgspec.json.Encoder().encode


class Said(msgspec.Struct, frozen=True, gc=False):
    """Something to record, and how many lines before it are lost: `ts` in ns UTC."""

    kind: str
    ts: int
    data: str | bytes | None = None
    missed: int = 0


class Reel:
    """Appends lines in the recorder's form; each `write` ends a zstd frame, whole on the disk.

    A file begins anew at each start, on each day (UTC), and after `largest` compressed bytes: what
    a crash left at the end of one is not continued. Belongs to one thread.
    """

    def __init__(self, folder: Path, conn: str, addr: str, redact: Redaction, largest: int) -> None:
        self.path: Path | None = None
        """The file being written."""
        self._folder = folder
        self._redact = redact
        self._largest = largest
        self._conn = _encode(conn).decode()
        self._addr = _encode(redact(addr)).decode()
        self._compressor = zstandard.ZstdCompressor(write_checksum=True)
        self._file: BinaryIO | None = None
        self._day = -1
        self._size = 0

    def write(self, said: Sequence[Said]) -> bool:
        """Put it on the disk, all or nothing of a day's; whether a new file was begun.

        Raises OSError; what was written of the rest then is cut off again.
        """
        before = self.path
        for day, several in groupby(said, key=lambda one: one.ts // _DAY):
            lines = list(several)
            if self._file is None or day > self._day or self._size >= self._largest:
                self._begin(lines[0].ts, day)
            self._append(self._compressor.compress("".join(map(self._lines, lines)).encode()))
        return self.path != before

    def _lines(self, said: Said) -> str:
        line = self._line(said.kind, said.ts, said.data)
        if not said.missed:
            return line
        reason = f"{said.missed} lines were not recorded"
        return f"{self._line('close', said.ts, reason)}{self._line('connect', said.ts, None)}{line}"

    def _line(self, kind: str, at: int, data: str | bytes | None) -> str:
        text = data.decode(errors="replace") if isinstance(data, bytes) else data
        told = "" if text is None else f',"data":{_encode(self._redact(text)).decode()}'
        ts = f"{at // NS}.{at % NS:09d}"
        return f'{{"t":"{kind}","conn":{self._conn},"ts":{ts},"addr":{self._addr}{told}}}\n'

    def _begin(self, ts: int, day: int) -> None:
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        for second in count():
            path = self._folder / file_name(ts + second * NS)
            with suppress(FileExistsError):
                self._file = path.open("xb", buffering=0)
                break
        self.path, self._day, self._size = path, day, 0

    def _append(self, frame: bytes) -> None:
        assert self._file is not None  # noqa: S101  # `write` has begun one
        try:
            left = memoryview(frame)
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            with suppress(OSError):
                os.truncate(self._file.fileno(), self._size)
            self.close()
            raise
        self._size += len(frame)

    def close(self) -> None:
        """End the file; the next `write` begins another."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        self._file = self.path = None
