from __future__ import annotations

import asyncio
import hashlib
import random
import threading
import time
from contextlib import AsyncExitStack
from functools import partial
from math import inf

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from daemon.clock import NS, Clock, PacedLoop, run_paced

FRAMES = 200
START = 1_000_000_000 * NS


async def _send_at_random_times(ws: ServerConnection, seed: int) -> None:
    chance, loop = random.Random(seed), asyncio.get_running_loop()
    due = loop.time()
    for number in range(FRAMES):
        due += chance.expovariate(2)
        await asyncio.sleep(due - loop.time())
        await ws.send(f"{seed}:{number}")


async def _arrivals(stall_every: int = 0) -> str:
    """A digest of every frame and the instant at which it arrived, from three servers at once."""
    clock = Clock(asyncio.get_running_loop(), START)
    digest = hashlib.sha256()

    async def read(port: int) -> None:
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as ws:
            for number in range(FRAMES):
                digest.update(f"{clock.now()} {await ws.recv()!r}\n".encode())
                if stall_every and number % stall_every == 0:
                    time.sleep(0.005)  # noqa: ASYNC251  # a stall of the whole process is the point

    async with AsyncExitStack() as servers:
        ports = []
        for seed in range(3):
            handler = partial(_send_at_random_times, seed=seed)
            server = await servers.enter_async_context(serve(handler, "127.0.0.1", 0))
            ports.append(server.sockets[0].getsockname()[1])
        async with asyncio.TaskGroup() as tasks:
            for port in ports:
                tasks.create_task(read(port), name=f"read {port}")
    return digest.hexdigest()


@pytest.mark.parametrize(("speed", "stall_every"), [(inf, 20), (600, 0), (600, 20), (2000, 0)])
def test_arrivals_do_not_depend_on_speed_or_stalls(speed: float, stall_every: int) -> None:
    assert run_paced(_arrivals(stall_every), speed) == run_paced(_arrivals(), inf)


def test_arrivals_do_not_depend_on_a_busy_machine() -> None:
    calm = run_paced(_arrivals())
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            pass

    spinner = threading.Thread(target=spin)
    spinner.start()
    try:
        assert run_paced(_arrivals()) == calm
    finally:
        stop.set()
        spinner.join()


async def test_a_day_is_slept_at_once() -> None:
    loop = asyncio.get_running_loop()
    before, real = loop.time(), time.perf_counter()
    await asyncio.sleep(86_400)
    assert loop.time() - before == pytest.approx(86_400, abs=1e-6)
    assert time.perf_counter() - real < 5


async def test_timeouts_are_in_simulated_time() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3600):
            await asyncio.Event().wait()


async def test_a_running_thread_holds_the_jump() -> None:
    loop = asyncio.get_running_loop()
    release = threading.Event()
    work = loop.run_in_executor(None, release.wait, 5)
    timer = asyncio.sleep(60)
    before = loop.time()
    loop.call_soon(release.set)
    await work
    assert loop.time() - before < 1
    await timer
    assert loop.time() - before == pytest.approx(60, abs=1e-6)


def test_a_finite_speed_is_kept() -> None:
    began = time.perf_counter()
    run_paced(asyncio.sleep(20), speed=200)
    assert time.perf_counter() - began >= 0.09


async def test_clock_follows_the_loop() -> None:
    clock = Clock(asyncio.get_running_loop(), START)
    assert clock.now() == START
    await asyncio.sleep(1.5)
    assert clock.now() == START + 1_500_000_000
    assert clock.drift() == 0


def test_clock_without_an_anchor_shows_the_system_time() -> None:
    loop = PacedLoop()
    try:
        assert abs(Clock(loop).now() - time.time_ns()) < NS  # noqa: TID251  # the judge
    finally:
        loop.close()
