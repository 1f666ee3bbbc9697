from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.language import LanguageError, TextFault
from daemon.rule_tests.notation import LONGEST, parse_series
from streams.metric import Unit
from streams.snapshot import Reading


def values(text: str, unit: Unit = Unit.SIGMA) -> list[float | bool | None]:
    return [reading.value for reading in parse_series(text, unit)]


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("-1 -3", Unit.SIGMA, [-1, -3]),
        ("  -4.5x3\n 2 ", Unit.SIGMA, [-4.5, -4.5, -4.5, 2]),
        ("4sigma", Unit.SIGMA, [4]),
        ("1+0.5x4", Unit.SIGMA, [1, 1.5, 2, 2.5]),
        ("1-0.5x3", Unit.SIGMA, [1, 0.5, 0]),
        ("-1+-0.5x3", Unit.SIGMA, [-1, -1.5, -2]),
        ("0..-4/5", Unit.SIGMA, [0, -1, -2, -3, -4]),
        ("2..8/1", Unit.SIGMA, [2]),
        ("1 _ _x2 stale 3", Unit.SIGMA, [1, None, None, None, None, 3]),
        ("true falsex2 yes no", Unit.TRUTH, [True, False, False, True, False]),
        ("30s 2mx2", Unit.DURATION, [30, 120, 120]),
        ("2000+5x2", Unit.PRICE, [2000, 2005]),
        ("0", Unit.FRACTION, [0]),
    ],
)
def test_what_is_written_becomes_those_values(
    text: str, unit: Unit, expected: list[float | bool | None]
) -> None:
    assert values(text, unit) == expected


def test_percentages_are_fractions() -> None:
    assert values("-2% 20bpx2 1%-0.5%x2", Unit.FRACTION) == pytest.approx(
        [-0.02, 0.002, 0.002, 0.01, 0.005]
    )


def test_what_is_unknown_says_how() -> None:
    assert [reading.reason for reading in parse_series("_ stale", Unit.SIGMA)] == [
        "unknown",
        "stale",
    ]


@pytest.mark.parametrize(
    ("text", "unit", "words", "span"),
    [
        ("1 two 3", Unit.SIGMA, "'two' is no value of a series", (2, 5)),
        ("1 x5", Unit.SIGMA, "'x5' is no value", (2, 4)),
        ("3x0", Unit.SIGMA, "'3x0' is 0 values", (0, 3)),
        ("1 5%", Unit.SIGMA, "'5%' is not a number of standard deviations", (2, 4)),
        ("2", Unit.FRACTION, "'2' is not a percentage", (0, 1)),
        ("0 30", Unit.DURATION, "'30' is not a duration", (2, 4)),
        ("1", Unit.TRUTH, "'1' is not a yes or no", (0, 1)),
        ("true", Unit.SIGMA, "'true' is not", (0, 4)),
        ("0.5 1.2x3", Unit.CORRELATION, "'1.2' is no correlation", (4, 7)),
        ("0.5+2%x3", Unit.CORRELATION, "'+2%' is not a correlation", (3, 6)),
        ("", Unit.SIGMA, "a series without a value", (0, 0)),
        (f"1x{LONGEST + 1}", Unit.SIGMA, "100,001 values", (0, 8)),
        (f"1x{LONGEST} 1", Unit.SIGMA, "more than 100,000 values", (9, 10)),
    ],
)
def test_what_is_no_value_is_a_fault_at_its_place(
    text: str, unit: Unit, words: str, span: tuple[int, int]
) -> None:
    with pytest.raises(LanguageError) as raised:
        parse_series(text, unit)
    (fault,) = raised.value.faults
    assert words in fault.message
    assert (fault.start, fault.end) == span
    assert fault.remedy


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(LanguageError) as raised:
        parse_series("1 a 2 b", Unit.SIGMA)
    assert len(raised.value.faults) == 2


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="01.5-+x_/% \nstaleruyno", max_size=30), unit=st.sampled_from(Unit))
def test_any_text_is_a_series_or_a_fault_within_it(text: str, unit: Unit) -> None:
    faults: tuple[TextFault, ...] = ()
    found: tuple[Reading, ...] = ()
    try:
        found = parse_series(text, unit)
    except LanguageError as error:
        faults = error.faults
    assert bool(found) is not bool(faults)
    assert all(0 <= fault.start <= fault.end <= len(text) for fault in faults)
