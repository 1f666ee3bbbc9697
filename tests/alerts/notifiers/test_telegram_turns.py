from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count

from alerts.notifiers.pace import Pace
from alerts.notifiers.telegram_turns import Turns
from alerts.rule import Severity

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def turns() -> Turns:
    return Turns(Pace((1, 1.0)))


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_turn_nobody_wants_is_anyone_s() -> None:
    began = now()
    await turns().courtesy()
    assert now() == began


async def test_a_turn_is_taken_by_the_alert_that_waits_for_it() -> None:
    began, mine = now(), turns()
    assert mine.claim(WARNING) == 0
    assert mine.claim(WARNING) == 1.0
    async with asyncio.TaskGroup() as group:
        group.create_task(mine.courtesy(), name="answer")
        await asyncio.sleep(1.001)
        assert mine.claim(WARNING) == 0
    assert 2.0 <= now() - began < 2.1


async def test_a_turn_kept_for_an_alert_that_does_not_come_is_given_away() -> None:
    began, mine = now(), turns()
    mine.claim(CRITICAL)
    mine.claim(CRITICAL)
    await mine.courtesy()
    assert 1.5 <= now() - began < 1.6


async def _storm(mine: Turns, severity: Severity, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            for _ in count():
                await asyncio.sleep(mine.claim(severity) or 0.001)


async def _answered_after(severity: Severity) -> float:
    began, mine = now(), turns()
    async with asyncio.TaskGroup() as group:
        group.create_task(_storm(mine, severity, 60.0), name="storm")
        await asyncio.sleep(0.5)
        await mine.courtesy()
        return now() - began


async def test_people_wait_ten_seconds_behind_lesser_alerts() -> None:
    assert 10 <= await _answered_after(WARNING) <= 12.1


async def test_people_wait_behind_all_critical_alerts() -> None:
    assert await _answered_after(CRITICAL) >= 60


async def test_a_pause_that_telegram_asks_for_holds_for_all() -> None:
    began, mine = now(), turns()
    mine.bar(7.0)
    assert mine.claim(CRITICAL) == 7.0
    await mine.courtesy()
    assert now() - began >= 7
