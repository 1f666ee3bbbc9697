"""What is known of how often a pair moves in step: on the feeds it is on, learned or prior.

Bars of 15 s find a break soonest, but how often both move in step in them depends on feeds and tick
rates, so they serve once 20 sessions of ticks are known. Until then bars of a minute do, which
history teaches too; a prior is a correlation of minutes, so it serves on these. Nothing that was
learned under one key stands in for another.
"""

from __future__ import annotations

from streams.bar_size import MINUTE, SHORT, BarSize
from streams.beliefs import Belief, Prior, concordance_belief
from streams.usual import Usual

ENOUGH = 20
"""Sessions of ticks from which on short bars serve."""

_ANYWHERE = ("", "")


class Known:
    """p0 of a pair: of each pair of venues apart."""

    def __init__(self, prior: Prior) -> None:
        self._prior = prior
        self._venues = _ANYWHERE
        self._usual = {_ANYWHERE: Usual()}
        self._closes = False
        self._learning = True

    @property
    def _feeds(self) -> Usual:
        """On the venues in use."""
        return self._usual[self._venues]

    def use(self, venues: tuple[str, str]) -> bool:
        """The venues of both legs; whether they are others than before."""
        if venues == self._venues:
            return False
        begins = self._venues == _ANYWHERE
        if begins:
            # What history taught, it taught of the venues we begin with.
            self._usual[venues] = self._usual.pop(_ANYWHERE)
        self._usual.setdefault(venues, Usual())
        self._venues = venues
        return not begins

    def grow(self, venues: tuple[str, str]) -> None:
        """Make room for what was learned on these."""
        self._usual.setdefault(venues, Usual())

    def teach(self, *, closes: bool) -> None:
        """Whether what comes now are closes of the past: their bars teach, but no tick rate."""
        if self._closes and not closes:
            self._feeds.end_closes()
        self._closes = closes

    def slow_down(self) -> bool:
        """Whether ticks come so much more slowly now that what was known no longer holds."""
        return not self._closes and self._feeds.slow_down()

    def ages(self, x: float, y: float) -> None:
        """How old both last ticks were at the end of a short bar, in seconds."""
        self._feeds.rate.update(x, y)

    def update(self, size: BarSize, x: float, y: float, *, apart: bool, climbing: bool) -> None:
        """The returns of one bar. p0 is learned up to the last time nothing spoke for a break."""
        if apart:
            if self._learning:
                self._feeds.take_back()
            self._learning = False
            return
        self._learning = True
        self._feeds.update(size, x, y)
        if not climbing:
            self._feeds.mark()

    def mark(self) -> None:
        """Nothing speaks for a break now."""
        self._feeds.mark()

    def new_session(self) -> None:
        """A session begins: the one before counts."""
        for usual in self._usual.values():
            usual.new_session(closes=self._closes)

    def begin_afresh(self) -> None:
        """What was usual is no more: neither what was learned holds nor what was assumed."""
        for usual in self._usual.values():
            usual.forget()
        self._prior = Prior()

    def belief(self, size: BarSize) -> Belief | None:
        """p0 on bars of that size."""
        feeds = self._feeds
        if feeds.rare(size):
            return None
        learned = feeds.learned(size)
        if size is MINUTE:
            return concordance_belief(learned, self._prior.concordance)
        return concordance_belief(learned) if learned.sessions >= ENOUGH else None

    def missing(self) -> str:
        """Why there is no p0 at all."""
        if self._feeds.rare(MINUTE):
            return "too few ticks: less than one a minute"
        known, octave = self._feeds.learned(MINUTE).value(), self._feeds.rate.octave
        at = (
            ""
            if octave is None
            else f" at {2.0**octave:g} to {2.0 ** (octave + 1):g} ticks a minute"
        )
        return f"link not learned yet{at}: {known.reason} {MINUTE.words} bars"

    def why_minutes(self) -> str:
        """Why bars of a minute serve and not shorter ones."""
        if self._feeds.rare(SHORT):
            return f"on {MINUTE.words} bars: ticks come less than once in {SHORT.seconds} s"
        known = self._feeds.learned(SHORT).sessions
        return (
            f"on {MINUTE.words} bars until {ENOUGH} sessions of ticks are known: {known}/{ENOUGH}"
        )
