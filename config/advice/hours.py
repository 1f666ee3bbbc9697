"""Whether a rule is looked at for long enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alerts.rule import Rule
from config.advice.hint import Hint
from streams.instrument import NS, Instrument
from streams.metric import duration_text

REGULAR = 6.5 * 3600
REGULAR_TEXT = "6h30m"
"""A regular session, at the most."""
_LONGEST: Mapping[str, tuple[float, str]] = {
    "regular": (REGULAR, REGULAR_TEXT),
    "extended": (5.5 * 3600, "5h30m"),
}
"""Seconds; of the extended sessions of a day the longer one is before the open."""


def exchange(rule: Rule, instruments: Mapping[str, Instrument]) -> bool:
    """Whether a leg of its pair has hours at all."""
    return any(instruments[name].calendar != "24/7" for name in (rule.pair.x, rule.pair.y))


def hours(rule: Rule, instruments: Mapping[str, Instrument]) -> Iterator[Hint]:
    """Sessions that never come, and `for` that no session is long enough for."""
    if rule.session is None:
        return
    if not exchange(rule, instruments):
        if rule.session != "regular":
            message = f"{rule.pair.name} has no {rule.session} hours, so the rule never fires"
            yield Hint("session", message, "both trade round the clock: write 'session: any'")
        return
    longest, text = _LONGEST[rule.session]
    for key, hold in (("for", rule.hold), ("clear_for", rule.clear_hold)):
        if hold > longest * NS:
            message = (
                f"{duration_text(hold / NS)} is longer than any {rule.session} session "
                f"({text}), in which alone the rule is looked at"
            )
            yield Hint(key, message, "shorten it, or write 'session: any'")
