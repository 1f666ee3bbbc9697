"""Frames decoded a second, venue by venue, beside bare msgspec on the same frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import SecretStr

from streams.feeds.alpaca import Alpaca
from streams.feeds.registry import VENUES
from streams.feeds.venue import FrameError, Venue
from streams.tick import Tick
from tests.benchmarks.bare import DECODERS
from tests.benchmarks.figures import Figure, Report, at_most
from tests.benchmarks.frames import LISTED, START, frames
from tests.benchmarks.peer import compare
from tests.benchmarks.timing import alternate
from tests.conftest import RECORDED

_EVENTS = 1000
_BARE = (
    "Bare: msgspec alone into Structs of floats and datetimes. Ours besides keeps nanoseconds, "
    "checks prices and makes a Tick."
)
_RECORDED = {
    "coinbase": "coinbase_exchange.ndjson",
    "kraken": "kraken_v2.ndjson",
    "binance": "binance.ndjson",
    "finnhub": "finnhub.jsonl",
    "yahoo": "yahoo_streamer.base64.txt",
}


def measure() -> Report:
    """All six venues, recorded frames where there are any, and a peer."""
    figures = [*_generated(), *_recorded()]
    peer, remark = compare()
    return Report("decoding", (*figures, *peer), (_BARE, remark))


def _generated() -> Iterator[Figure]:
    for name in VENUES:
        yield from _beside_bare(name, frames(name, _EVENTS), name)


def _recorded() -> Iterator[Figure]:
    for name, file in _RECORDED.items():
        path = RECORDED / "wire" / file
        if path.is_file():
            yield from _beside_bare(name, _ticks_of(name, path), f"{name}, recorded")


def _ticks_of(name: str, path: Path) -> list[bytes]:
    """The frames of a recording that hold ticks and nothing else."""
    venue = _venue(name)
    kept = [line for line in path.read_bytes().splitlines() if _holds_ticks(venue, line)]
    return [line for line in kept if b'"last_match"' not in line]


def _holds_ticks(venue: Venue[float], frame: bytes) -> bool:
    try:
        messages = venue.parse(frame, START)
    except FrameError:
        return False
    return bool(messages) and all(isinstance(message, Tick) for message in messages)


def _venue(name: str) -> Venue[float]:
    if name == Alpaca.name:
        return Alpaca(LISTED[name], float, key=SecretStr("k"), secret=SecretStr("s"))
    return VENUES[name](LISTED[name], float)


def _beside_bare(name: str, sample: Sequence[bytes], label: str) -> Iterator[Figure]:
    parse = _venue(name).parse
    ours, bare = alternate(lambda frame: parse(frame, START), DECODERS[name], sample)
    yield Figure(label, 1e6 / ours, "frames/s", note=f"{ours:.2f} µs, bare {bare:.2f} µs")
    yield Figure(f"{label}, over bare msgspec", ours / bare, "×", at_most(2.0), _limit(name))


def _limit(name: str) -> str:
    return "bare: envelope and base64 only, no protobuf" if name == "yahoo" else ""
