"""Whose move a divergence is: one sentence from the shares of x's move.

With `y` the part of x's move that y implies, `z` the part that x's own market (BTC for ETH) implies
and `alone` the rest, the first of these that holds is said:

| said                       | where                                                             |
|----------------------------|-------------------------------------------------------------------|
| y moved, x did not follow  | y's part is larger than z's, and x's whole move is less than half |
|                            | of it, or against it by less than a quarter of it                 |
| x moved with y             | y's part is half or more of all parts, signs aside                |
| x moved with z, not with y | z's part is half or more of all, and y's less than a quarter      |
| the move is x's own        | `alone` is half or more of all                                    |
| the move has no one source | otherwise                                                         |

Where no market of x's own is fed, what is neither y's nor known to be x's own is called so.
"""

from __future__ import annotations

from streams.estimators.divergence import Shares

MOST = 0.5
"""The part of all from which on a move is one's."""
LITTLE = 0.25
"""The part of all below which one has none in it."""
LEAST = 0.001
"""All parts together, signs aside, of which it is worth to ask whose they are."""


def attribution(shares: Shares, x: str, y: str, market: str) -> str:
    """The sentence; empty where next to nothing moved. `market` is empty where x's is not fed.

    >>> attribution(Shares(y=-0.003, z=-0.004, alone=-0.02), "ETH", "IWM", "BTC")
    "the move is ETH's own"
    >>> attribution(Shares(y=-0.012, z=0.0, alone=0.01), "ETH", "IWM", "BTC")
    'IWM moved, ETH did not follow'
    """
    whole = abs(shares.y) + abs(shares.z) + abs(shares.alone)
    if whole < LEAST:
        return ""
    if _stayed(shares):
        return f"{y} moved, {x} did not follow"
    if abs(shares.y) >= MOST * whole:
        return f"{x} moved with {y}"
    if abs(shares.z) >= MOST * whole and abs(shares.y) < LITTLE * whole:
        return f"{x} moved with {market}, not with {y}"
    if abs(shares.alone) >= MOST * whole:
        own = f"the move is {x}'s own"
        return own if market else f"the move is not {y}'s: {x}'s own, or its market's (none is fed)"
    return "the move has no one source"


def _stayed(shares: Shares) -> bool:
    """Whether y called for a move that x did not make."""
    due = abs(shares.y)
    made = shares.move if shares.y > 0.0 else -shares.move
    return due > abs(shares.z) and -LITTLE * due <= made < MOST * due
