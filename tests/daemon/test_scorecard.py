"""What followed alerts, on prices laid out by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import log

import numpy as np
import pytest
from msgspec.structs import replace

from alerts.language import compile_expression
from alerts.rule import Rule
from daemon.scorecard import Alert, Measure, Minutes, Score, measure_of, score
from daemon.texts import scorecard_json
from streams.instrument import NS, Pair

PAIR = Pair("ETH", "IWM")
OPEN = 1_773_754_200
"""Tue 17 Mar 2026, 09:30 in New York."""
MINUTE = 60 * NS
SESSION = (OPEN * NS, (OPEN + 23_400) * NS)


def rule(when: str) -> Rule:
    compiled = compile_expression(when, PAIR, ["ETH", "IWM"], truth=True)
    return Rule("r", "t", PAIR, compiled)


BEHIND = rule("divergence(60m) < -4")
BROKEN = rule("breakdown(false_alarms=1/month)")
FALL = rule("return(ETH, 60m) < -2%")


def at(minute: float) -> int:
    return SESSION[0] + round(minute * MINUTE)


def minutes(x: Sequence[float], y: Sequence[float] | None = None) -> Minutes:
    """Log prices in bp, a row a minute from the open on."""
    ts = np.array([at(n) for n in range(len(x))], np.int64)
    return Minutes(ts, np.array(x) / 1e4, np.array(y or [0.0] * len(x)) / 1e4)


def behind(minute: float, *, beta: float | None = 1.0, sign: int = -1) -> Alert:
    return Alert(at(minute), None, SESSION, beta, sign, horizon=60 * MINUTE)


def fall_and_rise(back: float) -> Minutes:
    """ETH falls 100 bp in the 10 minutes to minute 100, and takes `back` bp back by minute 130."""
    path = [0.0] * 91 + [-10.0 * n for n in range(1, 11)]
    path += [-100 + back * n / 30 for n in range(1, 31)] + [-100 + back] * 100
    return minutes(path)


def followed(prices: Minutes, alerts: Sequence[Alert]) -> Score:
    return score(BEHIND, alerts, prices)


@pytest.mark.parametrize(("back", "hits"), [(60.0, 5), (50.0, 5), (49.0, 0), (0.0, 0), (-40.0, 0)])
def test_half_the_gap_is_closed_where_it_comes_back_by_that_much(back: float, hits: int) -> None:
    found = followed(fall_and_rise(back), [behind(100)] * 5)
    assert (found.counted, found.hits) == (5, hits)
    assert found.median == pytest.approx(back)


def test_half_the_gap_may_be_closed_in_passing_while_the_median_is_of_the_end() -> None:
    path = [0.0] * 41 + [-100.0] + [-40.0] * 30 + [-120.0] * 60
    found = followed(minutes(path), [behind(41)] * 5)
    assert found.hits == 5
    assert found.median == pytest.approx(-20)


def test_a_gap_above_is_closed_by_falling() -> None:
    path = [0.0] * 41 + [100.0] + [30.0] * 100
    found = followed(minutes(path), [behind(41, sign=1)] * 5)
    assert found.hits == 5
    assert found.median == pytest.approx(70)


def test_what_small_caps_imply_is_no_gap_and_no_closing() -> None:
    """IWM falls 50 bp, ETH twice that and 60 more; then both rise by beta, the gap stays."""
    y = [0.0] * 41 + [-50.0] * 20 + [0.0] * 60
    x = [0.0] * 41 + [-160.0] * 20 + [-60.0] * 60
    found = followed(minutes(x, y), [behind(41, beta=2.0)] * 5)
    assert found.hits == 0
    assert found.median == pytest.approx(0)


def test_the_gap_begins_at_the_open_at_the_earliest() -> None:
    """100 bp down in the first minute, seen from minute 20: all of it is the gap."""
    path = [0.0] + [-100.0] * 20 + [-55.0] * 70
    found = followed(minutes(path), [behind(20)] * 5)
    assert found.hits == 0
    assert found.median == pytest.approx(45)


@pytest.mark.parametrize(
    "alert",
    [
        behind(40, beta=None),
        behind(40, sign=1),
        behind(331),
        Alert(at(40), None, (at(40), at(40)), 1.0, -1, 60 * MINUTE),
    ],
    ids=["beta unknown", "no gap of that sign", "session ends", "outside regular hours"],
)
def test_what_cannot_be_measured_is_not_counted(alert: Alert) -> None:
    prices = minutes([0.0] * 40 + [-100.0] * 351)
    assert followed(prices, [behind(330)] * 5).counted == 0, "nothing moved in that hour"
    assert followed(prices, [alert] * 5).counted == 0
    assert followed(prices, [behind(40)] * 5 + [alert]).counted == 5


def test_where_the_data_end_too_soon_it_is_said() -> None:
    prices = minutes([0.0] * 40 + [-100.0] * 60)
    found = followed(prices, [behind(40)] * 5)
    assert (found.alerts, found.counted) == (5, 0)
    assert found.text.startswith("0 alerts: too few to judge; 5 more not counted: no full hour")
    assert followed(minutes([]), [behind(40)]).counted == 0


def test_prices_from_long_before_are_none() -> None:
    whole = fall_and_rise(60)
    gap = (whole.ts < at(93)) | (whole.ts > at(107))
    holes = Minutes(whole.ts[gap], whole.x[gap], whole.y[gap])
    assert followed(holes, [behind(100)] * 5).counted == 0


def test_of_fewer_than_five_only_the_number_is_told() -> None:
    four = followed(fall_and_rise(60), [behind(100)] * 4)
    assert (four.hits, four.median) == (None, None)
    assert four.text == "4 alerts: too few to judge"


def test_in_words() -> None:
    found = followed(fall_and_rise(60), [behind(100)] * 6 + [behind(400)])
    assert found.text == (
        "last 6: 6 closed half the gap within 60 min, median +60 bp for the convergence trade, "
        "spread not counted; 1 more not counted: no full hour after, or no gap between the two "
        "alone"
    )


# -- other measures


def broken(fired: float, resolved: float | None) -> Alert:
    return Alert(at(fired), None if resolved is None else at(resolved), SESSION)


def test_a_break_is_restored_where_it_resolves_before_the_session_ends() -> None:
    alerts = [broken(10, 40), broken(50, 90), broken(100, 130), broken(300, 395), broken(380, None)]
    found = score(BROKEN, alerts, minutes([0.0] * 391))
    assert (found.measure, found.counted, found.hits) == (Measure.RESTORATION, 5, 3)
    assert found.median == pytest.approx(30)
    assert found.text == "last 5: 3 restored within the session, median after 30 min"


def test_a_break_of_which_the_session_is_not_over_is_not_counted() -> None:
    alerts = [broken(10, 40)] * 5 + [broken(50, None)]
    found = score(BROKEN, alerts, minutes([0.0] * 100))
    assert (found.counted, found.hits) == (5, 5)
    assert "1 more not counted: the data ended in the session" in found.text


def test_after_a_fall_the_returns_of_both_are_told() -> None:
    x, y = [0.0] * 41 + [-80.0] * 60, [0.0] * 41 + [20.0] * 60
    found = score(FALL, [behind(40)] * 5, minutes(x, y))
    assert found.x == pytest.approx(1e4 * np.expm1(-0.008))
    assert found.y == pytest.approx(1e4 * np.expm1(0.002))
    assert found.text == "last 5: 60 min later ETH −80 bp, IWM +20 bp (medians)"


def test_what_is_measured_follows_from_what_a_rule_reads() -> None:
    assert measure_of(BEHIND) is Measure.CONVERGENCE
    assert measure_of(BROKEN) is Measure.RESTORATION
    assert measure_of(FALL) is Measure.AFTERMATH
    assert measure_of(rule("stale(ETH) or age(IWM) > 5m")) is None


def test_machines_get_one_object_with_the_text() -> None:
    found = followed(fall_and_rise(60), [behind(100)] * 5)
    card = json.loads(scorecard_json([found]))
    assert (card["kind"], card["minutes"]) == ("scorecard", 60)
    (one,) = card["rules"]
    assert (one["rule"], one["hits"], one["counted"]) == ("r", 5, 5)
    assert one["text"] == found.text
    assert json.loads(scorecard_json([replace(found, hits=None)]))["rules"][0]["hits"] is None


def test_logs_are_of_prices() -> None:
    """A beta of 1 takes out what both do, whatever their prices."""
    ts = np.array([at(n) for n in range(200)], np.int64)
    rng = np.random.default_rng(3)
    y = log(250) + np.cumsum(rng.normal(0, 1e-3, 200))
    x = y + log(8)
    x[100:] -= 0.01
    found = followed(Minutes(ts, x, y), [behind(100)] * 5)
    assert found.median == pytest.approx(0, abs=1e-6)
