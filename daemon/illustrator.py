"""Charts of what was just seen, drawn in a process of their own."""

from __future__ import annotations

from functools import partial
from typing import Literal

from alerts.transition import Transition
from daemon.trail import Track, Trail
from daemon.worker import Worker
from streams.detectors import Evidence
from streams.lead import Profile

Form = Literal["png", "svg"]

_FEWEST = 2
"""Rows of which there is something to draw."""
_MINUTE = 60_000_000_000


class Charts:
    """Draws from the trail: an `Illustrator` for channels, and SVG for a page."""

    def __init__(self, trail: Trail, worker: Worker) -> None:
        self._trail = trail
        self._worker = worker

    async def chart(self, pair: str, seconds: float, *, mark: int | None = None) -> bytes | None:
        """PNG of the last so many seconds of trading; see `Illustrator`."""
        track = self._track(pair, seconds)
        return None if track is None else await self._worker.run(_draw, track, "png", mark=mark)

    async def week(self, report: Transition) -> bytes | None:
        """PNG of the sessions of a weekly report; see `Illustrator`."""
        return await self._worker.run(_draw_week, report)

    async def svg(
        self, pair: str, seconds: float, *, dark: bool = False, narrow: bool = False
    ) -> bytes | None:
        """The same as SVG."""
        track = self._track(pair, seconds)
        if track is None:
            return None
        return await self._worker.run(_draw, track, "svg", dark=dark, narrow=narrow)

    async def breakdown(
        self, pair: str, seconds: float, found: Evidence, *, dark: bool, narrow: bool
    ) -> bytes | None:
        """SVG of a detector's way to what was `found` now."""
        track = self._track(pair, seconds)
        if track is None:
            return None
        return await self._worker.run(_draw_breakdown, track, found, dark=dark, narrow=narrow)

    async def lead(
        self, profile: Profile, x: str, y: str, day: str, *, dark: bool, narrow: bool
    ) -> bytes:
        """SVG of a lag profile that has points."""
        work = partial(_draw_lead, profile, x, y, day)
        return await self._worker.run(work, dark=dark, narrow=narrow)

    def minute(self, pair: str) -> int | None:
        """The minute (since 1970) of the newest row; None where there is nothing to draw yet."""
        track = self._track(pair, _FEWEST * 60.0)
        return None if track is None else track.rows[-1].ts // _MINUTE

    def close(self) -> None:
        """End the process that draws."""
        self._worker.close()

    def _track(self, pair: str, seconds: float) -> Track | None:
        track = self._trail.track(pair, seconds)
        return None if track is None or len(track.rows) < _FEWEST else track


# In the worker's process. Loaded here and nowhere else: matplotlib is half a second and 40 MB.


def _draw(
    track: Track, form: Form, *, dark: bool = False, narrow: bool = False, mark: int | None = None
) -> bytes:
    from daemon.drawing import draw  # noqa: PLC0415  # as said above

    return draw(track, form=form, dark=dark, narrow=narrow, mark=mark)


def _draw_breakdown(track: Track, found: Evidence, *, dark: bool, narrow: bool) -> bytes:
    from daemon.breakdown_drawing import draw_breakdown  # noqa: PLC0415  # as said above

    return draw_breakdown(track, found, dark=dark, narrow=narrow)


def _draw_lead(profile: Profile, x: str, y: str, day: str, *, dark: bool, narrow: bool) -> bytes:
    from daemon.lead_drawing import draw_lead  # noqa: PLC0415  # as said above

    return draw_lead(profile, x, y, day, dark=dark, narrow=narrow)


def _draw_week(report: Transition) -> bytes:
    from daemon.week_drawing import draw_week  # noqa: PLC0415  # as said above

    return draw_week(report)
