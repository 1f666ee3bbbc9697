"""`comove test`: unit tests of rules."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from config.errors import ConfigError
from config.shipped import TESTS
from daemon.cli.check import EX_CONFIG, show
from daemon.cli.price_files import UNREADABLE
from daemon.rule_tests.case import Suite
from daemon.rule_tests.outcome import Outcome, judged
from daemon.rule_tests.playing import TooLongError, play_case
from daemon.rule_tests.report import as_json as written
from daemon.rule_tests.report import lines
from daemon.rule_tests.suite import load_suite
from daemon.scenario import UnknownInstrumentError
from daemon.view import terminal
from streams.history.prices import PriceFileError

FAILED, NOTHING = 1, 64


def run_tests(
    paths: Sequence[Path], *, only: str = "", verbose: bool = False, as_json: bool = False
) -> int:
    """Run the tests of files, of those the names that contain `only`; the exit code."""
    try:
        suites = [load_suite(path) for path in _files(paths)]
    except ConfigError as error:
        show(error.faults, sys.stderr)
        return EX_CONFIG
    outcomes: list[Outcome] = []
    console = terminal()
    try:
        for suite in suites:
            for outcome in _outcomes(suite, only):
                outcomes.append(outcome)
                _tell(console, outcome, suite.path, verbose=verbose, as_json=as_json)
    except (PriceFileError, UnknownInstrumentError, TooLongError) as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE if isinstance(error, PriceFileError) else EX_CONFIG
    if not outcomes:
        sys.stderr.write(f"no test is called anything with '{only}'\n")
        return NOTHING
    if not as_json:
        _sum_up(console, outcomes)
    return 0 if all(outcome.passed for outcome in outcomes) else FAILED


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """Of a folder, the tests that `comove init` writes there."""
    for path in paths or [Path(TESTS)]:
        yield path / TESTS if path.is_dir() else path


def _outcomes(suite: Suite, only: str) -> Iterator[Outcome]:
    for case in suite.cases:
        if only.lower() in case.name.lower():
            yield judged(case, play_case(case, suite.config, suite.rules), suite.rules)


def _tell(console: Console, outcome: Outcome, path: Path, *, verbose: bool, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(f"{written(outcome, path)}\n")
        return
    for line in lines(outcome, path, verbose=verbose):
        console.print(line, soft_wrap=True)


def _sum_up(console: Console, outcomes: Sequence[Outcome]) -> None:
    failed = sum(not outcome.passed for outcome in outcomes)
    tests = "1 test" if len(outcomes) == 1 else f"{len(outcomes)} tests"
    if failed:
        console.print(f"{tests}, {failed} failed", style="bold red")
    else:
        console.print(f"{tests}, all passed", style="green")
