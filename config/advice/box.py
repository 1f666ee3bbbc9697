"""A box: what must be true of each metric for a condition to be so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product

import msgspec

from config.advice.interval import Interval

_MOST = 64
"""Boxes that one condition may fall apart into."""


class Box(msgspec.Struct, frozen=True):
    """One way in which a condition is so, metrics by `Call.key`.

    `rest` is what the intervals cannot say: whether it may be so in a given box. Where the box is
    not `exact`, being inside it is necessary, yet not enough.
    """

    numbers: Mapping[str, Interval] = {}
    truths: Mapping[str, bool] = {}
    rest: tuple[Callable[[Box], bool], ...] = ()
    exact: bool = True

    @property
    def keys(self) -> frozenset[str]:
        """The metrics that it is about."""
        return frozenset((*self.numbers, *self.truths))

    @property
    def possible(self) -> bool:
        """Whether anything may be inside; certain where not."""
        return not any(each.empty for each in self.numbers.values()) and all(
            may(self) for may in self.rest
        )

    def meet(self, other: Box) -> Box | None:
        """What is inside of both; None where a yes would have to be a no."""
        shared = self.truths.keys() & other.truths.keys()
        if any(self.truths[key] is not other.truths[key] for key in shared):
            return None
        numbers = {**self.numbers, **other.numbers}
        for key in self.numbers.keys() & other.numbers.keys():
            numbers[key] = self.numbers[key].meet(other.numbers[key])
        return Box(
            numbers=numbers,
            truths={**self.truths, **other.truths},
            rest=self.rest + other.rest,
            exact=self.exact and other.exact,
        )


Boxes = Sequence[Box]
"""A condition: one box or another."""

ANYTHING: Boxes = (Box(),)
WHO_KNOWS: Boxes = (Box(exact=False),)


def every(conditions: Iterable[Boxes]) -> Boxes:
    """All of them together; without the boxes that nothing can be inside of."""
    boxes = ANYTHING
    for condition in conditions:
        if len(boxes) * len(condition) > _MOST:
            return WHO_KNOWS
        met = (one.meet(other) for one, other in product(boxes, condition))
        boxes = [box for box in met if box is not None and box.possible]
    return boxes


def some(conditions: Iterable[Boxes]) -> Boxes:
    """One of them at least."""
    boxes = [box for condition in conditions for box in condition]
    return boxes if len(boxes) <= _MOST else WHO_KNOWS
