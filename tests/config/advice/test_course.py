from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.advice.advised import warned
from tests.config.folder import marked


@pytest.mark.parametrize(
    ("when", "under"),
    [
        ("return(ETH, 1h) > 5% and return(ETH, 1h) < 2%", "return(ETH, 1h) < 2%"),
        ("return(ETH, 1h) < 2% and stale(IWM) and 5% < return(ETH, 60m)", "5% < return(ETH, 60m)"),
        ("breakdown and corr(1h) < 0.1 and not breakdown", "not breakdown"),
        ("5% < return(ETH, 1h) < 2%", "5% < return(ETH, 1h) < 2%"),
        ("age(ETH) < 0s or drawdown(ETH) > 1%", "age(ETH) < 0s or drawdown(ETH) > 1%"),
        ("corr(1h) < 0.1 and price(IWM) <= 0", "price(IWM) <= 0"),
        ("not (corr(1h) < 0.5 or corr(1h) > 0.2)", "not (corr(1h) < 0.5 or corr(1h) > 0.2)"),
        ("abs(divergence(60m)) < -1", "abs(divergence(60m)) < -1"),
        ("abs(divergence) > 4 and abs(divergence) < 3", "abs(divergence) < 3"),
        ("max(corr(1h), corr(4h)) > 0.8 and corr(1h) < 0.5 and corr(4h) < 0.5", "corr(4h) < 0.5"),
        ("min(age(ETH), age(IWM)) < -5s", "min(age(ETH), age(IWM)) < -5s"),
        ("corr_high(1h) - corr_low(1h) > 3", "corr_high(1h) - corr_low(1h) > 3"),
        ("return(ETH, 1h) - return(IWM, 1h) < -200% - 3%", ""),
        ("divergence < -4 and -divergence < 3", "-divergence < 3"),
        ("crosses_above(corr(1h), 0.5) and corr(1h) < 0.4", "corr(1h) < 0.4"),
        ("lead() > 2m", "lead() > 2m"),
    ],
)
def test_what_can_never_be_so_is_told_where_it_goes_wrong(
    when: str, under: str, tmp_path: Path
) -> None:
    found = [each for each in warned(tmp_path, f'when: "{when}"') if "polled" not in each.message]
    if not under:
        assert found == []
        return
    (fault,) = found
    assert "never fires" in fault.message
    assert marked(fault) == under
    assert fault.severity == "warning"
    assert fault.remedy


@pytest.mark.parametrize(
    "when",
    [
        "return(ETH, 1h) > 5% and return(IWM, 1h) < 2%",
        "return(ETH, 1h) > 5% and return(ETH, 4h) < 2%",
        "return(ETH, 1h) > 5% or return(ETH, 1h) < 2%",
        "corr(1h) >= 0.5 and corr(1h) <= 0.5",
        "abs(divergence) > 4 and divergence < 3",
        "corr_low(1h) > corr_high(1h)",
        "breakdown and changed(breakdown)",
        "divergence(60m) * 2 > 5 and divergence(60m) < 3",
        "price(ETH) / price(IWM) > 20 and price(ETH) < 1",
        "corr(1h) * corr(4h) < 0 and corr(1h) > 0",
        "return(ETH, 1h) > 5% and not (return(ETH, 1h) > 10%)",
        "drawdown(ETH) < -99%",
        "abs(abs(divergence) - 5) < 1",
    ],
)
def test_what_may_be_so_is_passed_over(when: str, tmp_path: Path) -> None:
    assert warned(tmp_path, f'when: "{when}"\nclear_for: 1m') == []


@pytest.mark.parametrize(
    "when", ["age(ETH) >= 0s", "volatility(ETH) > -1%", "not (price(ETH) < 0)"]
)
def test_what_is_always_so_is_told_unless_it_can_be_cleared(when: str, tmp_path: Path) -> None:
    (fault,) = warned(tmp_path, f"when: {when}")
    assert "always so" in fault.message
    assert marked(fault) == when


@pytest.mark.parametrize(
    ("when", "clear", "said"),
    [
        ("divergence < -4", "divergence > 2 and divergence < 1", "never be over"),
        ("divergence < -4", "age(ETH) < 0s", "never be over"),
        ("divergence < -4", "divergence < -2", "by turns"),
        ("divergence < -4", "divergence > -6", "by turns"),
        ("abs(divergence) > 4", "divergence > 0", "by turns"),
        ("breakdown", "corr(1h) > 0.5", "by turns"),
        ("divergence < -4", "divergence > -6 or corr(1h) > 0.9", "by turns"),
        ("divergence < -4 and corr(1h) < 0.3", "divergence > -5", "by turns"),
        ("divergence < -4", "divergence > -2", ""),
        ("divergence < -4", "divergence >= -4", ""),
        ("divergence <= -4", "divergence >= -4", ""),
        ("divergence < -4", "not (divergence < -2)", ""),
        ("corr_high(1h) < 0.2", "corr(1h) > 0.3", ""),
        ("risk_off(60m)", "quiet(60m)", ""),
        ("stale(ETH) or stale(IWM)", "divergence > -2", ""),
        ("stale(ETH)", "age(ETH) < 5s", ""),
        ("return(ETH, 60m) < -2%", "drawdown(ETH, 60m) > -1%", ""),
        ("divergence < -4", "divergence * 2 > -20", ""),
        ("crosses_below(corr(1h), 0)", "corr(1h) < -0.1", ""),
        ("return(ETH, 1h) < -2% and return(IWM, 1h) < -1%", "return(ETH, 1h) > -1%", ""),
    ],
)
def test_a_clear_that_never_comes_or_comes_too_early(
    when: str, clear: str, said: str, tmp_path: Path
) -> None:
    found = warned(tmp_path, f"when: {when}\nclear: {clear}")
    assert [said in fault.message for fault in found] == ([True] if said else [])
    assert [marked(fault) for fault in found] == ([clear] if said else [])


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("when: crosses_above(corr(1h), 0.5)", "over at the next"),
        ("when: breakdown and changed(breakdown)", "over at the next"),
        ("when: changed(breakdown) or crosses_below(corr(1h), 0)", "over at the next"),
        ("when: changed(breakdown)\nfor: 1m", "never fires"),
        ("when: crosses_above(corr(1h), 0.5)\nclear: corr(1h) < 0.3", ""),
        ("when: crosses_above(corr(1h), 0.5)\nclear_for: 5m", ""),
        ("when: breakdown or changed(breakdown)", ""),
        ("when: not changed(breakdown)\nfor: 1m", ""),
    ],
)
def test_what_is_so_for_one_look_only(keys: str, said: str, tmp_path: Path) -> None:
    found = warned(tmp_path, keys)
    assert [said in fault.message for fault in found] == ([True] if said else [])


def test_a_place_in_a_quoted_text_with_blanks_before_it(tmp_path: Path) -> None:
    (fault,) = warned(tmp_path, 'when: "  breakdown and  not breakdown"')
    assert marked(fault) == "not breakdown"


def test_what_a_named_value_stands_for_counts(tmp_path: Path) -> None:
    above = "let: {little: 2%, much: little * 2}\n"
    (fault,) = warned(
        tmp_path, 'when: "return(ETH, 1h) > much and return(ETH, 1h) < little"', above
    )
    assert marked(fault) == "return(ETH, 1h) < little"
