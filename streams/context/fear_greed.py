"""Crypto fear & greed, of alternative.me: a figure from 0 to 100 a day, at midnight UTC; no key."""

from __future__ import annotations

import msgspec

from streams.context.source import Request, UnreadableError, figure
from streams.instrument import NS
from streams.tick import ContextPoint

PUBLISHER = "alternative.me"
URL = "https://api.alternative.me/fng/"


class _Day(msgspec.Struct):
    value: str
    timestamp: str
    """Seconds since 1970."""


class _Answer(msgspec.Struct):
    data: list[_Day]


class FearGreed:
    """The index; `url` is another address than the publisher's own."""

    name = "fear_greed"
    publisher = PUBLISHER

    def __init__(self, *, url: str | None = None) -> None:
        self._url = url or URL

    def request(self, now: int) -> Request:  # noqa: ARG002  # of the protocol
        """The newest day."""
        return Request(self._url, {"limit": "1"})

    def parse(self, body: bytes, now: int) -> ContextPoint:
        """The figure of the newest day."""
        try:
            days = msgspec.json.decode(body, type=_Answer).data
            newest = max(days, key=lambda day: int(day.timestamp))
            ts = int(newest.timestamp) * NS
        except (msgspec.MsgspecError, ValueError):
            raise UnreadableError("its answer holds no day") from None
        return ContextPoint(
            name=self.name,
            value=figure(self.name, newest.value),
            ts_event=min(ts, now),
            ts_recv=now,
            source=self.publisher,
        )
