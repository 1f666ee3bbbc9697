"""What can ail comove itself, as the engine takes it: rules `comove/feed` and others, of no pair.

A rule's place of a pair is taken by what is ill: a venue, a channel, a folder.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from alerts.rule import Severity
from streams.instrument import NS, Pair

SELF = "comove"
_PREFIX = f"{SELF}/"

_KINDS: Mapping[str, str] = {
    "feed": "a venue gives nothing of an open market",
    "sink": "a channel does not deliver",
    "disk": "a disk is nearly full",
    "clock": "this machine's clock differs from the stamps of most venues",
    "calendar": "the table of holidays runs out",
    "store": "the state file cannot be written",
    "reload": "files were refused when they were to be taken over",
}
RULES = tuple(f"{_PREFIX}{kind}" for kind in _KINDS)
"""What silences and commands may name."""

Key = tuple[str, str]


def is_own(rule: str) -> bool:
    """Whether the rule of that id is about comove itself; ids of a rule file have no slash."""
    return rule.startswith(_PREFIX)


class Subject(Pair, frozen=True):
    """What is ill, where other rules have a pair."""

    @property
    def name(self) -> str:
        """`kraken`."""
        return self.x


class Ailment(msgspec.Struct, frozen=True):
    """One thing that is wrong, of a kind and a subject; told once it has lasted `hold` ns.

    It is over when it has been away for `calm` ns. A `covered` one is told by another rule already,
    and only by that.
    """

    kind: str
    subject: str
    title: str
    message: str
    hold: int = 0
    calm: int = 60 * NS
    severity: Severity = Severity.WARNING
    covered: bool = False
    lane: str = ""
    """The sick channel, which is not asked to tell of itself."""
    notify: tuple[str, ...] = ()
    """Who can be told of it."""
    news: int = 0
    """An instant (ns) at which something new came: who was told before is told again."""
    over: str = "It is over."
    """What is said at its end."""

    @property
    def key(self) -> Key:
        """The same as long as it is the same trouble."""
        return self.kind, self.subject

    @property
    def rule(self) -> str:
        """`comove/feed`."""
        return f"{_PREFIX}{self.kind}"

    @property
    def about(self) -> Subject:
        """What stands where a pair would."""
        return Subject(self.subject or SELF, "")

    @property
    def condition(self) -> str:
        """What is wrong, in words for all of its kind."""
        return _KINDS[self.kind]
