"""Alpaca's bars: 10,000 rows a page, with a token for the next. A key, and a tape.

The consolidated tape (SIP) and IEX are two histories. Where the plan does not cover the youngest
15 minutes of the former it ends there: no IEX bar is put in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, Protocol

import msgspec

from streams.feeds.stamps import rfc3339
from streams.history.backfill.source import (
    DAY,
    HOUR,
    MINUTE,
    Answer,
    Question,
    Request,
    Source,
    bar,
)
from streams.instrument import NS

Tape = Literal["sip", "iex"]
_DELAY = 16 * MINUTE
"""How old what the free plan shows of the SIP must be, with a minute to spare."""
_FRAMES = {MINUTE: "1Min", HOUR: "1Hour", DAY: "1Day"}


class Secret(Protocol):
    """A value that shows itself only when asked."""

    def get_secret_value(self) -> str:
        """The value itself: for the wire only."""


class _Bar(msgspec.Struct, gc=False):
    t: str
    o: float
    h: float
    l: float  # noqa: E741  # the venue's names
    c: float
    v: float


class _Body(msgspec.Struct):
    bars: list[_Bar] | None = None
    next_page_token: str | None = None


_BODIES = msgspec.json.Decoder(_Body)


class Alpaca(Source):
    """US shares by their tickers, on one tape."""

    venue = "alpaca"
    bases = ("https://data.alpaca.markets",)
    rows = 10_000
    every = 0.3
    burst = 10

    def __init__(self, key: Secret, secret: Secret, tape: Tape) -> None:
        self._key = key
        self._secret = secret
        self._tape = tape

    @property
    def name(self) -> str:
        """With its tape."""
        return f"{self.venue}-{self._tape}"

    def headers(self) -> Mapping[str, str]:
        """With key and secret."""
        return {
            **super().headers(),
            "APCA-API-KEY-ID": self._key.get_secret_value(),
            "APCA-API-SECRET-KEY": self._secret.get_secret_value(),
        }

    def narrower(self, question: Question, now: int) -> Question | None:
        """Without the youngest bars, where those are of the SIP."""
        end = (now - _DELAY) // MINUTE * MINUTE
        if self._tape != "sip" or not question.start < end < question.end:
            return None
        return msgspec.structs.replace(question, end=end)

    def request(self, question: Question, more: str) -> Request:
        """Both ends are inclusive; splits are allowed for, dividends are not."""
        params = {
            "timeframe": _FRAMES[question.size],
            "start": _rfc3339(question.start),
            "end": _rfc3339(question.end - NS),
            "feed": self._tape,
            "adjustment": "split",
            "limit": str(self.rows),
        }
        if more:
            params["page_token"] = more
        return Request(f"/v2/stocks/{question.symbol}/bars", params)

    def _read(self, body: bytes, question: Question) -> Answer:
        answer = _BODIES.decode(body)
        bars = [
            bar(_start(one.t) + question.size, one.o, one.h, one.l, one.c, one.v)
            for one in answer.bars or ()
        ]
        return Answer(bars, answer.next_page_token or "")


def _start(text: str) -> int:
    ts = rfc3339(text)
    if ts is None:
        raise ValueError(f"not a time: {text[:40]!r}")
    return ts


def _rfc3339(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts // NS, UTC):%Y-%m-%dT%H:%M:%SZ}"
