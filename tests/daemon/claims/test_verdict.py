from __future__ import annotations

import msgspec
import pytest

from daemon.claims.estimate import Estimate
from daemon.claims.finding import Finding
from daemon.claims.statement import Side, Statement
from daemon.claims.statistics.beyond import Beyond
from daemon.claims.statistics.correlation import Correlation
from daemon.claims.texts import estimate_text, figure_text
from daemon.claims.trial import run
from daemon.claims.verdict import judge
from tests.daemon.claims.days import data, pair

CLAIM = Statement(
    id="one",
    words="They move together.",
    test=Correlation(of="ETH", against="IWM"),
    supported=Side(above=0.1),
    refuted=Side(below=0.1),
)


def found(value: float, error: float | None = 0.05, doubt: str = "") -> Finding:
    return Finding(Estimate(value, 400, "difference", error), "400 days", doubt=doubt)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.5, ("supported", True)),
        (0.21, ("supported", False)),
        (0.15, ("undecided", None)),
        (0.05, ("undecided", None)),
        (-0.01, ("refuted", False)),
        (-0.3, ("refuted", True)),
    ],
)
def test_the_whole_interval_decides(value: float, said: tuple[str, bool | None]) -> None:
    verdict = judge(CLAIM, found(value), 15)
    assert (verdict.word, verdict.firm) == said


def test_what_is_read_off_is_compared_as_it_is() -> None:
    verdict = judge(CLAIM, found(0.11, None), 15)
    assert (verdict.word, verdict.reason, verdict.firm) == (
        "supported",
        "the figure is above 0.10",
        None,
    )


def test_a_support_that_something_else_would_give_is_undecided_and_a_refutation_stands() -> None:
    doubted = judge(CLAIM, found(0.5, doubt="late stamps would give as much"), 15)
    assert (doubted.word, doubted.reason) == ("undecided", "late stamps would give as much")
    assert judge(CLAIM, found(-0.5, doubt="late stamps"), 15).word == "refuted"


def test_what_is_lacking_is_the_reason() -> None:
    verdict = judge(CLAIM, Finding(None, "", lacking="needs QQQ daily closes"), 15)
    assert (verdict.word, verdict.reason) == ("undecided", "needs QQQ daily closes")


def test_how_many_more_would_tell_is_told_where_it_is_of_use() -> None:
    # The end is 0.098 away and the bound 0.049: four times the data.
    assert "1,600 observations would tell" in judge(CLAIM, found(0.149), 1).reason
    assert judge(CLAIM, found(0.1005), 1).reason == "the interval holds 0.10"


def test_bounds_apart_leave_room_for_neither() -> None:
    wide = msgspec.structs.replace(CLAIM, supported=Side(above=0.3))
    assert judge(wide, found(0.2, 0.01), 1).reason.startswith(
        "the interval is on neither side of 0.10 and 0.30"
    )


def test_only_intervals_count_as_looks() -> None:
    beyond = Statement("two", "Debt.", Beyond(needs="balance sheets"))
    missing = msgspec.structs.replace(CLAIM, id="three", test=Correlation(of="ETH", against="SPY"))
    told: list[str] = []
    trial = run([CLAIM, beyond, missing], pair(0.5), told.append)
    assert told == ["one", "two", "three"]
    assert (trial.looks, trial.by_chance) == (1, 0.025)
    assert [tried.verdict.word for tried in trial.claims] == ["supported", "undecided", "undecided"]
    assert trial.claims[1].verdict.reason == "needs balance sheets"
    assert trial.count("undecided") == 2


def test_without_any_data_all_is_undecided() -> None:
    (tried,) = run([CLAIM], data()).claims
    assert tried.verdict.reason == "needs ETH daily closes and IWM daily closes"


def test_figures_have_their_units_and_a_true_minus() -> None:
    assert figure_text(-0.0018, "per 10 bp") == "−0.18 %"
    assert figure_text(-0.001, "correlation") == "0.00"
    assert estimate_text(Estimate(1.5, 30, "times", 0.1)) == "1.50 × (1.30 to 1.70 ×)"
    assert estimate_text(Estimate(0.42, 30, "share")) == "42 %"
