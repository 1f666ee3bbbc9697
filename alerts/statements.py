"""What is written to and read from the state file; one transaction around them is the caller's."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from sqlite3 import Connection

import msgspec

from alerts.life import Life
from alerts.row import Left, Posted, Row, Status
from alerts.silence import Silence
from alerts.transition import State, Transition

_log = logging.getLogger(__name__)

_REMEMBERED = 1000
"""Messages that may still be edited."""

_alerts = msgspec.json.Decoder(Transition)
_lives = msgspec.json.Decoder(Life)
_silences = msgspec.json.Decoder(Silence)


class Entry(msgspec.Struct, frozen=True):
    """A transition with its rows, one a lane; `alert` is the transition as JSON."""

    id: int
    transition: Transition
    alert: str
    rows: tuple[Row, ...]


def insert(
    database: Connection,
    entries: Sequence[Entry],
    lives: Iterable[Life],
    silences: Iterable[Silence],
) -> frozenset[int]:
    """Write transitions with their messages, the rules' state and the silences.

    Answers the ids of transitions already there.
    """
    known = frozenset(entry.id for entry in entries if not _insert(database, entry))
    database.execute("DELETE FROM lives")
    database.executemany(
        "INSERT INTO lives VALUES (?, ?, ?)",
        [(life.rule, life.pair, msgspec.json.encode(life).decode()) for life in lives],
    )
    database.execute("DELETE FROM silences")
    database.executemany(
        "INSERT INTO silences VALUES (?, ?)",
        [(silence.id, msgspec.json.encode(silence).decode()) for silence in silences],
    )
    return known


def _insert(database: Connection, entry: Entry) -> bool:
    of = entry.transition
    done = database.execute(
        "INSERT OR IGNORE INTO transitions VALUES (?, ?, ?, ?, ?, ?, ?)",
        (entry.id, of.ts, of.rule, of.pair, of.state, of.incident, entry.alert),
    )
    if not done.rowcount:
        return False
    database.executemany(
        "INSERT INTO outbox VALUES (?, ?, ?, ?, NULL)",
        [(row.id, entry.id, row.lane, row.status) for row in entry.rows],
    )
    return True


def set_status(
    database: Connection, rows: Sequence[int], status: Status, message_id: int | None
) -> frozenset[int]:
    """Say what became of some rows; nothing is answered."""
    database.executemany(
        "UPDATE outbox SET status = ?, message_id = ? WHERE id = ?",
        [(status, message_id, row) for row in rows],
    )
    return frozenset()


def prune(database: Connection, before: int) -> frozenset[int]:
    """Forget what is older (ns), is settled and belongs to no rule that still fires."""
    database.execute(
        """DELETE FROM transitions WHERE ts < ?
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE transition_id = transitions.id
                        AND status IN ('queued', 'sending'))
        AND NOT EXISTS (SELECT 1 FROM lives
                        WHERE json_extract(life, '$.incident.id') = transitions.incident)""",
        (before,),
    )
    return frozenset()


def read(database: Connection) -> Left:
    """What an earlier run has left."""
    return Left(
        lives=tuple(_read_lives(database)),
        rows=tuple(_read_rows(database)),
        posted=tuple(_read_posted(database)),
        silences=tuple(_read_silences(database)),
    )


def last_id(database: Connection) -> int:
    """The highest id in use."""
    (highest,) = database.execute(
        """SELECT max(coalesce((SELECT max(id) FROM transitions), 0),
                      coalesce((SELECT max(id) FROM outbox), 0))"""
    ).fetchone()
    return int(highest)


def _read_lives(database: Connection) -> Iterator[Life]:
    for (text,) in database.execute("SELECT life FROM lives ORDER BY rule, pair"):
        try:
            yield _lives.decode(text)
        except msgspec.DecodeError as error:
            _log.error("a rule's state cannot be read, it begins anew: %s", error)


def _read_silences(database: Connection) -> Iterator[Silence]:
    for id_, text in database.execute("SELECT id, silence FROM silences ORDER BY rowid"):
        try:
            yield _silences.decode(text)
        except msgspec.DecodeError as error:
            _log.error("silence %s cannot be read, it is ended: %s", id_, error)


def _read_rows(database: Connection) -> Iterator[Row]:
    found = database.execute(
        """SELECT outbox.id, lane, status, alert FROM outbox
        JOIN transitions ON transitions.id = transition_id
        WHERE status IN ('queued', 'sending') ORDER BY outbox.id"""
    )
    for row, lane, status, text in found:
        try:
            yield Row(row, lane, _alerts.decode(text), Status(status))
        except msgspec.DecodeError as error:
            _log.error("an undelivered alert for %s cannot be read: %s", lane, error)


def _read_posted(database: Connection) -> list[Posted]:
    """The first message of each incident whose end has not been told, the newest incidents."""
    found = database.execute(
        """SELECT lane, incident, message_id, json_extract(alert, '$.message'),
            min(outbox.id) AS first FROM outbox
        JOIN transitions AS told ON told.id = transition_id
        WHERE message_id IS NOT NULL AND state = ? AND NOT EXISTS (
            SELECT 1 FROM outbox AS end JOIN transitions AS over ON over.id = end.transition_id
            WHERE over.incident = told.incident AND over.state = ?
            AND end.lane = outbox.lane AND end.status = ?)
        GROUP BY lane, incident ORDER BY first DESC LIMIT ?""",
        (State.FIRING, State.RESOLVED, Status.SENT, _REMEMBERED),
    )
    return [Posted(*values) for *values, _ in found][::-1]
