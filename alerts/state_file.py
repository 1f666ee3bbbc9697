"""The file that outlives the process: made, migrated, and set aside where it is broken.

SQLite with a write-ahead log, flushed to the disk at each commit. It is locked for as long as it is
open: two daemons on one file would tell everything twice.
"""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
from itertools import count
from pathlib import Path

_log = logging.getLogger(__name__)

MEMORY = ":memory:"

_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE transitions (
            id INTEGER PRIMARY KEY,
            ts INTEGER NOT NULL,
            rule TEXT NOT NULL,
            pair TEXT NOT NULL,
            state TEXT NOT NULL,
            incident TEXT NOT NULL,
            alert TEXT NOT NULL,
            UNIQUE (rule, incident, state, ts)
        )""",
        """CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            transition_id INTEGER NOT NULL REFERENCES transitions ON DELETE CASCADE,
            lane TEXT NOT NULL,
            status TEXT NOT NULL,
            message_id INTEGER,
            UNIQUE (transition_id, lane)
        )""",
        "CREATE INDEX outbox_open ON outbox (id) WHERE status IN ('queued', 'sending')",
        "CREATE INDEX outbox_posted ON outbox (id) WHERE message_id IS NOT NULL",
        """CREATE TABLE lives (
            rule TEXT NOT NULL,
            pair TEXT NOT NULL,
            life TEXT NOT NULL,
            PRIMARY KEY (rule, pair)
        )""",
    ),
    (
        """CREATE TABLE silences (
            id TEXT PRIMARY KEY,
            silence TEXT NOT NULL
        )""",
        # An incident was an id, with what else there was to know of it beside it.
        """UPDATE lives SET life = json_object(
            'rule', rule,
            'pair', pair,
            'when', json_extract(life, '$.when'),
            'state', json_extract(life, '$.state'),
            'since', json_extract(life, '$.since'),
            'held', json_extract(life, '$.held'),
            'incident', json(iif(json_extract(life, '$.incident') = '', NULL, json_object(
                'id', json_extract(life, '$.incident'),
                'since', json_extract(life, '$.since'),
                'told', json_extract(life, '$.told')))))
        WHERE json_valid(life)""",
    ),
)
"""From each version (`user_version`) to the next. `alert`, `life`, `silence` are JSON."""

_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PATIENCE = 2.0
"""Seconds to wait for another process to let go of the file."""


class StateError(Exception):
    """The state file cannot be used; the message says why, and what to do."""


def open_file(path: Path | str) -> sqlite3.Connection:
    """The database, ready to be used from any one thread; a broken one is set aside first.

    Transactions are the caller's. Raises StateError where it cannot be opened.
    """
    if path == MEMORY:
        return _opened(MEMORY)
    path = Path(path)
    try:
        _create(path)
        try:
            return _opened(path)
        except sqlite3.DatabaseError as error:
            if not _broken(error):
                raise
            _set_aside(path, error)
        _create(path)
        return _opened(path)
    except (OSError, sqlite3.Error) as error:
        sentence, remedy = _explained(error)
        raise StateError(f"{path} cannot be used: {sentence}; {remedy}") from None


_ELSEWHERE = "name another file with 'state:' in comove.yaml"


def _explained(error: OSError | sqlite3.Error) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_BUSY:
        return "another process uses it", f"is comove running already? If not, {_ELSEWHERE}"
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", None) == errno.ENOSPC:
        return "the disk is full", f"make room, or {_ELSEWHERE}"
    match error:
        case sqlite3.NotSupportedError():
            return str(error), f"install that one again, or {_ELSEWHERE}"
        case OSError(strerror=str(reason)):
            return reason, f"see to the owner and mode of it and its folder, or {_ELSEWHERE}"
        case _:
            return str(error), f"see to the disk that it is on, or {_ELSEWHERE}"


def _create(path: Path) -> None:
    """For its owner's eyes only; SQLite gives the files beside it the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _opened(path: Path | str) -> sqlite3.Connection:
    database = sqlite3.connect(
        path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in (
            "locking_mode = EXCLUSIVE",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            database.execute(f"PRAGMA {pragma}")
        _check(database)
        _migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def _check(database: sqlite3.Connection) -> None:
    (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        error = sqlite3.DatabaseError(verdict)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _migrate(database: sqlite3.Connection) -> None:
    """Bring the schema up to date, taking the lock in any case."""
    database.execute("BEGIN IMMEDIATE")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > len(_MIGRATIONS):
        raise sqlite3.NotSupportedError("a newer comove has written it")
    for statements in _MIGRATIONS[version:]:
        for statement in statements:
            database.execute(statement)
    database.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
    database.execute("COMMIT")


def _broken(error: sqlite3.DatabaseError) -> bool:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _BROKEN


def _set_aside(path: Path, error: Exception) -> None:
    names = (path.with_name(f"{path.name}.broken-{number}") for number in count(1))
    aside = next(name for name in names if not name.exists())
    for end in ("", "-wal", "-shm"):
        part = path.with_name(path.name + end)
        if part.exists():
            part.rename(aside.with_name(aside.name + end))
    _log.warning(
        "%s is broken (%s): kept as %s, and begun anew; alerts that waited in it are not sent",
        path,
        error,
        aside.name,
    )
