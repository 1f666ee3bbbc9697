"""Detectors that are honest while they learn: on which bars, against what, and what they tell."""

from __future__ import annotations

import re

import pytest

from streams.bar_size import MINUTE, SHORT
from streams.beliefs import Prior
from streams.estimators.breakdown import expected_delay_bars
from streams.estimators.warning import expected_warning_bars
from streams.instrument import NS
from tests.streams.bars import BARS, DAY, MONTH, OPEN, Player

BOTH = ("breakdown", "breakdown_warning")


def delay(note: str) -> float:
    """The minutes that a note promises."""
    found = re.search(r"a full break takes about (\d+) min to find", note)
    assert found, note
    return float(found[1])


@pytest.fixture(scope="module")
def taught() -> Player:
    """21 sessions of ticks, the 22nd under way."""
    player = Player()
    player.sessions(21)
    player.open()
    player.play(100)
    return player


def test_until_20_sessions_of_ticks_are_known_minutes_serve_and_the_note_says_so() -> None:
    player = Player()
    player.sessions(7)
    player.open()
    player.play(100)
    for metric in BOTH:
        assert player.says(metric) is False
        note = player.note(metric)
        assert "usual share of one-minute bars in step" in note
        assert "on one-minute bars until 20 sessions of ticks are known: 7/20" in note


def test_the_delay_told_is_that_of_the_bars_in_use(taught: Player) -> None:
    early = Player()
    early.sessions(7)
    early.open()
    early.play(20)
    for player, size in ((early, MINUTE), (taught, SHORT)):
        for metric in BOTH:
            detector = player.apart._detectors[size.seconds].get(metric, MONTH)
            expected = expected_delay_bars if metric == "breakdown" else expected_warning_bars
            bars = expected(detector.p0 or 0.0, detector.h)
            assert delay(player.note(metric)) == pytest.approx(bars * size.seconds / 60, rel=0.03)
        assert player.apart.delay_minutes(MONTH) == pytest.approx(
            delay(player.note("breakdown")), rel=0.03
        )
    assert delay(early.note()) > 2 * delay(taught.note())


def test_with_20_sessions_of_ticks_short_bars_serve(taught: Player) -> None:
    note = taught.note()
    assert "usual share of 15-second bars in step" in note
    assert "one-minute" not in note
    p0 = taught.apart.p0
    assert p0 is not None
    assert p0.n > 15_000


@pytest.mark.parametrize("metric", BOTH)
def test_with_nothing_learned_and_no_prior_there_is_no_answer(metric: str) -> None:
    player = Player()
    player.open()
    player.play(400)
    reason = "link not learned yet: warming up 100/975 one-minute bars"
    assert player.reason(metric) == reason
    assert player.apart.p0 is None
    assert player.apart.delay_minutes(MONTH) is None


def test_a_prior_serves_on_minutes_and_is_called_one() -> None:
    player = Player(Prior(correlation=0.5))
    player.open()
    player.play(40)
    assert player.says() is False
    note = player.note()
    assert "usual share of one-minute bars in step 67%, a prior" in note
    assert "0/20" in note
    assert delay(note) > 100


def test_what_was_learned_takes_the_priors_place() -> None:
    player = Player(Prior(correlation=0.2))
    player.sessions(7)
    player.open()
    player.play(40)
    assert "a prior" not in player.note()
    p0 = player.apart.p0
    assert p0 is not None
    assert p0.value == pytest.approx(0.705, abs=0.03)


def test_a_break_is_found_on_either_bars_and_told_with_onset_cause_and_delay() -> None:
    for sessions in (7, 21):
        player = Player()
        player.sessions(sessions)
        player.open()
        player.play(400)
        assert player.says() is False
        player.play(1100, rho=0.0)
        assert player.says() is True
        note = player.note()
        assert re.search(r"apart since about 1[12]:\d\d New York", note)
        assert "it looks like" in note or "the cause is not clear" in note
        assert delay(note) > 10


def test_the_cause_is_said_to_stand_so_far_for_two_hours() -> None:
    player = Player()
    player.sessions(21)
    player.open()
    player.play(100)
    player.play(300, rho=0.0)
    assert player.says() is True
    assert "so far " in player.note()
    player.play(300, rho=0.0)
    assert player.says() is True
    assert "so far " not in player.note()


def test_a_failover_is_to_an_unknown_link_and_back_to_a_known_one(taught: Player) -> None:
    apart = taught.apart
    apart.use(("kraken", "alpaca"))
    assert taught.reason().startswith("link not learned yet: warming up 0/975")
    apart.use(("coinbase", "alpaca"))
    taught.play(20)
    assert "15-second" in taught.note()
    assert taught.says() is False


def test_what_was_known_does_not_hold_where_ticks_come_more_slowly() -> None:
    player = Player()
    player.sessions(21)
    player.open()
    player.play(400, age=12.0)
    assert player.reason().startswith("link not learned yet at 4 to 8 ticks a minute")
    player.play(BARS - 400, age=12.0)
    player.open()
    player.play(40)
    assert player.reason().startswith("link not learned yet at 4 to 8 ticks a minute")
    player.play(BARS - 40)
    player.open()
    player.play(40)
    assert "15-second" in player.note()


def test_an_alarm_stands_through_a_failover_and_says_since_when() -> None:
    player = Player()
    player.sessions(21)
    player.open()
    player.play(400, rho=0.0)
    before = player.note()
    player.apart.use(("kraken", "alpaca"))
    player.play(40, rho=0.0)
    assert player.says() is True
    since, after = before.split(";")[0], player.note()
    assert since.startswith("apart since about 09:")
    assert after.startswith(since)
    assert delay(after) == delay(before)


def test_an_alarm_on_minutes_keeps_them_until_it_is_over() -> None:
    player = Player()
    player.sessions(19)
    player.open()
    player.play(800)
    player.play(760, rho=0.0)
    assert player.says() is True
    player.open()
    player.play(40, rho=0.0)
    assert player.says() is True
    assert "one-minute bars until 20 sessions of ticks are known: 20/20" in player.note()
    player.play(1500)
    assert player.says() is False
    player.open()
    player.play(40)
    assert "15-second" in player.note()


@pytest.mark.parametrize("learned", [7, 21])
def test_five_sessions_apart_are_the_new_normal_and_no_prior_contradicts_it(learned: int) -> None:
    player = Player(Prior(correlation=0.5))
    player.sessions(learned)
    player.sessions(5, rho=0.0)
    assert player.says() is True
    player.open()
    assert player.says() is False
    assert "apart for 5 sessions: the new normal" in player.note()
    player.play(400, rho=0.0)
    assert player.says() is False
    player.open()
    player.play(40, rho=0.0)
    assert player.reason().endswith("warming up 110/975 one-minute bars")
    player.sessions(6, rho=0.0)
    player.open()
    player.play(8)
    assert player.reason() == "link too weak to watch"


def test_what_was_learned_from_the_onset_on_is_not_kept() -> None:
    broken, calm = Player(), Player()
    for player in (broken, calm):
        player.sessions(21)
        player.open()
        player.play(560)
        player.play(40, rho=0.99)
    broken.play(400, rho=-0.5)
    onset = broken.apart._detectors[15].get("breakdown", MONTH).onset_ns
    assert onset is not None
    calm.play((onset - OPEN - calm.day * DAY) // (15 * NS) - calm.bar - 1, rho=-0.5)
    assert _learned(broken) == _learned(calm)
    broken.play(400, rho=-0.5)
    for player in (broken, calm):
        player.open()
    assert broken.apart.known.belief(SHORT) == calm.apart.known.belief(SHORT)


def _learned(player: Player) -> list[list[float]]:
    feeds = player.apart.known._feeds
    return [list(feeds.learned(size).state) for size in (SHORT, MINUTE)]


def test_where_only_a_warning_is_asked_for_it_freezes_what_is_learned() -> None:
    player = Player()
    for detectors in player.apart._detectors.values():
        detectors._breakdown.clear()
    player.sessions(21)
    player.open()
    player.play(500)
    player.play(300, rho=-0.5)
    assert player.says("breakdown_warning") is True
    held = _learned(player)
    player.play(200, rho=-0.5)
    assert _learned(player) == held
