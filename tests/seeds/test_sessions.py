"""The sample sessions say what their expected.yaml says, and are what their maker makes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec
import pytest
from ruamel.yaml import YAML

from alerts.transition import State, Transition
from config.load import load
from config.shipped import CONFIG, shipped_path
from daemon.replay import play_recorded, recorded
from daemon.texts import NEW_YORK
from daemon.watch import Watch
from daemon.wiring import make_engine, make_market
from streams.history.recording import opened
from streams.instrument import NS
from tests.seeds.sessions import FOLDER, SESSIONS, Session, recordings

LARGEST = 300_000
"""Bytes of all."""
_NEAR = 2 * 60
"""Seconds from the minute that is expected."""


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One transition, at New York's time."""

    at: str
    rule: str
    state: State


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An expected.yaml."""

    title: str
    done: str
    transitions: tuple[Expected, ...]


def story(session: Session) -> Story:
    text = (FOLDER / session.name / "expected.yaml").read_text("utf-8")
    return msgspec.convert(YAML(typ="safe", pure=True).load(text), Story)


@cache
def played(session: Session) -> tuple[tuple[Transition, ...], frozenset[str]]:
    """What was told, and the venues that ETH was taken from."""
    config = load(shipped_path(CONFIG))
    found: list[Transition] = []
    used: set[str] = set()
    watch = Watch(
        make_market(config),
        make_engine(config),
        on_transition=found.append,
        on_snapshot=lambda s: used.update(
            feed.venue for feed in s.feeds if feed.active and feed.instrument == "ETH"
        ),
    )
    play_recorded(watch, recorded(config, [FOLDER / session.name]))
    told = (State.FIRING, State.RESOLVED)
    return tuple(t for t in found if t.state in told and not t.repeat), frozenset(used)


def seconds_of_day(clock: str) -> int:
    hour, minute = clock.split(":")
    return 3600 * int(hour) + 60 * int(minute)


def new_york_seconds(ts: int) -> int:
    moment = datetime.fromtimestamp(ts // NS, UTC).astimezone(NEW_YORK)
    return 3600 * moment.hour + 60 * moment.minute + moment.second


@pytest.fixture(params=SESSIONS, ids=lambda session: session.name)
def session(request: pytest.FixtureRequest) -> Session:
    chosen: Session = request.param
    return chosen


def test_a_session_brings_the_transitions_it_says_and_no_others(session: Session) -> None:
    expected, (found, _) = story(session).transitions, played(session)
    assert [(t.rule, t.state) for t in found] == [(e.rule, e.state) for e in expected]
    apart = [
        new_york_seconds(t.ts) - seconds_of_day(e.at) for t, e in zip(found, expected, strict=True)
    ]
    assert all(abs(seconds) < _NEAR for seconds in apart), apart


def test_only_where_coinbase_fails_another_venue_takes_over(session: Session) -> None:
    _, used = played(session)
    failed = session.name == "feed-failure"
    assert used == ({"coinbase", "kraken"} if failed else {"coinbase"})


def test_a_session_is_what_its_maker_makes(session: Session) -> None:
    made = dict(recordings(session))
    kept = {
        str(path.relative_to(FOLDER / session.name)): _content(path)
        for path in (FOLDER / session.name).glob("*/*")
    }
    assert kept.keys() == made.keys()
    assert all(kept[path] == made[path] for path in made), "run: python -m tests.seeds.sessions"


def _content(path: Path) -> bytes:
    with opened(path) as lines:
        return lines.read()


def test_all_sessions_are_small_and_are_told_of() -> None:
    recorded_files = list(FOLDER.glob("*/*/*.zst"))
    assert sum(file.stat().st_size for file in recorded_files) < LARGEST
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert folders == {session.name for session in SESSIONS}
    page = (FOLDER / "README.md").read_text("utf-8")
    assert all(f"| `{name}` |" in page for name in folders)
