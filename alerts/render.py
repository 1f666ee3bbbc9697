"""Values and messages as people read them."""

from __future__ import annotations

from datetime import datetime
from math import isfinite

from alerts.language.zones import NEW_YORK, city, zone
from alerts.rule import Message, Placeholder, Value
from streams.metric import CATALOGUE, NS, Unit
from streams.snapshot import Snapshot

MINUS = "\N{MINUS SIGN}"
SIGMA = "\N{GREEK SMALL LETTER SIGMA}"

UNKNOWN = "n/a"

_OWN = {
    Unit.FRACTION: "%",
    Unit.SIGMA: "sigma",
    Unit.PRICE: "money",
    Unit.DURATION: "duration",
    Unit.TRUTH: "truth",
    Unit.INSTANT: "instant",
}


def format_value(
    value: Value,
    unit: Unit,
    format: str = "",  # noqa: A002  # the word of the rule language
    *,
    signed: bool = False,
) -> str:
    """The value in a format of `alerts.language.formats`, the unit's own where none is given.

    `signed` where a rise has a plus.
    """
    if value is None or not isfinite(value):
        return UNKNOWN
    word, _, name = (format or _OWN.get(unit, "number")).partition(" ")
    if unit == Unit.INSTANT:
        return _local(value, word, name.strip() or NEW_YORK)
    text = _STYLES[word](value)
    return f"+{text}" if signed and value > 0 and _shows(text) else text


def metric_text(value: Value, metric: str) -> str:
    """A metric's value in its own format: `+1.8%` of a return, `18.0%` of a volatility."""
    of = CATALOGUE[metric]
    return format_value(value, of.unit, signed=of.signed)


def render(message: Message, snapshot: Snapshot, before: Snapshot | None = None) -> str:
    """The message at one instant, `before` at the evaluation before; no value says why."""
    return "".join(
        part if isinstance(part, str) else _shown(part, snapshot, before) for part in message.parts
    )


def _shown(part: Placeholder, snapshot: Snapshot, before: Snapshot | None) -> str:
    value = part.expression.evaluate(snapshot, before)
    if value is not None:
        shown = part.expression
        return format_value(value, shown.unit, part.format, signed=shown.signed)
    readings = (snapshot.readings[call.key] for call in part.expression.calls)
    reasons = dict.fromkeys(r.reason for r in readings if r.value is None and r.reason)
    return f"{UNKNOWN} ({', '.join(reasons)})" if reasons else UNKNOWN


def _figure(value: float, decimals: int) -> str:
    """`−1,234.5`: with a real minus, and none before a zero."""
    text = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and _shows(text) else text


def _shows(text: str) -> bool:
    """Whether it is more than a zero as it is written."""
    return any(digit in "123456789" for digit in text)


def _number(value: float) -> str:
    return _figure(value, 2)


def _sigma(value: float) -> str:
    return f"{_figure(value, 1)} {SIGMA}"


def _truth(value: float) -> str:
    return "yes" if value else "no"


def _percent(value: float) -> str:
    return f"{_figure(value * 100, 2 if abs(value) < 0.01 else 1)}%"


def _money(value: float) -> str:
    figure = _figure(value, 2 if abs(value) >= 1 else 4)
    return f"{MINUS}${figure[1:]}" if figure.startswith(MINUS) else f"${figure}"


_STEPS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def _duration(seconds: float) -> str:
    """The two largest units: `2d 3h`, `1h`, `45s`."""
    rest = round(abs(seconds))
    words: list[str] = []
    for size, unit in _STEPS:
        count, left = divmod(rest, size)
        if count or words:
            words.append(f"{count}{unit}" if count else "")
        rest = left
    shown = " ".join(filter(None, words[:2])) or "0s"
    return f"{MINUS}{shown}" if seconds < 0 and shown != "0s" else shown


_CLOCKS = {"time": "%H:%M {}", "date": "%a %d %b", "instant": "%a %d %b %H:%M {}"}


def _local(ts: float, style: str, name: str) -> str:
    """To the nearest second, in that zone: `10:31 New York`."""
    moment = datetime.fromtimestamp((int(ts) + NS // 2) // NS, zone(name))
    return moment.strftime(_CLOCKS[style]).format(city(name))


_STYLES = {
    "%": _percent,
    "sigma": _sigma,
    "money": _money,
    "duration": _duration,
    "number": _number,
    "truth": _truth,
}
