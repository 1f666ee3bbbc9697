"""Who moved first in the move of the last hour, say: told where both feeds' stamps can carry it."""

from __future__ import annotations

from collections import deque

from streams.estimators.first_mover import first_mover, first_mover_text
from streams.estimators.lead_claim import Stamps, refusal, veto
from streams.snapshot import Reading

_MIN_BARS = 20


class FirstMove:
    """Short bars of both legs since the session began or a break, as far back as `horizon`.

    A description, worked out when it is asked for. None where a feed is polled or stamps on
    receipt; a difference that is within the gaps between ticks, or what stamps resolve, is 0.
    `x` and `y` are the legs' names; seconds throughout.
    """

    def __init__(self, x: str, y: str, horizon: float, bar: float) -> None:
        self._names = x, y
        self._bar = bar
        self._bars: deque[tuple[float, float, float, float]] = deque(maxlen=round(horizon / bar))
        self._stamps: tuple[Stamps, Stamps] | None = None
        self._held: Reading | None = None

    def use(self, x: Stamps, y: Stamps) -> None:
        """How the feeds in use stamp their ticks."""
        self._stamps = x, y
        self._held = None

    def break_(self) -> None:
        """What came before is not of one move with what comes next."""
        self._bars.clear()
        self._held = None

    def bar(self, x: float, y: float, ages: tuple[float, float]) -> None:
        """The returns of a bar, and the ages of both last ticks at its end."""
        self._bars.append((x, y, *ages))
        self._held = None

    def reading(self) -> Reading:
        """Seconds by which x had covered half of its move before y; negative where y was first."""
        if self._held is None:
            self._held = self._found()
        return self._held

    def _found(self) -> Reading:
        if self._stamps is None:
            return Reading(None, "no data yet")
        for name, stamps in zip(self._names, self._stamps, strict=True):
            if refused := refusal(name, stamps):
                return Reading(None, f"who moved first cannot be told: {refused}")
        n = len(self._bars)
        if n < _MIN_BARS:
            return Reading(None, f"warming up {n}/{_MIN_BARS}", n=float(n))
        x, y, x_ages, y_ages = zip(*self._bars, strict=True)
        found = first_mover(x, y, self._names)
        if found.value is None:
            return found
        seconds = self._bar * float(found.value)
        if abs(seconds) <= veto(*self._stamps, max(sum(x_ages), sum(y_ages)) / n):
            seconds = 0.0
        text = first_mover_text(seconds, *self._names, span=n * self._bar)
        return Reading(seconds, n=found.n, note=text)
