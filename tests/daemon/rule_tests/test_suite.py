"""Files of rule tests, faulty ones above all."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError, Fault
from daemon.rule_tests.case import PriceFiles, Scenario, Series
from daemon.rule_tests.suite import load_suite
from streams.instrument import NS

START = 1_773_842_400
"""2026-03-18 10:00 in New York."""


def written(folder: Path, text: str) -> Path:
    path = folder / "rules.test.yaml"
    path.write_text(text, "utf-8")
    return path


def faults(folder: Path, text: str) -> tuple[Fault, ...]:
    with pytest.raises(ConfigError) as raised:
        load_suite(written(folder, text))
    return raised.value.faults


def test_without_config_and_rules_the_shipped_ones_are_tested(tmp_path: Path) -> None:
    suite = load_suite(
        written(
            tmp_path,
            "tests:\n- name: one\n  series: {divergence(60m): -5}\n  never: risk-off\n",
        )
    )
    assert {rule.id for rule in suite.rules} >= {"risk-off", "eth-behind-small-caps"}
    (case,) = suite.cases
    assert (case.name, case.line, case.pair.name) == ("one", 2, "ETH-IWM")
    assert case.start == START * NS
    assert case.never == ("risk-off",)


def test_rules_beside_the_file_are_the_ones_tested(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "rules: [{id: mine, title: t, when: corr(1h) < 0.1}]\n", "utf-8"
    )
    suite = load_suite(
        written(
            tmp_path,
            "rules: mine.yaml\ntests:\n- name: a\n  series: {corr(1h): 0}\n  never: [mine]\n",
        )
    )
    assert [rule.id for rule in suite.rules] == ["mine"]


def test_a_faulty_rule_file_is_told_with_its_own_lines(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("rules: [{id: mine, title: t, when: corr(1}]\n", "utf-8")
    found = faults(tmp_path, "rules: mine.yaml\ntests: []\n")
    assert [fault.file for fault in found] == [str(tmp_path / "mine.yaml")]


def test_instants_are_after_the_start_by_new_york_s_clock_or_dated(tmp_path: Path) -> None:
    text = """tests:
- name: instants
  start: 2026-03-18 10:00
  series: {divergence(60m): -5x9}
  expect:
  - {at: 90s, risk-off: inactive}
  - {at: 1h5m, risk-off: inactive}
  - {at: "10:02:30", risk-off: inactive}
  - {at: 2026-03-18 10:04, risk-off: inactive}
  - {at: 2026-03-18 14:04:00+00:00, risk-off: inactive}
"""
    (case,) = load_suite(written(tmp_path, text)).cases
    after = [expected.instant(case.start) // NS - START for expected in case.expected]
    assert after == [90, 3900, 150, 240, 240]


def test_sources_are_series_files_and_scenarios(tmp_path: Path) -> None:
    for name in ("e.csv", "i.csv"):
        (tmp_path / name).write_text("ts,close\n1773842400,1\n", "utf-8")
    text = """tests:
- {name: a, every: 30s, series: {divergence(60m): -5x9, corr: 0.5}, never: risk-off}
- {name: b, prices: {ETH: e.csv, IWM: i.csv}, tz: America/New_York, never: risk-off}
- {name: c, scenario: calm, seed: 7, never: risk-off}
"""
    series, files, scenario = (case.given for case in load_suite(written(tmp_path, text)).cases)
    assert isinstance(series, Series)
    assert [call.key for call in series.readings] == ["divergence(ETH,IWM,1h)", "corr(ETH,IWM,1h)"]
    assert series.duration == 9 * 30 * NS
    assert files == PriceFiles(
        {"ETH": tmp_path / "e.csv", "IWM": tmp_path / "i.csv"}, "America/New_York", "start", None
    )
    assert scenario == Scenario("calm", 7)


GOOD = "  series: {divergence(60m): -5}\n  never: risk-off\n"


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("tests: []\n", 1, 8, "is empty"),
        ("config: none.yaml\ntests: []\n", 1, 9, "none.yaml: there is no such file"),
        ("rules: none.yaml\ntests: []\n", 1, 8, "none.yaml: there is no such file"),
        (f"tests:\n- title: x\n{GOOD}", 2, 3, "unknown key 'title'"),
        (f"tests:\n- name: x\n  pair: ETH-SPY\n{GOOD}", 3, 9, "unknown pair 'ETH-SPY'"),
        (f"tests:\n- name: x\n  start: noon\n{GOOD}", 3, 10, "'noon' is no date and time"),
        (f"tests:\n- name: x\n  every: 0s\n{GOOD}", 3, 10, "'0s' is out of range"),
        (f"tests:\n- name: x\n  tz: Mars\n{GOOD}", 3, 7, "'Mars' is no time zone"),
        ("tests:\n- name: x\n  series: {corr(1h): 0}\n", 2, 3, "nothing is expected"),
        ("tests:\n- name: x\n  never: risk-off\n", 2, 3, "a test has one source"),
        (f"tests:\n- name: x\n  scenario: demo\n{GOOD}", 2, 3, "a test has one source"),
        (
            "tests:\n- name: x\n  scenario: demo\n  start: 2026-03-18 10:00\n  never: risk-off\n",
            2,
            3,
            "a start of its own",
        ),
        (f"tests:\n- name: x\n{GOOD}  expect: [{{at: 1m}}]\n", 5, 12, "no rule is named"),
        (
            f"tests:\n- name: x\n{GOOD}  expect: [{{at: 1q, risk-off: firing}}]\n",
            5,
            18,
            "unknown unit 'q'",
        ),
        (
            f"tests:\n- name: x\n{GOOD}  expect: [{{at: '25:00', risk-off: firing}}]\n",
            5,
            17,
            "'25:00' is no time of day",
        ),
        (
            f"tests:\n- name: x\n{GOOD}  expect: [{{at: 1m, risk-of: firing}}]\n",
            5,
            21,
            "there is no rule 'risk-of'",
        ),
        (
            f"tests:\n- name: x\n{GOOD}  expect: [{{at: 1m, risk-off: fires}}]\n",
            5,
            31,
            "'fires' is not one of",
        ),
        ("tests:\n- name: x\n  series: {corr(1h): 0}\n  never: risky\n", 4, 10, "no rule 'risky'"),
        (
            "tests:\n- name: x\n  series: {core(1h): 0}\n  never: risk-off\n",
            3,
            12,
            "unknown metric 'core'",
        ),
        (
            "tests:\n- name: x\n  series: {-corr(1h): 0}\n  never: risk-off\n",
            3,
            12,
            "is more than one metric",
        ),
        (
            "tests:\n- name: x\n  series: {corr(1h): 0 5%}\n  never: risk-off\n",
            3,
            24,
            "'5%' is not a correlation",
        ),
        (
            "tests:\n- name: x\n  prices: {ETH: no.csv, IWM: .}\n  never: risk-off\n",
            3,
            17,
            "no.csv: there is no such file",
        ),
    ],
)
def test_a_fault_is_told_at_its_place_with_a_remedy(
    tmp_path: Path, text: str, line: int, column: int, words: str
) -> None:
    found = [
        fault for fault in faults(tmp_path, text) if (fault.line, fault.column) == (line, column)
    ]
    assert [fault for fault in found if words in fault.message and fault.remedy], found


def test_a_time_of_day_needs_a_day(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("x", "utf-8")
    text = (
        "tests:\n- name: x\n  prices: {ETH: e.csv, IWM: e.csv}\n"
        "  expect: [{at: '10:04', risk-off: firing}]\n"
    )
    (fault,) = faults(tmp_path, text)
    assert "of which day" in fault.message


def test_a_message_is_of_one_rule(tmp_path: Path) -> None:
    text = (
        f"tests:\n- name: x\n{GOOD}"
        "  expect: [{at: 1m, risk-off: firing, feed-stale: firing, contains: x}]\n"
    )
    (fault,) = faults(tmp_path, text)
    assert "a message of several rules" in fault.message


def test_faults_of_all_tests_are_told_in_one_pass(tmp_path: Path) -> None:
    text = """tests:
- name: one
  series: {divergense(60m): 1}
  never: risk-of
- name: two
  every: never
  series: {corr(1h): 1.5 what}
  never: risk-off
"""
    lines = [fault.line for fault in faults(tmp_path, text)]
    assert lines == [3, 4, 6, 7, 7]
