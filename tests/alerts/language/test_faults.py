from __future__ import annotations

import pytest

from tests.alerts.language.cases import faults


@pytest.mark.parametrize(
    ("text", "under", "message", "remedy"),
    [
        ("divergense(60m) < -4", "divergense", "unknown metric", "'divergence'?"),
        ("Corr(1h) < 0", "Corr", "unknown metric", "'corr'?"),
        ("corr(ETX, IWM) < 0", "ETX", "unknown instrument", "'ETH'?"),
        ("divergence(horzion=60m) < 0", "horzion", "no parameter", "'horizon'?"),
        ("corr(false_alarms=1/month) < 0", "false_alarms", "no parameter", "window"),
        ("breakdown(1/mnth)", "mnth", "unknown period", "'month'?"),
        ("breakdown(1h)", "1h", "takes no duration", "breakdown(false_alarms=1/month)"),
        ("breakdown(false_alarms=3)", "3", "not a rate", "1/month"),
        ("breakdown(1/month, 2/month)", "2/month", "second", ""),
        ("corr(1/month) < 0", "1/month", "no false-alarm budget", ""),
        ("corr(1h, 2h) < 0", "2h", "second duration", ""),
        ("corr(60) < 0", "60", "no unit", "60m"),
        ("corr(5%) < 0", "%", "not a unit of time", ""),
        ("corr(horizon) < 0", "horizon", "unknown instrument", ""),
        ("corr(1h + 1h) < 0", "1h + 1h", "not an argument", "corr(60m)"),
        ("corr(0s) < 0", "0s", "out of range", ""),
        ("corr(3d) < 0", "3d", "neither within a day nor a number of daily closes", "5d, 20d"),
        ("corr_low(1w) < 0", "1w", "neither within a day", "5d, 20d"),
        ("corr_high(48h) < 0", "48h", "neither within a day", "1d or less"),
        ("corr(20.5d) < 0", "20.5d", "neither within a day", "5d, 20d"),
        ("corr(400d) < 0", "400d", "out of range", ""),
        ("breakdown(0/month)", "0/month", "out of range", ""),
        ("return(ETH, 2d) < 0", "2d", "no close", "48h"),
        ("corr(ETH, ETH) < 0", "corr(ETH, ETH)", "two instruments", ""),
        ("corr(ETH) < 0", "corr(ETH)", "two instruments", ""),
        ("return < 0", "return", "one instrument", "return(ETH, 60m)"),
        ("price(ETH, 60m) < 5", "60m", "takes no duration", "price(ETH)"),
        ("divergence(60m) < 4 sigm", "sigm", "unknown unit", "'sigma'?"),
        ("age(IWM) < 5 minutes", "minutes", "unknown unit", "'m'?"),
        ("return(ETH) < 5 percent", "percent", "unknown unit", "'%'?"),
        ("corr(1h) < 5%", "5%", "is a percentage", "write 0.05"),
        ("return(ETH) < -5", "-5", "is a plain number", "write -5%"),
        ("return(ETH) < 0.05", "0.05", "is a plain number", "write 5%"),
        ("age(IWM) < 90", "90", "is a plain number", "90s"),
        ("divergence(1h) < -4%", "-4%", "is a percentage", "write -4"),
        ("vix > 25%", "25%", "is a percentage", "write 25"),
        ("price(ETH) < 2 sigma", "2 sigma", "standard deviations", "write 2"),
        ("beta() < 4 sigma", "4 sigma", "standard deviations", "write 4"),
        ("corr(1h) < beta()", "beta()", "is a plain number", ""),
        ("corr(1h) + 5% < 1", "5%", "is a percentage", ""),
        ("max(corr(1h), 1h) < 1", "1h", "is a duration", ""),
        ("price(ETH) * price(IWM) < 1", "price(ETH) * price(IWM)", "multiplied", "plain number"),
        ("price(ETH) / 1h < 1", "price(ETH) / 1h", "divided", "plain number"),
        ("stale(IWM) * 2 < 1", "stale(IWM) * 2", "multiplied", ""),
        ("corr(1h) < 1.5", "1.5", "never reached", "between -1 and 1"),
        ("corr(1h) > -2", "-2", "never reached", "between -1 and 1"),
        ("breakdown < 1", "breakdown", "is a yes or no", "alone"),
        ("-breakdown < 1", "breakdown", "is a yes or no", "alone"),
        ("max(breakdown, stale(IWM)) < 1", "breakdown", "is a yes or no", "alone"),
        ("abs(1, 2) < corr(1h)", "abs(1, 2)", "one value", ""),
        ("min(1) < corr(1h)", "min(1)", "two values", ""),
        ("ETH < 3", "ETH", "is an instrument", "price(ETH)"),
        ("min(window=1h, 2) < corr", "window=1h", "inside a metric's brackets", ""),
        ("1 < 2", "1 < 2", "never changes", "metric"),
        ("1 / 0 < corr", "1 / 0", "no value", ""),
        ("corr < 1e999", "1e999", "too large", ""),
        ("corr(1h)", "corr(1h)", "not a yes or no", "compare"),
        ("breakdown and corr(1h)", "corr(1h)", "not a yes or no", "compare"),
        ("not 5", "5", "not a yes or no", "compare"),
    ],
)
def test_a_fault_stands_under_what_is_wrong(
    text: str, under: str, message: str, remedy: str
) -> None:
    (fault,) = faults(text, truth=True)
    assert text[fault.start : fault.end] == under
    assert message in fault.message
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("text", "under", "remedy"),
    [
        ("corr(1h) = 1", "=", "< <= > >="),
        ("corr(1h) == 1", "=", "< <= > >="),
        ("corr(1h) \N{LESS-THAN OR EQUAL TO} 1", "\N{LESS-THAN OR EQUAL TO}", "'<='"),
        ("divergence < \N{MINUS SIGN}4", "\N{MINUS SIGN}", "'-'"),
        ("breakdown AND stale(IWM)", "AND", "'and'"),
        ("breakdown && stale(IWM)", "&", "'and'"),
        ("corr(1h < 1", "", "')' is missing"),
        ("corr(1h) <", "", "a number or a metric is missing"),
        ("corr(1h) 5", "5", "an operator"),
        ("corr(1h) < )", ")", "a number, a metric"),
        ("corr.__class__ < 1", ".", "operator"),
        ("\x00", "\x00", "a number, a metric"),
        ("", "", "such as"),
        ("   ", "   ", "such as"),
    ],
)
def test_what_is_no_expression_is_said_where_it_stops(text: str, under: str, remedy: str) -> None:
    (fault,) = faults(text)
    assert text[fault.start : fault.end] == under
    assert remedy in fault.remedy


def test_all_faults_are_found_in_one_pass() -> None:
    text = "divergense(60m) < -4 and corr(1h) < 5% or return(ETX, 1h) < -5%"
    found = [text[fault.start : fault.end] for fault in faults(text)]
    assert found == ["divergense", "5%", "ETX"]


def test_nothing_is_said_about_what_contains_a_fault() -> None:
    assert len(faults("abs(divergense(60m) * 2) - 1 < -4 and not breakdown", truth=True)) == 1


@pytest.mark.parametrize("text", ["(" * 1000, "not " * 900 + "breakdown", "1+" * 1500 + "corr < 0"])
def test_nesting_without_end_is_a_fault(text: str) -> None:
    assert len(faults(text)) == 1


def test_a_text_without_end_is_a_fault() -> None:
    (fault,) = faults("breakdown or " * 1000 + "breakdown")
    assert "longer" in fault.message
