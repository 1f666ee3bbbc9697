"""B6: what a tick and a bar cost, interpreted and compiled, and beside what others offer.

    python -m tests.benchmarks.signal.cost [--quick]

Steps are timed one call at a time, less what the timer takes, on ticks of two prices with a
correlation of .6: two a second and one in two seconds. The market is fed the same as trades of a
regular session, with every statistic of a pair that a rule can ask for, at three windows, save
those that need a third instrument; what it costs without any is taken off. Seconds there are those
of the processor, the best of three runs: other programs do not count.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import inf
from statistics import median
from time import perf_counter_ns, process_time

import numpy as np
from rich.console import Console

from streams.beliefs import Prior
from streams.estimators.beta import Beta
from streams.estimators.breakdown import Breakdown
from streams.estimators.compiled import Ticks, X, merge, run_hayashi_yoshida, run_lead_lag
from streams.estimators.divergence import Divergence
from streams.estimators.ew_pearson import EwPearson
from streams.estimators.exact_hy import ExactHayashiYoshida
from streams.estimators.hayashi_yoshida import HayashiYoshida
from streams.estimators.lead_lag import LeadLag, grid
from streams.estimators.partial import Partial
from streams.estimators.pearson import Pearson
from streams.estimators.quadrant import Quadrant
from streams.estimators.volatility import Volatility
from streams.estimators.warning import BreakdownWarning
from streams.instrument import NS
from streams.market import Market, Settings
from streams.metric import CATALOGUE, Call
from streams.snapshot import Reading
from streams.tick import Tick
from tests.benchmarks.figures import Figure, Report, at_least, at_most, quantile
from tests.benchmarks.signal.faulty import ETH, IWM, PAIR, TUESDAY, tick
from tests.benchmarks.signal.peer_cost import peer_costs
from tests.benchmarks.signal.peer_lag import profile_costs
from tests.benchmarks.signal.ticks import HOUR, Floats, garch_t5

LAGS = grid(10.0, 0.5)
WINDOWS = (1800.0, 3600.0, 7200.0)
COMPILED: dict[str, tuple[Callable[[Ticks], Floats], float]] = {
    "HY, compiled": (partial(run_hayashi_yoshida, halflife=1248.0), 50.0),
    "lead-lag, 41 lags, compiled": (partial(run_lead_lag, lags=LAGS, halflife=inf), 3.0),
}
Calls = Iterator[Callable[[], object]]


def measure(*, quick: bool = False, seed: int = 6) -> Report:
    """All of it."""
    rng = np.random.default_rng(seed)
    hours = 1 if quick else 3
    (tx, x), (ty, y) = garch_t5(rng, 60 * hours)
    ticks = merge(tx, x, ty, y)
    returns = rng.standard_normal((6000 * hours, 3)) * 5e-4
    returns += rng.standard_normal((len(returns), 1)) * 5e-4
    figures = [*tick_steps(ticks), *bar_steps(returns), *compiled_steps(20 if quick else 100, rng)]
    trades = _trades(ticks)
    figures += through_market(trades)
    peers, remarks = peer_costs(returns[:, :2], 780 if quick else 3120)
    profiles, missing = profile_costs(garch_t5(rng, 60), LAGS)
    return Report("B6 cost", (*figures, *peers, *profiles), (*remarks, *missing))


def tick_steps(ticks: Ticks) -> Iterator[Figure]:
    """The estimators that take ticks."""
    pairs: dict[str, HayashiYoshida | ExactHayashiYoshida | LeadLag] = {
        "HY": HayashiYoshida(1248.0),
        "HY over a flat hour": ExactHayashiYoshida(HOUR, slots=10_000),
        "lead-lag, 41 lags": LeadLag(LAGS),
    }
    for name, pair in pairs.items():
        yield from _step(name, "a tick", _ticked(pair, ticks))


def _ticked(pair: HayashiYoshida | ExactHayashiYoshida | LeadLag, ticks: Ticks) -> Calls:
    for t, leg, x, y in zip(*(column.tolist() for column in ticks), strict=True):
        yield partial(pair.x_tick, t, x) if leg == X else partial(pair.y_tick, t, y)


def bar_steps(returns: Floats) -> Iterator[Figure]:
    """Those that take bars."""
    rows = returns.tolist()
    for name, update in _updates().items():
        yield from _step(name, "a bar", _updated(update, rows))


def _updated(update: Callable[..., object], rows: Sequence[list[float]]) -> Calls:
    for bar, row in enumerate(rows):
        yield partial(update, bar, *row)


def _updates() -> dict[str, Callable[[int, float, float, float], object]]:
    pearson, weighted, quadrant = Pearson(60), EwPearson(21.0), Quadrant(21.0)
    given, beta, gap = Partial(135.0), Beta(2700.0), Divergence(60)
    volatility = Volatility(135.0)
    broken, warning = Breakdown(32_760.0), BreakdownWarning(32_760.0)
    return {
        "Pearson, 60 bars": lambda _, x, y, __: pearson.update(x, y),
        "weighted Pearson": lambda _, x, y, __: weighted.update(x, y),
        "quadrant": lambda _, x, y, __: quadrant.update(x, y),
        "partial": lambda _, x, y, z: given.update(x, y, z),
        "beta": lambda _, x, y, __: beta.update(x, y),
        "divergence": lambda _, x, y, __: gap.update(x, y, 0.5),
        "volatility": lambda _, x, __, ___: volatility.update(x),
        "breakdown": lambda bar, x, y, _: broken.update(x, y, bar * 15 * NS, 0.67),
        "breakdown warning": lambda bar, x, y, _: warning.update(x, y, bar * 15 * NS, 0.67),
    }


def _step(name: str, of: str, calls: Calls) -> Iterator[Figure]:
    """Median and 99th percentile of the time a call takes, and its mean beside them."""
    timer = _timer()
    taken = []
    for call in calls:
        began = perf_counter_ns()
        call()
        taken.append(perf_counter_ns() - began - timer)
    mean = f"mean {sum(taken) / len(taken) / 1000:.2f} µs"
    for q, label in ((0.5, "p50"), (0.99, "p99")):
        yield Figure(f"{name}: {label}", max(quantile(taken, q), 0) / 1000, f"µs {of}", note=mean)


def _timer() -> float:
    """What timing a call that does nothing takes."""
    taken = []
    for nothing in [partial(int)] * 5000:
        began = perf_counter_ns()
        nothing()
        taken.append(perf_counter_ns() - began)
    return median(taken)


def compiled_steps(hours: int, rng: np.random.Generator) -> Iterator[Figure]:
    """Ticks a second of the same steps over arrays."""
    ticks = merge(*(a for leg in garch_t5(rng, 60 * hours) for a in leg))
    few = Ticks(ticks.t[:100], ticks.leg[:100], ticks.x[:100], ticks.y[:100])
    for name, (run, target) in COMPILED.items():
        run(few)
        took = min(_seconds(partial(run, ticks)) for _ in range(3))
        note = f"{len(ticks.t):,} ticks, best of 3"
        yield Figure(name, len(ticks.t) / took / 1e6, "M ticks/s", at_least(target), note)


def _seconds(call: Callable[[], object]) -> float:
    began = perf_counter_ns()
    call()
    return (perf_counter_ns() - began) / 1e9


def _trades(ticks: Ticks) -> list[Tick[float]]:
    """The same ticks as trades from the open on."""
    return [
        tick(TUESDAY + round(t * 1e9), "a" if leg == 1 else "s", 7.6 + x if leg == 1 else 5.5 + y)
        for t, leg, x, y in zip(*(column.tolist() for column in ticks), strict=True)
    ]


PAIR_METRICS = [m for m in CATALOGUE.values() if m.over == "pair" and not m.controlled]
APART = {"correlation over flat windows": ("corr_flat",), "who leads": ("lead", "llr")}
"""What keeps every tick of its window, and what takes every tick on 41 lags: told by themselves."""
REST = "all else of a pair"


def calls(group: str) -> list[Call]:
    """Every statistic of two instruments of a group, at three windows where it has one."""
    others = [name for names in APART.values() for name in names]
    found = []
    for metric in PAIR_METRICS:
        if metric.name in APART[group] if group in APART else metric.name not in others:
            windows = WINDOWS if metric.window else (None,)
            found += [Call(metric.name, (PAIR.x, PAIR.y), w, metric.rate) for w in windows]
    return found


def through_market(trades: Sequence[Tick[float]]) -> Iterator[Figure]:
    """Ordering, routing and bars, then what statistics and their readings add, a trade."""
    for seconds, told in ((1, "every second"), (60, "every minute")):
        bare, _ = _fed(trades, (), seconds)
        yield Figure(f"market without statistics, snapshots {told}", bare, "µs a tick")
        for group in (REST, *APART):
            asked = calls(group)
            cost, readings = _fed(trades, asked, seconds)
            defined = sum(each.value is not None for each in readings.values())
            note = f"{len(trades):,} trades; {defined} of {len(asked)} readings defined at the end"
            target = at_most(6.0) if group == REST else None
            yield Figure(f"{group}, readings {told}", cost - bare, "µs a tick", target, note)


def _fed(
    trades: Sequence[Tick[float]], asked: Sequence[Call], seconds: int
) -> tuple[float, Mapping[str, Reading]]:
    """µs a trade, and the last readings."""
    taken: list[float] = []
    readings: Mapping[str, Reading] = {}
    for _ in range(3):
        market = Market(
            [ETH, IWM],
            [PAIR],
            asked,
            priors={PAIR.name: Prior(correlation=0.5, beta=1.1)},
            settings=Settings(step=seconds * NS),
        )
        began = process_time()
        for trade in trades:
            for snapshot in market.accept(trade):
                readings = snapshot.readings
        taken.append(process_time() - began)
    return min(taken) * 1e6 / len(trades), readings


if __name__ == "__main__":
    from tests.benchmarks.signal.install import install_peers
    from tests.benchmarks.table import table

    install_peers()
    Console(width=150).print(table([measure(quick="--quick" in sys.argv)]))
