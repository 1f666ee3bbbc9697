"""What the tests of the language share: a pair, its instruments, and snapshots."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.language import (
    Definition,
    LanguageError,
    Lets,
    TextFault,
    Vocabulary,
    compile_expression,
    compile_message,
    define,
)
from alerts.rule import Expression, Message, Value
from streams.instrument import Pair
from streams.snapshot import Reading, Snapshot

PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
INSTRUMENTS = ("ETH", "IWM", "SPY", "BTC")


EVENTS = ("fomc", "cpi")


def lets(texts: Mapping[str, str | None], pair: Pair = PAIR) -> Lets:
    return define(texts, Vocabulary(pair, INSTRUMENTS, EVENTS))


def sound(texts: Mapping[str, str]) -> Mapping[str, Definition]:
    found = lets(texts)
    assert not found.name_faults
    assert not found.text_faults
    return found.definitions


def compiled(
    text: str, *, truth: bool = False, let: Mapping[str, str] | None = None, pair: Pair = PAIR
) -> Expression:
    named = sound(let or {})
    return compile_expression(text, pair, INSTRUMENTS, truth=truth, events=EVENTS, lets=named)


def message(text: str, let: Mapping[str, str] | None = None, pair: Pair = PAIR) -> Message:
    return compile_message(text, pair, INSTRUMENTS, events=EVENTS, lets=sound(let or {}))


def faults(
    text: str, *, truth: bool = False, let: Mapping[str, str] | None = None
) -> tuple[TextFault, ...]:
    try:
        expression = compiled(text, truth=truth, let=let)
    except LanguageError as error:
        return error.faults
    raise AssertionError(f"no fault in {expression.text!r}")


def snapshot(values: Mapping[str, Value], reason: str = "stale", ts: int = 0) -> Snapshot:
    readings = {
        key: Reading(value, reason=reason if value is None else "") for key, value in values.items()
    }
    return Snapshot(ts=ts, readings=readings, sessions={})
