"""B5: what faults of the data do: crashes, values that are no numbers, alarms.

    python -m tests.benchmarks.signal.robustness

First through the market's door, a tick at a time, with rules that watch the readings; then the
estimators alone on bars, beside river's rolling correlation where river is installed.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections import Counter
from collections.abc import Callable
from math import isfinite
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from streams.beliefs import Prior
from streams.estimators.beta import Beta
from streams.estimators.divergence import Divergence
from streams.estimators.drawdown import Drawdown
from streams.estimators.ew_pearson import EwPearson
from streams.estimators.partial import Partial
from streams.estimators.pearson import Pearson
from streams.estimators.quadrant import Quadrant
from streams.estimators.volatility import Volatility
from streams.instrument import NS
from streams.market import Market, Settings
from streams.metric import Call
from streams.snapshot import Reading, Snapshot
from tests.benchmarks.signal.faulty import ETH, FAULTS, IWM, PAIR, play, second_open

LEGS = ("ETH", "IWM")
HOUR = 3600.0
CALLS = (
    Call("corr", LEGS, HOUR),
    Call("corr_high", LEGS, HOUR),
    Call("pearson", LEGS, HOUR),
    Call("beta", LEGS, 4 * 604_800.0),
    Call("divergence", LEGS, HOUR),
    Call("breakdown", LEGS, rate=1 / 21),
)


class Outcome(NamedTuple):
    """What one fault did, over the seeds."""

    fault: str
    crashes: int
    not_numbers: int
    alarms: Counter[str]
    undefined: Counter[str]
    """By reason, how many readings of the correlation."""


def sound(reading: Reading) -> bool:
    """Whether every figure in it is a number, or none at all."""
    figures = (reading.value, reading.low, reading.high, reading.n)
    return all(each is None or isfinite(each) for each in figures)


def alarms(readings: dict[str, Reading]) -> set[str]:
    """The rules that hold."""
    corr, high, _, _, divergence, breakdown = (readings[call.key].value for call in CALLS)
    rules = {
        "corr < 0.2": corr is not None and corr < 0.2,
        "corr_high < 0.3": high is not None and high < 0.3,
        "|divergence| > 4": divergence is not None and abs(divergence) > 4.0,
        "breakdown": breakdown is True,
    }
    return {name for name, holds in rules.items() if holds}


def watch(fault: str, seeds: int) -> Outcome:
    """Play a fault through a market with every seed; alarms count from the second morning on."""
    crashes, not_numbers = 0, 0
    rung, undefined = Counter[str](), Counter[str]()
    for seed in range(seeds):
        market = Market(
            [ETH, IWM],
            [PAIR],
            CALLS,
            priors={PAIR.name: Prior(correlation=0.5, beta=1.1)},
            settings=Settings(step=15 * NS),
        )
        on = set[str]()
        try:
            for item in play(fault, seed):
                for snapshot in market.accept(item):
                    readings = dict(snapshot.readings)
                    not_numbers += sum(not sound(each) for each in readings.values())
                    if snapshot.ts < second_open(fault):
                        continue
                    undefined[_reason(snapshot)] += 1
                    now = alarms(readings)
                    rung.update(now - on)
                    on = now
        except Exception:  # noqa: BLE001  # that is what is counted
            crashes += 1
    return Outcome(fault, crashes, not_numbers, rung, undefined)


def _reason(snapshot: Snapshot) -> str:
    reading = snapshot.readings[CALLS[0].key]
    return "a value" if reading.value is not None else reading.reason.split(" ", maxsplit=1)[0]


Bars = NDArray[np.float64]
RIVER = "river rolling pearson"
BEFORE = 200
"""Bars before any fault: a rule is watched from there."""


def bars(rng: np.random.Generator, fault: str) -> Bars:
    """Minutes of x, y and a control; the fault lies in the middle third."""
    z = rng.standard_normal((900, 3))
    z[:, :2] += 0.8 * z[:, 2:] + rng.standard_normal((900, 1))
    returns = z * 5e-4
    match fault:
        case "bad print":
            returns[400, 0] += 2.3
            returns[401, 0] -= 2.3
        case "constant stretch":
            returns[300:600, 1] = 0.0
        case "stale run":
            returns[300:600] = 0.0
        case "constant return":
            returns[300:600, 1] = 1e-4
        case _:
            pass
    return returns


class Rolling(Protocol):
    """An estimator behind one face: bars in, a reading out."""

    def update(self, x: float, y: float, z: float) -> None:
        """One bar."""

    def get(self) -> Reading:
        """The reading now."""


class Ours(NamedTuple):
    """One of the project's."""

    update: Callable[[float, float, float], None]
    get: Callable[[], Reading]


def ours() -> dict[str, Ours]:
    """The project's, by name."""
    pearson, weighted, quadrant = Pearson(60), EwPearson(60.0), Quadrant(60.0)
    partial, beta, gap = Partial(60.0), Beta(390.0), Divergence(60, 1.0)
    volatility, fall = Volatility(60.0), _Fall()
    return {
        "pearson": Ours(lambda x, y, _: pearson.update(x, y), pearson.value),
        "weighted pearson": Ours(lambda x, y, _: weighted.update(x, y), weighted.value),
        "quadrant": Ours(lambda x, y, _: quadrant.update(x, y), quadrant.value),
        "partial": Ours(partial.update, partial.value),
        "beta": Ours(lambda x, y, _: beta.update(x, y), beta.value),
        "divergence": Ours(lambda x, y, _: gap.update(x, y, 0.6), gap.value),
        "volatility": Ours(lambda x, _, __: volatility.update(x), volatility.value),
        "drawdown": Ours(lambda x, _, __: fall.update(x), fall.value),
    }


class _Fall(Drawdown):
    """Drawdown over an hour, from returns."""

    def __init__(self) -> None:
        super().__init__(3600.0)
        self._at = (0.0, 0.0)

    def update(self, r: float, _: float = 0.0) -> None:
        """One minute."""
        self._at = self._at[0] + 60.0, self._at[1] + r
        super().update(*self._at)


class River:
    """river's rolling correlation."""

    def __init__(self) -> None:
        stats = importlib.import_module("river.stats")
        utils = importlib.import_module("river.utils")
        self._rolling = utils.Rolling(stats.PearsonCorr, window_size=60)

    def update(self, x: float, y: float, z: float) -> None:
        """One bar."""
        del z
        self._rolling.update(x, y)

    def get(self) -> Reading:
        """Its figure."""
        return Reading(float(self._rolling.get()))


class Trial(NamedTuple):
    """What one fault did to one estimator on bars, over the seeds."""

    name: str
    fault: str
    crashes: int
    not_numbers: int
    zeros: int
    """Readings of exactly 0 of a correlation: a breakdown, to whoever watches it."""
    alarms: int
    """Seeds in which a rule held."""


BAR_FAULTS = ("no fault", "bad print", "constant stretch", "stale run", "constant return")
NO_CORRELATION = ("beta", "divergence", "volatility", "drawdown")


def alarm(name: str, reading: Reading) -> bool:
    """Whether a rule on it holds: for a correlation that it is surely below .2."""
    if reading.value is None or name in {"beta", "volatility"}:
        return False
    if name == "divergence":
        return abs(reading.value) > 4.0
    if name == "drawdown":
        return reading.value < -0.1
    return (reading.value if reading.high is None else reading.high) < 0.2


def trials(seeds: int) -> list[Trial]:
    """Every fault on every estimator."""
    names = [*ours(), *([RIVER] if importlib.util.find_spec("river") else [])]
    return [trial(name, fault, seeds) for name in names for fault in BAR_FAULTS]


def trial(name: str, fault: str, seeds: int) -> Trial:
    """One fault on one estimator."""
    crashes = not_numbers = zeros = rung = 0
    for seed in range(seeds):
        estimator: Rolling = River() if name == RIVER else ours()[name]
        alarmed = False
        try:
            for bar, row in enumerate(bars(np.random.default_rng(seed), fault).tolist()):
                estimator.update(*row)
                found = estimator.get()
                not_numbers += not sound(found)
                zeros += found.value == 0.0 and name not in NO_CORRELATION
                alarmed = alarmed or (bar >= BEFORE and alarm(name, found))
        except Exception:  # noqa: BLE001  # that is what is counted
            crashes += 1
        rung += alarmed
    return Trial(name, fault, crashes, not_numbers, zeros, rung)


def market_table(outcomes: list[Outcome], seeds: int) -> Table:
    """Of the faults through the market's door."""
    drawn = Table(title=f"faults through the market's door, {seeds} times each", box=None)
    for head in ("", "crashes", "NaN", "alarms", "the correlation was"):
        drawn.add_column(head, justify="right" if head in {"crashes", "NaN"} else "left")
    for each in outcomes:
        rung = ", ".join(f"{name}: {n}" for name, n in sorted(each.alarms.items())) or "none"
        states = ", ".join(f"{name} {n}" for name, n in each.undefined.most_common(4))
        drawn.add_row(each.fault, str(each.crashes), str(each.not_numbers), rung, states)
    return drawn


def bar_table(rows: list[Trial], seeds: int) -> Table:
    """Of the estimators alone."""
    title = f"estimators on bars, {seeds} times each: crashes / NaN / readings of 0 / alarms"
    drawn = Table(title=title, box=None)
    drawn.add_column("")
    for fault in BAR_FAULTS:
        drawn.add_column(fault, justify="right")
    for name in dict.fromkeys(row.name for row in rows):
        mine = [row for row in rows if row.name == name]
        cells = (f"{r.crashes} / {r.not_numbers} / {r.zeros} / {r.alarms}" for r in mine)
        drawn.add_row(name, *cells)
    return drawn


def run(*, seeds: int = 5, bar_seeds: int = 50) -> list[Outcome]:
    """Measure and print."""
    console = Console(width=150)
    outcomes = [watch(fault, seeds) for fault in FAULTS]
    console.print(market_table(outcomes, seeds))
    console.print(bar_table(trials(bar_seeds), bar_seeds))
    if importlib.util.find_spec("river") is None:
        console.print("river is not installed: its row is left out.")
    return outcomes


if __name__ == "__main__":
    run()
