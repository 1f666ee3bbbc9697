"""When a source is asked: a crontab line on New York's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from streams.instrument import NS

_NEW_YORK = ZoneInfo("America/New_York")


class ScheduleError(ValueError):
    """A line that names no instants; the text says why."""


def fires(line: str) -> Callable[[int], int]:
    """The first instant after a given one (both ns UTC) that `minute hour day month weekday` names.

    Weekdays are written by name, since 0 is Monday to some and Sunday to others. ScheduleError
    where the line cannot be read, or names no instant at all.
    """
    # Imported when used: it costs 40 ms.
    from apscheduler.triggers.cron import (  # type: ignore[import-untyped]  # it has no types # noqa: PLC0415
        CronTrigger,
    )

    try:
        trigger = CronTrigger.from_crontab(line, timezone=_NEW_YORK)
    except ValueError as error:
        raise ScheduleError(str(error)) from None
    if any(sign.isdigit() for sign in line.rsplit(maxsplit=1)[-1].partition("/")[0]):
        raise ScheduleError("weekdays are written by name, as mon-fri")

    def after(now: int) -> int:
        # The trigger answers with whole seconds, and `now` itself where it is one of its instants.
        moment = datetime.fromtimestamp(now // NS + 1, _NEW_YORK)
        found: datetime | None = trigger.get_next_fire_time(None, moment)
        if found is None:
            raise ScheduleError("this never comes")
        return round(found.timestamp()) * NS

    return after
