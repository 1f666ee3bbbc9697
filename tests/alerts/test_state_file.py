from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from errno import ENOSPC
from pathlib import Path

import pytest

from alerts.engine import Engine
from alerts.incident import Incident
from alerts.life import Life
from alerts.state_file import MEMORY, StateError, open_file
from alerts.statements import read
from alerts.transition import State
from tests.alerts.rules import HIGH, live, rule

VERSION_1 = (
    """CREATE TABLE transitions (id INTEGER PRIMARY KEY, ts INTEGER NOT NULL, rule TEXT NOT NULL,
        pair TEXT NOT NULL, state TEXT NOT NULL, incident TEXT NOT NULL, alert TEXT NOT NULL,
        UNIQUE (rule, incident, state, ts))""",
    """CREATE TABLE outbox (id INTEGER PRIMARY KEY,
        transition_id INTEGER NOT NULL REFERENCES transitions ON DELETE CASCADE,
        lane TEXT NOT NULL, status TEXT NOT NULL, message_id INTEGER,
        UNIQUE (transition_id, lane))""",
    "CREATE INDEX outbox_open ON outbox (id) WHERE status IN ('queued', 'sending')",
    "CREATE INDEX outbox_posted ON outbox (id) WHERE message_id IS NOT NULL",
    """CREATE TABLE lives (rule TEXT NOT NULL, pair TEXT NOT NULL, life TEXT NOT NULL,
        PRIMARY KEY (rule, pair))""",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "of" / "comove" / "state.db"


def made(path: Path) -> None:
    with closing(open_file(path)) as database:
        database.executemany(
            "INSERT INTO lives VALUES (?, 'ETH-IWM', ?)",
            [(f"rule {n}", "{}" * 500) for n in range(100)],
        )


def rules(path: Path) -> int:
    with closing(open_file(path)) as database:
        (count,) = database.execute("SELECT count(*) FROM lives").fetchone()
        return int(count)


def test_it_is_made_with_its_folder_for_its_owner_alone(path: Path) -> None:
    with closing(open_file(path)) as database:
        database.execute("INSERT INTO lives VALUES ('a', 'b', 'c')")
        modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_what_is_committed_is_on_the_disk(path: Path) -> None:
    with closing(open_file(path)) as database:
        settings = [
            database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]  # 2 is FULL


def test_what_was_written_is_found_again(path: Path) -> None:
    made(path)
    assert rules(path) == 100


def test_a_schema_is_migrated_from_nothing_once(path: Path) -> None:
    for _ in range(2):
        with closing(open_file(path)) as database:
            assert database.execute("PRAGMA user_version").fetchone() == (2,)


def of_version_1(path: Path) -> None:
    """As comove 0.1 has left it: one rule firing, one pending, one that cannot be read."""
    path.parent.mkdir(parents=True)
    lives = {
        "fires": (
            '{"rule":"fires","pair":"ETH-IWM","when":"z < -4","state":"firing","since":5,'
            '"held":0,"told":7,"incident":"fires/ETH-IWM/5"}'
        ),
        "waits": (
            '{"rule":"waits","pair":"ETH-IWM","when":"z < -4","state":"pending","since":6,'
            '"held":3,"told":0,"incident":""}'
        ),
        "broken": "x",
    }
    with closing(sqlite3.connect(path)) as database:
        for statement in VERSION_1:
            database.execute(statement)
        database.executemany(
            "INSERT INTO lives VALUES (?, 'ETH-IWM', ?)",
            list(lives.items()),
        )
        database.execute("PRAGMA user_version = 1")
        database.commit()


def test_a_file_of_the_version_before_is_gone_on_with(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    of_version_1(path)
    for _ in range(2):
        with closing(open_file(path)) as database:
            left = read(database)
        assert left.silences == ()
        assert left.lives == (
            Life(
                "fires",
                "ETH-IWM",
                "z < -4",
                State.FIRING,
                5,
                0,
                Incident("fires/ETH-IWM/5", 5, told=7),
            ),
            Life("waits", "ETH-IWM", "z < -4", State.PENDING, 6, 3),
        )
    assert "a rule's state cannot be read" in caplog.text


def test_an_incident_of_the_version_before_ends_where_its_rule_tells(path: Path) -> None:
    of_version_1(path)
    with closing(open_file(path)) as database:
        lives = read(database).lives
    engine = Engine([rule("fires")])
    engine.restore(lives)
    (over,) = live(engine, [HIGH], start=9)
    assert (over.incident, over.notify) == ("fires/ETH-IWM/5", ("log",))


def test_a_file_of_a_newer_comove_is_refused_and_left_as_it_is(path: Path) -> None:
    made(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(StateError, match="a newer comove has written it; install that one again"):
        open_file(path)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM lives").fetchone() == (100,)


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)


def _scribbled(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 6] = b"\xa5" * (4096 * 5)
    path.write_bytes(data)


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 * 4])


@pytest.mark.parametrize("harm", [_garbage, _scribbled, _truncated])
def test_a_broken_file_is_set_aside_and_a_fresh_one_begun(
    path: Path, harm: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(harm)
    for number in (1, 2):
        made(path)
        harm(path)
        broken = path.read_bytes()
        with caplog.at_level(logging.WARNING):
            assert rules(path) == 0
        assert path.with_name(f"state.db.broken-{number}").read_bytes() == broken
    assert len(caplog.records) == 2
    assert "state.db.broken-1" in caplog.text


def test_two_daemons_do_not_share_a_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.state_file._PATIENCE", 0.01)
    with (
        closing(open_file(path)),
        pytest.raises(StateError, match=r"another process uses it; is comove running already\?"),
    ):
        open_file(path)
    rules(path)


def test_a_place_where_no_file_can_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match=r"state\.db cannot be used: File exists"):
        open_file(tmp_path / "file" / "state.db")
    with pytest.raises(StateError, match=r"Is a directory; see to the owner and mode .* 'state:'"):
        open_file(tmp_path)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(ENOSPC, "No space left on device"), "the disk is full; make room"),
        (sqlite3.OperationalError("disk I/O error"), "disk I/O error; see to the disk"),
    ],
)
def test_a_disk_that_does_not_take_it_is_said_with_what_to_do(
    path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def refuse(_: Path) -> None:
        raise error

    monkeypatch.setattr("alerts.state_file._create", refuse)
    with pytest.raises(StateError, match=f"{said}.* 'state:' in comove.yaml"):
        open_file(path)


def test_memory_needs_no_file() -> None:
    with closing(open_file(MEMORY)) as database:
        assert database.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
