"""When x strayed from what y implied: episodes of `streams.estimators.divergence` over a file."""

from __future__ import annotations

import msgspec
import numpy as np

from daemon.study.aligned import Aligned, Floats, Ints, Returns
from streams.estimators.beta import Beta
from streams.estimators.decay import halflife
from streams.estimators.divergence import OPENING, OPENING_BARS, Divergence
from streams.instrument import NS
from streams.metric import SLOW, duration_text

BEGINS, ENDS = 3.0, 1.0
"""Standard deviations at which an episode begins and ends."""

_MINUTE = 60 * NS
_DAYS = 5
_YEAR = 250


class Episode(msgspec.Struct, frozen=True):
    """A stretch of |z| above `BEGINS`, until below `ENDS`, or a session's or the file's end."""

    start: int
    end: int
    peak: int
    """The instant of the largest |z|; all three in ns UTC."""
    z: float
    """There; positive where x is above what y implies."""


class Divergences(msgspec.Struct, frozen=True):
    """z over a horizon at places of the grid, and its episodes."""

    horizon: str
    at: Ints
    z: Floats
    episodes: tuple[Episode, ...]


def divergences(aligned: Aligned, found: Returns) -> Divergences:
    """The divergence over an hour, or over five daily closes, with the beta known before."""
    bars = _DAYS if aligned.daily else max(round(3600 * NS / aligned.bar), 2)
    at, z = _follow(aligned, found, bars)
    places = found.at[at]
    episodes = tuple(_episodes(aligned.ts[places], z, found.session[at]))
    horizon = f"{_DAYS}d" if aligned.daily else duration_text(bars * aligned.bar / NS)
    return Divergences(horizon, places, z, episodes)


def _follow(aligned: Aligned, found: Returns, bars: int) -> tuple[Ints, Floats]:
    """Places among the returns that have a z, and the z."""
    usual = aligned.bar == _MINUTE and aligned.hours.name != "24/7"
    gap = Divergence(bars, OPENING if usual else 1.0)
    slow = _YEAR if aligned.daily else SLOW / 86_400 * 5 / 7 * aligned.bars_a_session
    beta, session = Beta(halflife(slow)), -1
    at: list[int] = []
    z: list[float] = []
    opening = _opening(aligned, found)
    for place, (x, y, number, held) in enumerate(
        zip(found.x.tolist(), found.y.tolist(), found.session.tolist(), opening, strict=True)
    ):
        if number != session:
            gap.new_session()
            session = number
        known = beta.value()
        beta.update(x, y)
        if known.value is None or (held and not usual):
            continue
        gap.update(x, y, float(known.value))
        reading = gap.value()
        if reading.value is not None:
            at.append(place)
            z.append(float(reading.value))
    return np.array(at, np.int64), np.array(z)


def _opening(aligned: Aligned, found: Returns) -> list[bool]:
    """Whether a return ends in the first quarter of an hour.

    The estimator allows for it on bars of a minute; of other bars those are left out.
    """
    if aligned.daily or aligned.hours.name == "24/7":
        return [False] * len(found.ts)
    _, first, number = np.unique(aligned.session, return_index=True, return_inverse=True)
    opened = aligned.ts[first][number][found.at] - aligned.bar
    early: list[bool] = (found.ts - opened <= OPENING_BARS * _MINUTE).tolist()
    return early


def _episodes(ts: Ints, z: Floats, session: Ints) -> list[Episode]:
    episodes: list[Episode] = []
    begun: int | None = None
    for place in range(len(z)):
        if begun is not None and (abs(z[place]) < ENDS or session[place] != session[begun]):
            episodes.append(_episode(ts, z, begun, place))
            begun = None
        if begun is None and abs(z[place]) > BEGINS:
            begun = place
    if begun is not None:
        episodes.append(_episode(ts, z, begun, len(z)))
    return episodes


def _episode(ts: Ints, z: Floats, first: int, end: int) -> Episode:
    peak = first + int(np.abs(z[first:end]).argmax())
    return Episode(int(ts[first]), int(ts[end - 1]), int(ts[peak]), float(z[peak]))
