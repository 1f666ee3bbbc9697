"""What a rule's condition costs: one evaluation of each kind, 200 rules, and checking a text.

python -m tests.benchmarks.language
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from statistics import median
from time import process_time_ns

from rich.console import Console

from alerts.language import Definition, Vocabulary, compile_expression, define
from alerts.rule import Expression
from streams.instrument import Pair
from streams.metric import CATALOGUE, Call, Unit
from streams.snapshot import Reading, Snapshot
from tests.benchmarks.figures import Figure, Report, at_most
from tests.benchmarks.table import table

_PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
_INSTRUMENTS = ("ETH", "IWM", "SPY", "BTC")
_EVENTS = ("fomc", "cpi")
_LETS = {"far": "4 sigma", "busy": "within(fomc, 2h)"}
_ROUNDS = 25
_CALLS = 4000
"""In a round."""

_KINDS = {
    "one term": "divergence(60m) < -4",
    "three terms": "divergence(60m) < -4 and corr(1h) < 0.2 and not stale(IWM)",
    "three terms, first false": "corr(1h) < -0.9 and divergence(60m) < -4 and not stale(IWM)",
    "risk-off, four terms": "return(x, 60m) < -2% and return(y, 60m) < -1% "
    "and return(x, 1d) < -3% and return(y, 1d) < -2%",
    "named values": "divergence(60m) < -far and not busy",
    "arithmetic": "return(x, 60m) - beta() * return(y, 60m) < -2%",
    "changed": "changed(breakdown(1/month))",
    "crosses_below": "crosses_below(corr(1h), 0.3)",
    "within": "within(fomc, 2h)",
}
_TARGETS = {"three terms": 0.5}
_RULES = 200


def measure() -> Report:
    """Medians of CPU time; every reading is known, and most conditions hold."""
    expressions = {name: _compiled(text) for name, text in _KINDS.items()}
    figures = [*_kinds(expressions), _many(), _checking()]
    return Report("language", tuple(figures), ("CPU time of one core, medians of 25 rounds.",))


def _kinds(expressions: dict[str, Expression]) -> Iterator[Figure]:
    for name, expression in expressions.items():
        now, before = _snapshots([expression])
        target = at_most(_TARGETS[name]) if name in _TARGETS else None
        cost = _each(partial(expression.evaluate, now, before), _CALLS)
        yield Figure(name, cost, "µs", target, _KINDS[name])


def _many() -> Figure:
    """Rules as people write them: the kinds above, each with thresholds of its own."""
    rng = Random(1)
    texts = [*_KINDS.values()]
    rules = [
        _compiled(texts[n % len(texts)].replace("-4", f"-{rng.uniform(1, 5):.2f}"))
        for n in range(_RULES)
    ]
    now, before = _snapshots(rules)
    evaluates = [rule.evaluate for rule in rules]

    def all_of_them() -> None:
        for evaluate in evaluates:
            evaluate(now, before)

    cost = _each(all_of_them, _CALLS // _RULES)
    return Figure(f"{_RULES} rules", cost, "µs", at_most(100), "one snapshot, all kinds in turns")


def _checking() -> Figure:
    text = _KINDS["three terms"]
    return Figure("text to closures", _each(lambda: _compiled(text), 50), "µs", None, text)


def _each(call: Callable[[], object], times: int) -> float:
    """CPU µs a call: median of the rounds."""
    return median(_round(call, times) for _ in range(_ROUNDS))


def _round(call: Callable[[], object], times: int) -> float:
    began = process_time_ns()
    for _ in range(times):
        call()
    return (process_time_ns() - began) / 1000 / times


def _lets() -> dict[str, Definition]:
    return {**define(_LETS, Vocabulary(_PAIR, _INSTRUMENTS, _EVENTS)).definitions}


def _compiled(text: str) -> Expression:
    return compile_expression(
        text, _PAIR, _INSTRUMENTS, truth=True, events=_EVENTS, lets=_DEFINITIONS
    )


def _snapshots(expressions: list[Expression]) -> tuple[Snapshot, Snapshot]:
    calls = dict.fromkeys(call for each in expressions for call in each.calls)
    return (
        Snapshot(1, {call.key: Reading(_now(call)) for call in calls}, {}),
        Snapshot(0, {call.key: Reading(_before(call)) for call in calls}, {}),
    )


def _now(call: Call) -> float | bool:
    unit = CATALOGUE[call.metric].unit
    known = {Unit.TRUTH: False, Unit.SIGMA: -6.0, Unit.FRACTION: -0.1, Unit.DURATION: 9e4}
    return known.get(unit, 0.1)


def _before(call: Call) -> float | bool:
    return True if CATALOGUE[call.metric].unit == Unit.TRUTH else 0.5


_DEFINITIONS = _lets()


if __name__ == "__main__":
    Console(width=150).print(table([measure()]))
