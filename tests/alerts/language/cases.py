"""What the tests of the language share: a pair, its instruments, and snapshots."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.language import LanguageError, TextFault, compile_expression, compile_message
from alerts.rule import Expression, Message, Value
from streams.instrument import Pair
from streams.snapshot import Reading, Snapshot

PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
INSTRUMENTS = ("ETH", "IWM", "SPY", "BTC")


def compiled(text: str, *, truth: bool = False) -> Expression:
    return compile_expression(text, PAIR, INSTRUMENTS, truth=truth)


def message(text: str) -> Message:
    return compile_message(text, PAIR, INSTRUMENTS)


def faults(text: str, *, truth: bool = False) -> tuple[TextFault, ...]:
    try:
        expression = compiled(text, truth=truth)
    except LanguageError as error:
        return error.faults
    raise AssertionError(f"no fault in {expression.text!r}")


def snapshot(values: Mapping[str, Value], reason: str = "stale") -> Snapshot:
    readings = {
        key: Reading(value, reason=reason if value is None else "") for key, value in values.items()
    }
    return Snapshot(ts=0, readings=readings, sessions={})
