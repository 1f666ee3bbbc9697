"""Computes the table of streams/estimators/widening.py.

    python -m tests.benchmarks.signal.widening [--p0 X]

The CUSUM's value, p0's offset of the day (Gauss-Hermite) and its wandering within the day (an
Ornstein-Uhlenbeck process on Rouwenhorst's states) are followed jointly through a session. Takes
about five minutes; `--p0 X` computes the figures of one p0.
"""

from __future__ import annotations

import argparse
import sys
from math import comb, log, sqrt

import numpy as np
from numpy.typing import NDArray

_DAYS, _STATES = 9, 11
_HALFLIFE, _STEP = 240.0, 10
"""Bars in which wandering halves, and bars between its steps."""
_SESSION = 1560

Floats = NDArray[np.float64]


def rouwenhorst(states: int, keep: float) -> tuple[Floats, Floats, Floats]:
    """Values, their stationary chances, and the chances to go from one to another."""
    p = (1.0 + keep) / 2.0
    moves = np.array([[p, 1.0 - p], [1.0 - p, p]])
    for n in range(3, states + 1):
        wider = np.zeros((n, n))
        wider[:-1, :-1] += p * moves
        wider[:-1, 1:] += (1.0 - p) * moves
        wider[1:, :-1] += (1.0 - p) * moves
        wider[1:, 1:] += p * moves
        wider[1:-1] /= 2.0
        moves = wider
    values = np.linspace(-sqrt(states - 1), sqrt(states - 1), states)
    chances = np.array([comb(states - 1, i) for i in range(states)]) / 2.0 ** (states - 1)
    return values, chances, moves


def alarms(p0: float, h: float, between: float, within: float) -> float:
    """Mean number of alarms in a session."""
    days, day_chances = np.polynomial.hermite_e.hermegauss(_DAYS)
    values, chances, moves = rouwenhorst(_STATES, 0.5 ** (_STEP / _HALFLIFE))
    cells = int(max(120, min(h / 0.055, 400)))
    p = np.clip(p0 + between * days[:, None] + within * values, 0.02, 0.98)[:, :, None]
    at = np.zeros((_DAYS, _STATES, cells))
    at[:, :, 0] = chances
    up, down = (cells / h * log(r) for r in (0.5 / (1.0 - p0), p0 / 0.5))
    total = 0.0
    for bar in range(_SESSION):
        at, lost = _bar(at, p, up, down)
        total += float(day_chances @ lost / day_chances.sum())
        if bar % _STEP == _STEP - 1:
            at = np.einsum("dkc,kj->djc", at, moves)
    return total


def _bar(at: Floats, p: Floats, up: float, down: float) -> tuple[Floats, Floats]:
    """One bar on; what goes beyond the last cell alarms and starts at the first."""
    cells = at.shape[2]
    on = np.zeros_like(at)
    lost = np.zeros(at.shape[:2])
    for shift, share in ((int(up), 1.0 - up % 1.0), (int(up) + 1, up % 1.0)):
        moved = share * (1.0 - p) * at
        on[:, :, shift:] += moved[:, :, : cells - shift]
        lost += moved[:, :, cells - shift :].sum(axis=2)
    for shift, share in ((int(down), 1.0 - down % 1.0), (int(down) + 1, down % 1.0)):
        moved = share * p * at
        on[:, :, : cells - shift] += moved[:, :, shift:]
        on[:, :, 0] += moved[:, :, :shift].sum(axis=2)
    on[:, :, 0] += lost
    return on, lost.sum(axis=1)


def threshold(p0: float, sessions: float, between: float, within: float, guess: float) -> float:
    """The h of one alarm in so many sessions, by secants."""

    def excess(h: float) -> float:
        return log(alarms(p0, h, between, within) * sessions)

    before, now = guess * 1.05, guess * 1.15
    was, found = excess(before), excess(now)
    for _ in range(6):
        following = now - found * (now - before) / (found - was)
        before, was = now, found
        now = min(max(following, now / 2.0), now * 2.0)
        found = excess(now)
        if abs(found) < 0.02:
            break
    return now


def figures(p0: float, sessions: float, deviations: tuple[float, ...]) -> list[list[float]]:
    """Thresholds over the one of a p0 that does not move."""
    rows: list[list[float]] = []
    for between in deviations:
        row: list[float] = []
        for within in deviations:
            guess = row[-1] if row else rows[-1][0] if rows else 6.0
            row.append(threshold(p0, sessions, between, within, guess))
        rows.append(row)
    return [[h / rows[0][0] for h in row] for row in rows]


def main() -> None:
    """Print the table in the order of the source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--p0", type=float, action="append")
    asked = parser.parse_args().p0 or [0.58, 0.61, 0.65, 0.72]
    for sessions in (5.0, 21.0, 252.0):
        for p0 in asked:
            sys.stdout.write(f"{sessions:g} sessions, p0 {p0:g}\n")
            for row in figures(p0, sessions, (0.0, 0.01, 0.02, 0.03, 0.04)):
                sys.stdout.write("    (" + ", ".join(f"{ratio:.2f}" for ratio in row) + "),\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
