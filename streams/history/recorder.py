"""Records what feeds send and receive, in a thread of its own, never keeping a feed waiting."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Event, Lock, Thread

from zstandard import ZstdError

from streams.feeds.feed import Record
from streams.history.reel import Reel, Said
from streams.history.retention import Retention, sweep
from streams.redaction import Redaction

_log = logging.getLogger(__name__)

_OVERHEAD = 64
"""Bytes that a line takes besides its data."""
_PATIENCE = 10.0
"""Seconds that the end may take."""


class _Track:
    """One connection's place in the recorder."""

    def __init__(self, reel: Reel) -> None:
        self.reel = reel
        self.missed = 0
        """Lines lost since the last that was taken; told in the recording as a break."""


class Recorder:
    """Lines are on the disk after `flush_every` seconds at most, a kill -9 costs no more.

    `bound` (bytes) may wait to be written; past it whole lines are dropped. They are counted, and
    the recording says so as a close and a connect, so that a replay sees the break. A disk that
    refuses is told in the log once, and once when it takes lines again. `largest` is in bytes.
    """

    def __init__(
        self,
        folder: Path,
        retention: Retention,
        *,
        bound: int = 16 * 2**20,
        largest: int = 64 * 2**20,
        flush_every: float = 5.0,
    ) -> None:
        self.dropped = 0
        """Lines that are in no recording."""
        self._folder = folder
        self._retention = retention
        self._bound = bound
        self._hurry = bound // 16
        self._largest = largest
        self._flush_every = flush_every
        self._tracks: list[_Track] = []
        self._waiting: list[tuple[_Track, Said]] = []
        self._size = 0
        self._lock = Lock()
        self._wake = Event()
        self._failing = False
        self._closed = False
        self._thread = Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    def track(self, venue: str, addr: str, secrets: Iterable[str]) -> Record:
        """Where a feed puts what it says and hears; `secrets` are kept out of the files."""
        reel = Reel(self._folder / venue, venue, addr, Redaction(secrets), self._largest)
        track = _Track(reel)
        self._tracks.append(track)

        def record(kind: str, ts: int, data: str | bytes | None = None) -> None:
            self._put(track, kind, ts, data)

        return record

    def _put(self, track: _Track, kind: str, ts: int, data: str | bytes | None) -> None:
        size = _OVERHEAD + len(data or b"")
        with self._lock:
            if self._closed or self._size + size > self._bound:
                track.missed += 1
                self.dropped += 1
                return
            self._waiting.append((track, Said(kind, ts, data, track.missed)))
            track.missed = 0
            self._size += size
            hurry = self._size >= self._hurry
        if hurry:
            self._wake.set()

    def close(self) -> None:
        """Write what waits, and end."""
        with self._lock:
            self._closed = True
        self._wake.set()
        self._thread.join(_PATIENCE)

    # -- in the thread

    def _work(self) -> None:
        while not self._closed:
            self._wake.wait(self._flush_every)
            self._wake.clear()
            self._write()
        self._write()
        for track in self._tracks:
            track.reel.close()

    def _write(self) -> None:
        with self._lock:
            waiting, self._waiting, self._size = self._waiting, [], 0
        by_track: dict[_Track, list[Said]] = {}
        for track, said in waiting:
            by_track.setdefault(track, []).append(said)
        for track, lines in by_track.items():
            try:
                finished = track.reel.write(lines)
            except (OSError, ValueError, ZstdError) as error:
                self._lose(track, lines, error)
            else:
                self._recover()
                if finished:
                    self._tidy(lines[-1].ts)

    def _tidy(self, now: int) -> None:
        writing = {track.reel.path for track in self._tracks if track.reel.path is not None}
        try:
            for path in sweep(self._folder, self._retention, now, writing):
                _log.debug("the recording %s is deleted: it is older or more than is kept", path)
        except OSError as error:
            _log.warning("recordings in %s cannot be tidied up: %s", self._folder, error)

    def _lose(self, track: _Track, lines: Sequence[Said], error: Exception) -> None:
        with self._lock:
            track.missed += sum(1 + line.missed for line in lines)
            self.dropped += len(lines)
        if not self._failing:
            _log.warning("recordings cannot be written in %s: %s", self._folder, error)
        self._failing = True

    def _recover(self) -> None:
        if self._failing:
            _log.warning("recordings are written again; %d lines are missing in all", self.dropped)
        self._failing = False
