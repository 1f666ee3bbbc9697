"""Rules over one figure, and the seconds they live through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from alerts.engine import Engine
from alerts.rule import Expression, Flapping, Rule, Severity, Value
from alerts.transition import Transition
from streams.instrument import NS, Pair
from streams.metric import Call, Unit
from streams.snapshot import Reading, Snapshot

PAIR = Pair("ETH", "IWM")
OTHER = Pair("BTC", "IWM")
LOW, UNCLEAR, HIGH = -5.0, -3.0, 0.0
"""Fires, is between the levels, clears."""


def call(pair: Pair = PAIR) -> Call:
    return Call("divergence", (pair.x, pair.y), 3600.0)


CALL = call()


def expression(
    test: Callable[[float], bool], pair: Pair = PAIR, text: str = "divergence(60m) < -4"
) -> Expression:
    key = call(pair).key

    def evaluate(snapshot: Snapshot, _: Snapshot | None = None, /) -> Value:
        value = snapshot.readings[key].value
        return None if value is None else test(value)

    return Expression(text, (call(pair),), Unit.TRUTH, evaluate)


def rule(
    id: str = "behind",  # noqa: A002  # as rules name it
    *,
    pair: Pair = PAIR,
    hold: int = 0,
    clear: bool = False,
    clear_hold: int = 0,
    session: str | None = None,
    repeat: int | None = None,
    severity: Severity = Severity.WARNING,
    flapping: Flapping | None = None,
    inhibited_by: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
) -> Rule:
    """Durations in seconds."""
    return Rule(
        id=id,
        title="ETH is behind",
        pair=pair,
        when=expression(lambda z: z < -4, pair),
        clear=expression(lambda z: z > -2, pair, "divergence(60m) > -2") if clear else None,
        hold=hold * NS,
        clear_hold=clear_hold * NS,
        session=session,
        repeat_interval=repeat * NS if repeat else None,
        severity=severity,
        notify=("log",),
        source="rules.yaml:12",
        flapping=flapping,
        inhibited_by=tuple(inhibited_by),
        labels=labels or {},
    )


def over(given: Rule, x: str) -> Rule:
    """The same by another figure: that of `x` against IWM, as `snapshot` has it."""
    other = Pair(x, "IWM")
    clear = given.clear and expression(lambda z: z > -2, other, given.clear.text)
    when = expression(lambda z: z < -4, other, given.when.text)
    return msgspec.structs.replace(given, when=when, clear=clear)


def snapshot(
    second: float, value: float | None, session: str = "regular", /, **others: float | None
) -> Snapshot:
    """ETH-IWM's figure; others by the name of their pair's first instrument."""
    figures = {CALL.key: value}
    figures |= {call(Pair(x, "IWM")).key: other for x, other in others.items()}
    readings = {
        key: Reading(figure, "stale" if figure is None else "") for key, figure in figures.items()
    }
    ts = round(second * NS)
    return Snapshot(ts, readings, {"ETH": "regular", "BTC": "regular", "IWM": session})


def live(
    engine: Engine, values: Sequence[float | None], start: int = 0, **others: float | None
) -> list[Transition]:
    """A value a second, from second `start` on."""
    found: list[Transition] = []
    for second, value in enumerate(values, start):
        found += engine.update(snapshot(second, value, **others), second * NS)
    return found


def brief(transitions: Sequence[Transition]) -> list[tuple[int, str, str]]:
    """Second, rule and state; `told` or `again` in place of the state where somebody is told."""
    return [(t.ts // NS, t.rule, _word(t)) for t in transitions]


def _word(transition: Transition) -> str:
    told = " told" if transition.notify else ""
    again = "still " if transition.repeat else ""
    return f"{again}{transition.state}{told}"
