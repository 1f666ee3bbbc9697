"""What detectors of a broken link share: a sum of evidence, its alarm, and the way back.

The evidence of a bar is the log of how much likelier it is with no link than with the usual one.
Its sum S never falls below 0, and alarms at h. From then on the mirrored sum, of evidence for the
link, has to reach h to restore it. What S is held against (p0, h) is taken up only while it is 0
and the link holds: a break under way does not teach itself.
"""

from __future__ import annotations

from math import log

from streams.estimators.state import restored
from streams.snapshot import Reading

WEAKEST = 0.58
"""The p0 below which a break could not be told from the link within a day or two."""

STRONGEST = 0.95
"""A p0 above is taken for this one."""

NEW_NORMAL = 5
"""Sessions apart after which that is what is normal."""

# P0, LOW (its lower bound) and H are those in use, 0 where unknown; H alone where the link is not
# watched. ONSET is that of the climb under way until it alarms, then that of the break. Bars end
# on whole seconds: multiples of 512 ns, exact in a float to 2116.
S, BROKEN, P0, LOW, H, ONSET, SESSIONS, RENEWED = range(8)
SIZE = 8


def take_up(s: list[float], ts: float, p0: float, low: float, h: float) -> None:
    """Use `p0` and `h` from the bar that ends at `ts`, if S is 0 and the link holds."""
    if s[S] <= 0.0 and s[BROKEN] == 0.0:
        s[P0] = p0
        s[LOW] = low
        s[H] = h
        s[ONSET] = ts


def add(s: list[float], evidence: float) -> None:
    """Take in one bar's evidence of a break; H must be positive.

    >>> state = [0.0] * SIZE
    >>> state[H] = 3.0
    >>> for _ in range(2):
    ...     add(state, 2.0)
    >>> state[S], state[BROKEN]
    (0.0, 1.0)
    """
    s[S] = max(0.0, s[S] - evidence if s[BROKEN] != 0.0 else s[S] + evidence)
    if s[S] >= s[H]:
        s[BROKEN] = 1.0 - s[BROKEN]
        s[S] = s[SESSIONS] = 0.0


def begin_session(s: list[float]) -> bool:
    """S restarts, a break stays one; True where it has lasted so long that it is the new normal."""
    s[S] = s[RENEWED] = 0.0
    if s[BROKEN] == 0.0:
        return False
    s[SESSIONS] += 1.0
    if s[SESSIONS] < NEW_NORMAL:
        return False
    for at in range(SIZE):
        s[at] = 0.0
    s[RENEWED] = 1.0
    return True


class Detector:
    """A latched detector; its kinds say what the evidence of a bar is, and which h it takes."""

    __slots__ = ("_arl", "_offer", "_told", "state")

    def __init__(self, size: int, arl_bars: float, state: list[float] | None) -> None:
        self.state = restored(size, state)
        self._arl = arl_bars
        self._told: tuple[float, float, float] | None = None
        self._offer = (0.0, 0.0, 0.0)

    def threshold(self, p0: float, between: float, within: float) -> float | None:
        """The h of a p0; None where p0 moves too much to be watched."""
        raise NotImplementedError

    def _prepare(self, ts_ns: int, p0: float | None, between: float, within: float) -> None:
        """Take up what is now known of the link, if this is the time for it."""
        if self.climbing:
            return
        told = (p0 or 0.0, between, within)
        if told != self._told:
            self._told = told
            self._offer = self._figures(*told)
        take_up(self.state, float(ts_ns), *self._offer)

    def _figures(self, p0: float, between: float, within: float) -> tuple[float, float, float]:
        """p0, its lower bound and h; h is 0 where the link is not watched."""
        p0 = min(p0, STRONGEST)
        low = p0 - between
        h = self.threshold(p0, between, within) if low >= WEAKEST else None
        return p0, low, h or 0.0

    def new_session(self) -> bool:
        """A session begins: S restarts, a break stays one, for five sessions.

        True where a break has become the new normal, and p0 is to be learned afresh.
        """
        return begin_session(self.state)

    def break_(self) -> None:
        """Prices come from elsewhere now: S restarts, a break stays one."""
        self.state[S] = 0.0

    @property
    def climbing(self) -> bool:
        """Whether there is evidence of a break, or an alarm stands."""
        return self.state[S] > 0.0 or self.state[BROKEN] != 0.0

    @property
    def watches(self) -> bool:
        """Whether there is a threshold for what is known of the link."""
        return self.state[H] > 0.0

    @property
    def onset_ns(self) -> int | None:
        """The end of the first bar of the climb that alarmed; None while the link holds."""
        return int(self.state[ONSET]) if self.state[BROKEN] != 0.0 else None

    @property
    def p0(self) -> float | None:
        """The p0 in use."""
        return self.state[P0] or None

    @property
    def h(self) -> float:
        """The threshold in use; ln ARL, which is never too low, while there is none."""
        return self.state[H] or log(self._arl)

    def value(self) -> Reading:
        """True from an alarm to the restoration; None where there is no link to watch."""
        s = self.state
        if s[BROKEN] != 0.0:
            return Reading(value=True)
        if s[H] > 0.0:
            return Reading(value=False)
        if s[RENEWED] != 0.0:
            return Reading(value=False, note=f"apart for {NEW_NORMAL} sessions: the new normal")
        if s[P0] <= 0.0:
            return Reading(None, "link not learned yet")
        weak = s[LOW] < WEAKEST
        return Reading(None, "link too weak to watch" if weak else "link too unsteady to watch")
