"""Kraken's OHLC: the last 720 rows and no older one, the last of them under way. No key."""

from __future__ import annotations

import msgspec

from streams.history.backfill.errors import BusyError, RefusedError
from streams.history.backfill.source import Answer, Question, Request, Source, bar, seconds
from streams.instrument import NS

_Row = tuple[int, float, float, float, float, float, float, int]
"""Start (s), open, high, low, close, VWAP, volume, count; the prices are texts."""
_LATER = ("EAPI:Rate limit", "EGeneral:Too many", "EService:", "EGeneral:Temporary")


class _Body(msgspec.Struct):
    error: list[str] = []
    result: dict[str, msgspec.Raw] = {}


_BODIES = msgspec.json.Decoder(_Body)
_ROWS = msgspec.json.Decoder(list[_Row], strict=False)


class Kraken(Source):
    """Pairs by their v2 names (`ETH/USD`)."""

    venue = "kraken"
    bases = ("https://api.kraken.com",)
    rows = 720
    every = 1.0
    burst = 3

    def reach(self, size: int) -> int:
        """720 rows, the last of them uncommitted."""
        return (self.rows - 1) * size

    def request(self, question: Question, more: str) -> Request:  # noqa: ARG002  # no pages
        """`since` is exclusive."""
        params = {
            "pair": question.symbol.replace("/", ""),
            "interval": str(question.size // (60 * NS)),
            "since": seconds(question.start - NS),
        }
        return Request("/0/public/OHLC", params)

    def _read(self, body: bytes, question: Question) -> Answer:
        answer = _BODIES.decode(body)
        if answer.error:
            reason = f"it answered {answer.error[0][:80]}"
            raise BusyError(reason) if answer.error[0].startswith(_LATER) else RefusedError(reason)
        found = (rows for name, rows in answer.result.items() if name != "last")
        rows = _ROWS.decode(next(found, b"[]"))
        return Answer(
            [
                bar(start * NS + question.size, opened, high, low, close, volume)
                for start, opened, high, low, close, _, volume, _ in rows[:-1]
            ]
        )
