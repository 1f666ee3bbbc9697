"""B4: how many divergences are found, and how many are made up.

    python -m tests.benchmarks.signal.divergence [FOLDER OF REAL PRICES]

An episode begins where |z| passes the threshold and ends where it falls below half of it. A drift
counts as found where z passes the threshold to its side before a quarter of an hour after its end.
The traders' usual definitions stand beside the project's: the z of the log ratio of the prices
over a session's length, and that of the residual of a rolling regression of the levels.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from streams.estimators.beta import Beta
from streams.estimators.decay import halflife
from streams.estimators.divergence import OPENING, Divergence
from streams.estimators.joint_beta import JointBeta
from streams.estimators.profile import Profile
from streams.history.prices import Prices, read_prices
from streams.instrument import NS
from streams.sessions import calendar
from tests.benchmarks.signal.drifts import DRIFT_BARS, MONTH, SESSION, Floats, World, simulate

HORIZON = 60
SLOW = halflife(20.0 * SESSION)
"""Half-life of the betas, in minutes."""
WARM = 5
"""Sessions to learn from first."""
LEVELS = (2.0, 3.0, 4.0)
BUDGET = 1.0
"""False episodes a month."""
GRACE = 15


class Row(NamedTuple):
    """A definition: episodes a month and share found at 2, 3 and 4, then at the budget."""

    name: str
    episodes: tuple[float, ...]
    found: tuple[float, ...]
    threshold: float
    found_at_budget: float


Definition = Callable[[Floats], Floats]
"""Returns (session, bar, path, leg) to z (session, bar, path), not a number where undefined."""


def project(
    *, btc: bool, learned: bool, opening: float = OPENING, min_bars: int = 15
) -> Definition:
    """The project's own, a tick at a time as the daemon runs it."""

    def z(returns: Floats) -> Floats:
        paths = [
            _path(returns[:, :, path], btc=btc, learned=learned, opening=opening, min_bars=min_bars)
            for path in range(returns.shape[2])
        ]
        return np.stack(paths, axis=-1)

    return z


def _path(returns: Floats, *, btc: bool, learned: bool, opening: float, min_bars: int) -> Floats:
    gap, profile = Divergence(HORIZON, opening, min_bars=min_bars), Profile(SESSION)
    alone, joint = Beta(SLOW), JointBeta(SLOW)
    out = np.full(returns.shape[:2], np.nan)
    for session, bars in enumerate(returns.tolist()):
        gap.new_session()
        profile.new_session()
        for bar, (x, y, z) in enumerate(bars):
            beta_y, beta_z = _betas(alone, joint, btc=btc)
            scale = profile.scale(bar) if learned else None
            gap.update(x, y, beta_y, rz=z, beta_z=beta_z, scale=scale)
            if learned:
                profile.update(bar, x - beta_y * y - beta_z * z)
            if btc:
                joint.update(x, y, z)
            else:
                alone.update(x, y)
            value = gap.value().value
            if value is not None:
                out[session, bar] = value
    return out


def _betas(alone: Beta, joint: JointBeta, *, btc: bool) -> tuple[float, float]:
    if not btc:
        return float(alone.value().value or 1.0), 0.0
    on_y, on_z = joint.value()
    return float(on_y.value or 0.0), float(on_z.value or 0.0)


def log_ratio(returns: Floats) -> Floats:
    """The traders' usual: z of the log ratio within its last 390 bars."""
    level = _levels(returns, 0) - _levels(returns, 1)
    mean, deviation = _moments(level)
    return _shaped((level - mean) / deviation, returns)


def level_regression(returns: Floats) -> Floats:
    """z of the last residual of log price on log price over 390 bars."""
    x, y = _levels(returns, 0), _levels(returns, 1)
    (mx, sx), (my, sy) = _moments(x), _moments(y)
    beta = (_mean(x * y) - mx * my) / (sy * sy)
    residual = x - mx - beta * (y - my)
    spread = np.sqrt(np.maximum(sx * sx - beta * beta * sy * sy, 1e-18))
    return _shaped(residual / spread, returns)


def _levels(returns: Floats, leg: int) -> Floats:
    """Log prices, a bar a row, from one session to the next without a gap."""
    sessions, bars, paths, _ = returns.shape
    return returns[..., leg].reshape(sessions * bars, paths).cumsum(axis=0)


def _mean(values: Floats, window: int = SESSION) -> Floats:
    total = values.cumsum(axis=0)
    out = np.full_like(values, np.nan)
    out[window:] = (total[window:] - total[:-window]) / window
    return out


def _moments(values: Floats) -> tuple[Floats, Floats]:
    mean = _mean(values)
    return mean, np.sqrt(np.maximum(_mean(values * values) - mean * mean, 1e-18))


def _shaped(z: Floats, returns: Floats) -> Floats:
    return z.reshape(returns.shape[:3])


def episodes(z: Floats, threshold: float) -> int:
    """How many begin, along the last axis but one; a session's end ends one."""
    count = 0
    on = np.zeros((z.shape[0], *z.shape[2:]), np.bool_)
    for bar in range(z.shape[1]):
        size = np.nan_to_num(np.abs(z[:, bar]))
        begins = ~on & (size > threshold)
        count += int(begins.sum())
        on = begins | (on & (size > threshold / 2))
    return count


def share_found(z: Floats, world: World, threshold: float) -> float:
    """The share of drifts found."""
    found = []
    for session, path in np.argwhere(world.signs != 0.0):
        if session < WARM:
            continue
        begin = world.starts[session, path]
        stretch = z[session, begin : begin + DRIFT_BARS + GRACE, path]
        found.append(np.nanmax(stretch * world.signs[session, path]) > threshold)
    return float(np.mean(found))


def threshold_for(z: Floats, months: float, budget: float = BUDGET) -> float:
    """The threshold with so many episodes a month."""
    low, high = 1.0, 20.0
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if episodes(z, middle) > budget * months else (low, middle)
    return high


def measure(name: str, definition: Definition, quiet: World, drifting: World) -> Row:
    """One definition on both worlds, after the sessions to learn from."""
    z, drifts = definition(quiet.returns)[WARM:], definition(drifting.returns)
    months = quiet.months * len(z) / len(quiet.returns)
    threshold = threshold_for(z, months)
    return Row(
        name,
        tuple(episodes(z, level) / months for level in LEVELS),
        tuple(share_found(drifts, drifting, level) for level in LEVELS),
        threshold,
        share_found(drifts, drifting, threshold),
    )


DEFINITIONS: dict[str, Definition] = {
    "residual on IWM and BTC, learned profile": project(btc=True, learned=True),
    "residual on IWM, learned profile": project(btc=False, learned=True),
    "residual on IWM, opening rule": project(btc=False, learned=False),
    "residual on IWM, no profile": project(btc=False, learned=False, opening=1.0),
    "log ratio, 390 bars": log_ratio,
    "regression of levels, 390 bars": level_regression,
}


def simulated(paths: int = 24, months: int = 3, seed: int = 4) -> list[Row]:
    """Every definition, on `paths` times `months` months of each world."""
    rng = np.random.default_rng(seed)
    sessions = months * MONTH + WARM
    quiet, drifting = simulate(rng, sessions, paths), simulate(rng, sessions, paths, sigmas=4.0)
    return [measure(name, each, quiet, drifting) for name, each in DEFINITIONS.items()]


class Real(NamedTuple):
    """Episodes a month on real bars of five minutes, by threshold, and what was measured."""

    name: str
    episodes: tuple[float, ...]
    months: float
    with_x: float
    """Correlation of z with x's own move over the horizon."""


def real(folder: Path) -> list[Real]:
    """The files of five-minute bars of ETH and IWM, as they are."""
    sessions = five_minutes(
        read_prices(folder / "ETH-USD_5m.csv"), read_prices(folder / "IWM_5m.csv")
    )
    return [
        _real("learned profile", sessions, learned=True, opening=OPENING),
        _real("opening rule", sessions, learned=False, opening=OPENING),
        _real("no profile", sessions, learned=False, opening=1.0),
    ]


def five_minutes(x: Prices, y: Prices) -> list[tuple[Floats, list[int]]]:
    """(returns of both, places in the session) by session, where both have a price."""
    ts, at_x, at_y = np.intersect1d(x.ts, y.ts, return_indices=True)
    hours = calendar("NYSE")
    opens = np.array([hours.session(t - 1).start_ns for t in ts.tolist()])
    places = (ts - opens) // (300 * NS) - 1
    out = []
    for opened in np.unique(opens):
        mine = opens == opened
        prices = np.log(np.column_stack([x.price[at_x[mine]], y.price[at_y[mine]]]))
        consecutive = np.diff(places[mine]) == 1
        out.append((np.diff(prices, axis=0)[consecutive], places[mine][1:][consecutive].tolist()))
    return out


def _real(
    name: str, sessions: list[tuple[Floats, list[int]]], *, learned: bool, opening: float
) -> Real:
    gap, profile, beta = (
        Divergence(12, 1.0, min_bars=3, halflife=78.0),
        Profile(78, 1.0),
        Beta(SLOW / 5),
    )
    moves, values = [], []
    z = np.full((len(sessions), 78, 1), np.nan)
    for session, (returns, places) in enumerate(sessions):
        gap.new_session()
        profile.new_session()
        held: list[float] = []
        for (x, y), place in zip(returns.tolist(), places, strict=True):
            known = float(beta.value().value or 1.0)
            believed = opening if place < 3 else 1.0
            gap.update(x, y, known, scale=profile.scale(place) * believed if learned else believed)
            profile.update(place, (x - known * y) / believed)
            beta.update(x, y)
            held.append(x)
            value = gap.value().value
            if value is not None:
                z[session, place] = value
                moves.append(sum(held[-12:]))
                values.append(value)
    months = len(sessions) / MONTH
    return Real(
        name,
        tuple(episodes(z, level) / months for level in LEVELS),
        months,
        float(np.corrcoef(moves, values)[0, 1]),
    )


def table(rows: Sequence[Row]) -> Table:
    """Of the simulated months."""
    drawn = Table(title="divergence: a 4-sd drift of an hour, GARCH-t5 minutes", box=None)
    for head in ("", "episodes a month at 2 / 3 / 4", "found", "1 a month at", "found there"):
        drawn.add_column(head, justify="left" if not head else "right")
    for row in rows:
        drawn.add_row(
            row.name,
            " / ".join(f"{each:.2f}" for each in row.episodes),
            " / ".join(f"{each:.2f}" for each in row.found),
            f"{row.threshold:.2f}",
            f"{row.found_at_budget:.2f}",
        )
    return drawn


def real_table(rows: Sequence[Real]) -> Table:
    """Of the real ones."""
    drawn = Table(title="divergence: ETH and IWM, real bars of five minutes", box=None)
    for head in ("", "episodes a month at 2 / 3 / 4", "months", "corr(z, ETH's own move)"):
        drawn.add_column(head, justify="left" if not head else "right")
    for row in rows:
        figures = " / ".join(f"{each:.2f}" for each in row.episodes)
        drawn.add_row(row.name, figures, f"{row.months:.1f}", f"{row.with_x:.2f}")
    return drawn


def run(folder: Path | None = None, *, paths: int = 24, seed: int = 4) -> list[Row]:
    """Measure and print."""
    rows = simulated(paths, seed=seed)
    console = Console(width=140)
    console.print(table(rows))
    if folder is not None and folder.is_dir():
        console.print(real_table(real(folder)))
    else:
        console.print("No folder of real prices was given: the real figure is left out.")
    return rows


if __name__ == "__main__":
    run(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
