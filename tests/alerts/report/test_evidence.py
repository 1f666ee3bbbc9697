from __future__ import annotations

from math import sqrt

import pytest

from streams.metric import Call
from streams.snapshot import Reading
from tests.alerts.report.days import APART, CALLS, MINUTE, OPEN, Days, Given, corr

USUAL = {
    CALLS.volatility["IWM"]: 0.01 * sqrt(252),
    CALLS.volatility["ETH"]: 0.04 * sqrt(365),
}
"""A session's usual move: 1 % of IWM, 4 % of ETH."""


def second_day(given: Given, **moves: float) -> Days:
    """The day after a session, with these returns since its close."""
    days = Days()
    days.session(0, given)
    for name, move in moves.items():
        days.prices[name] *= 1.0 + move
    days.session(1, given)
    return days


@pytest.mark.parametrize(
    ("move", "side"),
    [(0.005, "Bullish"), (-0.005, "Bearish"), (0.0049, "Neutral"), (-0.0049, "Neutral")],
)
def test_a_return_speaks_from_half_of_its_usual_move_on(move: float, side: str) -> None:
    days = second_day(USUAL, IWM=move * (1 + 1e-9), SPY=move)
    assert "IWM" in days.line(side)
    assert "(usual ±1.0%)" in days.line(side)
    others = {"Bullish", "Bearish", "Neutral"} - {side}
    assert not any("IWM +" in days.line(other) or "IWM −" in days.line(other) for other in others)


def test_a_side_with_nothing_measured_says_so() -> None:
    days = second_day({})
    for side in ("Bullish", "Bearish", "Neutral"):
        assert days.line(side) == "nothing measured"


def test_relative_strength_speaks_from_a_quarter_of_the_usual_move_on() -> None:
    days = second_day(USUAL, IWM=0.004, SPY=0.001, ETH=-0.02)
    assert days.line("Bullish") == "IWM +0.3 points on SPY"
    assert days.line("Bearish") == "ETH −2.0% (usual ±4.0%) · ETH −2.0 points on BTC"
    assert days.line("Neutral") == "IWM +0.40% (usual ±1.0%)"


def regimes(**minutes: int) -> Days:
    """A session whose minutes are in these regimes one after the other."""
    days, names = Days(), [name for name, count in minutes.items() for _ in range(count)]
    for minute in range(391):
        name = names[min(minute, len(names) - 1)]
        days.see(OPEN + minute * MINUTE, {call: call.metric == name for call in CALLS.regimes})
    return days


def test_a_fifth_of_the_session_in_a_regime_speaks_and_half_of_it_in_quiet() -> None:
    days = regimes(risk_on=100, decoupled_weak=100, quiet=200)
    assert days.line("Bullish") == "risk-on 25% of the time"
    assert days.line("Bearish") == "ETH below what IWM implies 26% of the time"
    assert days.line("Neutral") == "nothing measured"
    assert regimes(risk_off=70, quiet=320).line("Neutral") == "quiet 82% of the time"


@pytest.mark.parametrize(
    ("name", "before", "after", "side", "said"),
    [
        ("vix", 20.0, 18.9, "Bullish", "VIX 18.90 (−1.1)"),
        ("vix", 20.0, 21.1, "Bearish", "VIX 21.10 (+1.1)"),
        ("us2y", 0.0400, 0.0404, "Bearish", "2-year 4.0% (+4 bp)"),
        ("us2y", 0.0400, 0.0396, "Bullish", "2-year 4.0% (−4 bp)"),
        ("cut_odds", 0.5, 0.6, "Bullish", "cut odds 60.0% (+10 points)"),
        ("fear_greed", 40.0, 25.0, "Bearish", "fear & greed 25 (−15)"),
    ],
)
def test_a_change_of_the_context_speaks_where_it_is_large(
    name: str, before: float, after: float, side: str, said: str
) -> None:
    days = Days()
    days.session(0, {Call(name, ()): before})
    days.session(1, {Call(name, ()): after})
    assert days.line(side) == said


@pytest.mark.parametrize(("name", "after"), [("vix", 20.9), ("us2y", 0.0402), ("fed_funds", 0.05)])
def test_a_small_change_and_a_series_without_a_side_say_nothing(name: str, after: float) -> None:
    before = {"vix": 20.0}.get(name, 0.04)
    days = Days()
    days.session(0, {Call(name, ()): before})
    days.session(1, {Call(name, ()): after})
    assert (days.line("Bullish"), days.line("Bearish")) == ("nothing measured",) * 2


def test_a_link_that_says_nothing_and_a_calm_divergence_are_neutral() -> None:
    days = Days()
    days.session(0, {CALLS.corr: corr(0.05), APART: True, CALLS.gap: Reading(-2.1)})
    assert days.line("Neutral") == (
        "correlation .05 (−.05 to .15) is not told from 0 · the link is broken · "
        "divergence 1h within 2.1 σ"
    )
    assert "link broken, correlation .05" in days.told[0].title
