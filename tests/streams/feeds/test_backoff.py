from __future__ import annotations

import random

import pytest

from streams.feeds.backoff import Backoff


def delays(backoff: Backoff, count: int, *, slow: bool = False) -> list[float]:
    return [backoff.delay(0.0, slow=slow) for _ in range(count)]


@pytest.mark.parametrize("seed", range(20))
def test_delay_doubles_up_to_a_minute_with_full_jitter(seed: int) -> None:
    ceilings = [1, 2, 4, 8, 16, 32, 60, 60]
    found = delays(Backoff(random.Random(seed)), 8)
    assert all(0 <= delay <= ceiling for delay, ceiling in zip(found, ceilings, strict=True))


def test_jitter_is_spread_over_the_whole_range() -> None:
    backoff = Backoff(random.Random(1))
    late = delays(backoff, 2000)[10:]
    assert min(late) < 2
    assert max(late) > 58
    assert sum(late) / len(late) == pytest.approx(30, abs=2)


def test_good_data_starts_it_over() -> None:
    backoff = Backoff(random.Random(1))
    delays(backoff, 9)
    backoff.reset()
    assert delays(backoff, 1)[0] <= 1


def test_slow_losses_wait_at_least_half_a_minute() -> None:
    assert min(delays(Backoff(random.Random(1)), 50, slow=True)) >= 30


def test_retry_after_is_waited_for_but_not_much_longer() -> None:
    delay = Backoff(random.Random(1)).delay(0.0, slow=True, retry_after=120.0)
    assert 120 <= delay <= 122


def test_retry_after_zero_still_backs_off() -> None:
    backoff = Backoff(random.Random(1))
    found = [backoff.delay(0.0, retry_after=0.0) for _ in range(200)]
    assert sum(found) / len(found) > 20


def test_no_more_than_ten_connections_a_minute_even_where_each_gives_data() -> None:
    backoff, at, starts = Backoff(random.Random(1)), 0.0, []
    while at < 3600:
        backoff.started(at)
        starts.append(at)
        backoff.reset()
        at += backoff.delay(at)
    assert all(later - first > 59.999 for first, later in zip(starts, starts[10:], strict=False))
