"""The scripted day of the kill test: three rules that fire and end once in every episode.

A step is a second of the market; the only metric, the price of ETH, counts the steps, so that every
text an alert carries says of which episode it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from alerts.engine import Engine
from alerts.rule import Expression, Message, Placeholder, Rule, Severity, Value
from alerts.transition import State
from streams.instrument import NS, Pair
from streams.metric import Call, Unit
from streams.snapshot import Reading, Snapshot

START = 1_773_878_400
"""Thu 19 Mar 2026, 00:00 UTC."""
EPISODE = 100
"""Steps."""
SLOW = "behind"
"""The rule with a `for`."""
HOLD = 40
SLOW_FROM = 20
NOTED = "apart"
"""The rule that somebody acknowledges."""
NOTED_FROM = 30
SILENCED = "slight"
"""The rule that somebody silences: it fires in the silence, and is told after it."""
SILENT_FROM, SILENT_UNTIL = 20, 50

_PHASES = {
    NOTED: (Severity.CRITICAL, 10, 60, 0),
    SLOW: (Severity.WARNING, SLOW_FROM, 90, HOLD),
    SILENCED: (Severity.INFO, 30, 80, 0),
}
_PAIR = Pair("ETH", "IWM")
_STEP = Call("price", ("ETH",))
_DIGEST = re.compile("alerts? (from before a restart|told together)")
_LINE = re.compile(
    r"(\w+): (?:step|Over\. Now price ETH) \$([\d,]+)\.00\.? \(ETH-IWM (firing|resolved)"
)
_TEXT = re.compile(r"<b>.*?(\w+)</b>\n(?:step|Over\. Now price ETH) \$([\d,]+)\.00")


class Told(msgspec.Struct, frozen=True, order=True):
    """One change of one rule in one episode."""

    rule: str
    episode: int
    state: str


def rules() -> list[Rule]:
    return [_rule(name, *phase) for name, phase in _PHASES.items()]


def _rule(name: str, severity: Severity, start: int, end: int, hold: int) -> Rule:
    def holds(snapshot: Snapshot, _: Snapshot | None = None, /) -> Value:
        return start <= _step(snapshot) % EPISODE < end

    def step(snapshot: Snapshot, _: Snapshot | None = None, /) -> Value:
        return snapshot.readings[_STEP.key].value

    shown = Expression("price(ETH)", (_STEP,), Unit.PRICE, step)
    return Rule(
        id=name,
        title=name,
        pair=_PAIR,
        when=Expression(f"{start} to {end}", (_STEP,), Unit.TRUTH, holds),
        hold=hold * NS,
        severity=severity,
        notify=("mqtt", "telegram"),
        repeat_interval=None,
        flapping=None,
        message=Message("step {price(ETH)}", ("step ", Placeholder(shown, "money"))),
    )


def instant(step: int) -> int:
    return (START + step) * NS


def snapshot(step: int) -> Snapshot:
    return Snapshot(instant(step), {_STEP.key: Reading(step + 1.0)}, {})


def _step(shown: Snapshot) -> int:
    value = shown.readings[_STEP.key].value
    assert value is not None
    return round(value) - 1


def held(engine: Engine) -> int | None:
    """Steps for which the slow rule has been held; None unless it is pending."""
    lives = (life for life in engine.lives() if life.rule == SLOW)
    return next((life.held // NS for life in lives if life.state is State.PENDING), None)


def of_incident(incident: str, state: str) -> Told:
    """What the engine decided, or an event on MQTT told."""
    rule, _, second = incident.split("/")
    return Told(rule, (int(second) - START) // EPISODE, state)


def of_text(html: str) -> Iterator[Told]:
    """What a Telegram message told: of a digest, each line."""
    if is_digest(html):
        for rule, figure, state in _LINE.findall(html):
            yield _told(rule, figure, state)
        return
    found = _TEXT.search(html)
    assert found is not None, html
    yield _told(found[1], found[2], State.RESOLVED if html.startswith("✅") else State.FIRING)


def begun(html: str) -> Iterator[Told]:
    """What a digest need not tell besides: it names an incident once, as it stood last."""
    if is_digest(html):
        for rule, figure, state in _LINE.findall(html):
            if state == State.RESOLVED:
                yield _told(rule, figure, State.FIRING)


def is_digest(html: str) -> bool:
    return _DIGEST.search(html.partition("\n")[0]) is not None


def _told(rule: str, figure: str, state: str) -> Told:
    return Told(rule, (int(figure.replace(",", "")) - 1) // EPISODE, str(state))
