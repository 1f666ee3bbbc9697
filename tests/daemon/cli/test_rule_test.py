"""`comove test` from its arguments to its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.load import load
from config.shipped import CONFIG, TESTS, shipped_path
from daemon.cli.app import run
from daemon.rule_tests.suite import load_suite


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without files of someone's own."""
    monkeypatch.chdir(tmp_path)


def test_the_shipped_tests_of_the_shipped_rules_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", str(shipped_path(TESTS))]) == 0
    said = capsys.readouterr()
    assert "all passed" in said.out
    assert "✘" not in said.out
    assert "!" not in said.out, "a shipped test gives all that its rules read"


def test_every_shipped_rule_is_tested_to_fire_to_resolve_and_not_to_fire_unknown() -> None:
    rules = {rule.id for rule in load(shipped_path(CONFIG)).rules}
    cases = load_suite(shipped_path(TESTS)).cases
    for state in ("firing", "resolved"):
        assert {e.rule for case in cases for e in case.expected if e.state == state} == rules
    (unknown,) = (case for case in cases if case.name == "what is unknown never fires")
    assert set(unknown.never) == rules


SUITE = """tests:
- name: it falls behind
  series: {divergence(60m): -5}
  expect: [{at: 3m, eth-behind-small-caps: firing}]
- name: it is ahead
  series: {divergence(60m): 5}
  expect: [{at: 1m, eth-ahead-of-small-caps: firing}]
"""


ON_ITSELF = """tests:
- name: a file that holds no prices
  prices: {ETH: rules.test.yaml, IWM: rules.test.yaml}
  never: risk-off
"""


@pytest.fixture
def suite(tmp_path: Path) -> str:
    path = tmp_path / TESTS
    path.write_text(SUITE, "utf-8")
    return str(path)


def test_a_failing_test_ends_in_1(suite: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", suite]) == 1
    out = capsys.readouterr().out
    assert "✔ it falls behind" in out
    assert "✘ it is ahead" in out
    assert f"{suite}:7: eth-ahead-of-small-caps at 10:01:00 (1m): another state" in out
    assert "2 tests, 1 failed" in out


@pytest.mark.usefixtures("suite")
def test_without_a_path_the_tests_of_this_folder_run_and_of_a_named_folder_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["test", "-k", "BEHIND"]) == 0
    assert run(["test", ".", "-k", "behind"]) == 0
    assert capsys.readouterr().out.count("1 test, all passed") == 2


def test_a_line_a_test_is_printed_for_machines(
    suite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["test", "--json", suite]) == 1
    behind, ahead = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (behind["name"], behind["passed"], behind["line"]) == ("it falls behind", True, 2)
    assert [t["state"] for t in behind["transitions"]] == ["pending", "firing"]
    (failure,) = ahead["failures"]
    assert (failure["rule"], failure["expected"], failure["got"]) == (
        "eth-ahead-of-small-caps",
        "firing",
        "pending",
    )


def test_no_test_of_that_name_is_said(suite: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", suite, "-k", "sideways"]) == 64
    assert "no test is called anything with 'sideways'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (None, 78, "there is no such file"),
        ("tests: [", 78, ":1:"),
        (SUITE.replace("divergence", "divergense"), 78, "did you mean 'divergence'?"),
        (ON_ITSELF, 65, "rules.test.yaml: not a table"),
    ],
)
def test_what_cannot_be_run_is_said_with_its_place(
    text: str | None, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        Path(TESTS).write_text(text, "utf-8")
    assert run(["test", TESTS]) == code
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


def test_instruments_that_are_not_simulated_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = shipped_path(CONFIG).read_text("utf-8").replace("IWM", "RUT")
    config = config.replace("events: events.yaml\n", "")
    rules = "rules: [{id: mine, title: t, when: corr(1h) < 0}]\n"
    for name, text in ((CONFIG, config), ("rules.yaml", rules)):
        (tmp_path / name).write_text(text, "utf-8")
    Path(TESTS).write_text("tests: [{name: x, scenario: demo, never: mine}]\n", "utf-8")
    assert run(["test"]) == 78
    assert "RUT is not simulated: ETH, BTC, IWM, SPY are" in capsys.readouterr().err
