"""What comes in: ticks, feed events, beats. Every item carries the instant it was received.

Timestamps are int nanoseconds UTC. `ts_event` is the venue's own, `ts_recv` ours.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, Literal, TypeVar

import msgspec

N = TypeVar("N")

Kind = Literal["trade", "quote"]


class Tick(msgspec.Struct, Generic[N], frozen=True, gc=False):
    """A trade or a quote as the venue told it.

    N is `float` in the daemon and `Decimal` where the venue's own decimals must survive
    (`comove decode`). `price` is the trade's price or the quote's mid; `size` is the trade's;
    `bid` and `ask` are a quote's. `symbol` is the venue's own name. `id` is the venue's trade id.
    """

    kind: Kind
    venue: str
    symbol: str
    price: N
    size: N | None
    bid: N | None
    ask: N | None
    ts_event: int | None
    ts_recv: int
    id: int | str | None = None


class FeedState(StrEnum):
    """The life of a feed, as those downstream see it."""

    CONNECTING = "connecting"
    LIVE = "live"
    """Good data came."""
    STALE = "stale"
    """Connected, in session, and no data for longer than the symbol allows."""
    GAP = "gap"
    """Trades are known to be missing; the feed goes on."""
    CLOSED = "closed"
    """Nothing is expected: the market is closed or halted, or the venue is out of its hours."""
    DOWN = "down"
    """Not connected."""


class FeedEvent(msgspec.Struct, frozen=True, gc=False):
    """A feed's change of state; `symbol` is None where it concerns all of the feed's symbols."""

    venue: str
    symbol: str | None
    state: FeedState
    ts_recv: int
    reason: str = ""
    halted: bool = False
    """Trading is halted, wherever it is listed, until the feed is in another state."""


class Beat(msgspec.Struct, frozen=True, gc=False):
    """Time passing while nothing else comes."""

    ts_recv: int


class ContextPoint(msgspec.Struct, frozen=True, gc=False):
    """A value of a slow series (a rate, an index, a sentiment), by the name that rules use.

    `ts_event` is the instant it is of, `source` who says so. Rates are fractions: 4.33 % is .0433.
    """

    name: str
    value: float
    ts_event: int
    ts_recv: int
    source: str


Item = Tick[float] | FeedEvent | Beat | ContextPoint
"""All that enters the core, through the one inbound queue."""
