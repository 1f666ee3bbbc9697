"""The CPU time that the core spends on pairs: by tick, by snapshot, by bar."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from statistics import median
from time import thread_time_ns

import msgspec

from config.settings import Config
from daemon.demo import closes
from daemon.scenario import items
from daemon.watch import Watch
from daemon.wiring import make_engine, make_market
from streams.instrument import NS
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import Script
from streams.tick import Item
from tests.benchmarks.pairs_field import Field, model

SECONDS = 120
"""That are measured."""
_LEAD_IN = 60
_SESSIONS = 2
_BAR = 15


class Spent(msgspec.Struct, frozen=True):
    """CPU ns: of all, and medians of a tick, of a snapshot with its rules, and of a bar's end."""

    rules: int
    readings: int
    ticks: int
    all: int
    tick: float
    snapshot: float
    bar: float


class _Second(msgspec.Struct, frozen=True):
    """CPU ns of the snapshot (with the tick that passes it), and of the ticks after it."""

    ends_bar: bool
    ticks: int
    snapshot: int
    rest: int


def played(config: Config, field: Field, seed: int) -> Spent:
    """What a core spends on the field, once it knows of some sessions."""
    market = SimulatedMarket(seed=seed, script=Script(_LEAD_IN + SECONDS), model=model(field))
    watch = Watch(make_market(config), make_engine(config), on_transition=lambda _: None)
    watch.market.learn(closes(market.history(sessions=_SESSIONS)))
    begins = market.start_ns // NS + _LEAD_IN
    looked = []
    for second, several in groupby(items(market), key=lambda item: item.ts_recv // NS):
        spent = _second(watch, second, list(several))
        if second >= begins:
            looked.append(spent)
    readings = 0 if watch.snapshot is None else len(watch.snapshot.readings)
    return _summed(looked, len(config.rules), readings)


def _second(watch: Watch, second: int, several: Sequence[Item]) -> _Second:
    began = thread_time_ns()
    _accept(watch, several[:1])
    looked = thread_time_ns()
    _accept(watch, several[1:])
    ended = thread_time_ns()
    # Ticks are let go half a second later: a bar ends inside the second that follows it.
    return _Second(second % _BAR == 0, len(several), looked - began, ended - looked)


def _accept(watch: Watch, several: Sequence[Item]) -> None:
    for item in several:
        watch.accept(item)


def _summed(looked: Sequence[_Second], rules: int, readings: int) -> Spent:
    tick = median(one.rest / max(one.ticks - 1, 1) for one in looked if not one.ends_bar)
    return Spent(
        rules=rules,
        readings=readings,
        ticks=sum(one.ticks for one in looked),
        all=sum(one.snapshot + one.rest for one in looked),
        tick=tick,
        snapshot=median(one.snapshot for one in looked) - tick,
        bar=median(one.rest - tick * (one.ticks - 1) for one in looked if one.ends_bar),
    )
