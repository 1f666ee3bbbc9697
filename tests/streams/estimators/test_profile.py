from __future__ import annotations

import numpy as np
import pytest

from streams.estimators.divergence import OPENING
from streams.estimators.profile import HALFLIFE, SHRINK, Profile

SHAPE = np.where(np.arange(390) < 15, 2.5, np.where(np.arange(390) > 330, 1.4, 0.9))


def taught(sessions: int, seed: int = 1, opening: float = OPENING) -> Profile:
    """By t5 returns whose level changes from day to day."""
    rng = np.random.default_rng(seed)
    profile = Profile(opening=opening)
    for _ in range(sessions):
        level = 1e-3 * np.exp(0.5 * rng.standard_normal())
        returns = rng.standard_normal(390) * np.sqrt(3 / rng.chisquare(5, 390)) * SHAPE * level
        for minute, r in enumerate(returns.tolist()):
            profile.update(minute, r)
        profile.new_session()
    return profile


class Reference:
    """The same from lists of sessions, as long as nothing is clipped."""

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes
        self.sessions: list[dict[int, float]] = []

    def variance(self, minute: int) -> float:
        total, weight = SHRINK, SHRINK
        for age, session in enumerate(reversed(self.sessions)):
            w = 0.5 ** (age / HALFLIFE)
            for near in range(minute - 2, minute + 3):
                if near in session:
                    total += w * session[near]
                    weight += w
        return min(16.0, max(0.25, total / weight))

    def end(self, squares: dict[int, float]) -> None:
        expected = sum(self.variance(minute) for minute in squares)
        level = sum(squares.values()) / expected
        self.sessions.append({minute: q / level for minute, q in squares.items()})


def test_equals_the_definition() -> None:
    rng = np.random.default_rng(2)
    profile, reference = Profile(60, opening=1.0), Reference(60)
    for session in range(6):
        first = 20 if session == 3 else 0
        squares = {}
        for minute in range(first, 60):
            r = float(rng.uniform(-1e-3, 1e-3))
            profile.update(minute, r)
            squares[minute] = r * r
        profile.new_session()
        reference.end(squares)
        for minute in range(60):
            assert profile.scale(minute) ** 2 == pytest.approx(reference.variance(minute))


def test_before_anything_is_learned_it_is_what_is_believed() -> None:
    profile = Profile()
    assert [profile.scale(m) for m in (0, 14, 15, 389)] == pytest.approx(
        [OPENING, OPENING, 1.0, 1.0]
    )
    assert Profile(opening=1.0).scale(0) == 1.0
    assert profile.sessions == 0.0


def test_finds_the_shape_whatever_the_days_are_like() -> None:
    profile = taught(60)
    found = np.array([profile.scale(minute) for minute in range(390)])
    calm = found[60:300].mean()
    assert found[2:13].mean() / calm == pytest.approx(2.5 / 0.9, rel=0.15)
    assert found[335:].mean() / calm == pytest.approx(1.4 / 0.9, rel=0.1)
    assert 14.0 < profile.sessions < 15.0


def test_two_sessions_are_not_yet_believed() -> None:
    early, late = taught(2), taught(60)
    assert abs(early.scale(360) - 1.0) < 0.5 * abs(late.scale(360) - 1.0)


def test_one_bad_print_does_not_make_a_minute_volatile() -> None:
    clean = taught(20)
    dirty = taught(20)
    for minute in range(390):
        r = 1e-3 * (-1) ** minute
        clean.update(minute, r)
        dirty.update(minute, 2.3 if minute == 200 else r)
    clean.new_session()
    dirty.new_session()
    assert dirty.scale(200) < 1.5 * clean.scale(200)
    assert dirty.scale(100) == pytest.approx(clean.scale(100), rel=0.1)


def test_a_short_session_teaches_nothing() -> None:
    profile = Profile()
    for minute in range(29):
        profile.update(minute, 1e-3)
    profile.new_session()
    assert profile.sessions == 0.0
    assert profile.scale(5) == pytest.approx(OPENING)


def test_a_session_without_a_move_teaches_nothing() -> None:
    profile = Profile()
    for minute in range(390):
        profile.update(minute, 0.0)
    profile.new_session()
    assert profile.scale(100) == 1.0


def test_a_minute_outside_the_session_is_not_taken_and_reads_as_the_nearest() -> None:
    profile = Profile()
    before = list(profile.state)
    profile.update(390, 1.0)
    profile.update(-1, 1.0)
    assert profile.state == before
    assert (profile.scale(-5), profile.scale(900)) == (profile.scale(0), profile.scale(389))
