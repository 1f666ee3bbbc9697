"""What is watched: instruments, the routes that feed them, and the pairs made of them."""

from __future__ import annotations

import msgspec

from streams.tick import Kind

NS = 1_000_000_000


class Route(msgspec.Struct, frozen=True):
    """One feed of an instrument: the venue and the venue's own name for it."""

    venue: str
    symbol: str


class Instrument(msgspec.Struct, frozen=True):
    """A price that is followed, from several feeds in order of preference.

    `calendar` is a name known to `streams.sessions`. `price` says which ticks are the price.
    Durations are nanoseconds; `max_spread` is a fraction of the mid.
    """

    name: str
    calendar: str
    routes: tuple[Route, ...]
    price: Kind = "trade"
    stale_after: int = 60 * NS
    return_after: int = 60 * NS
    """How long a preferred feed must have been good again before it is returned to."""
    max_spread: float = 0.005


class Pair(msgspec.Struct, frozen=True):
    """Two instruments watched together, `x` (ETH) against `y` (IWM), and their controls."""

    x: str
    y: str
    controls: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`ETH-IWM`: fit for topics, identifiers and messages."""
        return f"{self.x}-{self.y}"
