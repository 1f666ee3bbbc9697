"""Sessions of bars to feed the detectors of a pair with."""

from __future__ import annotations

import numpy as np

from streams.apart import Apart
from streams.beliefs import Prior
from streams.instrument import NS

OPEN = 1_773_754_200 * NS
"""2026-03-17 09:30 New York."""
DAY = 86_400 * NS
BARS = 1560
VENUES = ("coinbase", "alpaca")
MONTH = 1 / 21


class Player:
    """Plays sessions of 15 s bars into an `Apart`, and their minutes."""

    def __init__(self, prior: Prior | None = None, venues: tuple[str, str] = VENUES) -> None:
        self.apart = Apart(prior or Prior())
        self.readers = {
            name: self.apart.reader(name, MONTH) for name in ("breakdown", "breakdown_warning")
        }
        self.apart.use(venues)
        self.day = 0
        self.bar = 0

    def open(self) -> None:
        """Begin the next session."""
        self.apart.new_session()
        self.day += 1
        self.bar = 0

    def play(self, bars: int, rho: float = 0.6, age: float = 1.5, seed: int = 0) -> None:
        """Bars of the session; `age` is that of the slower leg's last tick."""
        rng = np.random.default_rng([seed, self.day, self.bar])
        free = rng.standard_normal((bars, 2)) * 1e-4
        free[:, 0] = rho * free[:, 1] + np.sqrt(1 - rho * rho) * free[:, 0]
        minute = [0.0, 0.0]
        for x, y in free.tolist():
            self.bar += 1
            end = OPEN + self.day * DAY + self.bar * 15 * NS
            self.apart.bar(x, y, end, self.bar // 4, 0.7, (0.5, age))
            minute = [minute[0] + x, minute[1] + y]
            if self.bar % 4 == 0:
                self.apart.minute(minute[0], minute[1], end, self.bar // 4 - 1)
                minute = [0.0, 0.0]

    def sessions(self, count: int, rho: float = 0.6, age: float = 1.5) -> None:
        """Whole sessions."""
        for _ in range(count):
            self.open()
            self.play(BARS, rho, age)

    def note(self, metric: str = "breakdown") -> str:
        """What its reading says beside its value."""
        return self.readers[metric]().note

    def reason(self, metric: str = "breakdown") -> str:
        """Why it says nothing."""
        reading = self.readers[metric]()
        assert reading.value is None
        return reading.reason

    def says(self, metric: str = "breakdown") -> float | bool | None:
        """What it says."""
        return self.readers[metric]().value
