"""What a false-alarm budget costs on a pair: thresholds, and how long breaks take to be found.

Pure computing: closes in, figures out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import asin, pi, sin

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.bar_size import BarSize
from streams.estimators.breakdown import WEAKEST, expected_delay_bars
from streams.estimators.concordance import Concordance
from streams.estimators.latch import BROKEN, P0, H
from streams.estimators.run_length import threshold
from streams.estimators.warning import HALFLIFE, MIN_BARS, SIZE, step, warning_threshold
from streams.history.prices import Prices
from streams.instrument import NS
from streams.sessions import Calendar

SHORT = 15
"""Seconds of the bars that ticks are made into."""

SIZES = (("gone", 0.0), ("a quarter left", 0.25), ("half left", 0.5))
"""Breaks, by the share of the correlation that remains."""

_TAIL = 5.0
_TRIALS = 300
_LONGEST = 4
"""Sessions after which a simulated break is given up."""

Floats = NDArray[np.float64]


class Learned(msgspec.Struct, frozen=True):
    """A pair's p0 on bars of `bar` seconds: `low` is one standard error below."""

    bar: int
    sessions: int
    bars: float
    p0: float
    low: float
    between: float
    within: float

    @property
    def correlation(self) -> float:
        """The correlation of bars under an elliptical law."""
        return sin(pi * (self.p0 - 0.5))

    @property
    def session_bars(self) -> float:
        """Bars in a session."""
        return BarSize(self.bar).session


class Delay(msgspec.Struct, frozen=True):
    """Mean minutes of trading until a break is found; None where it is beyond four sessions."""

    size: str
    minutes: float | None


class Threshold(msgspec.Struct, frozen=True):
    """One detector at one budget; `h` is None where the link is not watched, `reason` says why."""

    detector: str
    budget: str
    h: float | None
    delays: tuple[Delay, ...] = ()
    reason: str = ""


class NothingLearnedError(Exception):
    """Prices that no p0 can be learned from; the text says why."""


def learn(
    x: Prices, y: Prices, hours: Calendar, progress: Callable[[float], None] = lambda _: None
) -> Learned:
    """p0 and how it moves, from the sessions that both price series cover.

    On the longer of both bars, at least 15 s; NothingLearnedError where there are fewer than two
    sessions.
    """
    bar = max(SHORT, x.bar // NS, y.bar // NS)
    link = Concordance(min_bars=1, block=BarSize(bar).block)
    first, last = (int(f(x.ts[at], y.ts[at])) for f, at in ((max, 0), (min, -1)))
    for session in _sessions(first, last, hours):
        ends = np.arange(session[0], session[1] + 1, bar * NS)
        rx, ry = (_returns(prices, ends) for prices in (x, y))
        for each in zip(rx.tolist(), ry.tolist(), strict=True):
            link.update(*each)
        link.new_session()
        progress((session[1] - first) / max(last - first, 1))
    moves, found = link.dispersion(), link.value()
    if link.sessions < 2 or moves is None or found.value is None or found.low is None:
        raise NothingLearnedError(
            f"both have prices in {link.sessions} whole regular sessions; two are needed at least"
        )
    low = float(found.low)
    return Learned(
        bar, link.sessions, found.n or 0.0, float(found.value), low, moves.between, moves.within
    )


def _sessions(first: int, last: int, hours: Calendar) -> Iterator[tuple[int, int]]:
    """The regular sessions of which both ends lie between two instants, or nearly."""
    at, slack = first, 30 * 60 * NS
    while at <= last:
        session = hours.session(at)
        whole = session.start_ns >= first - slack and session.end_ns <= last + slack
        if session.kind == "regular" and whole:
            yield max(session.start_ns, first), min(session.end_ns, last)
        at = session.end_ns


def _returns(prices: Prices, ends: NDArray[np.int64]) -> Floats:
    """Log returns of bars; 0 where no price came."""
    place = np.searchsorted(prices.ts, ends, side="right") - 1
    returns: Floats = np.diff(np.log(prices.price[np.maximum(place, 0)]))
    return returns


def calibrated(
    learned: Learned,
    budgets: Sequence[tuple[str, float]],
    *,
    seed: int = 1,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Threshold]:
    """Both detectors at each budget: its text and its alarms a session.

    Delays of the confirming one are those of its Markov chain from S = 0, those of the warning
    simulated under Student's law with 5 degrees of freedom.
    """
    found: list[Threshold] = []
    for count, (text, alarms) in enumerate(budgets):
        found += [_confirming(learned, text, alarms), _warning(learned, text, alarms, seed)]
        progress((count + 1) / len(budgets))
    return found


def _asked(learned: Learned, alarms: float) -> tuple[float, float, float, float]:
    arl = learned.session_bars / alarms
    return learned.p0, arl, learned.between, learned.within


def _unwatched(learned: Learned) -> str:
    """Why a detector says nothing about this link; nothing where it does."""
    weak = learned.p0 - learned.between < WEAKEST
    return "link too weak to watch" if weak else ""


def _confirming(learned: Learned, text: str, alarms: float) -> Threshold:
    reason = _unwatched(learned)
    h = threshold(*_asked(learned, alarms), session_bars=learned.session_bars)
    if reason or h is None:
        return Threshold("breakdown", text, None, reason=reason or "link too unsteady to watch")
    delays = []
    for size, remains in SIZES:
        share = 0.5 + asin(learned.correlation * remains) / pi
        minutes = expected_delay_bars(learned.p0, h, share) * learned.bar / 60
        delays.append(Delay(size, minutes if minutes < _LONGEST * 390 else None))
    return Threshold("breakdown", text, h, tuple(delays))


def _warning(learned: Learned, text: str, alarms: float, seed: int) -> Threshold:
    reason = _unwatched(learned)
    h = warning_threshold(*_asked(learned, alarms), session_bars=learned.session_bars)
    if reason or h is None:
        return Threshold(
            "breakdown_warning", text, None, reason=reason or "link too unsteady to watch"
        )
    rng = np.random.default_rng(seed)
    delays = (Delay(size, _simulated(learned, h, remains, rng)) for size, remains in SIZES)
    return Threshold("breakdown_warning", text, h, tuple(delays))


def _simulated(
    learned: Learned, h: float, remains: float, rng: np.random.Generator
) -> float | None:
    """Mean minutes to the alarm; None where more than a tenth of breaks are not found."""
    longest = int(_LONGEST * learned.session_bars)
    waits: list[int] = []
    for _ in range(_TRIALS):
        wait = _one_break(learned, h, remains, longest, rng)
        if wait is None and (waits.count(longest) + 1) * 10 > _TRIALS:
            return None
        waits.append(longest if wait is None else wait)
    return float(np.mean(waits)) * learned.bar / 60


def _one_break(
    learned: Learned, h: float, remains: float, longest: int, rng: np.random.Generator
) -> int | None:
    """Bars from the break to the alarm."""
    state = [0.0] * SIZE
    keep = 0.5 ** (1.0 / HALFLIFE)
    for _ in range(2):
        for x, y in _student(learned.correlation, int(MIN_BARS), rng):
            step(state, x, y, keep)
    state[P0], state[H] = learned.p0, h
    bar = 0
    while bar < longest:
        for x, y in _student(learned.correlation * remains, 100, rng):
            step(state, x, y, keep)
            bar += 1
            if state[BROKEN] != 0.0:
                return bar
    return None


def _student(rho: float, bars: int, rng: np.random.Generator) -> list[list[float]]:
    """Returns under a bivariate Student's law."""
    free = rng.standard_normal((bars, 2))
    free[:, 0] = rho * free[:, 1] + np.sqrt(1.0 - rho * rho) * free[:, 0]
    scaled: list[list[float]] = (
        free * np.sqrt((_TAIL - 2.0) / rng.chisquare(_TAIL, (bars, 1)))
    ).tolist()
    return scaled
