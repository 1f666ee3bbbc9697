"""Whether one leg moves first: what the feeds' stamps can carry, a verdict a day, days together.

No statistic undoes a false stamp. Where a feed is polled or stamps on receipt, the other one
leads in every sample, at any significance, so nothing is claimed. Elsewhere a lag counts beyond
the veto: the largest of the slower leg's mean gap, the stamps' resolution and the delay they may
have. A day speaks for a leader where its lag is beyond the veto, by a step of the grid at least (to
which it is rounded), and the squared correlations beyond twice the veto lean the same way.

A claim needs 18 of the last 20 days with the same leader; days that speak for neither count
against. It may be looked at every day: were each day a toss of a coin, a false claim would come
up in 3.4 % of years (17 of 20: 17 %), and in 0.7 % where one day in ten speaks for neither. (A
betting process would need 10 days instead of 19 where 95 % of days are right, but never forgets:
a lead that has gone would stay claimed.)
"""

from __future__ import annotations

from statistics import median

import msgspec

from streams.estimators.lead_lag import LeadLag
from streams.estimators.state import restored
from streams.instrument import NS

DAYS = 20
NEEDED = 18

SEEN = 0  # days taken in
HEAD = 1  # then the lags of the last days, each in the place of the day it replaces; 0 for none
SIZE = HEAD + DAYS


class Stamps(msgspec.Struct, frozen=True, gc=False):
    """How a feed stamps its ticks. Durations are ns.

    `by_venue` where the stamp is the venue's own of the trade or quote, not one of its receipt by
    us or by a vendor; `delay` is the most by which it may be late, as the venue states it.
    """

    by_venue: bool
    resolution: int
    polled: bool = False
    delay: int = 0


class Claim(msgspec.Struct, frozen=True, gc=False):
    """What may be said of who moves first.

    `seconds` is positive where x does, None where no lead is claimed; `days` of the last `of`
    days spoke for the leader (the likelier one where none is claimed).
    """

    seconds: float | None
    sentence: str
    days: int = 0
    of: int = 0


def refusal(name: str, stamps: Stamps) -> str:
    """Why this feed can carry no lead at all; empty where it can."""
    if stamps.polled:
        return f"{name}'s feed is polled"
    if not stamps.by_venue:
        return f"{name}'s feed is stamped on receipt"
    return ""


def veto(x: Stamps, y: Stamps, gap: float) -> float:
    """Seconds within which a lag says nothing; `gap` is between ticks of the slower leg."""
    coarsest = max(x.resolution, y.resolution, x.delay, y.delay)
    return max(gap, coarsest / NS)


def day_lag(pair: LeadLag, beyond: float) -> float:
    """The lag for which the profile of a day speaks, 0 where it speaks for none.

    >>> day = LeadLag((-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0))
    >>> price = [(i * i) % 11 * 1e-3 for i in range(300)]
    >>> for i in range(3, 300):
    ...     day.both_tick(float(i), price[i], price[i - 3])
    >>> day_lag(day, beyond=1.0), day_lag(day, beyond=3.0)
    (3.0, 0.0)
    """
    lag = pair.value().value
    lean = pair.llr(2.0 * beyond)
    if lag is None or lean is None:
        return 0.0
    nearer = max((abs(at) for at, _ in pair.profile() if abs(at) < abs(lag)), default=-1.0)
    agrees = (lag > 0.0) == (lean > 1.0)
    return float(lag) if agrees and nearer >= beyond else 0.0


def add_day(s: list[float], lag: float) -> None:
    """Put a day's lag in the place of the day `DAYS` before it."""
    s[HEAD + int(s[SEEN]) % DAYS] = lag
    s[SEEN] += 1.0


class LeadClaim:
    """Who moves first, over the days. `x` and `y` are the legs' names.

    >>> venue = Stamps(by_venue=True, resolution=1_000)
    >>> claim = LeadClaim("ETH", "IWM")
    >>> for day in range(20):
    ...     claim.add_day(-8.0 if day % 10 else 0.0)
    >>> claim.value(venue, venue).sentence
    'IWM moves first by 8 s (18 of 20 days)'
    """

    __slots__ = ("_x", "_y", "state")

    def __init__(self, x: str, y: str, state: list[float] | None = None) -> None:
        self.state = restored(SIZE, state)
        self._x = x
        self._y = y

    def close_day(self, pair: LeadLag, x: Stamps, y: Stamps) -> None:
        """A session has ended, `pair` holds its profile; nothing is learned from unfit feeds."""
        gap = pair.gap
        if gap is not None and self.carried(x, y):
            self.add_day(day_lag(pair, veto(x, y, gap)))

    def add_day(self, lag: float) -> None:
        """The lag for which a day spoke, 0 where for none."""
        add_day(self.state, lag)

    def carried(self, x: Stamps, y: Stamps) -> bool:
        """Whether feeds that stamp like this can carry a lead."""
        return not self._refusal(x, y)

    def value(self, x: Stamps, y: Stamps) -> Claim:
        """What may be said on feeds that stamp like this."""
        refused = self._refusal(x, y)
        if refused:
            return Claim(None, f"no lead can be claimed: {refused}")
        of = int(min(self.state[SEEN], DAYS))
        lags = self.state[HEAD : HEAD + of]
        ahead = [lag for lag in lags if lag > 0.0]
        behind = [lag for lag in lags if lag < 0.0]
        leading = max(ahead, behind, key=len)
        if len(leading) >= NEEDED:
            return self._lead(median(leading), len(leading), of)
        if of < NEEDED:
            return Claim(None, f"no lead can be claimed before {NEEDED} days: {of} so far", of=of)
        tally = f"{self._x} first on {len(ahead)} of {of} days, {self._y} on {len(behind)}"
        return Claim(None, f"no lead: {tally}; {NEEDED} are needed", len(leading), of)

    def _lead(self, seconds: float, days: int, of: int) -> Claim:
        leader = self._x if seconds > 0.0 else self._y
        sentence = f"{leader} moves first by {abs(seconds):g} s ({days} of {of} days)"
        return Claim(seconds, sentence, days, of)

    def _refusal(self, x: Stamps, y: Stamps) -> str:
        return refusal(self._x, x) or refusal(self._y, y)
