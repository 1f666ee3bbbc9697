from __future__ import annotations

from math import log

import numpy as np
import pytest

from streams.estimators.breakdown import Breakdown, expected_delay_bars
from streams.instrument import NS

BAR = 15 * NS
START = 1_773_756_000 * NS


class Feeder:
    """Feeds concordant (1), discordant (-1) and motionless (0) bars, counting them."""

    def __init__(self, link: Breakdown) -> None:
        self.link = link
        self.bar = 0

    def feed(self, *signs: int, p0: float | None = 0.7) -> None:
        for sign in signs:
            self.bar += 1
            self.link.update(1e-3, sign * 1e-3, START + self.bar * BAR, p0)


def alternating(bars: int) -> list[int]:
    return [1 if bar % 2 else -1 for bar in range(bars)]


def broken() -> Feeder:
    feeder = Feeder(Breakdown(arl_bars=1560.0))
    feeder.feed(1, 1, 1, *alternating(100))
    assert feeder.link.value().value is True
    return feeder


def bars_to_alarm(link: Breakdown, concordant: np.ndarray, p0: float) -> list[int]:
    """Run lengths of a detector begun afresh after each alarm."""
    lengths, began = [], 0
    for bar, same in enumerate(concordant.tolist()):
        link.update(1.0, 1.0 if same else -1.0, bar * BAR, p0)
        if link.onset_ns is not None:
            lengths.append(bar + 1 - began)
            began = bar + 1
            link.state[:] = [0.0] * len(link.state)
    return lengths


def test_false_alarms_keep_to_the_budget() -> None:
    calm = np.random.default_rng(1).random(600_000) < 0.7
    lengths = bars_to_alarm(Breakdown(60.0), calm, 0.7)
    assert np.mean(lengths) == pytest.approx(60.0, rel=0.06)


def test_a_p0_that_is_too_high_breaks_the_budget() -> None:
    calm = np.random.default_rng(1).random(200_000) < 0.65
    assert np.mean(bars_to_alarm(Breakdown(60.0), calm, 0.7)) < 45.0


@pytest.mark.parametrize(("p0", "p"), [(0.7, 0.5), (0.65, 0.5), (0.7, 0.55)])
def test_delays_are_those_expected(p0: float, p: float) -> None:
    gone = np.random.default_rng(2).random(150_000) < p
    link = Breakdown(8190.0)
    lengths = bars_to_alarm(link, gone, p0)
    h = link.threshold(p0, 0.0, 0.0)
    assert h is not None
    assert np.mean(lengths) == pytest.approx(expected_delay_bars(p0, h, p), rel=0.1)


def test_what_moves_raises_the_threshold() -> None:
    steady, moving = Feeder(Breakdown(32760.0)), Feeder(Breakdown(32760.0))
    steady.link.update(1.0, 1.0, START, 0.7)
    moving.link.update(1.0, 1.0, START, 0.7, 0.02, 0.03)
    assert moving.link.h > 1.3 * steady.link.h


def test_the_alarm_comes_when_the_likelihood_ratio_reaches_the_threshold() -> None:
    feeder = Feeder(Breakdown(arl_bars=100.0))
    up = log(0.5 / 0.3)
    h = feeder.link.threshold(0.7, 0.0, 0.0)
    assert h is not None
    needed = int(h / up) + 1
    feeder.feed(*[-1] * (needed - 1))
    assert feeder.link.value().value is False
    feeder.feed(-1)
    assert feeder.link.value().value is True


def test_the_onset_is_the_first_bar_of_the_climb() -> None:
    feeder = Feeder(Breakdown(arl_bars=100.0))
    feeder.feed(-1, 1, 1, 1, 1, 0, 0)
    assert feeder.link.onset_ns is None
    feeder.feed(*[-1] * 20)
    assert feeder.link.onset_ns == START + 8 * BAR


def test_bars_without_movement_are_skipped() -> None:
    feeder = Feeder(Breakdown(arl_bars=100.0))
    feeder.feed(-1, -1, -1)
    before = list(feeder.link.state)
    feeder.feed(*[0] * 1000)
    assert feeder.link.state == before


def test_the_alarm_is_latched_until_the_link_is_restored() -> None:
    feeder = broken()
    onset = feeder.link.onset_ns
    feeder.feed(*alternating(300))
    assert feeder.link.value().value is True
    assert feeder.link.onset_ns == onset

    feeder.feed(*[1] * 40)

    assert feeder.link.value().value is False
    assert feeder.link.onset_ns is None


def test_restoration_asks_for_the_same_evidence() -> None:
    feeder = broken()
    feeder.link.new_session()
    needed = int(feeder.link.h / log(0.7 / 0.5)) + 1
    feeder.feed(*[1] * (needed - 1))
    assert feeder.link.value().value is True
    feeder.feed(1)
    assert feeder.link.value().value is False


def test_a_session_boundary_restarts_the_sum_but_not_the_latch() -> None:
    feeder = Feeder(Breakdown(arl_bars=100.0))
    feeder.feed(*[-1] * 4)
    feeder.link.new_session()
    feeder.feed(*[-1] * 4)
    assert feeder.link.value().value is False

    feeder.feed(-1, -1)
    assert feeder.link.value().value is True
    feeder.link.new_session()
    assert feeder.link.value().value is True


def test_a_break_under_way_does_not_change_its_p0() -> None:
    feeder = Feeder(Breakdown(arl_bars=1560.0))
    feeder.feed(1, p0=0.70)
    feeder.feed(-1, -1, p0=0.66)
    assert feeder.link.p0 == 0.66
    feeder.feed(-1, -1, p0=0.60)
    assert feeder.link.p0 == 0.66
    feeder.feed(*[1] * 30, p0=0.60)
    assert feeder.link.p0 == 0.60


@pytest.mark.parametrize("later", [None, 0.5])
def test_a_break_stays_one_though_the_link_can_no_longer_be_learned(later: float | None) -> None:
    feeder = broken()
    feeder.feed(*alternating(50), p0=later)
    assert feeder.link.value().value is True
    feeder.feed(*[1] * 40, p0=0.7)
    assert feeder.link.value().value is False


def test_after_five_sessions_apart_that_is_the_new_normal() -> None:
    feeder = broken()
    assert [feeder.link.new_session() for _ in range(5)] == [False] * 4 + [True]
    reading = feeder.link.value()
    assert reading.value is False
    assert "new normal" in reading.note
    assert feeder.link.onset_ns is None
    assert feeder.link.p0 is None

    feeder.link.new_session()
    assert feeder.link.value().reason == "link not learned yet"


def test_the_new_normal_is_watched_once_it_is_learned() -> None:
    feeder = broken()
    for _ in range(5):
        feeder.link.new_session()
    feeder.feed(1, p0=0.66)
    assert feeder.link.value().value is False
    assert feeder.link.p0 == 0.66


def test_sessions_apart_are_counted_from_the_last_alarm() -> None:
    feeder = broken()
    for _ in range(4):
        feeder.link.new_session()
    feeder.feed(*[1] * 60)
    assert feeder.link.value().value is False
    feeder.feed(*alternating(200))
    assert feeder.link.value().value is True
    assert not feeder.link.new_session()
    assert feeder.link.value().value is True


def test_another_venue_restarts_the_sum_but_not_the_latch() -> None:
    feeder = Feeder(Breakdown(arl_bars=100.0))
    feeder.feed(*[-1] * 4)
    before = feeder.link.climbing
    feeder.link.break_()
    assert (before, feeder.link.climbing) == (True, False)
    apart = broken()
    apart.link.break_()
    assert apart.link.value().value is True


@pytest.mark.parametrize(
    ("p0", "between", "within", "reason"),
    [
        (None, 0.0, 0.0, "link not learned yet"),
        (0.579, 0.0, 0.0, "link too weak to watch"),
        (0.6, 0.03, 0.0, "link too weak to watch"),
        (0.7, 0.0, 0.05, "link too unsteady to watch"),
    ],
)
def test_without_a_link_to_watch_there_is_no_answer(
    p0: float | None, between: float, within: float, reason: str
) -> None:
    link = Breakdown(arl_bars=10.0)
    for bar in range(100):
        link.update(1.0, -1.0, bar * BAR, p0, between, within)
    assert (link.value().value, link.value().reason) == (None, reason)


def test_a_link_that_was_never_broken_by_a_bar_is_watched_without_a_fault() -> None:
    feeder = Feeder(Breakdown(arl_bars=1560.0))
    feeder.feed(*[1] * 10, -1, p0=1.0)
    assert feeder.link.value().value is False
    feeder.feed(-1, -1, -1, p0=1.0)
    assert feeder.link.value().value is True
