"""The recent ticks of an instrument, in arrays of fixed size."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Series(NamedTuple):
    """Times (ns) and prices side by side, read-only, oldest first."""

    ts: NDArray[np.int64]
    price: NDArray[np.float64]


class RingBuffer:
    """The last `capacity` (ts, price) pairs; appending past that drops the oldest.

    Views share the buffer's memory: copy what must outlive the next `append`. The store is twice
    as long as the capacity and its newer half moves down when it is full, so every view is one
    contiguous slice. `ts` must not decrease.
    """

    __slots__ = ("_all", "_end", "_price", "_ts", "capacity")

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, not {capacity}")
        self.capacity = capacity
        self._ts = np.zeros(2 * capacity, np.int64)
        self._price = np.zeros(2 * capacity, np.float64)
        self._end = 0
        self._all = Series(self._ts.view(), self._price.view())
        for column in self._all:
            column.flags.writeable = False

    def __len__(self) -> int:
        """How many pairs are held."""
        return min(self._end, self.capacity)

    def append(self, ts: int, price: float) -> None:
        """Add one pair, amortised O(1)."""
        end = self._end
        if end == 2 * self.capacity:
            end = self._move_down()
        self._ts[end] = ts
        self._price[end] = price
        self._end = end + 1

    def _move_down(self) -> int:
        keep = self.capacity - 1
        for column in (self._ts, self._price):
            column[:keep] = column[-keep:] if keep else ()
        return keep

    def last(self, n: int) -> Series:
        """The newest `n` pairs, or all there are where they are fewer."""
        return self._slice(self._end - min(max(n, 0), len(self)))

    def since(self, ts: int) -> Series:
        """The pairs stamped at or after `ts`."""
        return self._slice(self._position(ts))

    def before(self, ts: int) -> tuple[int, float] | None:
        """The last pair stamped strictly before `ts`, None where it is not held (any more)."""
        i = self._position(ts) - 1
        return None if i < self._end - len(self) else (int(self._ts[i]), float(self._price[i]))

    def _position(self, ts: int) -> int:
        start = self._end - len(self)
        return start + int(self._ts[start : self._end].searchsorted(ts))

    def _slice(self, start: int) -> Series:
        return Series(self._all.ts[start : self._end], self._all.price[start : self._end])
