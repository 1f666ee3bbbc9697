"""The bars on which a broken link is looked for: 15 s, or a minute until ticks are known well."""

from __future__ import annotations

from math import floor, log2

import msgspec

_SESSION_SECONDS = 23_400
_HALF_HOUR = 1800
_TICKS = 32
"""In a bar: with more the share in step hardly changes."""


class BarSize(msgspec.Struct, frozen=True):
    """Bars of so many seconds, and what goes with them."""

    seconds: int
    words: str = ""
    """What they are called."""

    @property
    def session(self) -> float:
        """Bars in a session."""
        return _SESSION_SECONDS / self.seconds

    @property
    def block(self) -> int:
        """Bars in half an hour."""
        return max(_HALF_HOUR // self.seconds, 1)

    @property
    def enough(self) -> int:
        """Nonzero bars from which p0 may be learned: half of what five sessions have."""
        return round(5 * self.session / 2)

    @property
    def octaves(self) -> tuple[int, int]:
        """Of the slower leg's ticks a minute: from one tick a bar, to where more change nothing."""
        return floor(log2(60 / self.seconds)), floor(log2(_TICKS * 60 / self.seconds))


SHORT = BarSize(15, "15-second")
MINUTE = BarSize(60, "one-minute")
SIZES = SHORT, MINUTE
