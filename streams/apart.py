"""Whether one pair has come apart: detectors, what they are held against, and the likely cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from streams.bar_size import MINUTE, SHORT, SIZES, BarSize
from streams.beliefs import Belief, Prior
from streams.detectors import Detectors, Evidence
from streams.estimators.breakdown import expected_delay_bars
from streams.estimators.cause import Cause
from streams.estimators.latch import Detector
from streams.estimators.profile import Profile
from streams.estimators.warning import BreakdownWarning, expected_warning_bars
from streams.instrument import NS
from streams.known import Known
from streams.snapshot import Reading

_NEW_YORK = ZoneInfo("America/New_York")

_CAUSES = {
    "noise": "it looks like noise of its own",
    "beta": "it looks like a lost beta",
    "undetermined": "the cause is not clear",
}


class Apart:
    """The detectors of a pair, on the bars that what is known of it allows; in regular hours."""

    def __init__(self, prior: Prior) -> None:
        self.known = Known(prior)
        self._detectors = {size.seconds: Detectors(size) for size in SIZES}
        self._size = MINUTE
        self._p0 = self.known.belief(MINUTE)
        self._renewed = False
        self._profiles = Profile(), Profile()
        self._cause = Cause()

    def reader(self, metric: str, rate: float) -> Callable[[], Reading]:
        """What answers for a detector with a budget of `rate` false alarms a session."""
        for detectors in self._detectors.values():
            detectors.get(metric, rate)
        # The first solution takes long; better now than between two ticks.
        _delay_minutes(0.7, 7.0, MINUTE)
        if self._p0 is not None:
            self._watch.solve(self._p0)
        return lambda: self._reading(self._watch.get(metric, rate))

    @property
    def _watch(self) -> Detectors:
        """The detectors in use."""
        return self._detectors[self._size.seconds]

    @property
    def p0(self) -> Belief | None:
        """The usual share of bars, of the size in use, in which both move the same way."""
        return self._p0

    def use(self, venues: tuple[str, str]) -> None:
        """The venues of both legs: what was learned on others does not hold for them."""
        if self.known.use(venues):
            self._watch.break_()
        self._settle()

    def new_session(self) -> None:
        """A session begins: sums restart, alarms stand, what was learned counts."""
        renewed = [each.new_session() for each in self._detectors.values()]
        self._renewed = any(renewed)
        self.known.new_session()
        for profile in self._profiles:
            profile.new_session()
        if self._renewed:
            self.known.begin_afresh()
        self._settle()

    def _settle(self) -> None:
        """Take up what is known now; the size of bars stays while an alarm does, or just ended.

        Thresholds are solved at once, so that the next bar does not wait for them.
        """
        if not (self._watch.latched or self._renewed):
            size = SHORT if self.known.belief(SHORT) else MINUTE
            if size is not self._size:
                self._watch.break_()
                self._size = size
        if not self._watch.climbing:
            self.known.mark()
        self._p0 = self.known.belief(self._size)
        if self._p0 is not None:
            self._watch.solve(self._p0)

    def bar(  # noqa: PLR0917  # what a bar has
        self,
        x: float,
        y: float,
        end: int,
        minute: int,
        beta: float | None,
        ages: tuple[float, float],
    ) -> None:
        """The returns of the short bar that ended at `end`, in a minute of the session.

        `ages` are those of both last ticks at that time, in seconds.
        """
        self.known.ages(*ages)
        self._update(SHORT, x, y, end, minute)
        if beta is not None:
            self._cause.update(x - beta * y, y, climbing=self._watch.climbing)

    def minute(self, x: float, y: float, end: int, minute: int) -> None:
        """The returns of one minute of the session, which ended at `end`."""
        self._update(MINUTE, x, y, end, minute)
        for profile, r in zip(self._profiles, (x, y), strict=True):
            profile.update(minute, r)
        if self.known.slow_down():
            self._watch.break_()
            self._settle()

    def _update(self, size: BarSize, x: float, y: float, end: int, minute: int) -> None:
        detectors, watch = self._detectors[size.seconds], self._watch
        scale = (1.0, 1.0)
        if detectors.warned:
            scale = self._profiles[0].scale(minute), self._profiles[1].scale(minute)
        detectors.update((x, y), scale, end, self._p0 if detectors is watch else None)
        self.known.update(size, x, y, apart=watch.apart, climbing=watch.climbing)

    def delay_minutes(self, rate: float) -> float | None:
        """Minutes that a full break takes to find, on average; None while that is not known."""
        if self._p0 is None:
            return None
        p0, spread = self._p0.value, self._p0.dispersion
        detector = self._watch.get("breakdown", rate)
        h = detector.threshold(p0, spread.between, spread.within)
        return None if h is None else _delay_minutes(round(p0, 3), round(h, 2), self._size)

    def evidence(self, metric: str, rate: float) -> Evidence | None:
        """What a detector that was asked for has added up; None where it does not watch."""
        return self._watch.evidence(metric, rate)

    def _reading(self, detector: Detector) -> Reading:
        """What a detector says, since when, and how long it takes to say it."""
        found = detector.value()
        if found.value is None:
            return found if self._p0 is not None else Reading(None, self.known.missing())
        n = self._p0.n if self._p0 is not None else None
        return msgspec.structs.replace(found, n=n, note=self._note(detector, found.note))

    def _note(self, detector: Detector, note: str) -> str:
        p0, onset, size = self._p0, detector.onset_ns, self._size
        parts = [note]
        if onset:
            parts.append(f"apart since about {_clock(onset)} New York")
        if p0 is not None:
            share = f"usual share of {size.words} bars in step {p0.value:.0%}, {p0.source}"
            parts += [share, self.known.why_minutes() if size is MINUTE else ""]
        if detector.p0 is not None:
            minutes = _detector_minutes(detector, detector.p0, size)
            parts.append(f"a full break takes about {minutes:.0f} min to find")
        if onset:
            parts.append(("" if self._cause.settled else "so far ") + _CAUSES[self._cause.label])
        return "; ".join(part for part in parts if part)


def _detector_minutes(detector: Detector, p0: float, size: BarSize) -> float:
    p0, h = round(p0, 3), round(detector.h, 2)
    if isinstance(detector, BreakdownWarning):
        return expected_warning_bars(p0, h) * size.seconds / 60
    return _delay_minutes(p0, h, size)


@lru_cache(maxsize=256)
def _delay_minutes(p0: float, h: float, size: BarSize) -> float:
    return expected_delay_bars(p0, h) * size.seconds / 60


def _clock(ts: int) -> str:
    return datetime.fromtimestamp(ts // NS, _NEW_YORK).strftime("%H:%M")
