"""Recordings: what a connection sent and received, a JSON line each, and their way back in.

    {"t": "connect|send|recv|close", "conn": …, "ts": seconds, "addr": …, "data": …}

`ts` has up to nine decimals and is read as a decimal. Files that end in `.zst` are compressed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import msgspec
import zstandard

from streams.feeds.intake import Intake
from streams.feeds.registry import VENUES
from streams.feeds.venue import Venue
from streams.instrument import NS
from streams.tick import FeedState, Item

_LATEST = 2**33
"""Seconds; a time beyond it is none."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Line(msgspec.Struct):
    """A line of a recording; `ts` in seconds."""

    t: str
    conn: str | None = None
    ts: Decimal | None = None
    addr: str | None = None
    data: str | None = None

    @property
    def ts_ns(self) -> int | None:
        """The time in nanoseconds, exactly; None where there is none that makes sense."""
        if self.ts is None or not self.ts.is_finite() or not 0 <= self.ts < _LATEST:
            return None
        return int(self.ts.scaleb(9))


_decoder = msgspec.json.Decoder(Line)


def parse_line(text: bytes) -> Line | None:
    """The line, or None where it is not in this form."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file's lines, decompressed where it ends in `.zst`."""
    with path.open("rb") as raw:
        if path.suffix != ".zst":
            yield raw
            return
        # A recorder that was restarted has appended a frame of its own.
        plain = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        yield io.BufferedReader(plain)


class RecordingError(Exception):
    """A recording that cannot be replayed; the text names file, line and remedy."""


VenueMaker = Callable[[str], tuple[Venue[float], Callable[[str, int], bool], float] | None]
"""From a venue's name to the venue with its symbols, what is due of it, and its `stale_after`."""


class Playback:
    """Recorded lines → items, through the very parsers and states of a live feed.

    Files are one recording, each going on where the one before ends. `make` answers None for a
    venue that nobody asked for; its lines are passed over.
    """

    def __init__(self, paths: Sequence[Path], make: VenueMaker) -> None:
        self._paths = paths
        self._path = Path()
        self._make = make
        self._intakes: dict[str, Intake | None] = {}
        self._open: set[str] = set()
        self._out: list[Item] = []
        self._checked = 0

    def items(self) -> Iterator[Item]:
        """All that the feeds would have emitted, in order."""
        for path in self._paths:
            self._path = path
            yield from self._file()

    def _file(self) -> Iterator[Item]:
        try:
            with opened(self._path) as source:
                for number, text in enumerate(source, start=1):
                    if not text.endswith(b"\n") and parse_line(text) is None:
                        break  # whoever recorded was killed in the middle of it
                    yield from self._line(number, text.strip())
        except OSError as error:
            raise RecordingError(f"{self._path}: {error.strerror or error}") from error
        except zstandard.ZstdError as error:
            raise RecordingError(f"{self._path}: not compressed with zstandard") from error

    def _line(self, number: int, text: bytes) -> Iterator[Item]:
        if not text:
            return
        line = parse_line(text)
        if line is None:
            raise self._fault(
                number, "not in the recorder's form; 'comove decode' reads bare frames"
            )
        ts = line.ts_ns
        if ts is None or line.conn is None:
            if line.t in {"connect", "recv", "close"}:
                raise self._fault(number, "a line without 'ts' or 'conn'")
            return
        self._check(ts)
        self._take(number, line, line.conn, ts)
        yield from self._out
        self._out.clear()

    def _take(self, number: int, line: Line, conn: str, ts: int) -> None:
        match line.t:
            case "connect":
                intake = self._intake(number, line, conn)
                if intake is not None:
                    self._connect(intake, conn, ts)
            case "recv":
                intake = self._intake(number, line, conn)
                if intake is not None and line.data is not None:
                    self._receive(intake, line.data, ts)
            case "close":
                intake = self._intakes.get(conn)
                self._open.discard(conn)
                # A connection on which all is stale is given up for that, which was told already.
                if intake is not None and not intake.check(ts, ts / NS):
                    intake.tell_all(FeedState.DOWN, line.data or "closed", ts)

    def _connect(self, intake: Intake, conn: str, ts: int) -> None:
        if conn in self._open:
            # Whoever recorded was killed: nobody wrote the end down.
            intake.tell_all(FeedState.DOWN, "the recording was broken off", ts)
        elif not intake.counts.connects:
            intake.tell_all(FeedState.CONNECTING, "", ts)
        intake.counts.connects += 1
        self._open.add(conn)
        intake.opened(ts / NS)

    @staticmethod
    def _receive(intake: Intake, data: str, ts: int) -> None:
        for control in intake.take(data.encode(), ts, ts / NS):
            match control.kind:
                case "halt":
                    intake.halt(control, ts, ts / NS)
                case "resume":
                    intake.resume(control, ts / NS)
                case "error" if control.symbol is not None:
                    intake.refuse(control, ts)
                case _:
                    pass

    def _check(self, ts: int) -> None:
        """What a live feed looks at each second."""
        second = ts // NS
        if second == self._checked:
            return
        self._checked = second
        for intake in self._intakes.values():
            if intake is not None:
                intake.check(ts, ts / NS)

    def _intake(self, number: int, line: Line, conn: str) -> Intake | None:
        if conn not in self._intakes:
            made = self._make(self._venue_name(number, line, conn))
            self._intakes[conn] = None
            if made is not None:
                venue, due, stale_after = made
                self._intakes[conn] = Intake(
                    venue, emit=self._out.append, due=due, stale_after=stale_after
                )
        return self._intakes[conn]

    def _venue_name(self, number: int, line: Line, conn: str) -> str:
        """The recorder names a connection after its venue; else the address says it."""
        if conn in VENUES:
            return conn
        host = urlsplit(line.addr or "").hostname
        for name, venue in VENUES.items():
            if host == urlsplit(venue.base).hostname:
                return name
        name = conn.split(".", maxsplit=1)[0].lower()
        if (host is None or host in _LOOPBACK) and name in VENUES:
            return name
        where = line.addr or conn
        raise self._fault(
            number, f"frames of {where} cannot be read, only those of {', '.join(VENUES)}"
        )

    def _fault(self, number: int, message: str) -> RecordingError:
        return RecordingError(f"{self._path}:{number}: {message}")
