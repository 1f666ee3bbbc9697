"""Commands and questions of people, the same from Telegram, MQTT, command line and page.

Pure but for its callbacks; channels translate and judge who may ask, nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count

from alerts.closing import closes_at
from alerts.course import RANK
from alerts.engine import Engine
from alerts.incident import Snooze
from alerts.meaning import names, not_firing, unknown, unmatched
from alerts.moment import clock
from alerts.rule import Rule
from alerts.silence import Matcher, Silence
from alerts.standing import Standing
from alerts.transition import State, Transition
from alerts.why import why_lines
from streams.instrument import NS, Pair
from streams.metric import Call
from streams.sessions import Calendar
from streams.snapshot import Reading, Snapshot

_LONGEST = 366 * 86_400.0
_OPEN = {State.FIRING, State.RECOVERING}


class DeskError(Exception):
    """Why a command cannot be obeyed: one sentence for the person who gave it."""


class Desk:
    """Where people stand before the engine.

    `now` tells nanoseconds UTC. `decided` is told of transitions that a command brings about,
    `changed` of changes without one that must outlive the process. `calendars` are those of the
    instruments, by name.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], int],
        decided: Callable[[Transition], None],
        changed: Callable[[], None] = lambda: None,
        calendars: Mapping[str, Calendar],
    ) -> None:
        self._engine = engine
        self._now = now
        self._decided = decided
        self._changed = changed
        self._calendars = calendars
        self._snapshot: Snapshot | None = None
        self._ids = count(1 + max((_number(each.id) for each in engine.silences), default=0))

    def look(self, snapshot: Snapshot) -> None:
        """The newest snapshot."""
        self._snapshot = snapshot

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest; None before the first."""
        return self._snapshot

    @property
    def pairs(self) -> Sequence[Pair]:
        """Those that rules are about."""
        return tuple(dict.fromkeys(rule.pair for rule in self._engine.rules))

    def acknowledge(self, incident: str, who: str) -> str:
        """Somebody has taken note: no reminders from now on. Answers in a sentence."""
        standing = _the_one(incident, self.incidents(), self._engine.rules)
        if standing.acknowledged:
            return f"{_named(standing)} is already acknowledged by {standing.acknowledged}."
        transition = self._engine.acknowledge(standing.incident, who, self._now())
        if transition is not None:
            self._decided(transition)
        return f"{_named(standing)} is acknowledged by {who}: no more reminders of it."

    def snooze(self, incident: str, who: str, seconds: float | None) -> str:
        """Nothing of an incident for so long, or until the pair's market closes (None)."""
        standing = _the_one(incident, self.incidents(), self._engine.rules)
        now = self._now()
        until = (
            _close(standing, self.pairs, self._calendars, now)
            if seconds is None
            else now + _duration(seconds)
        )
        self._engine.snooze(standing.incident, Snooze(until, who, now))
        self._changed()
        return f"{_named(standing)} is snoozed until {clock(until, now)}; told again if it fires."

    def silence(self, matcher: Matcher, who: str, seconds: float, why: str = "") -> Silence:
        """Tell nothing of what matches for so long."""
        if refusal := unmatched(matcher, self._engine.rules, self._engine.ward.rules):
            raise DeskError(refusal)
        now = self._now()
        silence = Silence(
            id=f"s{next(self._ids)}",
            matcher=matcher,
            until=now + _duration(seconds),
            who=who,
            why=why,
            made=now,
        )
        self._engine.silence(silence)
        self._changed()
        return silence

    def unsilence(self, id: str, who: str) -> str:  # noqa: A002  # as those who call it name it
        """End a silence. Answers in a sentence."""
        known = [each.id for each in self._engine.silences]
        if self._engine.unsilence(id) is None:
            raise DeskError(unknown("silence", id, known))
        self._changed()
        return f"Silence {id} is ended by {who}: what still fires is told now."

    def silences(self) -> Sequence[Silence]:
        """Those made on the spot that have not ended."""
        now = self._now()
        return [silence for silence in self._engine.silences if silence.until > now]

    def standings(self) -> Sequence[Standing]:
        """How each rule stands, in the order of the file."""
        return self._engine.standings()

    def incidents(self) -> Sequence[Standing]:
        """What is firing or recovering, comove's own troubles included.

        Most severe first, then oldest.
        """
        open_ = [standing for standing in self._engine.standings() if standing.state in _OPEN]
        open_ += self._engine.ward.incidents()
        return sorted(open_, key=lambda standing: (RANK[standing.severity], standing.since))

    def rule(self, id: str) -> Sequence[Rule]:  # noqa: A002  # as those who call it name it
        """The rule of that id, once for each of its pairs."""
        found = [rule for rule in self._engine.rules if rule.id == id]
        if not found:
            raise DeskError(unknown("rule", id, (rule.id for rule in self._engine.rules)))
        return found

    def why(self, incident: str) -> tuple[str, ...]:
        """All that there is to know of an incident, in lines of plain text."""
        standing = _the_one(incident, self.incidents(), self._engine.rules)
        return why_lines(self.behind(standing), standing, self._snapshot, self._now())

    def behind(self, standing: Standing) -> Rule:
        """The rule that stands so."""
        rules = (*self._engine.rules, *self._engine.ward.rules)
        about = (standing.rule, standing.pair)
        return next(rule for rule in rules if (rule.id, rule.pair.name) == about)

    def reading(self, call: Call) -> Reading:
        """A figure from the newest snapshot; one that is not computed says what is."""
        if self._snapshot is None:
            return Reading(None, "no data yet")
        readings = self._snapshot.readings
        if call.key in readings:
            return readings[call.key]
        others = [key for key in readings if key.partition("(")[0] == call.metric]
        there = f"; there is {', '.join(sorted(others))}" if others else ""
        return Reading(None, f"not computed{there}")


def _the_one(name: str, incidents: Sequence[Standing], rules: Sequence[Rule]) -> Standing:
    """The incident that goes by that name: its id, its rule's, or rule/pair."""
    found = [s for s in incidents if name in {s.incident, *names(s)}]
    if len(found) == 1:
        return found[0]
    if found:
        several = " or ".join(names(standing)[1] for standing in found)
        raise DeskError(f"'{name}' fires for several pairs: say {several}")
    raise DeskError(not_firing(name, incidents, rules))


def _close(
    standing: Standing, pairs: Sequence[Pair], calendars: Mapping[str, Calendar], now: int
) -> int:
    legs = next(((p.x, p.y) for p in pairs if p.name == standing.pair), ())
    close = closes_at([calendars[name] for name in legs if name in calendars], now)
    if close is None:
        raise DeskError(f"{standing.pair} never closes: say for how long")
    return close


def _named(standing: Standing) -> str:
    return f"{standing.title} ({standing.pair})"


def _duration(seconds: float) -> int:
    if not 1 <= seconds <= _LONGEST:
        raise DeskError("say for how long: from a second to a year")
    return round(seconds * NS)


def _number(silence: str) -> int:
    digits = silence.removeprefix("s")
    return int(digits) if digits.isdecimal() else 0
