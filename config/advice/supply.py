"""Whether the feeds can carry the statistics that a rule asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from alerts.language import LanguageError, Vocabulary
from alerts.language.template import Hole, split
from alerts.language.tree import walk
from alerts.rule import Rule
from config.advice.hint import Hint
from config.advice.hours import REGULAR, REGULAR_TEXT
from config.advice.reach import Reach
from config.names import POLLED
from streams.instrument import Instrument
from streams.metric import CATALOGUE, Call

_DAY = 86_400.0


def supply(
    rule: Rule,
    vocabulary: Vocabulary,
    instruments: Mapping[str, Instrument],
    context: Collection[str],
) -> Iterator[Hint]:
    """Metrics that can never have a value; `context` are the slow series that have a source."""
    for key, text, offset in _expressions(rule):
        with suppress(LanguageError):  # a format's own words, as {now|time}
            for start, end, message, remedy in _unknowns(
                Reach(text, vocabulary), rule, instruments, context
            ):
                yield Hint(key, message, remedy, (start + offset, end + offset))


def _unknowns(
    reach: Reach, rule: Rule, instruments: Mapping[str, Instrument], context: Collection[str]
) -> Iterator[tuple[int, int, str, str]]:
    for node in walk(reach.tree):
        call = reach.call(node)
        said = call and (_unfed(call, context) or _unknown(call, rule, instruments))
        if said:
            why, remedy = said
            yield *reach.span(node), f"{reach.words(node)} is never known: {why}", remedy


def _expressions(rule: Rule) -> Iterator[tuple[str, str, int]]:
    """The rule's key, the text of an expression there, and where in the key's text it begins."""
    yield "when", rule.when.text, 0
    if rule.clear is not None:
        yield "clear", rule.clear.text, 0
    for piece in split(rule.message.text)[0] if rule.message else ():
        if isinstance(piece, Hole):
            yield "message", piece.text, piece.start


def _unfed(call: Call, context: Collection[str]) -> tuple[str, str] | None:
    if CATALOGUE[call.metric].over != "context" or call.metric in context:
        return None
    source = {"fear_greed": "fear_greed", "cut_odds": "kalshi"}.get(call.metric, "fred")
    return "it has no source", f"add '{source}: {{}}' under 'context:' in comove.yaml"


def _unknown(
    call: Call, rule: Rule, instruments: Mapping[str, Instrument]
) -> tuple[str, str] | None:
    """Why the metric never has a value, and what to do; None where it may have one."""
    if call.metric == "lead":
        return _lead(call, instruments)
    if call.metric == "return" and rule.session == "regular":
        return _return(call, instruments)
    return None


def _lead(call: Call, instruments: Mapping[str, Instrument]) -> tuple[str, str] | None:
    for name in call.instruments:
        venues = {route.venue for route in instruments[name].routes}
        if venues <= POLLED:
            why = f"{name} comes from {', '.join(sorted(venues))}, which is polled"
            return why, f"give {name} a feed that stamps its trades, as alpaca or finnhub"
    return None


def _return(call: Call, instruments: Mapping[str, Instrument]) -> tuple[str, str] | None:
    (name,) = call.instruments
    window = call.window or 0.0
    if instruments[name].calendar == "24/7" or not REGULAR < window < _DAY:
        return None
    why = f"a session of {name} lasts {REGULAR_TEXT}, and a return does not reach across"
    return why, "write a shorter horizon, or 1d for since the prior close"
