"""Checks made all at once, each within a bound of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from daemon.doctor.finding import Check, Finding, fail

PATIENCE = 10.0
"""Seconds that a check may take."""


async def examine(
    checks: Sequence[Check], told: Callable[[int, Finding], None], *, patience: float = PATIENCE
) -> list[Finding]:
    """The findings in the order of the checks; `told` hears of each as it comes, by its place."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_examined(number, check, told, patience), name=check.name)
            for number, check in enumerate(checks)
        ]
    return [task.result() for task in tasks]


async def _examined(
    number: int, check: Check, told: Callable[[int, Finding], None], patience: float
) -> Finding:
    try:
        async with asyncio.timeout(patience):
            finding = await check.look()
    except TimeoutError:
        finding = fail(f"no answer in {patience:g} s", "try again; see whether the network is slow")
    except Exception as error:  # noqa: BLE001  # one check's fault must not hide the others' findings
        # The type alone: what a library says may hold a token.
        finding = fail(f"the check itself failed ({type(error).__name__})", "please report this")
    told(number, finding)
    return finding
