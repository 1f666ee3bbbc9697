"""A few hundred of what `make fuzz` tries by the hundred thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.fuzz import Report, fuzz
from tests.benchmarks.fuzz_guard import Guard
from tests.benchmarks.fuzz_inputs import RICH, Input, inputs


def test_what_nobody_means_is_taken_or_refused_and_nothing_else() -> None:
    report = fuzz(inputs(600, seed=2))
    assert report.findings == []
    assert sum(tally.inputs for tally in report.tallies.values()) == 600
    assert all(tally.refused for tally in report.tallies.values())
    assert report.tallies["expression"].accepted
    assert report.tallies["rules"].accepted


def test_the_same_seed_gives_the_same_inputs() -> None:
    assert list(inputs(50, seed=7)) == list(inputs(50, seed=7))
    assert list(inputs(50, seed=7)) != list(inputs(50, seed=8))


def test_the_file_that_uses_all_there_is_is_sound() -> None:
    report = fuzz([Input("rules", RICH)])
    assert report.tallies["rules"].accepted == 1


def test_what_is_executed_would_be_seen(tmp_path: Path) -> None:
    guard = Guard()
    with guard.watching():
        eval("1")  # noqa: S307  # to be seen
    assert guard.seen
    with guard.watching():
        (tmp_path / "written").write_text("")
    assert guard.seen[0].startswith("open")
    with guard.watching():
        (tmp_path / "written").read_text()
    assert guard.seen == []


def test_what_is_raised_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("tests.benchmarks.fuzz_trial.compile_expression", crash)
    report: Report = fuzz([Input("expression", "corr < 0")])
    (finding,) = report.findings
    assert finding.what == "raised KeyError: 'x'"
