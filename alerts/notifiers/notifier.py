"""The door to a channel: what every notifier offers."""

from __future__ import annotations

from typing import Protocol

from alerts.transition import Transition
from streams.snapshot import Snapshot


class NotifyError(Exception):
    """An alert was not delivered.

    `retry` where trying again may help, `after` seconds at the earliest; `uncertain` where it may
    have arrived nevertheless (a time-out after sending).
    """

    def __init__(
        self, message: str, *, retry: bool, after: float | None = None, uncertain: bool = False
    ) -> None:
        super().__init__(message)
        self.retry = retry
        self.after = after
        self.uncertain = uncertain


class Notifier(Protocol):
    """A channel. `run` keeps its connection for as long as it is not cancelled."""

    name: str

    async def run(self) -> None:
        """Connect, reconnect and listen until cancelled; never raises for a channel's fault."""

    async def notify(self, transition: Transition) -> None:
        """Deliver one alert, or raise NotifyError."""


class MetricSink(Protocol):
    """A notifier that also shows metrics as they are."""

    def publish(self, snapshot: Snapshot) -> None:
        """Take the readings; keeps only the newest where the channel is slow or away."""


class Illustrator(Protocol):
    """Draws; the work is done elsewhere than in this process."""

    async def chart(self, pair: str, seconds: float, *, mark: int | None = None) -> bytes | None:
        """Correlation with its interval and both prices of the last `seconds`, as PNG.

        `mark` is an instant (ns) to be marked. None where there is nothing to draw yet.
        """

    async def week(self, report: Transition) -> bytes | None:
        """The picture of a weekly report, as PNG."""
