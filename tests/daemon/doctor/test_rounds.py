from __future__ import annotations

import asyncio

from daemon.doctor.finding import Check, Finding, Verdict, ok
from daemon.doctor.rounds import examine


async def slow() -> Finding:
    await asyncio.sleep(3)
    return ok("slow")


async def quick() -> Finding:
    await asyncio.sleep(1)
    return ok("quick")


async def hanging() -> Finding:
    await asyncio.get_running_loop().create_future()
    return ok("never")


async def broken() -> Finding:
    raise KeyError("planted-token")


async def test_checks_run_at_once_and_are_told_as_they_come_and_answered_in_order() -> None:
    loop = asyncio.get_running_loop()
    began, told = loop.time(), list[str]()
    found = await examine(
        [Check("a", "slow", slow), Check("a", "quick", quick)],
        lambda place, finding: told.append(f"{place} {finding.text}"),
    )
    assert [finding.text for finding in found] == ["slow", "quick"]
    assert told == ["1 quick", "0 slow"]
    assert loop.time() - began == 3


async def test_a_check_that_hangs_fails_at_its_bound() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    (found,) = await examine([Check("a", "hanging", hanging)], lambda *_: None)
    assert (found.verdict, found.text) == (Verdict.FAIL, "no answer in 10 s")
    assert loop.time() - began == 10


async def test_a_check_that_breaks_hides_no_other_and_shows_no_secret() -> None:
    checks = [Check("a", "broken", broken), Check("a", "quick", quick)]
    first, second = await examine(checks, lambda *_: None)
    assert (first.verdict, first.text) == (Verdict.FAIL, "the check itself failed (KeyError)")
    assert second == ok("quick")
