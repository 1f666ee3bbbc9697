"""How often a pair usually moves in step on one pair of feeds: p0, by bar size and tick rate."""

from __future__ import annotations

from streams.bar_size import SIZES, BarSize
from streams.estimators.concordance import Concordance
from streams.estimators.tick_rate import TickRate

Key = tuple[int, int | None]
"""Seconds of a bar, and the octave of the tick rate; None while no rate is known."""


class Usual:
    """p0 of one pair of feeds in regular hours, learned for each key apart.

    What closes teach, and a first session, has no tick rate: it is held by itself, and goes to the
    first octave that is found, having come from the same feeds. Later an octave knows only what
    sessions of its own have taught.
    """

    def __init__(self) -> None:
        self.rate = TickRate()
        self._learned: dict[Key, Concordance] = {}

    def learned(self, size: BarSize) -> Concordance:
        """At the tick rate as it now is."""
        return self._at((size.seconds, self._octave(size)), size)

    def rare(self, size: BarSize) -> bool:
        """Whether ticks come less than once a bar: both legs' moves are then hardly of one time."""
        octave = self._octave(size)
        return octave is not None and octave < size.octaves[0]

    def _octave(self, size: BarSize) -> int | None:
        octave = self.rate.octave
        return None if octave is None else min(octave, size.octaves[1])

    def _at(self, key: Key, size: BarSize) -> Concordance:
        if key not in self._learned:
            self._learned[key] = Concordance(size.enough, block=size.block)
        return self._learned[key]

    def grow(self, key: Key) -> None:
        """Make room for what was learned under the key."""
        self._at(key, next(size for size in SIZES if size.seconds == key[0]))

    def update(self, size: BarSize, x: float, y: float) -> None:
        """The returns of one bar while the link holds."""
        self.learned(size).update(x, y)

    def mark(self) -> None:
        """What has been learned up to here stays."""
        for size in SIZES:
            self.learned(size).mark()

    def take_back(self) -> None:
        """What was learned since the mark was of a break."""
        for size in SIZES:
            self.learned(size).take_back()

    def new_session(self, *, closes: bool) -> None:
        """The session before counts, at its own tick rate; of `closes` none is known."""
        self._drop_rare()
        before = {size: self.learned(size) for size in SIZES}
        was = self.rate.octave
        if closes:
            self.rate.forget_session()
        else:
            self.rate.new_session()
        for size, learned in before.items():
            if was is None and self.rate.octave is not None:
                self._learned.pop((size.seconds, None))
                self._learned[size.seconds, self._octave(size)] = learned
            else:
                learned.hand_session(self.learned(size))
        for learned in self._learned.values():
            learned.new_session()

    def slow_down(self) -> bool:
        """Whether ticks come so much more slowly now that another key holds."""
        before = [self.learned(size) for size in SIZES]
        slower = self.rate.slow_down()
        for size, learned in zip(SIZES, before, strict=True):
            learned.hand_session(self.learned(size))
        return slower

    def _drop_rare(self) -> None:
        """Ticks that came less than once a bar have taught nothing about such bars."""
        age = self.rate.age
        for size in SIZES:
            if age is not None and age > size.seconds:
                self.learned(size).forget_session()

    def end_closes(self) -> None:
        """Ticks come from now on; what this session has had of closes tells no rate."""
        self._drop_rare()
        self.rate.forget_session()

    def forget(self) -> None:
        """Learn afresh: a break has become the new normal."""
        for learned in self._learned.values():
            learned.forget()
