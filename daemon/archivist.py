"""Has what was recorded made into price files, a day at a time, in a process of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from daemon.worker import Worker
from streams.history.archive import Day, archive, days_over, owners
from streams.instrument import Instrument

_log = logging.getLogger(__name__)

FOLDER = "archive"
"""In that of the recordings."""
_EVERY = 3600.0
_PATIENCE = 3600.0
"""Seconds that it may take."""


async def archived(
    recordings: Path,
    instruments: Sequence[Instrument],
    now: Callable[[], int],
    *,
    every: float = _EVERY,
) -> None:
    """Archive each day when it is over, until cancelled."""
    worker = Worker(idle=1.0, patience=_PATIENCE)
    loop = asyncio.get_running_loop()
    done: list[Day] = []
    try:
        while True:
            over = await loop.run_in_executor(None, days_over, recordings, now())
            if over != done:
                await _archive(worker, recordings, instruments, now())
                done = over
            await asyncio.sleep(every)
    finally:
        worker.close()


async def _archive(
    worker: Worker, recordings: Path, instruments: Sequence[Instrument], now: int
) -> None:
    """What fails is tried again when another day is over."""
    try:
        made = await worker.run(archive, recordings, recordings / FOLDER, owners(instruments), now)
    except Exception as error:  # noqa: BLE001  # whatever fails there must not end the daemon
        _log.warning("recordings cannot be archived: %s", error)
        return
    if made:
        _log.info("recordings archived in %s: %d files", recordings / FOLDER, len(made))
