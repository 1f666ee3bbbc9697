"""Who moved first in one move: a description of an hour or less, never called a lead.

A leg's move is the sum of its returns; it had covered half of it at the end of the first bar at
which the sum reached half. The leg that got there in an earlier bar moved first. One move says
nothing of the next: only `lead_claim` speaks of leads. It is told of feeds alone that carry their
venues' stamps (`streams.first_move`): a polled one is late in every move.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from streams.snapshot import Reading

_WANDERS = 2.0
_HOUR = 3600.0
_LONG = 120.0
"""Seconds from which on minutes are told."""


def is_move(returns: Sequence[float]) -> bool:
    """Whether the returns add up to twice their wander: the root of the sum of their squares.

    The largest is no part of the wander, so a jump in one bar is a move.

    >>> is_move([0.0, 0.013, 0.001]), is_move([0.001] * 5), is_move([0.01, -0.008] * 4)
    (True, True, False)
    """
    move = squares = largest = 0.0
    for r in returns:
        move += r
        squares += r * r
        largest = max(largest, r * r)
    return squares > 0.0 and abs(move) >= _WANDERS * sqrt(max(squares - largest, 0.0))


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


def first_mover(
    x_returns: Sequence[float],
    y_returns: Sequence[float],
    names: tuple[str, str] = ("the first instrument", "the second instrument"),
) -> Reading:
    """By how many bars x had covered half of its move before y; 0 within one bar, < 0: y first.

    Returns are of the same bars, oldest first. None where a leg did not move.

    >>> x = [0.0, 0.004, 0.003, 0.003, 0.002, 0.0, 0.0, 0.0]
    >>> first_mover(x, [0.0, 0.0, *x[:-2]]).value
    2.0
    """
    n = float(len(x_returns))
    for name, returns in zip(names, (x_returns, y_returns), strict=True):
        if not is_move(returns):
            return Reading(None, f"{name} did not move", n=n)
    return Reading(float(half_way(y_returns) - half_way(x_returns)), n=n)


def first_mover_text(seconds: float, x: str, y: str, *, span: float) -> str:
    """In words, of the move of the last `span` seconds.

    >>> first_mover_text(-45.0, "ETH", "IWM", span=3600.0)
    'IWM moved first in the last hour: half-way about 45 s before ETH (a description, no lead)'
    """
    when = "the last hour" if span == _HOUR else f"the last {span / 60:.0f} min"
    if seconds == 0.0:
        return f"{x} and {y} were half-way together in {when} (a description, no lead)"
    first, then = (x, y) if seconds > 0.0 else (y, x)
    apart = abs(seconds)
    about = f"{apart:.0f} s" if apart < _LONG else f"{apart / 60:.0f} min"
    return (
        f"{first} moved first in {when}: half-way about {about} before {then} "
        "(a description, no lead)"
    )
