"""Commands by MQTT: a JSON object on `<base>/<instance>/command/<what>`, answered in a sentence.

ack        {"incident", "who"}
snooze     {"incident", "who", "for"?}                  without "for": as long as the desk says
silence    {"match": {"rules"?, "pairs"?, "severities"?, "labels"?}, "for", "who", "why"?}
unsilence  {"id", "who"}

MQTT does not say who sends a message: the broker's access list decides who may, `who` is taken at
its word and marked as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

import msgspec

from alerts.desk import DeskError
from alerts.language import LanguageError, parse_quantity
from alerts.notifiers.pace import Pace
from alerts.silence import Matcher, Silence
from streams.metric import Unit

LARGEST = 4096
"""Bytes of a command."""
_PACE = (10, 10.0)
"""Commands taken in so many seconds."""
_LONGEST = 366 * 86_400.0
"""Seconds of a silence or a snooze."""
_NAME = 64
_REASON = 500


class Desk(Protocol):
    """The part of the desk that obeys; every method may raise DeskError."""

    def acknowledge(self, incident: str, who: str, /) -> str:
        """Note that someone has taken note."""

    def snooze(self, incident: str, who: str, seconds: float | None, /) -> str:
        """Be quiet about one incident for a while."""

    def silence(self, matcher: Matcher, who: str, seconds: float, why: str, /) -> Silence:
        """Keep what matches from being told for a while."""

    def unsilence(self, silence: str, who: str, /) -> str:
        """End a silence."""


class Answer(msgspec.Struct, frozen=True):
    """What became of a command; `id` is the silence's that was made."""

    command: str
    ok: bool
    text: str
    id: str = ""


class _Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rules: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}


class _Ack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    incident: str
    who: str


class _Snooze(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    incident: str
    who: str
    duration: str | None = msgspec.field(default=None, name="for")


class _Silence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    match: _Match
    """Required: a misspelt one must not silence everything. `{}` does, and says so."""
    who: str
    duration: str = msgspec.field(name="for")
    why: str = ""


class _Unsilence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    who: str


_T = TypeVar("_T", _Ack, _Snooze, _Silence, _Unsilence)


class Commands:
    """Reads commands and has them obeyed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pace = Pace(_PACE)
        self._flooded = False

    def obey(self, what: str, payload: bytes, now: float, *, retained: bool) -> Answer | None:
        """Obey one command at `now` (seconds of any clock).

        None where so many came that not even a refusal is worth an answer.
        """
        if self._pace.wait(now) > 0:
            return self._flood(what)
        self._flooded = False
        self._pace.note(now)
        try:
            return self._obey(what, payload, retained=retained)
        except (DeskError, LanguageError) as error:
            return Answer(what, ok=False, text=str(error))
        except msgspec.MsgspecError as error:
            return Answer(what, ok=False, text=f"cannot read this: {error}")

    def _flood(self, what: str) -> Answer | None:
        first, self._flooded = not self._flooded, True
        count, seconds = _PACE
        text = f"more than {count} commands in {seconds:.0f} s: the rest is ignored"
        return Answer(what, ok=False, text=text) if first else None

    def _obey(self, what: str, payload: bytes, *, retained: bool) -> Answer:
        if retained:
            raise DeskError("a command must not be retained: it would be obeyed again and again")
        if len(payload) > LARGEST:
            raise DeskError(f"a command has at most {LARGEST} bytes, this one has {len(payload)}")
        match what:
            case "ack":
                ack = _read(payload, _Ack)
                text = self._desk.acknowledge(ack.incident, _who(ack.who))
            case "snooze":
                snooze = _read(payload, _Snooze)
                seconds = None if snooze.duration is None else _seconds(snooze.duration)
                text = self._desk.snooze(snooze.incident, _who(snooze.who), seconds)
            case "silence":
                return self._silence(_read(payload, _Silence))
            case "unsilence":
                end = _read(payload, _Unsilence)
                text = self._desk.unsilence(end.id, _who(end.who))
            case _:
                known = "ack, snooze, silence, unsilence"
                raise DeskError(f"there is no command '{what[:_NAME]}': there are {known}")
        return Answer(what, ok=True, text=text)

    def _silence(self, given: _Silence) -> Answer:
        match, who = given.match, _who(given.who)
        matcher = Matcher(match.rules, match.pairs, match.severities, match.labels)
        made = self._desk.silence(matcher, who, _seconds(given.duration), given.why[:_REASON])
        what = "what matches" if matcher != Matcher() else "everything"
        text = f"{what} is silenced for {given.duration} by {who}"
        return Answer("silence", ok=True, text=text, id=made.id)


def _read(payload: bytes, kind: type[_T]) -> _T:
    return msgspec.json.decode(payload, type=kind)


def _who(name: str) -> str:
    if not name.strip() or len(name) > _NAME or not name.isprintable():
        raise DeskError(f"'who' must be a name of at most {_NAME} characters")
    return f"{name.strip()} (MQTT)"


def _seconds(text: str) -> float:
    seconds = parse_quantity(text, Unit.DURATION)
    if not 1 <= seconds <= _LONGEST:
        raise DeskError(f"'for' must be from 1s to 366d, not '{text[:_NAME]}'")
    return seconds
