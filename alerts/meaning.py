"""What people may mean by a name, and the sentences where it means nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alerts.ailment import RULES, SELF
from alerts.language import did_you_mean
from alerts.rule import Rule, Severity
from alerts.silence import Matcher
from alerts.standing import Standing


def names(standing: Standing) -> tuple[str, str]:
    """What a standing goes by: its rule's, and rule/pair."""
    return standing.rule, f"{standing.rule}/{standing.pair}"


def not_firing(name: str, firing: Iterable[Standing], rules: Iterable[Rule]) -> str:
    """Of a name that none of those goes by that fire."""
    known = _ids(rules, [name])
    others = ", ".join(names(standing)[1] for standing in firing)
    if not any(name == rule or name.startswith(f"{rule}/") for rule in known):
        meant = did_you_mean(name, known)
        if not meant.startswith("did"):
            meant = f"what is firing: {others}" if others else "nothing is firing now"
        return f"there is no rule '{name}'; {meant}"
    if name.rpartition("/")[2].replace(".", "").isdecimal():
        return "this alert is over"
    return f"'{name}' is not firing now; " + (f"what is: {others}" if others else "nothing is")


def unmatched(matcher: Matcher, rules: Sequence[Rule], own: Sequence[Rule]) -> str:
    """Why there is nothing to silence; empty where there is, or may be one day."""
    if any(matcher.matches(rule) for rule in (*rules, *own)) or _foresees(matcher):
        return ""
    for kind, given, known in (
        ("rule", matcher.rules, _ids(rules, matcher.rules)),
        ("pair", matcher.pairs, {rule.pair.name for rule in rules}),
        ("severity", matcher.severities, {str(severity) for severity in Severity}),
    ):
        for name in given:
            if name not in known:
                return unknown(kind, name, known)
    return "no rule matches that, so nothing would be silenced"


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """There is none of that name."""
    remedy = did_you_mean(name, set(known))
    return f"there is no {kind} '{name}'" + (f"; {remedy}" if remedy else "")


def _ids(rules: Iterable[Rule], asked: Iterable[str]) -> set[str]:
    """Of the rules; and comove's own, where they may be meant."""
    own = RULES if any(name.startswith(SELF) for name in asked) else ()
    return {*(rule.id for rule in rules), *own}


def _foresees(matcher: Matcher) -> bool:
    """Whether it is about a trouble of comove's own that there may be one day."""
    return not matcher.pairs and not matcher.labels and any(rule in RULES for rule in matcher.rules)
