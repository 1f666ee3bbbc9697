"""The detectors of a broken link on bars of one size, a false-alarm budget each."""

from __future__ import annotations

import msgspec

from streams.bar_size import BarSize
from streams.beliefs import Belief
from streams.estimators.breakdown import Breakdown
from streams.estimators.latch import ONSET, Detector, S
from streams.estimators.warning import BreakdownWarning

_NOTHING = (None, 0.0, 0.0)


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """What a detector has added up against its threshold.

    Of a break; once that is found (`broken`), of the link's return. `since` (ns) is the onset of
    the break, or where the climb under way began; None where there is neither.
    """

    total: float
    threshold: float
    broken: bool
    since: int | None

    @property
    def share(self) -> float:
        """Of the threshold, 0 to 1."""
        return self.total / self.threshold


class Detectors:
    """Those asked for. Where the confirming ones are, it is they that say whether a break is on."""

    def __init__(self, size: BarSize) -> None:
        self.size = size
        self._breakdown: dict[float, Breakdown] = {}
        self._warning: dict[float, BreakdownWarning] = {}

    def get(self, metric: str, rate: float) -> Detector:
        """The detector with a budget of `rate` false alarms a session."""
        bars = self.size.session
        if metric == "breakdown":
            return self._breakdown.setdefault(rate, Breakdown(bars / rate, session_bars=bars))
        return self._warning.setdefault(rate, BreakdownWarning(bars / rate, session_bars=bars))

    def evidence(self, metric: str, rate: float) -> Evidence | None:
        """Of the detector with that budget, else of any of its kind; None where none watches."""
        kind = self._breakdown if metric == "breakdown" else self._warning
        detector = kind.get(rate) or next(iter(kind.values()), None)
        if detector is None or not detector.watches:
            return None
        state = detector.state
        since = int(state[ONSET]) if detector.climbing else None
        return Evidence(state[S], detector.h, detector.onset_ns is not None, since)

    @property
    def _all(self) -> tuple[Detector, ...]:
        return (*self._breakdown.values(), *self._warning.values())

    @property
    def _deciding(self) -> tuple[Detector, ...]:
        return tuple(self._breakdown.values()) or tuple(self._warning.values())

    @property
    def warned(self) -> bool:
        """Whether there are any that look at sizes of returns, not only at signs."""
        return bool(self._warning)

    @property
    def latched(self) -> bool:
        """Whether an alarm stands, be it a warning."""
        return any(detector.onset_ns is not None for detector in self._all)

    @property
    def apart(self) -> bool:
        """Whether the link counts as broken."""
        return any(detector.onset_ns is not None for detector in self._deciding)

    @property
    def climbing(self) -> bool:
        """Whether there is evidence of a break, or it is on."""
        return any(detector.climbing for detector in self._deciding)

    def update(
        self, returns: tuple[float, float], scale: tuple[float, float], end: int, p0: Belief | None
    ) -> None:
        """The returns of the bar that ended at `end`, their usual sizes, and p0 where known."""
        x, y = returns
        known = (p0.value, p0.dispersion.between, p0.dispersion.within) if p0 else _NOTHING
        for breakdown in self._breakdown.values():
            breakdown.update(x, y, end, *known)
        for warning in self._warning.values():
            warning.update(x / scale[0], y / scale[1], end, *known)

    def solve(self, p0: Belief) -> None:
        """Find the thresholds of a p0, so that the next bar does not wait for them."""
        for detector in self._all:
            detector.threshold(p0.value, p0.dispersion.between, p0.dispersion.within)

    def new_session(self) -> bool:
        """Sums restart; True where a break has become the new normal."""
        renewed = [detector.new_session() for detector in self._all]
        return any(renewed)

    def break_(self) -> None:
        """Sums restart, alarms stand."""
        for detector in self._all:
            detector.break_()
