"""p0 by feeds, bar size and tick rate: one key never stands in for another."""

from __future__ import annotations

import pytest

from streams.bar_size import MINUTE, SHORT, BarSize
from streams.beliefs import Prior
from streams.known import Known

X, Y = ("coinbase", "alpaca"), ("kraken", "alpaca")


def session(
    known: Known, share: float = 0.7, age: float = 1.5, *, bars: int = 1560, ages: bool = True
) -> None:
    """One session in which that share of bars is concordant; `age` of the slower leg's ticks."""
    known.new_session()
    for bar in range(bars):
        same, minutely = (1.0 if (n * 37) % 100 < 100 * share else -1.0 for n in (bar, bar // 4))
        known.ages(0.2 if ages else 0.0, age if ages else 0.0)
        known.update(SHORT, 1.0, same, apart=False, climbing=False)
        if bar % 4 == 3:
            known.update(MINUTE, 1.0, minutely, apart=False, climbing=False)


def taught(sessions: int, *, prior: Prior | None = None) -> Known:
    """By closes of 15 s, stamped at the bars' ends."""
    known = Known(prior or Prior())
    known.teach(closes=True)
    for _ in range(sessions):
        session(known, ages=False)
    known.new_session()
    known.teach(closes=False)
    return known


def shares(known: Known) -> list[float | None]:
    """p0 on short bars and on minutes, rounded."""
    beliefs = (known.belief(SHORT), known.belief(MINUTE))
    return [round(belief.value, 2) if belief else None for belief in beliefs]


@pytest.mark.parametrize(
    ("size", "session", "block", "enough"), [(SHORT, 1560.0, 120, 3900), (MINUTE, 390.0, 30, 975)]
)
def test_a_bar_size_says_how_many_there_are(
    size: BarSize, session: float, block: int, enough: int
) -> None:
    assert (size.session, size.block, size.enough) == (session, block, enough)


def test_minutes_are_known_from_5_sessions_on_and_short_bars_from_20() -> None:
    known = Known(Prior())
    known.use(X)
    for done in range(1, 22):
        session(known)
        known.new_session()
        minutes, short = (0.7 if done >= least else None for least in (3, 20))
        assert shares(known) == [short, minutes], done


def test_other_venues_are_another_key_and_what_was_learned_stays_with_its_own() -> None:
    known = taught(20)
    assert not known.use(X)
    assert shares(known) == [0.7, 0.7]
    assert known.use(Y)
    assert shares(known) == [None, None]
    assert known.missing() == "link not learned yet: warming up 0/975 one-minute bars"
    assert known.use(X)
    assert shares(known) == [0.7, 0.7]


def test_the_first_tick_rate_takes_what_was_learned_before_any_was_known() -> None:
    known = taught(20)
    known.use(X)
    session(known, age=1.5)
    known.new_session()
    assert known._feeds.rate.octave == 5
    assert shares(known) == [0.7, 0.7]
    assert known._feeds.learned(SHORT).sessions == 21


def test_another_octave_of_the_tick_rate_is_another_key() -> None:
    known = taught(20)
    known.use(X)
    session(known)
    session(known, share=0.5, age=7.0)
    known.new_session()
    assert known._feeds.rate.octave == 3
    assert shares(known) == [None, None]
    session(known)
    known.new_session()
    assert known._feeds.rate.octave == 5
    assert shares(known) == [0.7, 0.7]
    assert known._feeds.learned(SHORT).sessions == 22


def test_a_session_counts_at_its_own_rate_not_at_that_of_the_one_before() -> None:
    known = taught(20)
    known.use(X)
    session(known)
    session(known, share=0.5, age=7.0)
    known.new_session()
    slow = known._feeds.learned(SHORT)
    assert slow.sessions == 1
    assert slow.state[7] / slow.state[8] == pytest.approx(0.5, abs=0.01)


def test_ticks_that_come_more_slowly_in_the_session_are_another_key_at_once() -> None:
    known = taught(20)
    known.use(X)
    session(known)
    session(known, age=7.0, bars=400)
    assert known._feeds.learned(SHORT).sessions == 21
    assert known.slow_down()
    assert shares(known) == [None, None]
    assert known.missing() == (
        "link not learned yet at 8 to 16 ticks a minute: warming up 100/975 one-minute bars"
    )
    known.new_session()
    assert known._feeds.learned(SHORT).sessions == 1


def test_beyond_32_ticks_a_bar_more_change_nothing() -> None:
    known = taught(20)
    known.use(X)
    session(known, age=1.1)
    session(known, age=0.5)
    known.new_session()
    assert known._feeds.rate.octave == 6
    assert shares(known) == [None, 0.7]


def test_fewer_than_a_tick_a_bar_teach_minutes_only() -> None:
    known = Known(Prior())
    known.use(X)
    for _ in range(21):
        session(known, age=22.5)
    known.new_session()
    assert shares(known) == [None, 0.7]
    assert known.why_minutes() == "on one-minute bars: ticks come less than once in 15 s"
    session(known, age=150.0)
    known.new_session()
    assert shares(known) == [None, None]
    assert known.missing() == "too few ticks: less than one a minute"


def test_closes_of_minutes_teach_minutes_and_no_shorter_bars() -> None:
    known = Known(Prior())
    known.teach(closes=True)
    for _ in range(21):
        known.new_session()
        for bar in range(1560):
            known.ages(*[15.0 * (bar % 4)] * 2)
            known.update(
                SHORT, *(1.0, 1.0) if bar % 4 == 0 else (0.0, 0.0), apart=False, climbing=False
            )
            if bar % 4 == 0:
                same = 1.0 if bar % 10 else -1.0
                known.update(MINUTE, 1.0, same, apart=False, climbing=False)
    known.new_session()
    known.teach(closes=False)
    known.use(X)
    assert known.belief(SHORT) is None
    assert known.belief(MINUTE) is not None
    assert known.why_minutes().endswith("until 20 sessions of ticks are known: 0/20")


def test_a_prior_is_of_minutes_and_gives_way_to_what_is_learned() -> None:
    known = Known(Prior(correlation=0.5))
    known.use(X)
    assert shares(known) == [None, 0.67]
    belief = known.belief(MINUTE)
    assert belief is not None
    assert belief.source == "a prior"
    for _ in range(4):
        session(known, share=0.8)
    known.new_session()
    assert shares(known) == [None, 0.8]


def test_a_new_normal_forgets_all_keys_and_the_prior() -> None:
    known = taught(20, prior=Prior(correlation=0.5))
    known.use(X)
    known.begin_afresh()
    for venues in (Y, X):
        known.use(venues)
        assert shares(known) == [None, None]


def test_bars_since_the_last_mark_are_taken_back_when_a_break_is_found() -> None:
    known, calm = Known(Prior()), Known(Prior())
    for each in (known, calm):
        each.use(X)
        session(each, bars=400)
    for _ in range(50):
        known.update(SHORT, 1.0, -1.0, apart=False, climbing=True)
    known.update(SHORT, 1.0, -1.0, apart=True, climbing=True)
    assert known._feeds.learned(SHORT).state == calm._feeds.learned(SHORT).state
    for each in (known, calm):
        each.update(SHORT, 1.0, 1.0, apart=False, climbing=False)
    assert known._feeds.learned(SHORT).state == calm._feeds.learned(SHORT).state
