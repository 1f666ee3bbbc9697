"""Charts for Telegram: drawn one after the other, and once for all chats that want the same."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

import msgspec

from alerts.notifiers.notifier import Illustrator
from alerts.transition import Transition
from streams.metric import duration_text

_log = logging.getLogger(__name__)

CHARTED = 4 * 3600.0
"""Seconds that a chart shows unless somebody wants another window."""

_ROOM = 20
"""What may wait to be drawn; of more the oldest goes."""

_PATIENCE = 60.0
"""Seconds that a drawing may take."""

_FRESH = 10.0
"""Seconds for which a drawing serves others who want the same."""

Drawn = bytes | str
"""A PNG, or why there is none."""


class Order(msgspec.Struct, frozen=True):
    """What to draw, as `Illustrator.chart` takes it; or the week of a `report`."""

    pair: str
    seconds: float = 0.0
    mark: int | None = None
    report: Transition | None = None

    @property
    def caption(self) -> str:
        """What stands below it."""
        if self.report is not None:
            return f"{self.pair}, week"
        return f"{self.pair}, {duration_text(self.seconds)}"


class Charts:
    """Draws as long as `run` is running. A failure is logged once, until a drawing succeeds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._illustrator: Illustrator | None = None
        self._orders: deque[tuple[Order, Callable[[Drawn], None]]] = deque(maxlen=_ROOM)
        self._arrived = asyncio.Event()
        self._last: tuple[Order, float, Drawn] | None = None
        self._failing = False

    def attend(self, illustrator: Illustrator | None) -> None:
        """From now on this one draws; with None nobody does."""
        self._illustrator = illustrator

    @property
    def drawable(self) -> bool:
        """Whether there is anyone who draws."""
        return self._illustrator is not None

    def order(self, order: Order, deliver: Callable[[Drawn], None]) -> None:
        """Have it drawn and delivered; never waits."""
        self._orders.append((order, deliver))
        self._arrived.set()

    async def run(self) -> None:
        """Draw until cancelled."""
        while True:
            await self._arrived.wait()
            if not self._orders:
                self._arrived.clear()
                continue
            order, deliver = self._orders.popleft()
            deliver(await self._draw(order))

    async def _draw(self, order: Order) -> Drawn:
        now = asyncio.get_running_loop().time()
        if self._last is not None and self._last[0] == order and now - self._last[1] < _FRESH:
            return self._last[2]
        drawn = await self._drawn(order)
        self._last = order, now, drawn
        return drawn

    async def _drawn(self, order: Order) -> Drawn:
        if self._illustrator is None:
            return "Charts are not drawn here."
        try:
            async with asyncio.timeout(_PATIENCE):
                png = await _ordered(self._illustrator, order)
        except Exception as error:  # noqa: BLE001  # whatever goes wrong in a drawing, alerts go on
            level = logging.DEBUG if self._failing else logging.WARNING
            why = str(error) or type(error).__name__
            _log.log(level, "%s: no chart of %s: %s", self._name, order.pair, why)
            self._failing = True
            return "The chart could not be drawn; the log says why."
        self._failing = False
        return png or f"There is nothing to draw of {order.pair} yet."


async def _ordered(illustrator: Illustrator, order: Order) -> bytes | None:
    if order.report is not None:
        return await illustrator.week(order.report)
    return await illustrator.chart(order.pair, order.seconds, mark=order.mark)
