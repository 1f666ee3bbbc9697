"""A process for heavy work: started when there is some, ended when there has been none.

What it needs (matplotlib, polars) is loaded there and never here. What is run in it is a function
of a module that can be imported, and its arguments and answer can be pickled.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_COURTESY = 10
"""How much the process gives way to others: the daemon comes first."""


class Worker:
    """One process, kept `idle` seconds without work; a piece of work may take `patience` seconds.

    Belongs to one event loop; `close` it at the end.
    """

    def __init__(self, *, idle: float = 10.0, patience: float = 30.0) -> None:
        self._idle = idle
        self._patience = patience
        self._pool: ProcessPoolExecutor | None = None
        self._turn = asyncio.Lock()
        self._end: asyncio.TimerHandle | None = None
        self.pid: int | None = None
        """Of the process, while there is one."""

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have it done, one piece after the other; what it raises is raised here.

        A process that dies at it is replaced once, one that takes too long is killed
        (TimeoutError).
        """
        job = partial(work, *args, **kwargs)
        async with self._turn:
            self._keep()
            try:
                return await self._twice(job)
            finally:
                self._end = asyncio.get_running_loop().call_later(self._idle, self.close)

    async def _twice(self, job: Callable[[], T]) -> T:
        try:
            return await self._once(job)
        except BrokenProcessPool:
            return await self._once(job)

    async def _once(self, job: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._patience):
                if self._pool is None:
                    self._pool = ProcessPoolExecutor(1, get_context("spawn"), _settle)
                    self.pid = await loop.run_in_executor(self._pool, os.getpid)
                return await loop.run_in_executor(self._pool, job)
        except (BrokenProcessPool, TimeoutError, asyncio.CancelledError):
            self.close()
            raise

    def _keep(self) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = None

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._keep()
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._pool = self.pid = None


def _settle() -> None:
    """In the process, at its beginning."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the daemon, which ends this one
    os.nice(_COURTESY)
    cache = os.environ.get("CACHE_DIRECTORY")  # systemd's; the home may not be writable
    if cache:
        os.environ.setdefault("MPLCONFIGDIR", cache)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A daemon that is killed takes nobody with it: see to it here."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
