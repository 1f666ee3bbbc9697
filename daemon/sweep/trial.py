"""Variants of a rule over one stretch of market: the statistics once, an engine each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from alerts.engine import Engine
from alerts.rule import Rule
from alerts.transition import State, Transition
from config.load import load
from config.settings import Config
from daemon.ledger import Ledger, ledger_calls
from daemon.replay import common_span, on_files, play
from daemon.scenario import SCRIPTS, on_scenario, play_scenario
from daemon.scorecard import Score
from daemon.sweep.grid import build
from daemon.verdict import AFTERMATH, effects
from daemon.watch import Watch
from daemon.wiring import make_market
from streams.history.prices import BarStamp, read_prices
from streams.instrument import NS, Pair
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import Script
from streams.snapshot import Snapshot


class Files(msgspec.Struct, frozen=True, tag=True):
    """Price files by instrument; rules are looked at every `step` ns."""

    paths: Mapping[str, Path]
    tz: str
    bar_stamp: BarStamp
    step: int


class Simulated(msgspec.Struct, frozen=True, tag=True):
    """A scenario with one seed."""

    scenario: str
    seed: int


Source = Files | Simulated


class Trial(msgspec.Struct, frozen=True):
    """What a process is given: files of the varied rule, and what to run them over."""

    config: Path
    rule: str
    variants: tuple[bytes, ...]
    source: Source


class Cause(msgspec.Struct, frozen=True):
    """From and until when (ns) something was done that the rule may speak of.

    `own` where the rule ought to find it.
    """

    start: int
    end: int
    own: bool


class Tally(msgspec.Struct, frozen=True):
    """What one variant did over one source. `watched` is ns of regular hours of both.

    `causes` and `delays` (ns, of those found) are of what it ought to find; `right` counts alerts
    with a cause. Of files there is a score instead.
    """

    watched: int
    alerts: int
    causes: int = 0
    delays: tuple[int, ...] = ()
    right: int = 0
    score: Score | None = None


def run(trial: Trial) -> list[Tally]:
    """A tally for each variant."""
    config = load(trial.config)
    rules = [build(file, trial.rule, config) for file in trial.variants]
    match trial.source:
        case Files() as files:
            return _over_files(config, rules, trial.rule, files)
        case simulated:
            return _over_scenario(config, rules, trial.rule, simulated)


class _Panel:
    """The variants side by side, reading the same snapshots."""

    def __init__(self, config: Config, rules: Sequence[Rule]) -> None:
        self.config = config
        numbered = [
            msgspec.structs.replace(rule, id=str(n), pair=config.pairs[0])
            for n, rule in enumerate(rules)
        ]
        self.rules = numbered
        self.ledger = Ledger(numbered, config.instruments)
        self.fired: list[list[int]] = [[] for _ in numbered]
        self.watched = 0
        self._engines = [Engine([rule]) for rule in numbered]

    def watch(self) -> Watch:
        """A core that shows them what it finds."""
        config = msgspec.structs.replace(self.config, rules=tuple(self.rules))
        market = make_market(config, ledger_calls(config.pairs[:1]))
        return Watch(market, Engine(()), on_transition=lambda _: None, on_snapshot=self._see)

    def _see(self, snapshot: Snapshot) -> None:
        for fired, engine in zip(self.fired, self._engines, strict=True):
            for transition in engine.update(snapshot, snapshot.ts):
                self.ledger.on_transition(transition)
                if _told(transition):
                    fired.append(transition.ts)
        self.ledger.on_snapshot(snapshot)
        if _regular(snapshot, self.config.pairs[0]):
            self.watched += self.config.step


def _told(transition: Transition) -> bool:
    return transition.state is State.FIRING and not transition.repeat and bool(transition.notify)


def _regular(snapshot: Snapshot, pair: Pair) -> bool:
    return all(snapshot.sessions.get(name) == "regular" for name in (pair.x, pair.y))


def _over_files(config: Config, rules: Sequence[Rule], rule: str, source: Files) -> list[Tally]:
    files = {
        name: read_prices(path, tz=source.tz, bar_stamp=source.bar_stamp)
        for name, path in source.paths.items()
    }
    panel = _Panel(on_files(config, files, source.step), rules)
    play(panel.watch(), files, common_span(files, config.pairs[0]))
    scores = {
        score.rule: msgspec.structs.replace(score, rule=rule) for score in panel.ledger.scores()
    }
    return [
        Tally(watched=panel.watched, alerts=len(fired), score=scores.get(variant.id))
        for variant, fired in zip(panel.rules, panel.fired, strict=True)
    ]


def _over_scenario(
    config: Config, rules: Sequence[Rule], rule: str, source: Simulated
) -> list[Tally]:
    market = SimulatedMarket(seed=source.seed, script=SCRIPTS[source.scenario])
    panel = _Panel(on_scenario(config, market), rules)
    play_scenario(panel.watch(), market)
    known = causes(market.script, market.start_ns, rule)
    return [judged(fired, known, panel.watched) for fired in panel.fired]


def causes(script: Script, start_ns: int, rule: str) -> list[Cause]:
    """What a script does that a rule may speak of; all of it, where the rule is a new one."""
    found = []
    named = {name for phase in script.phases for name in _speaking(effects(phase))}
    for phase in script.phases:
        own, others = effects(phase)
        if phase.turns[-1] <= 0 or not own or (rule in named and rule not in {own, *others}):
            continue
        start, end = (start_ns + round(turn * NS) for turn in (phase.turns[0], phase.turns[-1]))
        found.append(Cause(start, end, rule == own or rule not in named))
    return found


def _speaking(found: tuple[str, tuple[str, ...]]) -> tuple[str, ...]:
    own, others = found
    return own, *others


def judged(fired: Sequence[int], known: Sequence[Cause], watched: int) -> Tally:
    """Alerts against causes: one is right from a cause's start until half an hour past its end."""
    own = [cause for cause in known if cause.own]
    first = [_first(fired, cause) for cause in own]
    return Tally(
        watched=watched,
        alerts=len(fired),
        causes=len(own),
        delays=tuple(ts - cause.start for ts, cause in zip(first, own, strict=True) if ts),
        right=sum(any(_within(ts, cause) for cause in known) for ts in fired),
    )


def _first(fired: Sequence[int], cause: Cause) -> int:
    """The first alert of a cause; 0 where there is none."""
    return next((ts for ts in fired if _within(ts, cause)), 0)


def _within(ts: int, cause: Cause) -> bool:
    return cause.start <= ts <= cause.end + AFTERMATH
