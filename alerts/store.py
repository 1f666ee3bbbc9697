"""Nothing decided is lost: transitions, their messages and the rules' state, on disk.

One thread writes. What is asked for while it is busy goes into one transaction next, in order.
Where the file cannot be written (a full disk, a stalled one) nobody is kept waiting: alerts are
delivered from memory, and what could not be written is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from sqlite3 import Connection

import msgspec

from alerts.life import Life
from alerts.row import Row, Status
from alerts.silence import Silence
from alerts.state_file import open_file
from alerts.statements import Entry, insert, last_id, prune, read, set_status
from alerts.transition import Transition

_log = logging.getLogger(__name__)

_RETRY = 5.0
"""Seconds until what could not be written is tried again."""
_BOUND = 10_000
"""Writes kept while the file cannot be written; past it the oldest are given up."""

Known = frozenset[int]
_NONE: Known = frozenset()
_Op = Callable[[Connection], Known]
_Write = tuple[_Op, "asyncio.Future[Known]"]


class Addressed(msgspec.Struct, frozen=True):
    """A decided alert and the lanes that are to tell it."""

    transition: Transition
    lanes: tuple[str, ...]


class Store:
    """One state file; `left` is what an earlier run has left in it.

    Opens the file at once and raises StateError where that fails. `patience` is how many seconds
    anyone waits for the disk. All methods belong to one event loop.
    """

    def __init__(self, path: Path | str, *, patience: float = 2.0) -> None:
        self.path = path
        self._database = open_file(path)
        self.left = read(self._database)
        self._id = last_id(self._database) + 1
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._waiting: list[_Write] = []
        self._unwritten: list[_Op] = []
        self._busy = False
        self._closed = False
        self._faulty = False
        self._retry: asyncio.TimerHandle | None = None

    @property
    def faulty(self) -> bool:
        """Whether what is decided now would not survive the process."""
        return self._faulty

    async def record(
        self,
        decided: Iterable[Addressed],
        lives: Sequence[Life],
        silences: Sequence[Silence] = (),
    ) -> list[Row]:
        """Write decisions, where the rules stand then and the silences, in one transaction.

        Answers the rows to deliver: all but those of decisions that were already written.
        """
        entries = [self._entry(one) for one in decided]
        write = partial(insert, entries=entries, lives=lives, silences=silences)
        known = await self._answer(self._put(write))
        return [row for entry in entries if entry.id not in known for row in entry.rows]

    async def mark(
        self, rows: Sequence[int], status: Status, message_id: int | None = None
    ) -> None:
        """Write what became of deliveries."""
        await self._answer(self._put(_marking(rows, status, message_id)))

    def mark_soon(self, rows: Sequence[int], status: Status) -> None:
        """The same for those who cannot wait."""
        self._put(_marking(rows, status, None))

    async def prune(self, before: int) -> None:
        """Forget what is settled and older than an instant (ns)."""
        await self._answer(self._put(partial(prune, before=before)))

    async def close(self) -> None:
        """Write what waits and let go of the file; a stalled disk is waited for no longer."""
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._put(lambda _: _NONE)
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()
        if self._busy or self._unwritten:
            _log.error("%s: what was decided last could not be written", self.path)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await loop.run_in_executor(self._thread, self._database.close)
        self._thread.shutdown(wait=False)

    def _entry(self, decided: Addressed) -> Entry:
        transition, first = decided.transition, self._id
        rows = tuple(
            Row(first + place, lane, transition) for place, lane in enumerate(decided.lanes)
        )
        self._id += max(len(rows), 1)
        return Entry(first, transition, msgspec.json.encode(transition).decode(), rows)

    def _put(self, op: _Op) -> asyncio.Future[Known]:
        """Ask for a write; the future never fails."""
        future: asyncio.Future[Known] = asyncio.get_running_loop().create_future()
        self._waiting.append((op, future))
        self._write()
        return future

    async def _answer(self, future: asyncio.Future[Known]) -> Known:
        if self._faulty:
            return _NONE
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.shield(future)
        except TimeoutError:
            self._trouble(f"no answer in {self._patience:g} s")
            return _NONE

    def _write(self) -> None:
        if self._busy or self._closed or not (self._waiting or self._unwritten):
            return
        batch, self._waiting = self._waiting, []
        ops = [*self._unwritten, *(op for op, _ in batch)]
        self._busy = True
        job = asyncio.get_running_loop().run_in_executor(self._thread, self._commit, ops)
        job.add_done_callback(partial(self._done, batch))

    def _commit(self, ops: Sequence[_Op]) -> list[Known]:
        """All of them or none; in the thread."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            known = [op(self._database) for op in ops]
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        return known

    def _done(self, batch: Sequence[_Write], job: asyncio.Future[list[Known]]) -> None:
        self._busy = False
        error = job.exception()
        if error is None:
            self._written(batch, job.result())
        else:
            self._keep([*batch, *self._waiting])
            self._trouble(str(error))

    def _written(self, batch: Sequence[_Write], answers: Sequence[Known]) -> None:
        fresh = answers[len(self._unwritten) :]
        self._unwritten.clear()
        if self._faulty:
            _log.warning("%s is written again", self.path)
        self._faulty = False
        for (_, future), answer in zip(batch, fresh, strict=True):
            _resolve(future, answer)
        self._write()

    def _keep(self, writes: Sequence[_Write]) -> None:
        """Try again later, with as much as there is room for; nobody waits for it."""
        self._waiting = []
        for op, future in writes:
            self._unwritten.append(op)
            _resolve(future, _NONE)
        given_up = len(self._unwritten) - _BOUND
        if given_up > 0:
            del self._unwritten[:given_up]
            _log.error("%s: %d changes of state are given up", self.path, given_up)
        if self._retry is not None:
            self._retry.cancel()
        self._retry = asyncio.get_running_loop().call_later(_RETRY, self._write)

    def _trouble(self, sentence: str) -> None:
        if not self._faulty:
            _log.error(
                "%s cannot be written (%s): alerts are delivered from memory, and would not "
                "survive an end of the process",
                self.path,
                sentence,
            )
        self._faulty = True


def _marking(rows: Sequence[int], status: Status, message_id: int | None) -> _Op:
    return partial(set_status, rows=rows, status=status, message_id=message_id)


def _resolve(future: asyncio.Future[Known], answer: Known) -> None:
    if not future.done():
        future.set_result(answer)
