"""Whether the calendar reaches as far as the rules look."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.rule import Expression, Rule
from config.advice.hint import Hint
from streams.instrument import NS
from streams.metric import CATALOGUE
from streams.schedule import Event, day

_SOON = 30 * 86_400 * NS
_REMEDY = "add its next dates to the calendar: 'comove events import FILE.ics' takes them from one"


def outlook(rule: Rule, now: int) -> Iterator[Hint]:
    """Events that the rule names, and of which nothing is known beyond the next days."""
    events = {event.name: event for event in rule.events}
    for key, expression in _expressions(rule):
        for call in expression.calls:
            if CATALOGUE[call.metric].over == "event":
                yield from _ending(key, events.get(call.instruments[0]), now)


def _expressions(rule: Rule) -> Iterator[tuple[str, Expression]]:
    yield "when", rule.when
    if rule.clear is not None:
        yield "clear", rule.clear
    for part in rule.message.parts if rule.message is not None else ():
        if not isinstance(part, str):
            yield "message", part.expression


def _ending(key: str, event: Event | None, now: int) -> Iterator[Hint]:
    if event is None:
        return
    if not event.instants:
        yield Hint(key, f"the calendar has no date of '{event.name}'", _REMEDY)
    elif event.instants[-1] < now + _SOON:
        ends = "ended" if event.instants[-1] < now else "ends"
        yield Hint(key, f"the calendar of '{event.name}' {ends} {day(event.instants[-1])}", _REMEDY)
