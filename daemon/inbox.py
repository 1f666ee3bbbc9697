"""The one inbound queue: what feeds say, in the order in which it was received.

Bounded: past `bound`, a quote replaces the symbol's quote that is still waiting; past twice that,
a trade is dropped. Both are counted; neither happens silently.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator

from streams.tick import Item, Tick


class Inbox:
    """A queue with many writers in the loop and one reader."""

    def __init__(self, bound: int = 100_000) -> None:
        self.bound = bound
        self.conflated = 0
        self.dropped = 0
        self._items: deque[Item] = deque()
        self._quotes: dict[tuple[str, str], Tick[float]] = {}
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._items) + len(self._quotes)

    def put(self, item: Item) -> None:
        """Take an item; never waits."""
        if len(self._items) >= self.bound and isinstance(item, Tick):
            self._overflow(item)
            return
        self._items.append(item)
        if len(self._items) == 1:
            self._filled.set()

    def _overflow(self, tick: Tick[float]) -> None:
        if tick.kind == "quote":
            self.conflated += (tick.venue, tick.symbol) in self._quotes
            self._quotes[tick.venue, tick.symbol] = tick
        elif len(self._items) < 2 * self.bound:
            self._items.append(tick)
        else:
            self.dropped += 1

    async def filled(self) -> None:
        """Wait until there is something to take."""
        if not self._items:
            self._filled.clear()
            await self._filled.wait()

    def take(self, most: int) -> Iterator[Item]:
        """Up to `most` items, oldest first."""
        items = self._items
        for _ in range(min(most, len(items))):
            yield items.popleft()
        if not items and self._quotes:
            quotes, self._quotes = self._quotes, {}
            yield from quotes.values()
