"""How often detectors of a broken link are wrong, and how long they take: on simulated sessions.

    python -m tests.benchmarks.signal.breakdown [--quick] [--seed N]

A month is 21 sessions; all CUSUMs and windows restart with a session. The contest's thresholds
are those of one false alarm a month on GARCH-t5 (ours by formula, the others' by simulation). A
break begins anywhere in a session and lasts: its delay is counted in minutes of trading.
"""

from __future__ import annotations

import argparse
from math import inf

import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from streams.estimators.breakdown import Breakdown
from streams.estimators.cause import SETTLED, Cause
from tests.benchmarks.figures import Figure, Report, at_most
from tests.benchmarks.signal import contest
from tests.benchmarks.signal.contest import CONFIRMING, WARNING, Delays, delays, known, paths
from tests.benchmarks.signal.learning import Keys, halves_of_octaves, learn, one_key, watched
from tests.benchmarks.signal.peer import river_detectors
from tests.benchmarks.signal.worlds import SESSION, Sample, World, simulate

SESSIONS, QUICK = 6300, 840
"""Simulated for a rate of false alarms."""
BROKEN_SESSIONS = 4

CONSTANT = (
    World("GARCH-t5"),
    World("normal", tail=inf, garch=False),
    World("t3", tail=3.0, garch=False),
    World("U-shape", smile=0.85),
    World("volatility ×3", louder=3.0),
)
BREAKS = (
    World("→ 0", remains=0.0),
    World("→ rho/2", remains=0.5),
    World("→ 0 over 120 bars", remains=0.0, ramp=120),
)
RHOS = (0.6, 0.5, 0.4)
PROMISED = {0.6: 25.0, 0.5: 36.0, 0.4: 55.0}


class Moving(msgspec.Struct, frozen=True):
    """A world in which p0 moves though nothing breaks, and how the pair keeps its books."""

    world: World
    keys: Keys = one_key
    note: str = ""


MOVING = (
    Moving(World("p0 learned from 20 days")),
    Moving(World("p0 sd .02 a day", between=0.02)),
    Moving(World("p0 sd .03 within the day", within=0.03)),
    Moving(World("both", between=0.02, within=0.03)),
    Moving(World("tick rate ×4 in the day", busier=4.0), halves_of_octaves(4.0), "4 buckets"),
    Moving(World("tick rate ×4 in the day", busier=4.0), one_key, "one key"),
)


def measure(*, quick: bool = False, seed: int = 3, console: Console | None = None) -> Report:
    """All tables to the console, and the figures that have targets."""
    console = console or Console(width=150)
    run = _Run(QUICK if quick else SESSIONS, seed, console)
    figures = [*run.constant(), *run.moving(), *run.breaks()]
    peer, remark = river_detectors(30 if quick else 210, np.random.default_rng(seed))
    return Report("breakdown", (*figures, *peer), (remark,))


class _Run:
    def __init__(self, sessions: int, seed: int, console: Console) -> None:
        self.sessions, self.console = sessions, console
        self.rng = np.random.default_rng(seed)

    def constant(self) -> list[Figure]:
        """Rates of false alarms where p0 is constant."""
        figures = []
        rates: dict[tuple[str, int], list[float]] = {}
        for world in CONSTANT:
            whole = simulate(world, self.sessions, self.rng)
            for minute, sample in ((4, whole), (1, whole.minutes())):
                held = known(sample)
                if world is CONSTANT[0]:
                    self._limits(sample, minute)
                ours = contest.own_thresholds(sample, held)
                for name, path in paths(sample, held):
                    h = ours.get(name, self.limits[minute][name])
                    found = contest.rate(path, h)
                    rates.setdefault((name, minute), []).append(found)
                    if name in {CONFIRMING, WARNING} and minute == 4:
                        figures.append(_rate_figure(name, world.name, found, 1.25))
        for minute in (4, 1):
            self._rates(rates, minute)
        return figures

    def _limits(self, sample: Sample, minute: int) -> None:
        if minute == 4:
            self.limits = {}
        self.limits[minute] = contest.thresholds(sample, known(sample))

    def _rates(self, rates: dict[tuple[str, int], list[float]], minute: int) -> None:
        size = "15 s" if minute == 4 else "1 min"
        table = Table("", *(world.name for world in CONSTANT), box=None)
        table.title = f"false alarms a month, constant p0, bars of {size}, rho .6"
        for (name, at), found in rates.items():
            if at == minute:
                table.add_row(name, *(f"{each:.2f}" for each in found))
        self.console.print(table)

    def moving(self) -> list[Figure]:
        """Rates where the world moves, h carrying what was learned, and what that costs."""
        table = Table("", "", "confirming", "h", "→ 0, min", "warning", "h", "→ 0, min", box=None)
        table.title = "false alarms a month where p0 moves; h from 20 learned sessions"
        figures = []
        for moving in MOVING:
            figures += self._moving(moving, table)
        figures += self._failover(table)
        self.console.print(table)
        self._noise()
        return figures

    def _moving(self, moving: Moving, table: Table) -> list[Figure]:
        world, half = moving.world, self.sessions // 2
        learned = learn(simulate(world, half, self.rng), half, moving.keys)
        found = [contest.rate(p, 1.0) for p in watched(simulate(world, half, self.rng), learned)]
        columns = self.sessions // 10
        broken = msgspec.structs.replace(world, remains=0.0)
        sample = simulate(broken, columns, self.rng, BROKEN_SESSIONS)
        few = msgspec.structs.replace(
            learned,
            p0=learned.p0[:, :columns],
            confirming=learned.confirming[:, :columns],
            warning=learned.warning[:, :columns],
        )
        costs = [delays(p, 1.0, sample.turn, SESSION) for p in watched(sample, few)]
        cells = [
            f"{figure:.{digits}f}"
            for rate, h, cost in zip(found, learned.median, costs, strict=True)
            for figure, digits in ((rate, 2), (h, 1), (cost.mean, 0))
        ]
        table.add_row(world.name, moving.note, *cells)
        label = f"{world.name}{', ' + moving.note if moving.note else ''}"
        return [
            _rate_figure(name, label, each, 2.0)
            for name, each in zip((CONFIRMING, WARNING), found, strict=True)
        ]

    def _failover(self, table: Table) -> list[Figure]:
        """y's feed becomes one of a quarter of the ticks: its own key, or that of the other."""
        world, half = World("failover to ¼ of the ticks", slower_after=4.0), self.sessions // 2
        sample = simulate(world, half, self.rng)
        first = learn(simulate(World(""), half, self.rng), half, one_key)
        two = simulate(world, half, self.rng, 2)
        after = Sample(two.x[SESSION:], two.y[SESSION:], two.turn)
        second = learn(after, half, one_key)
        late = np.arange(SESSION)[:, None] >= sample.turn
        joined = msgspec.structs.replace(
            first,
            p0=np.where(late, second.p0, first.p0),
            confirming=np.where(late, second.confirming, first.confirming),
            warning=np.where(late, second.warning, first.warning),
        )
        figures = []
        for note, learned, restart in (("own key", joined, True), ("unaware", first, False)):
            found = [contest.rate(p, 1.0) for p in watched(sample, learned, restart=restart)]
            table.add_row(world.name, note, f"{found[0]:.2f}", "", "", f"{found[1]:.2f}", "", "")
            if restart:
                figures = [
                    _rate_figure(name, world.name, each, 2.0)
                    for name, each in zip((CONFIRMING, WARNING), found, strict=True)
                ]
        return figures

    def _noise(self) -> None:
        """x grows loud on its own: no detector can but fire; is the cause named?"""
        table = Table("", "alarms a month", "noise", "beta", "undetermined", box=None)
        table.title = (
            "what the alarm is put down to, two hours after its onset (confirming, rho .6)"
        )
        calm = simulate(World(""), 200, self.rng)
        p0, beta = known(calm).p0, float((calm.x * calm.y).mean() / (calm.y * calm.y).mean())
        for world in (
            World("idiosyncratic variance ×9", noise=9.0),
            World("idiosyncratic variance ×4", noise=4.0),
            World("correlation → 0", remains=0.0),
        ):
            sample = simulate(world, self.sessions // 20, self.rng, 4, calm=2)
            table.add_row(world.name, *_causes(sample, p0, beta))
        self.console.print(table)

    def breaks(self) -> list[Figure]:
        """Delays of all detectors."""
        figures = []
        for rho in RHOS:
            calm = simulate(World("", rho=rho), self.sessions, self.rng)
            both = ((4, calm), (1, calm.minutes()))
            held = {m: known(s) for m, s in both}
            limits = {m: contest.thresholds(s, held[m]) for m, s in both}
            for world in BREAKS:
                broken = msgspec.structs.replace(world, rho=rho)
                whole = simulate(broken, self.sessions // 6, self.rng, BROKEN_SESSIONS)
                found = {
                    (name, m): delays(path, limits[m][name], s.turn, s.bars)
                    for m, s in ((4, whole), (1, whole.minutes()))
                    for name, path in paths(s, held[m])
                }
                self._delays(found, f"rho {rho:g} {world.name}")
                if world is BREAKS[0]:
                    figures += _promises(found, rho)
        return figures

    def _delays(self, found: dict[tuple[str, int], Delays], title: str) -> None:
        heads = ("mean", "median", "p90", "missed")
        table = Table("", *(f"{h} {b}" for b in ("15s", "1min") for h in heads), box=None)
        table.title = f"minutes to the alarm, {title}"
        for name in dict.fromkeys(name for name, _ in found):
            each = [found[name, minute] for minute in (4, 1)]
            table.add_row(
                name,
                *(
                    text
                    for d in each
                    for text in (
                        f"{d.mean:.1f}",
                        f"{d.median:.1f}",
                        f"{d.p90:.1f}",
                        f"{d.missed:.1%}",
                    )
                ),
            )
        self.console.print(table)


def _causes(sample: Sample, p0: float, beta: float) -> list[str]:
    """Alarms a month from the turn's session, and the shares of what they were put down to."""
    labels = [_cause(sample, column, p0, beta) for column in range(sample.x.shape[1])]
    alarms = [label for label in labels if label]
    shares = [alarms.count(label) / max(len(alarms), 1) for label in ("noise", "beta")]
    found = f"{21 * len(alarms) / len(labels):.1f}"
    return [found, *(f"{share:.0%}" for share in (*shares, 1 - sum(shares)))]


def _cause(sample: Sample, column: int, p0: float, beta: float) -> str:
    """The last label of the first alarm from the turn on, at most two hours after its onset."""
    detector, cause, label = Breakdown(contest.MONTH * float(SESSION)), Cause(), ""
    returns = zip(sample.x[:, column].tolist(), sample.y[:, column].tolist(), strict=True)
    for bar, (x, y) in enumerate(returns):
        if bar % SESSION == 0:
            detector.new_session()
        detector.update(x, y, bar, p0)
        cause.update(x - beta * y, y, climbing=detector.climbing)
        if detector.onset_ns is not None and bar >= sample.turn[column]:
            label = cause.label
            if bar - detector.onset_ns > SETTLED:
                break
        elif label:
            break
    return label


def _rate_figure(name: str, world: str, found: float, most: float) -> Figure:
    return Figure(f"{name}: {world}", found, "false alarms a month", at_most(most))


def _promises(found: dict[tuple[str, int], Delays], rho: float) -> list[Figure]:
    confirming = Figure(
        f"{CONFIRMING}: rho {rho:g} → 0",
        found[CONFIRMING, 4].mean,
        "min",
        at_most(PROMISED[rho]),
    )
    if rho != RHOS[0]:
        return [confirming]
    warning = Figure(f"{WARNING}: rho {rho:g} → 0", found[WARNING, 4].mean, "min", at_most(16.0))
    return [confirming, warning]


def main() -> None:
    """Print the tables, and what was promised beside what was found."""
    from tests.benchmarks.table import table  # noqa: PLC0415  # only for people

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=3)
    asked = parser.parse_args()
    console = Console(width=150)
    report = measure(quick=asked.quick, seed=asked.seed, console=console)
    console.print(table([report]))


if __name__ == "__main__":
    main()
