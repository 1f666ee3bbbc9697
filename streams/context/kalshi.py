"""Rate-cut odds, of the prediction market Kalshi; no key.

The series KXFEDDECISION has an event for each FOMC meeting, and in it a market for each outcome:
`-H0` no change, `-C25` and `-C26` a cut of 25 bp and of more, `-H25` and `-H26` a rise. Exactly one
of them pays a dollar, so a price in dollars is a probability. Markets close minutes before the
decision: the next meeting is that of the event that closes next.

Its sister series KXFED asks whether the rate will stand above a level. What is a cut there depends
on today's level, which is published a day late: on the day after a cut it would call no change one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from streams.context.source import Request, UnreadableError, figure
from streams.instrument import NS
from streams.tick import ContextPoint

PUBLISHER = "Kalshi"
URL = "https://api.elections.kalshi.com/trade-api/v2/markets"
SERIES = "KXFEDDECISION"

_CUTS = ("C25", "C26")
_OUTCOMES = ("H0", *_CUTS, "H25", "H26")
_WIDEST = 0.15
"""Dollars between bid and ask of all cuts together, beyond which nobody knows the odds."""
_OFF = 0.15
"""By how much the five probabilities may miss 1 together."""


class _Market(msgspec.Struct):
    ticker: str
    event_ticker: str
    close_time: Annotated[datetime, msgspec.Meta(tz=True)]
    yes_bid_dollars: str = ""
    yes_ask_dollars: str = ""


class _Answer(msgspec.Struct):
    markets: list[_Market]


class Kalshi:
    """The odds that the next meeting cuts; `series` and `url` where they are others by now."""

    name = "cut_odds"
    publisher = PUBLISHER

    def __init__(self, *, series: str = SERIES, url: str | None = None) -> None:
        self._series = series
        self._url = url or URL

    def request(self, now: int) -> Request:  # noqa: ARG002  # of the protocol
        """All open markets of the series."""
        params = {"series_ticker": self._series, "status": "open", "limit": "200"}
        return Request(self._url, params)

    def parse(self, body: bytes, now: int) -> ContextPoint:
        """What the markets of the next meeting say, in the middle of bid and ask."""
        event, outcomes = _next_meeting(_markets(body), now)
        bids = {name: figure(self.name, each.yes_bid_dollars) for name, each in outcomes.items()}
        asks = {name: figure(self.name, each.yes_ask_dollars) for name, each in outcomes.items()}
        width = sum(asks[name] - bids[name] for name in _CUTS)
        if not 0 <= width <= _WIDEST:
            raise UnreadableError(f"bid and ask of a cut are {width:.2f} dollars apart")
        middles = {name: (bids[name] + asks[name]) / 2 for name in outcomes}
        whole = sum(middles.values())
        if abs(whole - 1) > _OFF:
            raise UnreadableError(f"the outcomes of {event} add up to {whole:.2f} dollars")
        return ContextPoint(
            name=self.name,
            value=sum(middles[name] for name in _CUTS) / whole,
            ts_event=now,
            ts_recv=now,
            source=f"{self.publisher} {event.rpartition('-')[2]}",
        )


def _markets(body: bytes) -> Sequence[_Market]:
    try:
        return msgspec.json.decode(body, type=_Answer).markets
    except msgspec.MsgspecError:
        raise UnreadableError("its answer holds no markets") from None


def _next_meeting(markets: Sequence[_Market], now: int) -> tuple[str, Mapping[str, _Market]]:
    """The event that closes next, and its markets by outcome: five, or it is not what we think."""
    events: dict[str, dict[str, _Market]] = {}
    for each in markets:
        if each.close_time.timestamp() * NS > now:
            outcome = each.ticker.removeprefix(f"{each.event_ticker}-")
            events.setdefault(each.event_ticker, {})[outcome] = each
    if not events:
        raise UnreadableError("no meeting in it is open")
    event = min(events, key=lambda name: min(each.close_time for each in events[name].values()))
    if set(events[event]) != set(_OUTCOMES):
        raise UnreadableError(f"{event} has other outcomes than the five of a decision")
    return event, events[event]
