"""Who moved first in one move: a description of a few minutes, never called a lead.

A leg's move is the sum of its returns; it had covered half of it at the end of the first bar at
which the sum reached half. The leg that got there in an earlier bar moved first. One move says
nothing of the next: only `lead_claim` speaks of leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from streams.snapshot import Reading

_ROUNDING = 1e-9


def is_move(returns: Sequence[float]) -> bool:
    """Whether the returns add up to more than their wander: `|sum| >= sqrt(sum of squares)`.

    A jump in one bar just does.
    """
    move = squares = 0.0
    for r in returns:
        move += r
        squares += r * r
    return squares > 0.0 and abs(move) >= sqrt(squares) * (1.0 - _ROUNDING)


def half_way(returns: Sequence[float]) -> int:
    """The bar, from 0, at whose end half of the move had been covered."""
    move = 0.0
    for r in returns:
        move += r
    covered = 0.0
    for bar, r in enumerate(returns):
        covered += r
        if covered / move >= 0.5:
            return bar
    return len(returns) - 1


def first_mover(x_returns: Sequence[float], y_returns: Sequence[float]) -> Reading:
    """By how many bars x had covered half of its move before y; 0 within one bar, < 0: y first.

    Returns are of the same bars, oldest first. None where a leg did not move.

    >>> x = [0.0, 0.004, 0.003, 0.003, 0.002, 0.0, 0.0, 0.0]
    >>> first_mover(x, [0.0, 0.0, *x[:-2]]).value
    2.0
    """
    n = float(len(x_returns))
    for name, returns in (("first", x_returns), ("second", y_returns)):
        if not is_move(returns):
            return Reading(None, f"the {name} instrument did not move", n=n)
    return Reading(float(half_way(y_returns) - half_way(x_returns)), n=n)


def first_mover_text(reading: Reading, x: str, y: str, bar_seconds: float) -> str:
    """In words; empty where there is nothing to say.

    >>> first_mover_text(Reading(-8.0), "ETH", "IWM", 15.0)
    'IWM had covered half of its move 120 s before ETH'
    """
    if reading.value is None:
        return ""
    bars = float(reading.value)
    if bars == 0.0:
        return f"{x} and {y} had covered half of their moves within {bar_seconds:g} s"
    first, then = (x, y) if bars > 0.0 else (y, x)
    return f"{first} had covered half of its move {abs(bars) * bar_seconds:g} s before {then}"
