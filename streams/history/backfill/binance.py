"""Binance's klines: 1000 rows at most, oldest first, the last perhaps under way. No key."""

from __future__ import annotations

from typing import Any

import msgspec

from streams.history.backfill.source import (
    SIZES,
    Answer,
    Question,
    Request,
    Source,
    bar,
    milliseconds,
)

_Row = tuple[int, float, float, float, float, float, int, Any, Any, Any, Any, Any]
"""Start (ms), open, high, low, close, volume, end (ms), …; the prices are texts."""
_ROWS = msgspec.json.Decoder(list[_Row], strict=False)


class Binance(Source):
    """Symbols by the exchange's own names (`ETHUSDT`)."""

    venue = "binance"
    bases = ("https://data-api.binance.vision",)
    rows = 1000
    every = 0.2
    burst = 5

    def request(self, question: Question, more: str) -> Request:  # noqa: ARG002  # no pages
        """Both ends are inclusive."""
        params = {
            "symbol": question.symbol.upper(),
            "interval": SIZES[question.size],
            "startTime": milliseconds(question.start),
            "endTime": milliseconds(question.end - 1),
            "limit": str(self.rows),
        }
        return Request("/api/v3/klines", params)

    def _read(self, body: bytes, question: Question) -> Answer:
        return Answer(
            [
                bar(row[0] * 10**6 + question.size, row[1], row[2], row[3], row[4], row[5])
                for row in _ROWS.decode(body)
            ]
        )
