"""Cases played and judged; the rules are one of `for: 2m` and one of feeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alerts.transition import State
from daemon.rule_tests.outcome import Outcome, judged
from daemon.rule_tests.playing import TooLongError, play_case
from daemon.rule_tests.report import as_json, lines
from daemon.rule_tests.suite import load_suite
from streams.instrument import NS

RULES = """rules:
- id: behind
  title: ETH is behind
  when: divergence(60m) < -4
  clear: divergence(60m) > -2
  for: 2m
  session: regular
  message: "{pair} {divergence(60m)|sigma}, {price(ETH)}"
- id: quiet
  title: Quiet
  when: stale(IWM)
"""


def outcomes(folder: Path, tests: str) -> list[Outcome]:
    (folder / "mine.yaml").write_text(RULES, "utf-8")
    path = folder / "mine.test.yaml"
    path.write_text(f"rules: mine.yaml\ntests:\n{tests}", "utf-8")
    suite = load_suite(path)
    return [judged(c, play_case(c, suite.config, suite.rules), suite.rules) for c in suite.cases]


def outcome(folder: Path, test: str) -> Outcome:
    (found,) = outcomes(folder, f"- name: one\n{test}")
    return found


def changes(found: Outcome, rule: str = "behind") -> list[tuple[str, int]]:
    """State and seconds after the start."""
    return [
        (t.state.value, (t.ts - found.start) // NS) for t in found.transitions if t.rule == rule
    ]


NEVER = "  never: quiet\n"


def test_for_is_counted_in_seconds_whatever_the_step_of_the_series(tmp_path: Path) -> None:
    found = outcome(tmp_path, f"  every: 50s\n  series: {{divergence(60m): 0 -5x4 0x2}}\n{NEVER}")
    assert changes(found) == [("pending", 50), ("firing", 170), ("resolved", 250)]


def test_what_is_unknown_stops_the_clock(tmp_path: Path) -> None:
    found = outcome(tmp_path, f"  series: {{divergence(60m): -5 _x3 -5x3}}\n{NEVER}")
    assert changes(found) == [("pending", 0), ("firing", 301)]


def test_outside_its_session_a_rule_is_not_looked_at(tmp_path: Path) -> None:
    text = "  start: 2026-03-18 15:58\n  series: {divergence(60m): -5x10, stale(IWM): true}\n"
    found = outcome(tmp_path, f"{text}  expect: [{{at: 9m, behind: pending, quiet: firing}}]\n")
    assert found.passed
    assert changes(found) == [("pending", 0)]


def test_the_last_value_stays_until_the_last_expectation(tmp_path: Path) -> None:
    text = "  series: {divergence(60m): -5}\n  expect: [{at: 2m, behind: firing}]\n"
    assert outcome(tmp_path, text).passed


def test_a_rule_that_must_not_fire_is_given_the_time_to(tmp_path: Path) -> None:
    found = outcome(tmp_path, "  series: {divergence(60m): -5}\n  never: behind\n")
    (failure,) = found.failures
    assert (failure.what, failure.expected, failure.got) == ("fires", "never firing", "firing")
    assert failure.at == found.start + 120 * NS


@pytest.mark.parametrize(
    ("at", "state", "met"),
    [
        ("0s", "inactive", True),
        ("59s", "inactive", True),
        ("1m", "pending", True),
        ("179s", "pending", True),
        ("3m", "firing", True),
        ("3m", "pending", False),
        ("5m", "resolved", True),
        ("5m", "inactive", True),
        ("59s", "resolved", False),
        ("4m", "resolved", False),
    ],
)
def test_a_rule_stands_where_its_last_change_has_led(
    tmp_path: Path, at: str, state: str, *, met: bool
) -> None:
    text = f"  series: {{divergence(60m): 0 -5x4 0}}\n  expect: [{{at: {at}, behind: {state}}}]\n"
    assert outcome(tmp_path, text).passed is met


def test_messages_are_those_of_the_change(tmp_path: Path) -> None:
    given = "  series: {divergence(60m): -5x2 -5.5 -6, price(ETH): 2000}\n"
    expected = "  expect: [{{at: 3m, behind: firing, {}}}]\n"
    exact = expected.format('message: "ETH-IWM −5.5 σ, $2,000.00"')
    assert outcome(tmp_path, given + exact).passed
    assert outcome(tmp_path, given + expected.format('contains: "−5.5 σ"')).passed
    wrong = outcome(tmp_path, given + expected.format('message: "ETH-IWM −6.0 σ, $2,000.00"'))
    (failure,) = wrong.failures
    assert (failure.what, failure.got) == ("message", "ETH-IWM −5.5 σ, $2,000.00")
    assert not outcome(tmp_path, given + expected.format("contains: nothing of it")).passed


def test_what_a_tested_rule_reads_and_is_not_given_is_a_warning(tmp_path: Path) -> None:
    found = outcome(tmp_path, "  series: {corr(1h): 0.5}\n  never: [behind]\n")
    assert found.passed
    assert found.warnings == ("behind reads divergence(ETH,IWM,1h): not given here, so unknown",)


def test_what_the_message_lacks_says_why(tmp_path: Path) -> None:
    text = "  series: {divergence(60m): -5}\n  expect: [{at: 2m, behind: firing, contains: n/a}]\n"
    (pending, firing) = outcome(tmp_path, text).transitions
    assert firing.message == "ETH-IWM −5.0 σ, n/a (not given)"
    assert pending.state is State.PENDING


def test_a_test_without_an_end_in_sight_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLongError, match="make 'every' or the series shorter"):
        outcome(tmp_path, f"  every: 1d\n  series: {{divergence(60m): 0x100}}\n{NEVER}")


def test_price_files_go_through_the_market(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    start, minutes, fall = 1_773_754_200, 380, 240
    common, own = rng.normal(0, 6e-4, (2, minutes))
    eth = common + 0.5 * own
    eth[fall : fall + 6] -= 0.0025
    for name, logs in (("ETH", eth), ("IWM", common)):
        rows = [f"{start + 60 * n},{p}" for n, p in enumerate(100 * np.exp(np.cumsum(logs)))]
        (tmp_path / f"{name}.csv").write_text("\n".join(["ts,close", *rows]), "utf-8")
    text = """  prices: {ETH: ETH.csv, IWM: IWM.csv}
  expect:
  - {at: 2026-03-17 13:30, behind: inactive}
  - {at: 2026-03-17 13:40, behind: firing}
  - {at: 4h10m, behind: firing}
  - {at: 2026-03-17 15:00, behind: resolved}
"""
    assert outcome(tmp_path, text).failures == ()


# -- what is shown


def shown(found: Outcome, *, verbose: bool = False) -> str:
    text = lines(found, Path("mine.test.yaml"), verbose=verbose)
    return "\n".join(line.plain for line in text)


def test_a_failure_shows_what_came_and_the_changes_around_it(tmp_path: Path) -> None:
    text = "  series: {divergence(60m): 0 -5x4 0}\n  expect:\n  - at: 2m30s\n    behind: firing\n"
    said = shown(outcome(tmp_path, text))
    assert said.splitlines() == [
        "✘ one  mine.test.yaml:3",
        "  mine.test.yaml:7: behind at 10:02:30 (2m30s): another state",
        "    expected  firing",
        "    got       pending since 10:01:00 (1m)",
        "    then      Now divergence 1h −5.0 σ.",
        "    10:01:00 (1m)  behind  pending     divergence(ETH,IWM,1h) −5.0 σ",
        "    10:03:00 (3m)  behind  firing      divergence(ETH,IWM,1h) −5.0 σ",
        "    10:05:00 (5m)  behind  resolved    divergence(ETH,IWM,1h) 0.0 σ",
    ]


def test_messages_that_differ_have_a_caret_at_the_first_difference(tmp_path: Path) -> None:
    text = (
        "  series: {divergence(60m): -5, price(ETH): 2000}\n"
        '  expect: [{at: 2m, behind: firing, message: "ETH-IWM −5.5 σ, $2,000.00"}]\n'
    )
    said = shown(outcome(tmp_path, text)).splitlines()
    place = said[-1].index("^")
    assert (said[-3][place], said[-2][place]) == ("5", "0")


def test_a_rule_that_never_moved_says_so(tmp_path: Path) -> None:
    text = "  series: {divergence(60m): 0}\n  expect: [{at: 2m, behind: firing}]\n"
    assert "it never left inactive" in shown(outcome(tmp_path, text))


def test_a_passing_test_is_one_line_and_verbose_tells_its_changes(tmp_path: Path) -> None:
    text = "  series: {divergence(60m): -5}\n  expect: [{at: 2m, behind: firing}]\n"
    found = outcome(tmp_path, text)
    assert shown(found) == "✔ one  mine.test.yaml:3"
    assert "ETH-IWM −5.0 σ" in shown(found, verbose=True)


def test_machines_get_all_of_it(tmp_path: Path) -> None:
    text = "  series: {divergence(60m): -5}\n  expect: [{at: 1m, behind: firing}]\n"
    said = as_json(outcome(tmp_path, text), Path("mine.test.yaml"))
    assert '"passed":false' in said
    assert '"expected":"firing","got":"pending"' in said
