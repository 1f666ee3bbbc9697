"""Yahoo's chart: minutes of 8 days a call and 30 back, hours of two years, days of all. No key.

Unofficial, and quick to answer 429: few questions, spaced, by a browser's name. Closes allow for
splits, not for dividends. The last row may be of this instant instead of a bar.
"""

from __future__ import annotations

import msgspec

from streams.history.backfill.errors import RefusedError
from streams.history.backfill.source import (
    DAY,
    HOUR,
    MINUTE,
    Answer,
    Bar,
    Question,
    Request,
    Source,
    bar,
    seconds,
)
from streams.instrument import NS

_Column = list[float | None]
_NAMES = {MINUTE: "1m", HOUR: "60m", DAY: "1d"}
_SPANS = {MINUTE: 7 * DAY, HOUR: 729 * DAY, DAY: 3650 * DAY}
_REACHES = {MINUTE: 29 * DAY, HOUR: 729 * DAY}


class _Quote(msgspec.Struct):
    open: _Column = []
    high: _Column = []
    low: _Column = []
    close: _Column = []
    volume: _Column = []


class _Indicators(msgspec.Struct):
    quote: list[_Quote] = []


class _Result(msgspec.Struct):
    indicators: _Indicators
    timestamp: list[int] = []


class _Error(msgspec.Struct):
    description: str | None = None


class _Chart(msgspec.Struct):
    result: list[_Result] | None = None
    error: _Error | None = None


class _Body(msgspec.Struct):
    chart: _Chart


_BODIES = msgspec.json.Decoder(_Body)


class Yahoo(Source):
    """Anything by Yahoo's own names (`IWM`, `ETH-USD`)."""

    venue = "yahoo"
    bases = ("https://query1.finance.yahoo.com", "https://query2.finance.yahoo.com")
    rows = 10_080
    every = 6.0
    burst = 8
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

    def span(self, size: int) -> int:
        """By days, not by rows."""
        return _SPANS[size]

    def reach(self, size: int) -> int | None:
        """Days go back to the beginning."""
        return _REACHES.get(size)

    def request(self, question: Question, more: str) -> Request:  # noqa: ARG002  # no pages
        """Regular hours alone: of a share's others there are few trades."""
        params = {
            "interval": _NAMES[question.size],
            "period1": seconds(question.start),
            "period2": seconds(question.end),
            "includePrePost": "false",
        }
        return Request(f"/v8/finance/chart/{question.symbol}", params)

    def _read(self, body: bytes, question: Question) -> Answer:
        chart = _BODIES.decode(body).chart
        if chart.error is not None:
            raise RefusedError(f"it answered {str(chart.error.description)[:80]}")
        return Answer(_bars(chart.result[0], question.size) if chart.result else [])


def _bars(result: _Result, size: int) -> list[Bar]:
    quote = (result.indicators.quote or [_Quote()])[0]
    columns = (quote.open, quote.high, quote.low, quote.close, quote.volume)
    width = len(result.timestamp)
    if any(len(column) not in {0, width} for column in columns):
        raise ValueError("its columns differ in length")
    rows = zip(*(column or [None] * width for column in columns), strict=True)
    return [
        bar(start * NS + size, opened, high, low, close, volume)
        for start, (opened, high, low, close, volume) in zip(result.timestamp, rows, strict=True)
        # A bar begins with a minute: another row is the price of this instant, or the last day's.
        if close is not None and (start % 60 == 0 or size == DAY)
    ]
