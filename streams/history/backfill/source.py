"""What a venue's history is: how it is asked for bars, and how its answers are read. No I/O."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import ClassVar

import msgspec

from streams.history.backfill.errors import RefusedError
from streams.instrument import NS

MINUTE = 60 * NS
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SIZES: Mapping[int, str] = {MINUTE: "1m", HOUR: "1h", DAY: "1d"}
"""Of bars (ns), and how they are called."""


class Bar(msgspec.Struct, frozen=True, gc=False):
    """A bar, stamped at its END (ns UTC); a daily one a day after the stamp that its venue gives.

    What a venue does not give is None.
    """

    ts: int
    close: float
    open: float | None = None
    high: float | None = None
    low: float | None = None
    volume: float | None = None


class Question(msgspec.Struct, frozen=True):
    """The bars of `size` that begin at or after `start` and before `end` (all ns UTC)."""

    symbol: str
    size: int
    start: int
    end: int


class Request(msgspec.Struct, frozen=True):
    """One HTTP GET, relative to a base."""

    path: str
    params: Mapping[str, str]


class Answer(msgspec.Struct, frozen=True):
    """What one request brought, in any order; `more` is to be sent along for the next page."""

    bars: list[Bar]
    more: str = ""


class Source(ABC):
    """A venue's history, of one kind of price."""

    venue: ClassVar[str]
    bases: ClassVar[tuple[str, ...]]
    """Where it is, in the order in which they are tried."""
    rows: ClassVar[int]
    """How many bars one question may span."""
    every: ClassVar[float]
    """Seconds between two requests, after a burst."""
    burst: ClassVar[int]
    agent: ClassVar[str] = "comove"

    @property
    def name(self) -> str:
        """Of this history: prices of one name may be joined, of two never."""
        return self.venue

    def headers(self) -> Mapping[str, str]:
        """What is sent with every request; may hold secrets."""
        return {"User-Agent": self.agent}

    def span(self, size: int) -> int:
        """How much time (ns) one question may cover."""
        return self.rows * size

    def reach(self, size: int) -> int | None:  # noqa: ARG002  # most venues keep all
        """How far back (ns) bars of that size go; None: to the beginning."""
        return None

    def narrower(self, question: Question, now: int) -> Question | None:  # noqa: ARG002  # rarely
        """What may be asked instead where the venue forbids the question; None: nothing."""
        return None

    @abstractmethod
    def request(self, question: Question, more: str) -> Request:
        """How the question is put; `more` is of the page before, empty for the first."""

    def parse(self, body: bytes, question: Question) -> Answer:
        """What an answer holds.

        Raises:
            BusyError: it says: later.
            RefusedError: it says no, or cannot be read.
        """
        try:
            return self._read(body, question)
        except (msgspec.MsgspecError, ValueError, ArithmeticError) as fault:
            raise RefusedError(f"its answer cannot be read: {str(fault)[:120]}") from None

    @abstractmethod
    def _read(self, body: bytes, question: Question) -> Answer:
        """As parse; may raise what decoding and arithmetic raise."""


def bar(  # noqa: PLR0917  # what every venue has, in the usual order
    end: int,
    open_: float | None,
    high: float | None,
    low: float | None,
    close: float,
    volume: float | None,
) -> Bar:
    """A bar with a price in it; ValueError where it is none."""
    if not (isfinite(close) and close > 0):
        raise ValueError(f"not a price: {close}")
    return Bar(end, close, open_, high, low, volume)


def seconds(ns: int) -> str:
    """Whole seconds, as parameters have them."""
    return str(ns // NS)


def milliseconds(ns: int) -> str:
    """Whole milliseconds, as parameters have them."""
    return str(ns // 10**6)


def asked(bars: Iterable[Bar], question: Question) -> list[Bar]:
    """Those that the question was about, in order and each once."""
    start, end = question.start + question.size, question.end + question.size
    found = {one.ts: one for one in bars if start <= one.ts < end}
    return [found[ts] for ts in sorted(found)]
