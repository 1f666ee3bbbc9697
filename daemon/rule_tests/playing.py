"""A case through the engine: series as snapshots, files and scenarios through the market too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from alerts.context import rule_calls
from alerts.engine import Engine
from alerts.rule import Rule
from alerts.transition import Transition
from config.settings import Config
from daemon.replay import common_span, on_files, play, usual_step
from daemon.rule_tests.case import Case, PriceFiles, Series
from daemon.rule_tests.snapshots import snapshots
from daemon.scenario import SCRIPTS, on_scenario, play_scenario
from daemon.watch import Watch
from daemon.wiring import make_market, needed_calls
from streams.history.prices import read_prices
from streams.simulator.market import SimulatedMarket
from streams.snapshot import Snapshot

MOST_STEPS = 2_000_000


class TooLongError(Exception):
    """A series of more instants than can be looked at."""


class Played(msgspec.Struct, frozen=True):
    """What a case led to, in order; `seen` is the snapshot at each expected instant."""

    start: int
    transitions: tuple[Transition, ...]
    seen: Mapping[int, Snapshot]
    warnings: tuple[str, ...] = ()


def play_case(case: Case, config: Config, rules: Sequence[Rule]) -> Played:
    """Run it. PriceFileError, UnknownInstrumentError and TooLongError say what cannot be run."""
    own = tuple(rule for rule in rules if rule.pair.name == case.pair.name)
    match case.given:
        case Series() as series:
            return _play_series(case, series, config, own)
        case PriceFiles() as files:
            return _play_files(case, files, msgspec.structs.replace(config, rules=own))
        case scenario:
            market = SimulatedMarket(seed=scenario.seed, script=SCRIPTS[scenario.name])
            simulated = on_scenario(msgspec.structs.replace(config, rules=own), market)
            notes = _Notes(case, market.start_ns)
            play_scenario(notes.watch(simulated), market)
            return notes.played()


class _Notes:
    """Keeps the transitions, and the snapshots at the instants of which something is expected."""

    def __init__(self, case: Case, start: int) -> None:
        self._start = start
        self._instants = sorted({e.instant(start) for e in case.expected})
        self._seen: dict[int, Snapshot] = {}
        self._last: Snapshot | None = None
        self._next = 0
        self.transitions: list[Transition] = []

    def watch(self, config: Config) -> Watch:
        """A core that is noted down."""
        return Watch(
            make_market(config),
            Engine(config.rules),
            on_transition=self.transitions.append,
            on_snapshot=self.see,
        )

    def see(self, snapshot: Snapshot) -> None:
        """Take a snapshot, in order."""
        while self._next < len(self._instants) and self._instants[self._next] < snapshot.ts:
            self._settle()
        self._last = snapshot

    def _settle(self) -> None:
        if self._last is not None:
            self._seen[self._instants[self._next]] = self._last
        self._next += 1

    def played(self, warnings: Sequence[str] = ()) -> Played:
        """All of it."""
        while self._next < len(self._instants):
            self._settle()
        return Played(self._start, tuple(self.transitions), self._seen, tuple(warnings))


# -- series


def _play_series(case: Case, series: Series, config: Config, rules: Sequence[Rule]) -> Played:
    # The last value stays for as long as a rule that must not fire would take to.
    patience = max((rule.hold for rule in rules if rule.id in case.never), default=0)
    expected = (e.instant(case.start) for e in case.expected)
    end = max((case.start + series.duration + patience, *expected))
    step = min(config.step, series.every)
    if (end - case.start) // step > MOST_STEPS:
        raise TooLongError(
            f"{case.name}: rules would be looked at more than {MOST_STEPS:,} times; "
            "make 'every' or the series shorter"
        )
    notes, engine = _Notes(case, case.start), Engine(rules)
    keys = (call.key for call in needed_calls(rules, config.pairs))
    for snapshot in snapshots(series, range(case.start, end + 1, step), keys, config):
        notes.transitions += engine.update(snapshot, snapshot.ts)
        notes.see(snapshot)
    return notes.played(tuple(_not_given(case, series, rules)))


def _not_given(case: Case, series: Series, rules: Sequence[Rule]) -> Iterator[str]:
    """A warning for each tested rule that reads what the test does not give."""
    given = {call.key for call in series.readings}
    tested = {*(e.rule for e in case.expected), *case.never}
    for rule in rules:
        missing = [call.key for call in rule_calls(rule) if call.key not in given]
        if rule.id in tested and missing:
            yield f"{rule.id} reads {', '.join(missing)}: not given here, so unknown"


# -- price files


def _play_files(case: Case, given: PriceFiles, config: Config) -> Played:
    files = {
        name: read_prices(path, tz=given.tz, bar_stamp=given.bar_stamp)
        for name, path in given.paths.items()
    }
    first, last = common_span(files, case.pair)
    start = first if given.start is None else max(first, given.start)
    notes = _Notes(case, given.start or first)
    play(notes.watch(on_files(config, files, usual_step(files))), files, (start, last))
    return notes.played()
