"""Where a time axis is marked that shows trading minutes side by side, and with what."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.texts import new_york

_MOST = 8
_STEPS = (1, 5, 10, 15, 30, 60, 120)
"""Minutes between two ticks."""


def ticks(stamps: Sequence[int]) -> list[int]:
    """Places of round minutes, as many as there is room for."""
    for step in _STEPS:
        places = [i for i, ts in enumerate(stamps) if _minute(ts) % step == 0]
        if len(places) <= _MOST:
            return places or [0]
    days = [i for i, ts in enumerate(stamps) if i == 0 or _day(ts) != _day(stamps[i - 1])]
    return days[:: -(-len(days) // _MOST)]


def _minute(ts: int) -> int:
    hours, minutes = new_york(ts, "%H:%M").split(":")
    return int(hours) * 60 + int(minutes)


def _day(ts: int) -> str:
    return new_york(ts, "%a %d")


def tick_texts(stamps: Sequence[int]) -> list[str]:
    """`10:00`, the first of a day with its date below."""
    texts = []
    for i, ts in enumerate(stamps):
        date = f"\n{_day(ts)}" if i == 0 or _day(ts) != _day(stamps[i - 1]) else ""
        texts.append(f"{new_york(ts, '%H:%M')}{date}")
    return texts
