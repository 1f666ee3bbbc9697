from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.concordance import MIN_BARS, USUAL, Concordance, variances

BLOCK = 20


def fed(
    days: list[tuple[int, int]], min_bars: int = 100, block: int = BLOCK, *, shuffled: bool = True
) -> Concordance:
    """(concordant, discordant) bars a session, in an order as chance would have it; all closed."""
    rng = np.random.default_rng(1)
    link = Concordance(min_bars, block=block)
    for hits, misses in days:
        bars = np.array([1e-3] * hits + [-1e-3] * misses)
        for y in (rng.permutation(bars) if shuffled else bars).tolist():
            link.update(1e-3, y)
        link.new_session()
    return link


def moved(
    between: float, within: float, sessions: int, rng: np.random.Generator, bars: int = 1560
) -> Concordance:
    """Sessions of 15 s bars whose p0 moves around .67."""
    keep = 0.5 ** (1 / 240)
    link, at = Concordance(), float(rng.standard_normal())
    for _ in range(sessions):
        day = 0.67 + between * rng.standard_normal()
        kicks = (np.sqrt(1 - keep * keep) * rng.standard_normal(bars)).tolist()
        for kick, draw in zip(kicks, rng.random(bars).tolist(), strict=True):
            at = keep * at + kick
            link.update(1.0, 1.0 if draw < day + within * at else -1.0)
        link.new_session()
    return link


def test_the_share_halves_its_weight_in_twenty_sessions() -> None:
    sessions = [(80, 20), *[(60, 40)] * 20]
    weights = [0.5 ** ((len(sessions) - 1 - i) / 20) for i in range(len(sessions))]
    expected = sum(w * hits for w, (hits, _) in zip(weights, sessions, strict=True))
    reading = fed(sessions).value()
    assert weights[0] == pytest.approx(0.5)
    assert reading.n == pytest.approx(100 * sum(weights))
    assert reading.value == pytest.approx(expected / (100 * sum(weights)))


def test_a_session_counts_from_its_end_on() -> None:
    link = fed([(700, 300)])
    before = link.value(), link.dispersion()
    for _ in range(200):
        link.update(1.0, -1.0)
    assert (link.value(), link.dispersion()) == before
    link.new_session()
    assert (link.value().value or 0) < 0.62
    assert link.sessions == 2


def test_bars_without_movement_do_not_count() -> None:
    link = fed([(70, 30)])
    before = list(link.state)
    for rx, ry in ((0.0, 1e-3), (1e-3, 0.0), (0.0, 0.0)):
        link.update(rx, ry)
    assert link.state == before


def test_five_sessions_are_needed() -> None:
    assert MIN_BARS == 3900
    link = fed([(700, 80)] * 4, MIN_BARS)
    assert (link.value().value, link.dispersion()) == (None, None)
    assert link.value().reason.endswith("/3900")
    assert fed([(700, 280)] * 5, MIN_BARS).value().value is not None
    assert Concordance().value().reason == "warming up 0/3900"


def test_a_session_of_less_than_a_block_is_not_counted_as_one() -> None:
    assert fed([(70, 30), (10, 9), (12, 8)]).sessions == 2


def test_a_session_without_bars_takes_no_weight() -> None:
    link = fed([(70, 30), (70, 30)])
    before = list(link.state)
    link.new_session()
    assert link.state == before


def test_a_steady_share_is_known_as_well_as_chance_lets_it() -> None:
    link = fed([(1050, 510)] * 20, block=120)
    moves = link.dispersion()
    weights = 0.5 ** (np.arange(20) / 20)
    chance = np.sqrt((weights**2).sum() / weights.sum() ** 2 * 0.673 * 0.327 / 1560)
    assert moves is not None
    assert moves.between == pytest.approx(chance, rel=0.35)
    assert moves.within < 0.02


@pytest.mark.parametrize(
    ("between", "within"), [(0.0, 0.0), (0.03, 0.0), (0.0, 0.04), (0.03, 0.04)]
)
def test_how_p0_moves_is_measured_between_and_within_sessions(
    between: float, within: float
) -> None:
    rng = np.random.default_rng(3)
    found = [moved(between, within, 20, rng).dispersion() for _ in range(6)]
    squares = np.mean([[d.between**2, d.within**2] for d in found if d], axis=0)
    expected = between**2 + (between**2 + 0.347 * within**2 + 0.00014) / 17
    assert np.sqrt(squares[0]) == pytest.approx(np.sqrt(expected), abs=0.009)
    assert np.sqrt(squares[1]) == pytest.approx(within, abs=0.016)


def test_one_session_says_nothing_of_how_sessions_differ_so_what_is_usual_stands() -> None:
    """Of this session and of the next."""
    moves = fed([(1050, 510)], block=120).dispersion()
    assert moves is not None
    assert 1.4 * USUAL.between < moves.between < 0.04


def test_few_bars_hardly_show_how_p0_moves_so_mostly_what_is_usual_stands() -> None:
    """Five sessions of minutes: by chance alone one in six would seem too unsteady to watch."""
    rng = np.random.default_rng(5)
    found = []
    for _ in range(60):
        link = Concordance(1, block=30)
        for _ in range(5):
            for same in (rng.random(390) < 0.67).tolist():
                link.update(1.0, 1.0 if same else -1.0)
            link.new_session()
        found.append((variances(link.state, 30.0)[1], link.dispersion()))
    alone = np.sqrt([within for within, _ in found])
    let_in = np.array([moves.within for _, moves in found if moves])
    assert (alone > 0.04).mean() > 0.1
    assert (let_in > 0.04).mean() < 0.05
    assert np.median(let_in) == pytest.approx(USUAL.within, abs=0.007)


def test_sessions_that_disagree_lower_the_bound() -> None:
    agreed = fed([(700, 300)] * 4).value()
    disagreed = fed([(850, 150), (550, 450)] * 2).value()
    assert disagreed.value == pytest.approx(agreed.value, abs=0.01)
    assert agreed.low is not None
    assert disagreed.low is not None
    assert disagreed.low < agreed.low - 0.04


def test_a_share_that_drifts_in_the_session_shows_within_it() -> None:
    spread, mixed = (fed([(650, 350)] * 5, shuffled=order).dispersion() for order in (False, True))
    assert spread is not None
    assert mixed is not None
    assert spread.within > 0.4
    assert mixed.within < 0.1


def test_what_was_learned_can_be_forgotten() -> None:
    link = fed([(70, 30)] * 3)
    link.forget()
    assert link.state == Concordance().state


@settings(max_examples=25, deadline=None)
@given(
    days=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), min_size=1, max_size=6),
    cut=st.integers(0, 6),
)
def test_it_goes_on_from_its_saved_state(days: list[tuple[int, int]], cut: int) -> None:
    whole = fed(days, 1)
    first = fed(days[:cut], 1)
    second = Concordance(1, json.loads(json.dumps(first.state)), block=BLOCK)
    rng = np.random.default_rng(1)
    for day, (hits, misses) in enumerate(days):
        bars = rng.permutation(np.array([1e-3] * hits + [-1e-3] * misses)).tolist()
        if day >= cut:
            for y in bars:
                second.update(1e-3, y)
            second.new_session()
    assert second.state == whole.state
    assert second.value() == whole.value()
    low = second.value().low
    assert low is None or low <= (second.value().value or 0.0)
