"""Lead-lag: the correlation of x with y a while later, over a grid of lags, online.

Hoffmann, Rosenbaum and Yoshida (2013): U(lag) is the Hayashi-Yoshida covariation of x at t with y
at t + lag, and the lag sought is where |U| is largest. Positive: x moves first. (The literature
has both signs.) The sum telescopes: an x interval from t0 to t1 adds its return times
`y[first tick at or after t1 + lag] - y[last tick at or before t0 + lag]`. So an interval waits
until y has gone on past the largest lag, and then costs one product a lag.

Times are seconds of trading time, prices are logarithms, ticks come in order of time; of several
of a leg at one instant the last counts. What the figures are worth is for `lead_claim` to say:
stamps made on receipt, or floored, give leads that are not there, of any significance.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, sqrt

from streams.estimators.decay import rate
from streams.estimators.state import restored
from streams.snapshot import Reading

_RESIDUE = 1e-20
"""Variance of log prices below which there is only rounding."""

LIVE, NOW = range(2)  # which legs have a price (1, 2, 3 = both); the last tick
X_FIRST, X_COUNT = range(2, 4)  # where the oldest open interval begins; ticks held
Y_FIRST, Y_COUNT, Y_SEEN = range(4, 7)  # last one before every lag; ticks held; last one in VY
VX, VY = range(7, 9)  # variations
TIME, NX, NY = range(9, 12)  # seconds taken in, and the ticks of each leg
HEAD = 12  # then a covariation a lag, and (time, price) of each tick of x held, of each of y


def size(lags: int, capacity: int) -> int:
    """Length of the state of so many lags and so many ticks a leg."""
    return HEAD + lags + 4 * capacity


def grid(largest: float, step: float) -> tuple[float, ...]:
    """The multiples of `step` from -`largest` to `largest`, in seconds.

    >>> grid(1.0, 0.5)
    (-1.0, -0.5, 0.0, 0.5, 1.0)
    """
    half = round(largest / step)
    return tuple(i * step for i in range(-half, half + 1))


def x_head(lags: list[float]) -> int:
    """Where the ticks of x are held."""
    return HEAD + len(lags)


def y_head(s: list[float], lags: list[float]) -> int:
    """Where those of y are: each leg has half of the place."""
    return (HEAD + len(lags) + len(s)) // 2


def close_interval(s: list[float], lags: list[float], k: float) -> None:
    """Take in the oldest open interval of x, against the ticks of y held."""
    at = x_head(lags) + 2 * int(s[X_FIRST])
    t0 = s[at]
    t1 = s[at + 2]
    r = s[at + 3] - s[at + 1]
    f = exp(k * (t1 - t0))
    head = y_head(s, lags)
    last = head + 2 * int(s[Y_COUNT]) - 2
    before = head + 2 * int(s[Y_FIRST])
    after = before
    for i in range(len(lags)):
        start = t0 + lags[i]
        while before < last and s[before + 2] <= start:
            before += 2
        end = t1 + lags[i]
        while after < last and s[after] < end:
            after += 2
        if i == 0:
            s[Y_FIRST] = float((before - head) // 2)
        s[HEAD + i] = s[HEAD + i] * f + r * (s[after + 1] - s[before + 1])
    s[VX] = s[VX] * f + r * r
    s[VY] *= f
    s[TIME] = s[TIME] * f + (t1 - t0)
    s[NX] = s[NX] * f + 1.0
    s[NY] *= f
    see_y(s, head, t1)
    s[X_FIRST] += 1.0


def see_y(s: list[float], head: int, until: float) -> None:
    """Let the returns of y up to `until` into its variation."""
    at = head + 2 * int(s[Y_SEEN])
    last = head + 2 * int(s[Y_COUNT]) - 2
    while at < last and s[at + 2] <= until:
        dy = s[at + 3] - s[at + 1]
        s[VY] += dy * dy
        s[NY] += 1.0
        at += 2
    s[Y_SEEN] = float((at - head) // 2)


def close_ripe(s: list[float], lags: list[float], k: float) -> None:
    """Take in the intervals of x past whose largest lag y has gone on."""
    y_last = s[y_head(s, lags) + 2 * int(s[Y_COUNT]) - 2]
    ripe = y_last - lags[len(lags) - 1]
    head = x_head(lags) + 2
    while s[X_FIRST] + 1.0 < s[X_COUNT] and s[head + 2 * int(s[X_FIRST])] <= ripe:
        close_interval(s, lags, k)


def break_off(s: list[float], lags: list[float], k: float) -> None:
    """Take in what waits as it stands, and forget the prices."""
    if s[LIVE] == 3.0:
        while s[X_FIRST] + 1.0 < s[X_COUNT]:
            close_interval(s, lags, k)
        see_y(s, y_head(s, lags), inf)
    s[LIVE] = 0.0
    s[X_FIRST] = s[X_COUNT] = 0.0
    s[Y_FIRST] = s[Y_SEEN] = s[Y_COUNT] = 0.0


def make_room(s: list[float], lags: list[float], k: float, head: int, first: int) -> int:
    """Move the ticks still needed to the front of their half, and tell by how many places.

    `first` is the index of the leg's first needed tick, and `first + 1` that of its count. Where
    all are needed, the other leg has been silent too long to wait for: that is a break.
    """
    shift = int(s[first])
    if shift == 0:
        break_off(s, lags, k)
        return 0
    count = int(s[first + 1])
    for i in range(head + 2 * shift, head + 2 * count):
        s[i - 2 * shift] = s[i]
    s[first] = 0.0
    s[first + 1] = float(count - shift)
    return shift


def put(s: list[float], head: int, count: int, t: float, price: float) -> float:
    """Hold a tick, in place of one at the same instant; tells how many are held now."""
    if count > 0 and s[head + 2 * count - 2] == t:
        count -= 1
    s[head + 2 * count] = t
    s[head + 2 * count + 1] = price
    s[NOW] = t
    return count + 1.0


def x_tick(s: list[float], lags: list[float], k: float, t: float, x: float) -> None:
    """Take in a price of x at `t`; time that steps back counts as standing still."""
    head = x_head(lags)
    t = max(t, s[NOW])
    if head + 2 * int(s[X_COUNT]) == y_head(s, lags):
        make_room(s, lags, k, head, X_FIRST)
    if s[LIVE] != 3.0:
        s[LIVE] = 3.0 if s[LIVE] == 2.0 else 1.0
        s[X_COUNT] = 0.0
    s[X_COUNT] = put(s, head, int(s[X_COUNT]), t, x)


def y_tick(s: list[float], lags: list[float], k: float, t: float, y: float) -> None:
    """Take in a price of y at `t`, likewise."""
    head = y_head(s, lags)
    t = max(t, s[NOW])
    if s[LIVE] == 3.0 and s[head + 2 * int(s[Y_COUNT]) - 2] < t:
        close_ripe(s, lags, k)
    if head + 2 * int(s[Y_COUNT]) == len(s):
        s[Y_SEEN] -= make_room(s, lags, k, head, Y_FIRST)
    if s[LIVE] != 3.0:
        s[LIVE] = 3.0 if s[LIVE] == 1.0 else 2.0
        s[Y_COUNT] = 0.0
    s[Y_COUNT] = put(s, head, int(s[Y_COUNT]), t, y)


class LeadLag:
    """The profile of correlations over `lags`, with weights that halve every `halflife` seconds.

    `lags` rise and lie symmetrically about 0, in seconds (see `grid`); `capacity` is how many
    ticks of a leg can wait for the other before the wait counts as a break. The newest ticks, as
    far back as the largest lag, count only when the other leg has gone on, or at a break.

    >>> pair = LeadLag(grid(4.0, 1.0))
    >>> price = [(i * i) % 7 * 1e-3 for i in range(300)]
    >>> for i in range(4, 300):
    ...     pair.both_tick(float(i), price[i], price[i - 2])
    >>> pair.value().value
    2.0
    """

    __slots__ = ("_k", "_lags", "state")

    def __init__(
        self,
        lags: Sequence[float],
        halflife: float = inf,
        capacity: int = 1024,
        state: list[float] | None = None,
    ) -> None:
        self._lags = list(lags)
        if not self._lags or self._lags != sorted({-lag for lag in self._lags}):
            raise ValueError("lags must rise and lie symmetrically about 0")
        self.state = restored(size(len(self._lags), capacity), state)
        self._k = rate(halflife)

    def x_tick(self, t: float, x: float) -> None:
        """A log price of x at trading time `t`, in seconds."""
        x_tick(self.state, self._lags, self._k, t, x)

    def y_tick(self, t: float, y: float) -> None:
        """A log price of y at trading time `t`, in seconds."""
        y_tick(self.state, self._lags, self._k, t, y)

    def both_tick(self, t: float, x: float, y: float) -> None:
        """Log prices of both, stamped alike."""
        self.x_tick(t, x)
        self.y_tick(t, y)

    def break_(self) -> None:
        """Take in what waits, forget the prices, keep what was learned."""
        break_off(self.state, self._lags, self._k)

    def new_session(self) -> None:
        """Forget everything, and what waits too: a profile of the session is had after `break_`."""
        self.state[:] = [0.0] * len(self.state)

    @property
    def gap(self) -> float | None:
        """The mean seconds between ticks of the slower leg; None before there are any."""
        s = self.state
        ticks = min(s[NX], s[NY])
        return s[TIME] / ticks if ticks > 0.0 else None

    def profile(self) -> tuple[tuple[float, float], ...]:
        """(lag, correlation) for each lag; empty where a leg has not moved."""
        s = self.state
        if s[VX] < _RESIDUE or s[VY] < _RESIDUE:
            return ()
        scale = sqrt(s[VX] * s[VY])
        return tuple((lag, s[HEAD + i] / scale) for i, lag in enumerate(self._lags))

    def llr(self, beyond: float = 0.0) -> float | None:
        """Squared correlation at lags above `beyond` over that below -`beyond`.

        Above 1: x moves first. None where there are no such lags, or nothing at them.
        """
        ahead = behind = 0.0
        for lag, rho in self.profile():
            if lag > beyond:
                ahead += rho * rho
            elif lag < -beyond:
                behind += rho * rho
        return ahead / behind if behind > 0.0 else None

    def value(self, min_ticks: int = 100) -> Reading:
        """The lag of the largest correlation, in seconds; `n` is the ticks of the slower leg.

        Of two equal the one nearer 0. It describes the data; whether it is a lead is another
        question (`lead_claim`).
        """
        n = min(self.state[NX], self.state[NY])
        if n < min_ticks - 0.5:
            return Reading(None, f"warming up {n:.0f}/{min_ticks}", n=n)
        profile = self.profile()
        if not profile:
            return Reading(None, "constant", n=n)
        lag, rho = max(profile, key=lambda at: (abs(at[1]), -abs(at[0])))
        return Reading(lag, n=n, note=f"correlation {rho:.2f} there")
