"""Reports at the close: what a day was like, and after its last session the week.

Told like alerts and through the same outbox, of severity info. Silences, quiet times and flapping
are about rules and hold no report back; how loud a chat is does count for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from alerts.report.account import Account
from alerts.report.diary import Diary, Pages, usual
from alerts.report.hours import ends_week, sessions_of_week
from alerts.report.lines import lines, title
from alerts.report.numbers import numbers
from alerts.report.week import combined
from alerts.report.words import day
from alerts.rule import Severity
from alerts.transition import DAILY, WEEKLY, State, Transition
from streams.instrument import Pair
from streams.metric import Call
from streams.schedule import Event
from streams.sessions import Calendar
from streams.snapshot import Snapshot

_FEWEST = 2
"""Sessions of which a week is told."""


class Reporter:
    """Takes snapshots and transitions; the first snapshot at or after a close brings its reports.

    `calendars` are by instrument, `events` tells what is known beforehand, `notify` who is told.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        calendars: Mapping[str, Calendar],
        *,
        daily: bool = True,
        weekly: bool = True,
        notify: tuple[str, ...] = (),
        events: Callable[[], Sequence[Event]] = tuple,
    ) -> None:
        kept = pairs if daily or weekly else ()
        self._diaries = {pair.name: Diary(pair, calendars) for pair in kept}
        self._daily = daily
        self._weekly = weekly
        self._notify = notify
        self._events = events

    @property
    def calls(self) -> Iterable[Call]:
        """What a Market must be asked for."""
        return {call for diary in self._diaries.values() for call in diary.calls.all}

    def note(self, transition: Transition) -> None:
        """Take a change of state, before the snapshot that it came of."""
        diary = self._diaries.get(transition.pair)
        if diary is not None and not transition.is_report:
            diary.note(transition)

    def look(self, snapshot: Snapshot) -> list[Transition]:
        """Take a snapshot; the reports that are due."""
        found: list[Transition] = []
        for diary in self._diaries.values():
            account = diary.look(snapshot)
            if account is not None:
                found += self._reports(diary, account)
        return found

    def _reports(self, diary: Diary, account: Account) -> Iterator[Transition]:
        if self._daily:
            yield self._told(DAILY, account)
        if self._weekly and ends_week(diary.hours, account.end):
            sessions = diary.of_week(account.end)
            if len(sessions) >= _FEWEST:
                before = [each for each in diary.pages.sessions if each.end < sessions[0].end]
                due = sessions_of_week(diary.hours, account.end)
                yield self._told(WEEKLY, combined(sessions, usual(before), due))

    def _told(self, kind: str, account: Account) -> Transition:
        """Of the instant of the close, so that it is the same whenever it is made."""
        return Transition(
            ts=account.end,
            rule=kind,
            pair=account.pair,
            state=State.FIRING,
            severity=Severity.INFO,
            incident=f"{kind}/{account.pair}/{day(account.end)}",
            title=title(account),
            message="\n".join(lines(account, self._events())),
            values=numbers(account),
            notify=self._notify,
        )

    # -- what outlives the process

    def memory(self) -> bytes:
        """All that it knows now."""
        return msgspec.msgpack.encode({name: each.pages for name, each in self._diaries.items()})

    def recall(self, memory: bytes) -> None:
        """Go on where another ended, with the pairs that both know; ValueError: not readable."""
        try:
            pages = msgspec.msgpack.decode(memory, type=dict[str, Pages])
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from None
        for name, diary in self._diaries.items():
            if name in pages:
                diary.pages = pages[name]
