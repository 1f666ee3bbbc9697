"""The readings of one pair that were asked for, worked out when its data change."""

from __future__ import annotations

from collections.abc import Callable

from streams.book import Book
from streams.closes import Daily
from streams.instrument import NS
from streams.link import Link
from streams.metric import CATALOGUE, Cadence, Call
from streams.snapshot import Reading

_SETTLING = 15 * 60 * NS
_SETTLES = Reading(None, "first 15 minutes of the session")


class _Group:
    """Readings that change together, and what they last told of.

    That is how often their data had changed, or the reason why none of them says anything.
    """

    __slots__ = ("answers", "cadence", "settles", "told")

    def __init__(self, cadence: Cadence, *, settles: bool) -> None:
        self.cadence = cadence
        self.settles = settles
        self.answers: dict[str, Callable[[], Reading]] = {}
        self.told: int | Reading = -1


class Panel:
    """The readings of the pair of `x` and `y`, by key."""

    def __init__(self, link: Link, x: Book, y: Book, daily: Daily) -> None:
        self._link = link
        self._daily = daily
        self._x, self._y = x, y
        self._groups: dict[tuple[Cadence, bool], _Group] = {}

    def ask(self, call: Call) -> None:
        """Answer this call too from now on."""
        metric = CATALOGUE[call.metric]
        if call.days is not None:
            kind = Cadence.DAY, False
            answer = self._daily.build(call.metric, call.days)
        else:
            kind = metric.cadence, metric.settles
            answer = self._link.build(call)
        group = self._groups.setdefault(kind, _Group(kind[0], settles=kind[1]))
        group.answers[call.key] = answer
        group.told = -1

    def refresh(self, now: int, readings: dict[str, Reading]) -> None:
        """Bring `readings` up to date; those whose data have not changed stay the same objects."""
        link = self._link
        why = self._y.silence or self._x.silence
        if why is None:
            link.open_at(now)
            link.let_go()
        settles = _SETTLES if now - link.opened < _SETTLING else None
        for group in self._groups.values():
            told: int | Reading
            if group.cadence is Cadence.DAY:
                told = self._daily.changes  # closes are there when the market is closed, too
            else:
                told = why or (settles if group.settles else None) or link.changed(group.cadence)
            if told != group.told:
                group.told = told
                _tell(group, readings)


def _tell(group: _Group, readings: dict[str, Reading]) -> None:
    if isinstance(group.told, Reading):
        readings.update(dict.fromkeys(group.answers, group.told))
    else:
        readings.update((key, compute()) for key, compute in group.answers.items())
