"""Coinbase Exchange's candles: 300 at most, newest first, empty ones left out. No key."""

from __future__ import annotations

import msgspec

from streams.history.backfill.source import Answer, Question, Request, Source, bar, seconds
from streams.instrument import NS

_Row = tuple[int, float, float, float, float, float]
"""Start (s), low, high, open, close, volume."""


class Coinbase(Source):
    """Products by the exchange's own names (`ETH-USD`). Both ends of a question are inclusive."""

    venue = "coinbase"
    bases = ("https://api.exchange.coinbase.com",)
    rows = 300
    every = 0.125
    burst = 8

    def request(self, question: Question, more: str) -> Request:  # noqa: ARG002  # no pages
        """What is asked for beyond 300 rows is refused."""
        size = question.size
        params = {
            "granularity": seconds(size),
            "start": seconds(question.start),
            "end": seconds(max(question.end - size, question.start)),
        }
        return Request(f"/products/{question.symbol}/candles", params)

    def _read(self, body: bytes, question: Question) -> Answer:
        rows = msgspec.json.decode(body, type=list[_Row])
        return Answer(
            [
                bar(start * NS + question.size, opened, high, low, close, volume)
                for start, low, high, opened, close, volume in rows
            ]
        )
