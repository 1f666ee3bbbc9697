"""Answers to questions about rules, alerts and silences, as lines of Telegram's HTML."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.context import rule_calls
from alerts.desk import Desk
from alerts.moment import clock, elapsed
from alerts.notifiers.telegram_figures import named_figure
from alerts.notifiers.telegram_text import marked
from alerts.notifiers.wording import SIGNS
from alerts.rule import Rule
from alerts.silence import Matcher, Silence
from alerts.standing import Standing
from alerts.transition import State
from streams.instrument import NS
from streams.metric import duration_text

_OPEN = {State.FIRING, State.RECOVERING}


def alerts(desk: Desk) -> Iterator[str]:
    """What fires, and what is silenced."""
    incidents = desk.incidents()
    if not incidents:
        yield "Nothing is firing."
    for standing in incidents:
        title = f"<b>{marked(standing.title)}</b> ({marked(standing.pair)})"
        yield f"{SIGNS[standing.severity]} {title}"
        yield f"{marked(standing.rule)}: {_state(desk, standing)}"
    yield from (silence_line(silence) for silence in desk.silences())


def rules(desk: Desk) -> Iterator[str]:
    """All rules, a line each."""
    standings = desk.standings()
    if not standings:
        yield "There are no rules."
    for standing in standings:
        mark = SIGNS[standing.severity] if standing.state in _OPEN else "▫️"
        name = f"<code>{marked(standing.rule)}</code> ({marked(standing.pair)})"
        yield f"{mark} {name}: {_state(desk, standing)}"


def rule(desk: Desk, name: str) -> Iterator[str]:
    """One rule: what it asks, how it stands and what it reads, for each of its pairs."""
    found = desk.rule(name)
    first = found[0]
    yield f"<b>{marked(first.title)}</b> ({first.severity})"
    yield f"when: <code>{marked(first.when.text)}</code>{_held(first.hold)}"
    if first.clear is not None:
        yield f"clear: <code>{marked(first.clear.text)}</code>{_held(first.clear_hold)}"
    if first.session is not None:
        yield f"session: {marked(first.session)}"
    for each in found:
        yield from _of_pair(desk, each)
    if first.source:
        yield f"<i>{marked(first.source)}</i>"


def silence_line(silence: Silence) -> str:
    """`🔕 small-caps-breakdown until 16:00 New York, by ann (lunch). /unsilence s3 ends it`."""
    why = f" ({marked(silence.why)})" if silence.why else ""
    until = clock(silence.until, silence.made)
    what = marked(_matched(silence.matcher))
    return (
        f"🔕 {what} until {until}, by {marked(silence.who)}{why}. /unsilence {silence.id} ends it"
    )


def _matched(matcher: Matcher) -> str:
    named = (*matcher.rules, *matcher.pairs, *matcher.severities)
    labels = (f"{key}={value}" for key, value in matcher.labels.items())
    return ", ".join((*named, *labels)) or "everything"


def _of_pair(desk: Desk, given: Rule) -> Iterator[str]:
    for standing in desk.standings():
        if (standing.rule, standing.pair) == (given.id, given.pair.name):
            yield f"{marked(standing.pair)}: {_state(desk, standing)}"
    for call in rule_calls(given):
        yield named_figure(call, desk.reading(call), call.key.partition("(")[0])


def _held(ns: int) -> str:
    return f", for {duration_text(ns / NS)}" if ns else ""


def _state(desk: Desk, standing: Standing) -> str:
    """`firing for 12 min, acknowledged by ann`, `unknown: stale`."""
    words = [standing.state + _for_how_long(desk, standing)]
    if standing.doubt:
        doubt = f"{standing.doubt}: {standing.reason}"
        words = [doubt] if standing.state is State.INACTIVE else [*words, doubt]
    if standing.acknowledged:
        words.append(f"acknowledged by {standing.acknowledged}")
    if standing.muted:
        words.append(standing.muted)
    return marked(", ".join(words))


def _for_how_long(desk: Desk, standing: Standing) -> str:
    if desk.snapshot is None or standing.state is State.INACTIVE:
        return ""
    return f" for {elapsed(desk.snapshot.ts - standing.since)}"
