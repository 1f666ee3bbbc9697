"""What pairs cost: ten of them at 100 ticks a second, and one of them among more and more.

    python -m tests.benchmarks.pairs

First a real `comove run` on loopback feeds, then the core alone on ticks in memory, where it can be
told what a tick, a snapshot and a bar cost. Keeps results/pairs.md and results/pairs.json.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from config.load import load
from streams.instrument import NS
from tests.benchmarks.figures import Figure, Report, at_most
from tests.benchmarks.machine import describe
from tests.benchmarks.page import keep
from tests.benchmarks.pairs_core import SECONDS, Spent, played
from tests.benchmarks.pairs_daemon import MEASURED, spent
from tests.benchmarks.pairs_field import WINDOWS, Field, write_config
from tests.benchmarks.process import REMARK

RATE = 100.0
"""Ticks a second, in all."""
GROWING = (1, 5, 10, 20)
_CRYPTO = ("ETH", "BTC", "SOL")
_SHARES = ("IWM", "SPY", "QQQ", "DIA")
_NAMES = (*_CRYPTO, *_SHARES)
TEN = Field(
    [(x, y) for x in _CRYPTO for y in _SHARES if y != "DIA" or x == "ETH"],
    dict.fromkeys(_NAMES, RATE / len(_NAMES)),
    controls=("SPY", "BTC"),
)
_SHARE = at_most(15)
_QUIET = 0.1
_RUNS = 3


def main() -> None:
    """Measure, print and keep."""
    machine = describe()
    keep("pairs", "pairs", machine, [daemon(), core(), growing()])


def daemon() -> Report:
    """The whole process: feeds, rules, the log, MQTT and the page."""
    cost = asyncio.run(spent(TEN))
    note = f"of one core, over {cost.wall:.0f} s"
    figures = (
        Figure("CPU", cost.share, "%", _SHARE, note),
        Figure("RSS, the most seen", cost.rss / 1024, "MiB", None, "children included"),
    )
    return Report(f"comove run: {_title()}", figures, (REMARK, _WINDOWS, _CHANNELS))


def core() -> Report:
    """The same without a network, once the statistics are warm."""
    return Report(f"the core: {_title()}", tuple(_core(_runs(TEN))), (_SPAN, _GRID))


def _title() -> str:
    return f"{len(TEN.pairs)} pairs, {RATE:.0f} ticks/s in all"


def _core(runs: Sequence[Spent]) -> Iterator[Figure]:
    share = 100 * median(run.all for run in runs) / (SECONDS * NS)
    note = f"{runs[0].rules} rules, {runs[0].readings} readings a snapshot"
    yield Figure("CPU", share, "%", _SHARE, note)
    whole = median(run.all / run.ticks for run in runs) / 1000
    yield Figure("a tick, with all that comes of it", whole, "µs")
    yield from _parts("", runs)


def growing() -> Report:
    """Pairs that share nothing; one of them has nearly all of the ticks."""
    figures: list[Figure] = []
    for count in GROWING:
        pairs = [(f"X{n}", f"Y{n}") for n in range(count)]
        rates = {name: _QUIET for pair in pairs for name in pair}
        runs = _runs(Field(pairs, rates | dict.fromkeys(pairs[0], RATE / 2)))
        figures += _parts(f"{count} pair{'s' if count > 1 else ''}: ", runs)
    return Report("the core: ticks of one pair among others", tuple(figures), (_OTHERS,))


def _parts(prefix: str, runs: Sequence[Spent]) -> Iterator[Figure]:
    for name, words in _WORDS.items():
        spent_on = median(getattr(run, name) for run in runs) / 1000
        yield Figure(f"{prefix}{words}", spent_on, "µs")


_WORDS = {"tick": "a tick", "snapshot": "a snapshot and its rules", "bar": "the end of a bar"}
_WINDOWS = f"Windows of corr: {', '.join(WINDOWS)}, beside what the shipped rules and alerts read."
_CHANNELS = f"Told in the log and on MQTT, every metric too; begun {MEASURED.settle:.0f} s before."
_SPAN = f"CPU time over {SECONDS} s of trading, median of {_RUNS} runs."
_GRID = "A snapshot is taken each second, a bar ends every 15 s."
_OTHERS = (
    f"One pair ticks {RATE:.0f} times a second, each leg of the others every {1 / _QUIET:.0f} s."
)


def _runs(field: Field) -> list[Spent]:
    with TemporaryDirectory() as folder:
        config = load(write_config(Path(folder), field))
    found = []
    for seed in range(_RUNS):
        gc.collect()
        found.append(played(config, field, seed))
    return found


if __name__ == "__main__":
    main()
