"""`comove decode`: recorded frames → ticks, one JSON object a line, in the venue's own digits."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TextIO

import msgspec
import typer
import zstandard

from streams.feeds.registry import VENUES
from streams.feeds.venue import FrameError, Venue
from streams.history.recording import RecordingError, opened, parse_line
from streams.history.shelf import of_venue
from streams.tick import Tick

OK, USAGE, UNREADABLE = 0, 64, 65

_NOT_FRAMES = {"header", "connect", "send", "close"}
_MOST_DIGITS = 40
"""Numbers that need more are written with an exponent: no file makes us print a gigabyte."""


class Frame(msgspec.Struct, frozen=True):
    """What was received, and when where the file tells it (ns)."""

    data: bytes
    ts_recv: int | None = None


class Tally(msgspec.Struct):
    """Frames, the ticks printed of them, frames without one, frames that cannot be read."""

    frames: int = 0
    ticks: int = 0
    ignored: int = 0
    errors: int = 0

    def line(self) -> str:
        """The summary, as tools outside read it."""
        return (
            f"frames={self.frames} ticks={self.ticks} ignored={self.ignored} errors={self.errors}"
        )


class _Row(msgspec.Struct):
    """A tick as it is printed."""

    kind: str
    venue: str
    symbol: str
    price: msgspec.Raw
    size: msgspec.Raw
    bid: msgspec.Raw
    ask: msgspec.Raw
    ts_event: int | None
    ts_recv: int | None
    id: int | str | None


_rows = msgspec.json.Encoder()


def decode(
    venue: str, source: Iterable[bytes], symbol: str | None, out: TextIO, err: TextIO
) -> int:
    """Print the ticks of every frame of `source`, then the tally on `err`; the exit code."""
    if venue not in VENUES:
        err.write(f"{unknown(venue)}\n")
        return USAGE
    parser: Venue[Decimal] = VENUES[venue](symbols=(), number=Decimal)
    tally = Tally()
    for number, line in enumerate(source, start=1):
        frame = unwrap(line)
        if frame is None:
            continue
        tally.frames += 1
        try:
            rows = list(_read(parser, frame, symbol))
        except FrameError as fault:
            tally.errors += 1
            err.write(f"line {number}: {fault}\n")
            continue
        tally.ticks += len(rows)
        tally.ignored += not rows
        out.writelines(rows)
    err.write(f"{tally.line()}\n")
    return UNREADABLE if tally.errors and tally.errors == tally.frames else OK


def unknown(venue: str) -> str:
    """A sentence for a name that no venue has."""
    close = difflib.get_close_matches(venue.lower(), VENUES, n=1, cutoff=0.7)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"Frames of {venue!r} cannot be decoded, only those of {', '.join(VENUES)}.{hint}"


def unwrap(line: bytes) -> Frame | None:
    """The frame in a line: bare, in the recorder's form or after `< `; None where there is none."""
    text = line.strip()
    if not text or text.startswith(b"> "):
        return None
    text = text.removeprefix(b"< ")
    recorded = parse_line(text) if b'"t"' in text else None
    if recorded is None:
        return Frame(text)
    if recorded.t == "recv" and recorded.data is not None:
        return Frame(recorded.data.encode(), recorded.ts_ns)
    return None if recorded.t in _NOT_FRAMES else Frame(text)


def _read(parser: Venue[Decimal], frame: Frame, symbol: str | None) -> Iterator[str]:
    for item in parser.parse(frame.data, frame.ts_recv or 0):
        if isinstance(item, Tick) and (symbol is None or item.symbol.upper() == symbol.upper()):
            yield _row(item, frame.ts_recv)


def _row(tick: Tick[Decimal], ts_recv: int | None) -> str:
    row = _Row(
        kind=tick.kind,
        venue=tick.venue,
        symbol=tick.symbol,
        price=_digits(tick.price),
        size=_digits(tick.size),
        bid=_digits(tick.bid),
        ask=_digits(tick.ask),
        ts_event=tick.ts_event,
        ts_recv=ts_recv,
        id=tick.id,
    )
    return f"{_rows.encode(row).decode()}\n"


def _digits(value: Decimal | None) -> msgspec.Raw:
    """The number as the venue wrote it, without an exponent."""
    if value is None:
        return msgspec.Raw(b"null")
    exponent = value.as_tuple().exponent
    plain = isinstance(exponent, int) and abs(exponent) <= _MOST_DIGITS
    return msgspec.Raw((format(value, "f") if plain else str(value)).encode())


def run(venue: str, file: Path, symbol: str | None, out: TextIO, err: TextIO) -> int:
    """As decode, of a file, `-`, one that ends in `.zst` or a folder of recordings."""
    try:
        return decode(venue, _lines(venue, file), symbol, out, err)
    except BrokenPipeError:
        raise
    except OSError as fault:
        err.write(f"{file}: {fault.strerror or fault}\n")
    except RecordingError as fault:
        err.write(f"{fault}\n")
    except zstandard.ZstdError:
        err.write(f"{file}: it is not compressed with zstandard, or is damaged\n")
    return UNREADABLE


def _lines(venue: str, file: Path) -> Iterator[bytes]:
    if str(file) == "-":
        yield from sys.stdin.buffer
        return
    for path in of_venue(file, venue) if file.is_dir() else [file]:
        with opened(path) as source:
            yield from source


def decode_command(
    venue: Annotated[str, typer.Argument(help=f"One of {', '.join(VENUES)}.")],
    file: Annotated[
        Path, typer.Argument(help="A frame a line, a recording or a folder of them; - is stdin.")
    ],
    symbol: Annotated[str | None, typer.Option(help="Only this one's ticks.")] = None,
) -> None:
    """Print the ticks in recorded frames, one JSON object a line."""
    try:
        code = run(venue, file, symbol, sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has enough; what is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = OK
    raise typer.Exit(code)
