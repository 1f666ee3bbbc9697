"""What every alert carries besides its message: the link, the controls, the prices, the data.

A trader asks of each alert whether it is about small caps, about the market or about crypto, and
how sure it is; these lines answer.
"""

from __future__ import annotations

from alerts.backdrop import backdrop_line
from alerts.moment import elapsed
from alerts.render import metric_text
from alerts.rule import Rule
from streams.instrument import Pair
from streams.metric import CATALOGUE, NS, Call
from streams.schedule import Event
from streams.snapshot import Reading, Snapshot

HOUR = 3600.0
DAY = 86_400.0

_NEAR = 86_400 * NS
"""How far from now an event is told of."""


def context_calls(pair: Pair) -> tuple[Call, ...]:
    """The calls that the lines read; a Market must be asked for them."""
    calls = [Call("corr", (pair.x, pair.y), HOUR)]
    calls += [Call("corr", (pair.x, control), HOUR) for control in pair.controls]
    calls += [_beyond(pair, control) for control in pair.controls[:1]]
    calls.append(_first_mover(pair))
    for name in (pair.x, pair.y):
        calls += [Call("price", (name,)), Call("return", (name,), HOUR)]
    return tuple(calls)


def context_lines(rule: Rule, snapshot: Snapshot) -> tuple[str, ...]:
    """Lines of plain text, most telling first."""
    pair = rule.pair
    lines = [_link(pair, snapshot), _controls(pair, snapshot)]
    lines += _notes(rule, snapshot)
    lines.append(snapshot.reading(_first_mover(pair).key).note)
    lines += [_near(rule, snapshot.ts), backdrop_line(snapshot.readings)]
    lines += [_prices(pair, snapshot), _data(pair, snapshot)]
    return tuple(line for line in lines if line)


def rule_calls(rule: Rule) -> tuple[Call, ...]:
    """What a rule decides by: the calls of `when` and `clear`, each once."""
    cleared_by = rule.clear.calls if rule.clear is not None else ()
    return tuple(dict.fromkeys((*rule.when.calls, *cleared_by)))


def readings_text(rule: Rule, snapshot: Snapshot) -> str:
    """`Now divergence 1h −1.9 σ.`: what the rule decides by, as it stands."""
    return f"Now {', '.join(_named(rule, call, snapshot) for call in rule_calls(rule))}."


def _named(rule: Rule, call: Call, snapshot: Snapshot) -> str:
    own = call.instruments in {(), (rule.pair.x, rule.pair.y)}
    window = f" {call.window_text}" if call.window_text else ""
    name = call.metric if own else f"{call.metric} {'–'.join(call.instruments)}"
    value = snapshot.reading(call.key).value
    return f"{name}{window} {metric_text(value, call.metric)}"


def _link(pair: Pair, snapshot: Snapshot) -> str:
    corr = snapshot.reading(Call("corr", (pair.x, pair.y), HOUR).key)
    text = f"{pair.x}–{pair.y} correlation 1h {correlation_text(corr)}"
    for control in pair.controls[:1]:
        beyond = snapshot.reading(_beyond(pair, control).key)
        if beyond.value is not None:
            text += f"; beyond {control}, over 1d {correlation_text(beyond)}"
    return text


def _first_mover(pair: Pair) -> Call:
    """Who moved first in this hour's move: a description."""
    return Call("first_mover", (pair.x, pair.y), HOUR)


def _beyond(pair: Pair, control: str) -> Call:
    """What is left of the pair once the market is taken out."""
    return Call("partial", (pair.x, pair.y, control), DAY)


def correlation_text(reading: Reading) -> str:
    """`.58 (.49 to .66)`, or `n/a` with the reason."""
    if reading.value is None:
        return f"n/a ({reading.reason})"
    text = short(float(reading.value))
    if reading.low is None or reading.high is None:
        return text
    return f"{text} ({short(reading.low)} to {short(reading.high)})"


def short(value: float) -> str:
    """A correlation as the field writes it: `.58`, `−.07`."""
    text = f"{abs(value):.2f}"
    digits = text.removeprefix("0")
    return f"−{digits}" if value < 0 and digits != ".00" else digits


def _controls(pair: Pair, snapshot: Snapshot) -> str:
    return " · ".join(
        f"{pair.x}–{control} {correlation_text(snapshot.reading(_control(pair, control).key))}"
        for control in pair.controls
    )


def _control(pair: Pair, control: str) -> Call:
    return Call("corr", (pair.x, control), HOUR)


def _notes(rule: Rule, snapshot: Snapshot) -> list[str]:
    notes: list[str] = []
    for call in rule.when.calls:
        if CATALOGUE[call.metric].over == "context":
            continue  # it has a line of its own
        note = snapshot.reading(call.key).note
        if note and note not in notes:
            notes.append(note)
    return notes


def _near(rule: Rule, now: int) -> str:
    """`near FOMC decision (in 1 h 40 min), US jobs report (5 h ago)`: the nearest first."""
    around = sorted(
        (abs(ts - now), ts, event)
        for event in rule.events
        for ts in event.instants
        if abs(ts - now) <= _NEAR
    )
    texts = (f"{event.title} ({_distance(event, ts, now)})" for _, ts, event in around)
    return f"near {', '.join(texts)}" if around else ""


def _distance(event: Event, ts: int, now: int) -> str:
    if ts <= now:
        return f"{elapsed(now - ts)} ago"
    return f"in {elapsed(ts - now)}" + (", date tentative" if ts in event.tentative else "")


def _prices(pair: Pair, snapshot: Snapshot) -> str:
    return " · ".join(_price(name, snapshot) for name in (pair.x, pair.y))


def _price(name: str, snapshot: Snapshot) -> str:
    price = snapshot.reading(Call("price", (name,)).key).value
    move = snapshot.reading(Call("return", (name,), HOUR).key).value
    text = f"{name} {price:,.2f}" if price is not None else f"{name} n/a"
    if move is None:
        return text
    sign = "+" if move > 0 else "−" if move < 0 else ""
    return f"{text} ({sign}{abs(move):.1%} in 1h)"


def _data(pair: Pair, snapshot: Snapshot) -> str:
    used = [
        f"{feed.instrument} {feed.venue} {_age(feed.age)}"
        for feed in snapshot.feeds
        if feed.active and feed.instrument in {pair.x, pair.y}
    ]
    return f"data: {', '.join(used)}" if used else ""


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "none yet"
    return f"{seconds:.1f} s old" if seconds < 10 else f"{seconds:.0f} s old"
