"""Where rules and silences stand is written now and then, and at once where that is asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from alerts.life import Life
from alerts.silence import Matcher, Silence
from alerts.store import Store
from alerts.transition import State
from tests.alerts.alerts import NS, START, alert
from tests.alerts.test_restart import process


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def pending(held: int) -> Life:
    return Life("r", "ETH-IWM", "when", State.PENDING, START, held)


async def test_for_clocks_are_written_now_and_then_and_at_the_end(path: Path) -> None:
    clock = [pending(0)]
    async with process(path, lives=lambda: tuple(clock), checkpoint=5.0) as box:
        assert box._store is not None
        writes: list[str] = []
        box._store._database.set_trace_callback(writes.append)
        box.submit(alert("", State.PENDING, notify=()))
        await asyncio.sleep(1)
        assert writes.count("COMMIT") == 2  # old ones pruned, and the decision
        for second in range(60):
            clock[0] = pending(second * NS)
            await asyncio.sleep(1)
        assert 12 <= writes.count("COMMIT") <= 15
        clock[0] = pending(99 * NS)
        await box.drain(1)
        before = len(writes)
        await asyncio.sleep(60)
        assert len(writes) == before  # nothing changed
        box._store._database.set_trace_callback(None)
    store = Store(path)
    store._database.close()
    assert store.left.lives == (pending(99 * NS),)


async def test_what_no_decision_tells_of_is_written_as_soon_as_it_is_asked_for(path: Path) -> None:
    silences = [Silence("s1", Matcher(), START, "ann")]
    async with process(path, silences=lambda: tuple(silences), checkpoint=1e6) as box:
        await asyncio.sleep(1)
        silences.append(Silence("s2", Matcher(), START, "bob"))
        box.keep()
        await asyncio.sleep(0.1)
        assert box._store is not None
        found = box._store._database.execute("SELECT id FROM silences").fetchall()
    assert found == [("s1",), ("s2",)]
