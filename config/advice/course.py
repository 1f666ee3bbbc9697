"""Whether a rule can begin and end: conditions that are never so, always so, or both at once."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.language import Vocabulary
from alerts.language.tree import Operation
from alerts.rule import Rule
from config.advice.box import Box, every
from config.advice.hint import Hint
from config.advice.ranges import hang_together
from config.advice.reach import Reach, momentary

_NEVER = "so the rule never fires"


def course(rule: Rule, vocabulary: Vocabulary) -> Iterator[Hint]:
    """What keeps the rule from firing, or from ever being over, or makes it do both by turns."""
    when = Reach(rule.when.text, vocabulary)
    if not when.boxes(when.tree):
        yield _contradiction(when)
        return
    if momentary(when.tree):
        yield from _moment(rule, when)
    if rule.clear is None:
        if not when.boxes(when.tree, so=False):
            remedy = "compare it with a value that it can fall short of"
            said = "this is always so: once fired, never over"
            yield Hint("when", said, remedy, when.span(when.tree))
        return
    clear = Reach(rule.clear.text, vocabulary)
    if not clear.boxes(clear.tree):
        message = "this is never so: the rule would never be over"
        yield Hint("clear", message, "write a condition that can come true", clear.span(clear.tree))
    elif not momentary(when.tree) and _both(when, clear):
        message = "this can be so while 'when' still is: the rule would fire and be over by turns"
        remedy = "leave a gap, as in 'when: divergence(60m) < -4' and 'clear: divergence(60m) > -2'"
        yield Hint("clear", message, remedy, clear.span(clear.tree))


def _contradiction(when: Reach) -> Hint:
    """Under the first part that what stands before it rules out."""
    tree = when.tree
    remedy = "write a condition that can come true"
    if isinstance(tree, Operation) and tree.operator == "and":
        for count, part in enumerate(tree.operands):
            if not when.boxes(part):
                message = f"'{when.words(part)}' is never so, {_NEVER}"
                return Hint("when", message, remedy, when.span(part))
            if not every(when.boxes(each) for each in tree.operands[: count + 1]):
                message = f"'{when.words(part)}' contradicts what stands before it, {_NEVER}"
                return Hint(
                    "when", message, "write 'or', or change one of the figures", when.span(part)
                )
    return Hint("when", f"this is never so, {_NEVER}", remedy, when.span(tree))


def _moment(rule: Rule, when: Reach) -> Iterator[Hint]:
    what = "this is so for one look only"
    if rule.hold:
        remedy = "remove 'for', or compare the value itself"
        yield Hint("for", f"'when' is so for one look only, {_NEVER}", remedy)
    elif rule.clear is None and not rule.clear_hold:
        message = f"{what}: the rule would be over at the next"
        yield Hint("when", message, "add 'clear: …', or 'clear_for: 15m'", when.span(when.tree))


def _both(when: Reach, clear: Reach) -> bool:
    """Whether both can be so at once, for certain."""
    return any(
        _certain(one, other) for one in when.boxes(when.tree) for other in clear.boxes(clear.tree)
    )


def _certain(one: Box, other: Box) -> bool:
    together = one.meet(other)
    if together is None or not (together.possible and together.exact):
        return False
    if not all(interval.wide for interval in together.numbers.values()):
        return False
    return not any(
        a != b and hang_together(a.partition("(")[0], b.partition("(")[0])
        for a in one.keys
        for b in other.keys
    )
