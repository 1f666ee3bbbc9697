"""Charts of what was just seen, drawn in a process of their own."""

from __future__ import annotations

from typing import Literal

from daemon.trail import Track, Trail
from daemon.worker import Worker

Form = Literal["png", "svg"]

_FEWEST = 2
"""Rows of which there is something to draw."""


class Charts:
    """Draws from the trail: an `Illustrator` for channels, and SVG for a page."""

    def __init__(self, trail: Trail, worker: Worker) -> None:
        self._trail = trail
        self._worker = worker

    async def chart(self, pair: str, seconds: float, *, mark: int | None = None) -> bytes | None:
        """PNG of the last so many seconds of trading; see `Illustrator`."""
        return await self._drawn("png", pair, seconds, mark=mark)

    async def svg(
        self,
        pair: str,
        seconds: float,
        *,
        dark: bool = False,
        narrow: bool = False,
        mark: int | None = None,
    ) -> bytes | None:
        """The same as SVG."""
        return await self._drawn("svg", pair, seconds, dark=dark, narrow=narrow, mark=mark)

    def latest(self, pair: str) -> int | None:
        """The instant (ns) of the newest row; None where there is nothing to draw yet."""
        track = self._trail.track(pair, _FEWEST * 60.0)
        return track.rows[-1].ts if track is not None and len(track.rows) >= _FEWEST else None

    def close(self) -> None:
        """End the process that draws."""
        self._worker.close()

    async def _drawn(
        self,
        form: Form,
        pair: str,
        seconds: float,
        *,
        dark: bool = False,
        narrow: bool = False,
        mark: int | None,
    ) -> bytes | None:
        track = self._trail.track(pair, seconds)
        if track is None or len(track.rows) < _FEWEST:
            return None
        return await self._worker.run(_draw, track, form, dark=dark, narrow=narrow, mark=mark)


def _draw(track: Track, form: Form, *, dark: bool, narrow: bool, mark: int | None) -> bytes:
    """In the worker's process."""
    # Loaded here and nowhere else: matplotlib is half a second and 40 MB.
    from daemon.drawing import draw  # noqa: PLC0415  # as said above

    return draw(track, form=form, dark=dark, narrow=narrow, mark=mark)
