"""Series in short: `-1 -3 -4.5x5 _x3 0..-4/5 1+0.5x5 true stale`.

| written | is |
|---|---|
| `-4.5`, `2%`, `30s`, `true` | one value, with its unit |
| `-4.5x5` | that value five times |
| `1+0.5x5`, `-1%-0.5%x3` | a ramp of so many values: 1, 1.5, 2, 2.5, 3 |
| `0..-4/5` | so many values from one to the other, both included |
| `_`, `_x3`, `stale` | unknown |
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alerts.language import LanguageError, TextFault
from alerts.language.units import LITERALS, WORDS, agreed
from streams.metric import Unit
from streams.snapshot import Reading

LONGEST = 100_000
"""Values in a series."""

_UNITS = "|".join(sorted((re.escape(unit) for unit in LITERALS if unit), key=len, reverse=True))
_FIGURE = rf"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:{_UNITS})?"
_ITEM = re.compile(
    rf"(?P<value>{_FIGURE}|true|false|yes|no|_|stale)"
    rf"(?:\.\.(?P<last>{_FIGURE})/(?P<steps>\d+)|(?P<by>[+-]{_FIGURE})?x(?P<times>\d+))?"
)
_PARTS = re.compile(rf"([+-]*(?:\d+(?:\.\d+)?|\.\d+))({_UNITS})?")

_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_UNKNOWN = {"_": Reading(None, "unknown"), "stale": Reading(None, "stale")}
_EXAMPLES = {
    Unit.FRACTION: "2%",
    Unit.DURATION: "30s",
    Unit.TRUTH: "true or false",
    Unit.CORRELATION: "0.6",
}

_FORMS = "write values such as -1 -4.5x5 _x3 0..4/5 1+0.5x5 true stale"


def parse_series(text: str, unit: Unit) -> tuple[Reading, ...]:
    """The readings of a metric of that unit; raises LanguageError with all faults."""
    readings: list[Reading] = []
    faults: list[TextFault] = []
    for word in re.finditer(r"\S+", text):
        try:
            readings += _item(word.group(), word.start(), unit)
        except LanguageError as error:
            faults += error.faults
        if len(readings) > LONGEST:
            message = f"more than {LONGEST:,} values"
            raise _fault(word.group(), word.start(), message, "make 'every' longer")
    if not readings and not faults:
        raise LanguageError([TextFault(0, len(text), "a series without a value", _FORMS)])
    if faults:
        raise LanguageError(faults)
    return tuple(readings)


def _item(word: str, at: int, unit: Unit) -> list[Reading]:
    found = _ITEM.fullmatch(word)
    if found is None:
        raise _fault(word, at, f"'{word}' is no value of a series", _FORMS)
    count = int(found["times"] or found["steps"] or 1)
    if not 1 <= count <= LONGEST:
        raise _fault(word, at, f"'{word}' is {count:,} values", f"write from 1 to {LONGEST:,}")
    if found["value"] in _UNKNOWN:
        return [_UNKNOWN[found["value"]]] * count
    return [Reading(value) for value in _values(found, at, unit, count)]


def _values(found: re.Match[str], at: int, unit: Unit, count: int) -> Iterator[float | bool]:
    first = _value(found["value"], at, unit)
    if found["by"] is not None:
        by = _value(found["by"], at + found.start("by"), unit)
        yield from (first + n * by for n in range(count))
    elif found["last"] is not None:
        last = _value(found["last"], at + found.start("last"), unit)
        width = max(count - 1, 1)
        yield from (first + (last - first) * n / width for n in range(count))
    else:
        yield from (first for _ in range(count))


def _value(word: str, at: int, unit: Unit) -> float | bool:
    if word in _TRUTHS or unit is Unit.TRUTH:
        if word not in _TRUTHS or unit is not Unit.TRUTH:
            raise _other_unit(word, at, unit)
        return _TRUTHS[word]
    parts = _PARTS.fullmatch(word)
    figure, written = (parts[1], parts[2] or "") if parts else ("0", "")
    kind, size = LITERALS[written]
    value = _signed(figure) * size
    if agreed(unit, kind, (None, None if written else value)) is None:
        raise _other_unit(word, at, unit)
    if unit is Unit.CORRELATION and abs(value) > 1:
        raise _fault(word, at, f"'{word}' is no correlation", "it lies between -1 and 1")
    return value


def _signed(figure: str) -> float:
    """`+-0.5`: a step downwards."""
    digits = figure.lstrip("+-")
    return -float(digits) if figure.count("-", 0, len(figure) - len(digits)) % 2 else float(digits)


def _other_unit(word: str, at: int, unit: Unit) -> LanguageError:
    remedy = f"write it as {_EXAMPLES[unit]}" if unit in _EXAMPLES else "write a plain number"
    return _fault(word, at, f"'{word}' is not {WORDS[unit]}", remedy)


def _fault(word: str, at: int, message: str, remedy: str) -> LanguageError:
    return LanguageError([TextFault(at, at + len(word), message, remedy)])
