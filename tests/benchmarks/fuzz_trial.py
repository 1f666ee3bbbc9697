"""One text, tried as what it is taken for."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from alerts.language import (
    LanguageError,
    Vocabulary,
    compile_expression,
    compile_message,
    define,
)
from alerts.render import render
from config.errors import ConfigError, rendered
from config.load import inspect
from config.shipped import CONFIG, EVENTS, RULES, shipped
from streams.instrument import Pair
from streams.metric import Call
from streams.snapshot import Reading, Snapshot
from tests.benchmarks.fuzz_guard import Guard, bounded
from tests.benchmarks.fuzz_inputs import Input, Kind, bare
from tests.config.folder import RULE

_PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
_INSTRUMENTS = ("ETH", "IWM", "SPY", "BTC")
_EVENTS = ("fomc", "cpi")
_LETS = define({"far": "4 sigma"}, Vocabulary(_PAIR, _INSTRUMENTS, _EVENTS)).definitions


def tried(given: Input, folder: Path, guard: Guard) -> str:
    """`accepted`, `refused`, or what was done that should not have been."""
    _write(given, folder)
    with guard.watching(), bounded(), warnings.catch_warnings(action="error"):
        outcome = _outcome(given, folder)
    return f"executed: {guard.seen[0]}" if guard.seen else outcome


def _outcome(given: Input, folder: Path) -> str:
    try:
        _TRIALS[given.kind](given.text, folder)
    except LanguageError as error:
        return "refused" if error.faults else "refused without a fault"
    except ConfigError as error:
        return "refused" if all(map(rendered, error.faults)) and error.faults else "no fault told"
    except Exception as error:  # noqa: BLE001  # to find them is what it is for
        return f"raised {type(error).__name__}: {error}"[:300]
    return "accepted"


def _write(given: Input, folder: Path) -> None:
    """The files, those that are not tried sound."""
    if given.kind in {"rules", "config"}:
        texts = {CONFIG: bare(CONFIG), RULES: RULE, EVENTS: shipped(EVENTS)}
        texts[RULES if given.kind == "rules" else CONFIG] = given.text
        for name, text in texts.items():
            (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))


def _expression(text: str, _: Path) -> None:
    made = compile_expression(text, _PAIR, _INSTRUMENTS, events=_EVENTS, lets=_LETS)
    for value in (None, 0.0, -1e300):
        made.evaluate(_snapshot(made.calls, value), _snapshot(made.calls, 1.0))


def _message(text: str, _: Path) -> None:
    made = compile_message(text, _PAIR, _INSTRUMENTS, events=_EVENTS, lets=_LETS)
    parts = [part for part in made.parts if not isinstance(part, str)]
    calls = [call for part in parts for call in part.expression.calls]
    for value in (None, 0.5, -1e300):
        render(made, _snapshot(calls, value))


def _files(_: str, folder: Path) -> None:
    for warning in inspect(folder / CONFIG)[1]:
        rendered(warning)


def _snapshot(calls: Iterable[Call], value: float | None) -> Snapshot:
    reason = "unknown" if value is None else ""
    readings = {call.key: Reading(value, reason=reason) for call in calls}
    return Snapshot(ts=1_700_000_000_000_000_000, readings=readings, sessions={})


_TRIALS: Mapping[Kind, Callable[[str, Path], None]] = {
    "expression": _expression,
    "message": _message,
    "rules": _files,
    "config": _files,
}
