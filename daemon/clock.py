"""The clock: the event loop's. Nothing else in comove reads the time.

`Clock.now()` is a wall anchor plus `loop.time()`. In production the loop is a real one; in demo,
tests and faults it is a `PacedLoop`, whose time moves only while nothing is ready to run, so that
what happens, and when, does not depend on the machine's speed.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from concurrent.futures import Executor
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

NS = 1_000_000_000

_GRANULE = 0.001
"""Real seconds: the finest wait a selector makes, and the furthest a paced loop runs ahead."""

_CREDIT = 0.05
"""Real seconds of work that may be made up for by waiting less afterwards."""


def wall_clock() -> int:
    """The system's clock, ns UTC: for commands that run no loop."""
    return time.time_ns()


class Clock:
    """Wall time that follows the loop: monotone, and in step with every sleep and time-out."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wall_ns: int | None = None) -> None:
        """Anchor the loop's time now to `wall_ns`, or to the system's clock."""
        # A real loop's own time may be coarse, and stands still within a turn (uvloop).
        self._elapsed = loop.nanoseconds if isinstance(loop, PacedLoop) else time.monotonic_ns
        self._simulated = wall_ns is not None
        self.steps = 0
        """How often the system's clock was stepped and followed."""
        self._anchor = (time.time_ns() if wall_ns is None else wall_ns) - self._elapsed()

    def now(self) -> int:
        """Nanoseconds UTC."""
        return self._anchor + self._elapsed()

    def drift(self) -> int:
        """Nanoseconds by which the system's clock is ahead of this one; 0 in simulated time."""
        return 0 if self._simulated else time.time_ns() - self.now()

    def reanchor(self) -> None:
        """Follow a system clock that was stepped."""
        self._anchor += self.drift()
        self.steps += 1


class _PacedSelector(selectors.DefaultSelector):
    """A selector whose waiting moves the loop's time.

    Time is kept in whole nanoseconds, so that a wait cut in two ends at the same instant as the
    wait in one piece.
    """

    def __init__(self, speed: float) -> None:
        super().__init__()
        self.ns = 0
        self.speed = speed
        self.held = 0
        """Executor calls under way: they may yet make something ready, so time waits for them."""
        self._ahead = 0.0
        """Real seconds by which simulated time is ahead of its pace; negative: behind it."""
        self._reckoned = time.perf_counter()
        """Up to when."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self.held:
            return super().select(None if timeout is None else min(timeout, _GRANULE))
        if self.speed == inf:
            self.ns += round(timeout * NS)
            return ready
        return self._wait(timeout)

    def _wait(self, timeout: float) -> list[tuple[selectors.SelectorKey, int]]:
        end = self.ns + round(timeout * NS)
        self._reckon()
        self._ahead += timeout / self.speed
        if self._ahead < _GRANULE:
            self.ns = end
            return []
        ready = super().select(self._ahead)
        self._reckon()
        if ready and self._ahead > 0:
            # Woken early: what is left of the wait has not happened.
            end = max(self.ns, end - round(self._ahead * self.speed * NS))
            self._ahead = 0.0
        self.ns = end
        return ready

    def _reckon(self) -> None:
        now = time.perf_counter()
        self._ahead = max(self._ahead - (now - self._reckoned), -_CREDIT)
        self._reckoned = now


class PacedLoop(asyncio.SelectorEventLoop):
    """A loop in simulated time, at most `speed` times as fast as real time (`inf`: it jumps).

    In-process sockets are served before time moves, whatever the load of the machine. Peers
    outside the process (a broker, a browser) live in real time: give them a finite speed.
    """

    def __init__(self, speed: float = inf) -> None:
        self._paced = _PacedSelector(speed)
        super().__init__(self._paced)

    def time(self) -> float:
        """Simulated seconds since the loop was made."""
        return self._paced.ns / NS

    def nanoseconds(self) -> int:
        """The same, exact."""
        return self._paced.ns

    def run_in_executor(  # type: ignore[override]  # typeshed binds its own TypeVarTuple
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Run `func` in a thread; time stands still until it is done."""
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        self._paced.held += 1
        future.add_done_callback(self._release)
        return future

    def _release(self, _: object) -> None:
        self._paced.held -= 1


def run_paced(main: Coroutine[Any, Any, T], speed: float = inf) -> T:
    """`asyncio.run` on a PacedLoop."""
    with asyncio.Runner(loop_factory=lambda: PacedLoop(speed)) as runner:
        return runner.run(main)
