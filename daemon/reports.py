"""From configuration to the reporter."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from alerts.engine import Engine
from alerts.report.reporter import Reporter
from config.settings import Config, Report
from streams.schedule import Event
from streams.sessions import calendar

_log = logging.getLogger(__name__)


def known_events(engine: Engine, config: Config) -> Sequence[Event]:
    """The calendar as a reload may have left it: rules carry it."""
    return next((rule.events for rule in engine.rules), config.events)


def make_reporter(
    config: Config, wanted: Report, events: Callable[[], Sequence[Event]] | None = None
) -> Reporter:
    """For all pairs; `events` where the calendar may become another than the configured one."""
    return Reporter(
        config.pairs,
        {each.name: calendar(each.calendar) for each in config.instruments},
        daily=wanted.daily,
        weekly=wanted.weekly,
        notify=wanted.notify or config.notifiers.names,
        events=events or (lambda: config.events),
    )


def recall(reporter: Reporter, memory: bytes) -> None:
    """Go on with the reports of the run before, if it left any."""
    if not memory:
        return
    try:
        reporter.recall(memory)
    except ValueError as error:
        _log.warning("what was noted for reports cannot be used, it begins anew: %s", error)
