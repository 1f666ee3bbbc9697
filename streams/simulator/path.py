"""The simulated log prices: a Brownian motion on a random clock, exact at every instant asked for.

No grid lies under it, so tick times are free, and what is measured between ticks is not an
artefact of interpolation.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import sqrt

import numpy as np

from streams.simulator.hours import NS, Instants, in_session, new_york_day, sessions
from streams.simulator.instruments import Floats, Model
from streams.simulator.script import Decoupling, JointMove, Move, Script

_MINUTE = 60 * NS
_SURPRISE = 2.0
_IN_STEP = 0.8
"""Correlation of the instruments within a joint move."""


def walk(
    wanted: Instants, model: Model, script: Script, start_ns: int, rng: np.random.Generator
) -> Floats:
    """Log prices at `wanted` (rising, ns), a column an instrument, 0 at the start.

    `wanted` lies either before the start or after it.
    """
    first, last = min(int(wanted[0]), start_ns), max(int(wanted[-1]), start_ns)
    hours = list(sessions(new_york_day(first), new_york_day(last)))
    turns = np.array([start_ns, *_turns(script, start_ns), *chain(*hours)], dtype=np.int64)
    times = np.union1d(wanted, turns[(turns >= first) & (turns <= last)])

    steps = np.sqrt(np.diff(_clock(times, hours, model, rng), prepend=0.0))
    calm = np.array([i.volatility for i in model.instruments])
    off_hours = np.array([i.off_hours for i in model.instruments])
    scale = calm * np.where(in_session(times, hours)[:, None], 1.0, off_hours)
    shocks = _shocks(times, model, script, start_ns, rng)
    logs: Floats = np.cumsum(shocks * scale * steps[:, None], axis=0)
    for phase in script.phases:
        if isinstance(phase, Move):
            _move(logs, times, phase, model, start_ns)
        elif isinstance(phase, JointMove):
            _joint_move(logs, times, phase, model, start_ns, rng)
    logs -= logs[np.searchsorted(times, start_ns)]
    asked: Floats = logs[np.searchsorted(times, wanted)]
    return asked


def _turns(script: Script, start_ns: int) -> Iterator[int]:
    """The instants at which a phase begins, turns or ends."""
    for phase in script.phases:
        for at in phase.turns:
            yield start_ns + round(at * NS)


def _clock(
    times: Instants, hours: list[tuple[int, int]], model: Model, rng: np.random.Generator
) -> Floats:
    """The clock on which variance runs: minutes of it, at each instant."""
    first = int(times[0]) // _MINUTE * _MINUTE
    edges = np.arange(first, int(times[-1]) + _MINUTE + 1, _MINUTE, dtype=np.int64)
    pace = _pace(len(edges) - 1, model, rng)
    for opened, closed in hours:
        minute = (edges[:-1] - opened) / _MINUTE
        inside = (edges[:-1] >= opened) & (edges[:-1] < closed)
        burst = 1.0 + model.open_burst * np.exp(-minute[inside] / 15.0)
        pace[inside] *= burst * burst
    elapsed = np.concatenate(([0.0], np.cumsum(pace)))
    clock: Floats = np.interp(
        (times - first).astype(np.float64), (edges - first).astype(float), elapsed
    )
    clock -= clock[0]
    return clock


def _pace(minutes: int, model: Model, rng: np.random.Generator) -> Floats:
    """Variance of each minute, 1 on average: reverting log-normal times Student's mixing."""
    keep = 0.5 ** (1.0 / model.halflife)
    kicks = rng.standard_normal(minutes) * np.sqrt(1.0 - keep * keep)
    level, levels = float(rng.standard_normal()), np.empty(minutes)
    for n, kick in enumerate(kicks.tolist()):
        level = keep * level + kick
        levels[n] = level
    s = model.volatility_of_volatility
    mixing = (model.tail - 2.0) / rng.chisquare(model.tail, minutes)
    return np.exp(2.0 * s * levels - 2.0 * s * s) * mixing


def _shocks(
    times: Instants, model: Model, script: Script, start_ns: int, rng: np.random.Generator
) -> Floats:
    """Normal shocks with the correlations of their instants."""
    free = rng.standard_normal((len(times), len(model.instruments)))
    shocks: Floats = free @ np.linalg.cholesky(model.matrix).T
    for phase in script.phases:
        if isinstance(phase, Decoupling):
            start, end = (start_ns + round(at * NS) for at in phase.turns)
            rows = (times > start) & (times <= end)
            shocks[rows] = free[rows] @ np.linalg.cholesky(_decoupled(model, phase.group)).T
    return shocks


def _decoupled(model: Model, group: tuple[str, ...]) -> Floats:
    inside = np.array([i.name in group for i in model.instruments])
    return np.where(inside[:, None] == inside[None, :], model.matrix, 0.0)


def _ramp(times: Instants, start_ns: int, start: float, duration: float) -> Floats:
    """From 0 to 1 over a phase."""
    begun = (times - (start_ns + round(start * NS))).astype(np.float64)
    ramp: Floats = np.clip(begun / (duration * NS), 0.0, 1.0)
    return ramp


def _move(logs: Floats, times: Instants, phase: Move, model: Model, start_ns: int) -> None:
    size = phase.sigma * model.residual(phase.instrument, phase.against, 60.0)
    column = logs[:, model.index[phase.instrument]]
    column += size * _ramp(times, start_ns, phase.start, phase.duration)


def _joint_move(  # noqa: PLR0917  # the path, the phase, and what shapes it
    logs: Floats,
    times: Instants,
    phase: JointMove,
    model: Model,
    start_ns: int,
    rng: np.random.Generator,
) -> None:
    legs = [(_ramp(times, start_ns, phase.start, phase.duration), 1.0)]
    if phase.rebound:
        back = _ramp(times, start_ns, phase.rebound_start, phase.rebound_duration)
        legs.append((back, -phase.rebound))
    for ramp, share in legs:
        together = _wander(ramp, rng)
        for name, move in phase.moves:
            course = ramp + sqrt(_IN_STEP) * together + sqrt(1.0 - _IN_STEP) * _wander(ramp, rng)
            column = logs[:, model.index[name]]
            _pin(column, ramp, course, share * float(np.log1p(move)))


def _wander(ramp: Floats, rng: np.random.Generator) -> Floats:
    """How far a price is from the straight line while it gets from 0 to 1 over a ramp.

    A Brownian motion tied down at both ends, of which the way is `_SURPRISE` standard deviations.
    The straight line itself would be dozens of the market's own: none moves so, and a trend like
    that is counted twice where returns overlap.
    """
    steps = np.sqrt(np.diff(ramp, prepend=ramp[0]))
    motion = np.cumsum(steps * rng.standard_normal(len(ramp))) / _SURPRISE
    tied: Floats = motion - motion[-1] * ramp
    return tied


def _pin(column: Floats, ramp: Floats, course: Floats, size: float) -> None:
    """Make the log return over a ramp exactly `size`, by the course; what the path lacks is left.

    What the column did by itself is taken out evenly.
    """
    if ramp[0] == 0.0 and ramp[-1] == 1.0:
        first, last = np.searchsorted(ramp, 0.0, "right") - 1, np.searchsorted(ramp, 1.0)
        column += size * course - (column[last] - column[first]) * ramp
