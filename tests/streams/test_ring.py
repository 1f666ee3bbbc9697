from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ring import RingBuffer


def filled(capacity: int, times: list[int]) -> RingBuffer:
    ring = RingBuffer(capacity)
    for ts in times:
        ring.append(ts, ts / 2)
    return ring


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 7),
    st.lists(st.integers(0, 50), max_size=40).map(sorted),
    st.integers(0, 9),
    st.integers(-1, 51),
)
def test_answers_as_a_list_of_the_newest_does(
    capacity: int, times: list[int], n: int, ts: int
) -> None:
    ring = filled(capacity, times)
    held = times[-capacity:]

    assert len(ring) == len(held)
    assert ring.last(n).ts.tolist() == (held[-n:] if n else [])
    assert ring.last(n).price.tolist() == [t / 2 for t in (held[-n:] if n else [])]
    assert ring.since(ts).ts.tolist() == [t for t in held if t >= ts]
    earlier = [t for t in held if t < ts]
    assert ring.before(ts) == ((earlier[-1], earlier[-1] / 2) if earlier else None)


def test_views_share_memory_and_cannot_be_written() -> None:
    ring = filled(4, [1, 2, 3, 4, 5, 6])
    view = ring.last(3)

    assert np.shares_memory(view.price, ring.last(4).price)
    with pytest.raises(ValueError, match="read-only"):
        view.price[0] = 0.0


def test_nanoseconds_are_kept_to_the_last_digit() -> None:
    ts = 1_773_756_000_123_456_789
    ring = RingBuffer(2)
    ring.append(ts, 1.0)

    assert ring.before(ts + 1) == (ts, 1.0)
    assert ring.last(1).ts.dtype == np.int64


def test_a_capacity_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity"):
        RingBuffer(0)
