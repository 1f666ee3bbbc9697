from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.tick_rate import LEAST, MOST, TickRate


def after(*ages: float, bars: int = 1560) -> TickRate:
    """A session for each mean age of the slower leg's last tick; the other's is half a second."""
    rate = TickRate()
    for age in ages:
        for _ in range(bars):
            rate.update(0.5, age)
        rate.new_session()
    return rate


@pytest.mark.parametrize(
    ("age", "octave"), [(60.0, 0), (15.0, 2), (8.0, 2), (7.0, 3), (2.0, 4), (1.8, 5), (1.0, 5)]
)
def test_the_octave_is_that_of_the_slower_legs_ticks_a_minute(age: float, octave: int) -> None:
    assert after(age).octave == octave
    swapped = TickRate()
    for _ in range(1560):
        swapped.update(age, 0.5)
    swapped.new_session()
    assert swapped.octave == octave


def test_ticks_at_random_are_counted_by_their_age() -> None:
    """0.7 ticks a second of the slower leg are 42 a minute."""
    rng = np.random.default_rng(1)
    ticks = [np.cumsum(rng.exponential(1 / a, int(23_400 * a * 1.2))) for a in (3.0, 0.7)]
    rate = TickRate()
    for end in np.arange(60.0, 23_400.0, 15.0):
        rate.update(*(float(end - t[np.searchsorted(t, end) - 1]) for t in ticks))
    assert rate.age == pytest.approx(1 / 0.7, rel=0.1)
    rate.new_session()
    assert rate.octave == 5


def test_a_burst_of_ticks_counts_once() -> None:
    single, burst = TickRate(), TickRate()
    for rate, copies in ((single, 1), (burst, 50)):
        for bar in range(300):
            stamps = np.repeat(15.0 * bar + np.array([3.0, 9.0]), copies)
            age = 15.0 * (bar + 1) - float(stamps[-1])
            rate.update(age, age)
        rate.new_session()
    assert single.octave == burst.octave == 3


def test_an_octave_is_left_only_for_a_rate_a_quarter_beyond_it() -> None:
    """40 ticks a minute; the octave from 32 to 64 is left below 26.9 and above 76.1."""
    for age, octave in ((60 / 28, 5), (60 / 75, 5), (60 / 26, 4), (60 / 78, 6)):
        assert after(1.5, age).octave == octave
    assert after(1.5, 60 / 26, 60 / 36).octave == 4


def test_a_session_shorter_than_an_hour_has_no_rate() -> None:
    assert after(1.0, bars=239).octave is None
    rate = after(1.0)
    for _ in range(200):
        rate.update(10.0, 10.0)
    rate.new_session()
    assert rate.octave == 5


@pytest.mark.parametrize(
    ("age", "bars", "octave"),
    [(1.5, 120, 5), (2.2, 120, 5), (2.3, 119, 5), (2.3, 120, 4), (9.0, 120, 2)],
)
def test_a_session_that_is_slower_says_so_after_half_an_hour(
    age: float, bars: int, octave: int
) -> None:
    rate = after(1.5)
    for _ in range(bars):
        rate.update(0.5, age)
    assert rate.slow_down() is (octave < 5)
    assert rate.octave == octave
    assert not rate.slow_down()


def test_a_session_that_is_faster_says_so_at_its_end() -> None:
    rate = after(1.5)
    for _ in range(1560):
        rate.update(0.5, 0.6)
    assert not rate.slow_down()
    rate.new_session()
    assert rate.octave == 6


def test_before_any_rate_is_known_none_is_slower() -> None:
    rate = TickRate()
    for _ in range(500):
        rate.update(0.5, 50.0)
    assert not rate.slow_down()
    assert rate.octave is None


def test_what_is_forgotten_of_a_session_is_in_no_rate() -> None:
    rate = TickRate()
    for _ in range(1000):
        rate.update(0.0, 0.0)
    rate.forget_session()
    forgotten = rate.age
    for _ in range(240):
        rate.update(5.0, 1.0)
    assert (forgotten, rate.age) == (None, 5.0)
    rate.new_session()
    assert rate.octave == 3


@pytest.mark.parametrize(("age", "octave"), [(0.0, MOST), (1e6, LEAST)])
def test_the_octaves_end_somewhere(age: float, octave: int) -> None:
    rate = TickRate()
    for _ in range(240):
        rate.update(age, age)
    rate.new_session()
    assert rate.octave == octave


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.05, 40.0), min_size=1, max_size=5), st.integers(0, 5))
def test_it_goes_on_from_its_saved_state(ages: list[float], cut: int) -> None:
    whole = after(*ages, bars=250)
    again = TickRate(json.loads(json.dumps(after(*ages[:cut], bars=250).state)))
    for age in ages[cut:]:
        for _ in range(250):
            again.update(0.5, age)
        again.new_session()
    assert again.state == whole.state
