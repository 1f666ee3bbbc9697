"""Whether one pair has come apart: detectors, what they are held against, and the likely cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from streams.beliefs import Belief, Prior, concordance_belief
from streams.estimators.breakdown import Breakdown, expected_delay_bars
from streams.estimators.cause import Cause
from streams.estimators.concordance import Concordance
from streams.estimators.latch import Detector
from streams.estimators.profile import Profile
from streams.estimators.warning import BreakdownWarning, expected_warning_bars
from streams.instrument import NS
from streams.snapshot import Reading

_BARS_A_SESSION = 1560
_BARS_A_MINUTE = 4
_NEW_YORK = ZoneInfo("America/New_York")
_ANYWHERE = ("", "")

_CAUSES = {
    "noise": "so far it looks like noise of its own",
    "beta": "so far it looks like a lost beta",
    "undetermined": "the cause is not clear yet",
}


class Apart:
    """The detectors of a pair on short bars.

    p0 is learned for each pair of venues apart: it depends on how often they print.
    """

    def __init__(self, prior: Prior) -> None:
        self._prior = prior
        self._key = _ANYWHERE
        self._learned = {_ANYWHERE: Concordance()}
        self._breakdown: dict[float, Breakdown] = {}
        self._warning: dict[float, BreakdownWarning] = {}
        self._profiles = Profile(), Profile()
        self._cause = Cause()

    def reader(self, metric: str, rate: float) -> Callable[[], Reading]:
        """What answers for a detector with a budget of `rate` false alarms a session."""
        detector = self._detector(metric, _BARS_A_SESSION / rate, rate)
        # The first solution takes long; better now than between two ticks.
        _delay_minutes(0.7, detector.h)
        return lambda: self._reading(detector)

    def _detector(self, metric: str, arl: float, rate: float) -> Detector:
        if metric == "breakdown":
            return self._breakdown.setdefault(rate, Breakdown(arl))
        return self._warning.setdefault(rate, BreakdownWarning(arl))

    @property
    def _detectors(self) -> tuple[Detector, ...]:
        return (*self._breakdown.values(), *self._warning.values())

    def use(self, key: tuple[str, str]) -> None:
        """The venues of both legs: what was learned on others does not hold for them."""
        if key == self._key:
            return
        if self._key == _ANYWHERE:
            # What history taught, it taught of the venues we begin with.
            self._learned[key] = self._learned.pop(_ANYWHERE)
        else:
            for detector in self._detectors:
                detector.break_()
        self._learned.setdefault(key, Concordance())
        self._key = key

    def new_session(self) -> None:
        """A session begins: sums restart, alarms stand, what was learned counts."""
        renewed = [detector.new_session() for detector in self._detectors]
        for learned in self._learned.values():
            learned.new_session()
        for profile in self._profiles:
            profile.new_session()
        if any(renewed):
            self._learned[self._key].forget()
        p0 = self.p0
        if p0 is not None:
            # Solved now, so that the first bar of the session does not wait for it.
            for detector in self._detectors:
                detector.threshold(p0.value, p0.dispersion.between, p0.dispersion.within)

    def bar(self, x: float, y: float, end: int, minute: int, beta: float | None) -> None:
        """The returns of the short bar that ended at `end`, in a minute of the session."""
        p0 = self.p0
        value = p0.value if p0 else None
        between, within = (p0.dispersion.between, p0.dispersion.within) if p0 else (0.0, 0.0)
        for breakdown in self._breakdown.values():
            breakdown.update(x, y, end, value, between, within)
        if self._warning:
            zx, zy = (
                r / profile.scale(minute) for r, profile in zip((x, y), self._profiles, strict=True)
            )
            for warning in self._warning.values():
                warning.update(zx, zy, end, value, between, within)
        if not any(breakdown.onset_ns for breakdown in self._breakdown.values()):
            self._learned[self._key].update(x, y)
        if beta is not None:
            climbing = any(breakdown.climbing for breakdown in self._breakdown.values())
            self._cause.update(x - beta * y, y, climbing=climbing)

    def minute(self, x: float, y: float, minute: int) -> None:
        """The returns of one minute of the session."""
        for profile, r in zip(self._profiles, (x, y), strict=True):
            profile.update(minute, r)

    @property
    def p0(self) -> Belief | None:
        """The usual share of short bars in which both move the same way."""
        return concordance_belief(self._learned[self._key], self._prior)

    def delay_minutes(self, rate: float) -> float | None:
        """Minutes that a full break takes to find, on average; None while that is not known."""
        p0 = self.p0
        if p0 is None or rate not in self._breakdown:
            return None
        detector = self._breakdown[rate]
        h = detector.threshold(p0.value, p0.dispersion.between, p0.dispersion.within)
        return None if h is None else _delay_minutes(round(p0.value, 3), round(h, 2))

    def _reading(self, detector: Detector) -> Reading:
        """What a detector says, since when, and how long it takes to say it."""
        p0, found = self.p0, detector.value()
        if p0 is None and found.value is None:
            return Reading(None, "no p0 yet: " + self._learned[self._key].value().reason)
        if p0 is None or found.value is None:
            return found
        return msgspec.structs.replace(found, n=p0.n, note=self._note(detector, p0))

    def _note(self, detector: Detector, p0: Belief) -> str:
        onset = detector.onset_ns
        used = round(detector.p0 or p0.value, 3)
        h = round(detector.h, 2)
        if isinstance(detector, BreakdownWarning):
            minutes = expected_warning_bars(used, h) / _BARS_A_MINUTE
        else:
            minutes = _delay_minutes(used, h)
        parts = [
            f"usual share of bars in step {p0.value:.0%}, {p0.source}",
            f"a full break takes about {minutes:.0f} min to find",
        ]
        if onset:
            parts.insert(0, f"apart since about {_clock(onset)} New York")
            parts.append(_CAUSES[self._cause.label])
        return "; ".join(parts)


@lru_cache(maxsize=256)
def _delay_minutes(p0: float, h: float) -> float:
    return expected_delay_bars(p0, h) / _BARS_A_MINUTE


def _clock(ts: int) -> str:
    return datetime.fromtimestamp(ts // NS, _NEW_YORK).strftime("%H:%M")
