"""A claim as a statement that data can speak against."""

from __future__ import annotations

import msgspec

from daemon.claims.statistics.beyond import Beyond
from daemon.claims.statistics.correlation import Correlation, UpDown
from daemon.claims.statistics.driver import CommonDriver
from daemon.claims.statistics.easing import Easing
from daemon.claims.statistics.lead import Lead
from daemon.claims.statistics.own import OwnShare
from daemon.claims.statistics.partial import PartialCorrelation
from daemon.claims.statistics.rates import PolicyDays, RateSensitivity
from daemon.claims.statistics.rise import Alongside, Rise
from daemon.claims.statistics.strength import AtRecord, RelativeStrength
from daemon.claims.statistics.warning import EarlyWarning

AnyStatistic = (
    Alongside
    | AtRecord
    | Beyond
    | CommonDriver
    | Correlation
    | EarlyWarning
    | Easing
    | Lead
    | OwnShare
    | PartialCorrelation
    | PolicyDays
    | RateSensitivity
    | RelativeStrength
    | Rise
    | UpDown
)
"""The closed set: there is no other way to test a claim."""


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All figures above one, or all below one."""

    above: float | None = None
    below: float | None = None

    def __post_init__(self) -> None:
        """Raise ValueError unless it is one of the two."""
        if (self.above is None) == (self.below is None):
            raise ValueError("write either 'above' or 'below'")

    @property
    def bound(self) -> float:
        """Where it begins."""
        return float((self.above if self.below is None else self.below) or 0.0)

    def holds(self, low: float, high: float) -> bool:
        """Whether all from `low` to `high` is on this side."""
        return low >= self.bound if self.below is None else high <= self.bound

    @property
    def text(self) -> str:
        """`above 0.1`."""
        return f"{'above' if self.below is None else 'below'} {self.bound:g}".replace("-", "−")


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One claim: what the article says in `words`, and which figures would support or refute it.

    It is supported where the whole interval is on one side, refuted where it is on the other.
    """

    id: str
    words: str
    test: AnyStatistic
    supported: Side | None = None
    refuted: Side | None = None
    note: str = ""

    @property
    def series(self) -> str:
        """The series that it is tested on; empty where prices do."""
        if isinstance(self.test, CommonDriver | Easing | PolicyDays | RateSensitivity):
            return self.test.series
        return ""

    def __post_init__(self) -> None:
        """Raise ValueError where the sides are missing, or meet."""
        if isinstance(self.test, Beyond):
            return
        if self.supported is None or self.refuted is None:
            raise ValueError("write which figures make it 'supported', and which 'refuted'")
        up, down = self.supported, self.refuted
        if (up.below is None) == (down.below is None):
            raise ValueError("'supported' and 'refuted' are of opposite sides: above and below")
        over, under = (up, down) if up.below is None else (down, up)
        if over.bound < under.bound:
            raise ValueError("'supported' and 'refuted' must have no figure in common")
