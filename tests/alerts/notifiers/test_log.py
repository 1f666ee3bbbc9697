from __future__ import annotations

import asyncio

from alerts.notifiers.log import Log
from alerts.rule import Severity
from alerts.transition import State
from tests.alerts.alerts import NS, START, alert


async def written(**fields: object) -> str:
    blocks: list[str] = []
    await Log(lambda _, block: blocks.append(block)).notify(alert(**fields))  # type: ignore[arg-type]  # alert's own
    [block] = blocks
    return block


async def test_an_alert_is_one_block_with_its_context_indented() -> None:
    block = await written(severity=Severity.CRITICAL, context=("corr 0.12", "beta 1.4"))
    assert block == (
        "CRITICAL firing: ETH and small caps have come apart [ETH-IWM]\n"
        "    ETH-IWM: 4.2 σ from what IWM's move implies\n"
        "    corr 0.12\n"
        "    beta 1.4\n"
        "    Thu 19 Mar 10:31:05 New York (14:31:05 UTC)"
    )


async def test_a_resolution_says_how_long_it_took() -> None:
    block = await written(state=State.RESOLVED, ts=START + 252 * 60 * NS)
    assert block.startswith("WARNING resolved after 4 h 12 min: ")


async def test_a_repeat_says_how_long_it_has_been() -> None:
    block = await written(ts=START + 45 * NS, repeat=True)
    assert block.startswith("WARNING still firing after 45 s: ")


async def test_an_alert_without_message_has_no_empty_line() -> None:
    assert "" not in (await written(message="")).splitlines()


async def test_it_runs_until_cancelled() -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Log(print).run(), name="log")
        await asyncio.sleep(3600)
        assert not task.done()
        task.cancel()
