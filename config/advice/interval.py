"""Intervals of numbers, and what arithmetic makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf, isnan

import msgspec


class Interval(msgspec.Struct, frozen=True):
    """The numbers from `low` to `high`, without an end that is open."""

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False

    @property
    def empty(self) -> bool:
        """Whether no number is in it."""
        ends_out = self.low_open or self.high_open
        return self.low > self.high or (self.low == self.high and ends_out)

    @property
    def wide(self) -> bool:
        """Whether it is more than one number."""
        return self.low < self.high

    def meet(self, other: Interval) -> Interval:
        """What is in both."""
        low = max(self.low, other.low)
        high = min(self.high, other.high)
        return Interval(
            low,
            high,
            any(each.low_open for each in (self, other) if each.low == low),
            any(each.high_open for each in (self, other) if each.high == high),
        )


ANY = Interval()


def side(sign: str, bound: float) -> Interval:
    """What is `< bound`, and so on."""
    if sign.startswith("<"):
        return Interval(high=bound, high_open=sign == "<")
    return Interval(low=bound, low_open=sign == ">")


def negative(one: Interval) -> Interval:
    """-one."""
    return Interval(-one.high, -one.low, one.high_open, one.low_open)


def absolute(one: Interval) -> Interval:
    """|one|, its ends closed."""
    ends = abs(one.low), abs(one.high)
    return Interval(0.0 if one.low <= 0.0 <= one.high else min(ends), max(ends))


def _spanned(corners: list[float]) -> Interval:
    """Around all corners; anything where one of them has no value."""
    if any(isnan(corner) for corner in corners):
        return ANY
    # A little wider, as figures are rounded.
    low, high = min(corners), max(corners)
    return Interval(low - 1e-9 * abs(low), high + 1e-9 * abs(high))


def _added(one: Interval, other: Interval) -> Interval:
    return _spanned([one.low + other.low, one.high + other.high])


def _multiplied(one: Interval, other: Interval) -> Interval:
    return _spanned([a * b for a in (one.low, one.high) for b in (other.low, other.high)])


def _divided(one: Interval, other: Interval) -> Interval:
    if other.low <= 0.0 <= other.high:
        return ANY
    return _spanned([a / b for a in (one.low, one.high) for b in (other.low, other.high)])


ARITHMETIC: Mapping[str, Callable[[Interval, Interval], Interval]] = {
    "+": _added,
    "-": lambda one, other: _added(one, negative(other)),
    "*": _multiplied,
    "/": _divided,
}


def may_hold(sign: str, left: Interval, right: Interval) -> bool:
    """Whether some number of the one may stand so to some number of the other."""
    if sign.startswith("<"):
        return left.low <= right.high
    return left.high >= right.low
