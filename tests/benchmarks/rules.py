"""What evaluating 200 rules costs a snapshot: `python -m tests.benchmarks.rules`.

Rules as people write them, of one to three terms, in the language; CPU time of `Engine.update`
while nothing changes, while all wait for data, while half of them fire, and of the snapshot at
which they begin to. Keeps results/rules.md and results/rules.json, with what language.py measures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from time import process_time_ns

from alerts.context import rule_calls
from alerts.engine import Engine
from alerts.language import compile_expression
from alerts.rule import Rule
from streams.instrument import NS, Pair
from streams.snapshot import Reading, Snapshot
from tests.benchmarks import language
from tests.benchmarks.figures import Figure, Report, at_most
from tests.benchmarks.machine import describe
from tests.benchmarks.page import keep

RULES = 200
PROMISED = 100.0
"""µs a snapshot."""
_ROUNDS = 15
_SNAPSHOTS = 200

_PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
_WHEN = (
    "divergence(60m) < -{}",
    "corr(1h) < -0.{}",
    "divergence(60m) > {} and corr(1h) < 0.2",
    "return(ETH, 1d) < -{}% and return(IWM, 1d) < -2% and corr(1h) > 0.3",
)


def rules() -> list[Rule]:
    """200 of them, half of them with a session, a quarter with a clear level."""
    return [_rule(number) for number in range(RULES)]


def _rule(number: int) -> Rule:
    names = ["ETH", "IWM", "SPY", "BTC"]
    text = _WHEN[number % len(_WHEN)].format(4 + number % 5)
    clear = "divergence(60m) > -2" if number % 4 == 0 else None
    return Rule(
        id=f"rule-{number}",
        title="A rule",
        pair=_PAIR,
        when=compile_expression(text, _PAIR, names, truth=True),
        clear=compile_expression(clear, _PAIR, names, truth=True) if clear else None,
        session="regular" if number % 2 else None,
        repeat_interval=None,
    )


def snapshots(given: Sequence[Rule], value: Callable[[str], float | None]) -> list[Snapshot]:
    """A second apart, every reading the same throughout."""
    keys = {call.key for rule in given for call in rule_calls(rule)}
    readings = {key: Reading(value(key), "warming up 12/60") for key in keys}
    return [
        Snapshot(second * NS, readings, {"ETH": "regular", "IWM": "regular"})
        for second in range(1, _SNAPSHOTS + 1)
    ]


def cost(value: Callable[[str], float | None]) -> tuple[float, float]:
    """CPU µs of the first snapshot and of each that follows: medians."""
    given = rules()
    stream = snapshots(given, value)
    firsts, others = [], []
    for _ in range(_ROUNDS):
        engine = Engine(given)
        began = process_time_ns()
        engine.update(stream[0], stream[0].ts)
        first = process_time_ns()
        for snapshot in stream[1:]:
            engine.update(snapshot, snapshot.ts)
        firsts.append((first - began) / 1000)
        others.append((process_time_ns() - first) / 1000 / (len(stream) - 1))
    return median(firsts), median(others)


def _firing(key: str) -> float:
    return -9.0 if key.startswith("divergence") else -0.95


def measure() -> Report:
    """At rest, and in trouble."""
    cases: dict[str, Callable[[str], float | None]] = {
        "at rest": lambda _: 0.1,
        "waiting for data": lambda _: None,
        "half of them firing": _firing,
    }
    figures = [figure for name, value in cases.items() for figure in _figures(name, value)]
    return Report("engine", tuple(figures), (_REMARK,))


def _figures(name: str, value: Callable[[str], float | None]) -> Iterator[Figure]:
    first, others = cost(value)
    yield Figure(f"{RULES} rules, {name}", others, "µs", at_most(PROMISED), "a snapshot")
    yield Figure(f"{RULES} rules, {name}, the first", first, "µs", None, "the look that begins it")


_REMARK = f"CPU time of one core, medians of {_ROUNDS} rounds."


def main() -> None:
    """Measure, print and keep."""
    keep("rules", "rules", describe(), [measure(), language.measure()])


if __name__ == "__main__":
    main()
