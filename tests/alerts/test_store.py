from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import store as store_module
from alerts.flaps import Flaps
from alerts.incident import Incident
from alerts.life import Life
from alerts.row import Posted, Row, Status
from alerts.silence import Matcher, Silence
from alerts.state_file import MEMORY
from alerts.store import Addressed, Store
from alerts.transition import State, Transition
from tests.alerts.alerts import NS, START, alert

LANES = ("telegram/1", "mqtt")


def life(rule: str = "behind", *, held: int = 0, incident: str = "a") -> Life:
    of = Incident(incident, START, told=START, notify=("log",), acknowledged="ann")
    flaps = Flaps((START,), folded=2)
    return Life(rule, "ETH-IWM", "z < -4", State.FIRING, START, held, of, flaps)


def silence(name: str = "s1") -> Silence:
    return Silence(name, Matcher(("behind",), labels={"team": "desk"}), START, "ann", "lunch", 7)


def told(*alerts: Transition, lanes: Sequence[str] = LANES) -> list[Addressed]:
    return [Addressed(each, tuple(lanes)) for each in alerts]


@asynccontextmanager
async def opened(path: Path | str, *, patience: float = 2.0) -> AsyncIterator[Store]:
    store = Store(path, patience=patience)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


async def test_a_decision_its_messages_and_the_rules_state_are_found_by_the_next_run(
    path: Path,
) -> None:
    fired = alert(context=["σ · “quoted”"])
    async with opened(path) as store:
        rows = await store.record(told(fired), [life()])
        assert [(row.lane, row.transition) for row in rows] == [(lane, fired) for lane in LANES]
    async with opened(path) as store:
        assert list(store.left.rows) == rows
        assert store.left.lives == (life(),)


async def test_each_record_replaces_the_rules_state(path: Path) -> None:
    async with opened(path) as store:
        await store.record([], [life("a"), life("b")])
        await store.record([], [life("b", held=7)])
    async with opened(path) as store:
        assert store.left.lives == (life("b", held=7),)


async def test_each_record_replaces_the_silences(path: Path) -> None:
    async with opened(path) as store:
        await store.record([], [], [silence("s1"), silence("s10"), silence("s2")])
    async with opened(path) as store:
        assert store.left.silences == (silence("s1"), silence("s10"), silence("s2"))
        await store.record([], [], [silence("s2")])
    async with opened(path) as store:
        assert store.left.silences == (silence("s2"),)


async def test_only_what_is_queued_or_sending_is_left(path: Path) -> None:
    async with opened(path) as store:
        rows = await store.record(told(alert(), lanes=[str(s) for s in Status]), [])
        for row in rows:
            await store.mark([row.id], Status(row.lane))
    async with opened(path) as store:
        assert [(row.lane, row.status) for row in store.left.rows] == [
            ("queued", Status.QUEUED),
            ("sending", Status.SENDING),
        ]


async def test_ids_go_on_where_an_earlier_run_ended(path: Path) -> None:
    seen: set[int] = set()
    for n in range(3):
        async with opened(path) as store:
            rows = await store.record(told(alert(f"{n}"), alert(f"{n}b")), [])
            assert seen.isdisjoint(row.id for row in rows)
            seen.update(row.id for row in rows)
    assert len(seen) == 12


async def test_a_decision_that_was_written_before_is_not_told_again() -> None:
    async with opened(MEMORY) as store:
        assert len(await store.record(told(alert("a")), [])) == 2
        rows = await store.record(told(alert("a"), alert("b")), [])
        assert [row.transition.incident for row in rows] == ["b", "b"]


async def test_a_message_is_remembered_until_the_end_of_its_incident_was_told(path: Path) -> None:
    async with opened(path) as store:
        fired = alert("a", message="first")
        again = alert("a", ts=START + NS, message="second", repeat=True)
        over = alert("a", State.RESOLVED, ts=START + 2 * NS)
        rows = await store.record(told(fired, again, over, alert("b", message="b")), [])
        for row in rows[:4]:
            await store.mark([row.id], Status.SENT, 100 + row.id)
        await store.mark([rows[5].id], Status.SENT)
        await store.mark([rows[6].id], Status.SENT, 7)
    async with opened(path) as store:
        # The end is told on MQTT, not on Telegram.
        assert store.left.posted == (
            Posted("telegram/1", "a", 100 + rows[0].id, "first"),
            Posted("telegram/1", "b", 7, "b"),
        )


async def test_what_is_settled_old_and_over_is_forgotten(path: Path) -> None:
    def at(second: int, incident: str) -> Transition:
        return alert(incident, ts=second * NS)

    async with opened(path) as store:
        decided = told(at(1, "old"), at(2, "waits"), at(3, "fires"), at(9, "new"), lanes=["log"])
        rows = await store.record(decided, [life(incident="fires")])
        settled = [row.id for row in rows if row.transition.incident != "waits"]
        await store.mark(settled, Status.SENT, 5)
        await store.prune(before=5 * NS)
    async with opened(path) as store:
        assert [row.transition.incident for row in store.left.rows] == ["waits"]
        assert [posted.incident for posted in store.left.posted] == ["fires", "new"]


async def test_one_thread_writes_and_what_comes_meanwhile_is_one_transaction() -> None:
    async with opened(MEMORY) as store:
        threads: list[str] = []
        commits: list[str] = []

        def trace(statement: str) -> None:
            threads.append(threading.current_thread().name)
            if statement == "COMMIT":
                commits.append(statement)

        store._database.set_trace_callback(trace)
        async with asyncio.TaskGroup() as group:
            for n in range(20):
                group.create_task(store.record(told(alert(str(n))), []), name=str(n))
        assert set(threads) == {"store_0"}
        assert len(commits) == 2
        store._database.set_trace_callback(None)


async def test_nothing_waits_in_memory_when_it_is_closed(path: Path) -> None:
    store = Store(path)
    rows = await store.record(told(alert()), [])
    store.mark_soon([rows[0].id], Status.DEAD)
    store.mark_soon([rows[1].id], Status.SENDING)
    await store.close()
    async with opened(path) as store:
        assert [(row.id, row.status) for row in store.left.rows] == [(rows[1].id, Status.SENDING)]


def fill(store: Store) -> None:
    """Let the disk be full."""
    (pages,) = store._database.execute("PRAGMA page_count").fetchone()
    store._database.execute(f"PRAGMA max_page_count = {pages}")


def make_room(store: Store) -> None:
    store._database.execute("PRAGMA max_page_count = 1000000")


async def test_on_a_full_disk_nobody_waits_the_fault_is_told_once_and_all_is_written_later(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    big = "x" * 50_000
    async with opened(path) as store:
        await store.record(told(alert("before")), [])
        fill(store)
        for n in range(5):
            rows = await store.record(told(alert(str(n), message=big)), [life(held=n)])
            assert len(rows) == 2
            await store.mark([rows[0].id], Status.SENT, n + 1)
        faulty = [store.faulty]
        make_room(store)
        await asyncio.sleep(6)
        faulty.append(store.faulty)
    assert faulty == [True, False]
    full, again = caplog.records
    assert "state.db cannot be written (database or disk is full)" in full.message
    assert "delivered from memory" in full.message
    assert "written again" in again.message
    async with opened(path) as store:
        assert [row.transition.incident for row in store.left.rows][2:] == ["0", "1", "2", "3", "4"]
        assert {row.lane for row in store.left.rows[2:]} == {"mqtt"}
        assert store.left.lives == (life(held=4),)
        assert len(store.left.posted) == 5


async def test_what_cannot_be_written_to_the_end_is_said(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(path) as store:
        fill(store)
        await store.record(told(alert(message="x" * 50_000)), [])
    assert "what was decided last could not be written" in caplog.messages[-1]


async def test_no_more_is_kept_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store_module, "_BOUND", 3)
    async with opened(MEMORY) as store:
        fill(store)
        for n in range(5):
            await store.record(told(alert(str(n), message="x" * 50_000)), [])
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        assert len(store._unwritten) == 3
        make_room(store)
        await asyncio.sleep(6)
        found = store._database.execute("SELECT incident FROM transitions ORDER BY id").fetchall()
    assert found == [("2",), ("3",), ("4",)]
    assert "1 changes of state are given up" in caplog.text


@pytest.mark.real_time
async def test_a_stalled_disk_keeps_nobody_waiting(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stalled, let_go = threading.Event(), threading.Event()
    async with opened(path, patience=0.05) as store:
        store._thread.submit(stalled.set)
        store._thread.submit(let_go.wait, 10)
        stalled.wait(10)
        loop = asyncio.get_running_loop()
        began = loop.time()
        rows = await store.record(told(alert()), [])
        await store.mark([row.id for row in rows], Status.SENT)
        assert len(rows) == 2
        assert loop.time() - began < 1
        assert "no answer in 0.05 s" in caplog.text
        let_go.set()
        async with asyncio.timeout(10):
            while store.faulty:  # noqa: ASYNC110  # the thread sets no Event of the loop
                await asyncio.sleep(0.001)
    async with opened(path) as store:
        assert store.left.rows == ()


async def test_an_alert_that_cannot_be_read_any_more_harms_no_other(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(path) as store:
        await store.record(told(alert("a"), alert("b"), lanes=["log"]), [life("x"), life("y")])
        store._database.execute("UPDATE transitions SET alert = '{}' WHERE incident = 'a'")
        store._database.execute("UPDATE lives SET life = 'x' WHERE rule = 'x'")
        store._database.execute("INSERT INTO silences VALUES ('s1', '{}')")
    caplog.clear()
    with caplog.at_level(logging.ERROR):
        async with opened(path) as store:
            assert [row.transition.incident for row in store.left.rows] == ["b"]
            assert [each.rule for each in store.left.lives] == ["y"]
    assert len(caplog.records) == 3


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=20, deadline=None)
@given(
    message=texts,
    values=st.dictionaries(
        texts, st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
    ),
    ts=st.integers(0, 2**62),
)
def test_an_alert_comes_back_as_it_went(
    message: str, values: dict[str, float | bool | None], ts: int
) -> None:
    given_alert = msgspec.structs.replace(alert(ts=ts, message=message), values=values)
    decoded = msgspec.json.decode(msgspec.json.encode(given_alert), type=Transition)
    assert Row(1, "log", decoded) == Row(1, "log", given_alert)
