"""A rule test as it is run: what is given, and what ought to come of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from alerts.rule import Rule
from alerts.transition import State
from config.settings import Config
from streams.history.prices import BarStamp
from streams.instrument import Pair
from streams.metric import Call
from streams.snapshot import Reading

ScenarioName = Literal["demo", "calm"]


class Series(msgspec.Struct, frozen=True):
    """Readings `every` so many ns from the start on; the last one stays."""

    every: int
    readings: Mapping[Call, tuple[Reading, ...]]

    @property
    def duration(self) -> int:
        """Until the last value of the longest one has stood for as long as the others (ns)."""
        return self.every * max(len(values) for values in self.readings.values())


class PriceFiles(msgspec.Struct, frozen=True):
    """Price files by instrument, as `comove replay` takes them; `start` None: from the first."""

    paths: Mapping[str, Path]
    tz: str
    bar_stamp: BarStamp
    start: int | None


class Scenario(msgspec.Struct, frozen=True):
    """A simulated market."""

    name: ScenarioName
    seed: int


class Expectation(msgspec.Struct, frozen=True):
    """Where a rule ought to stand at an instant, and the message of the change that led there.

    `at` is ns UTC, or ns after the start where `after_start`; `line` is where it is written.
    """

    line: int
    at: int
    after_start: bool
    rule: str
    state: State
    message: str | None = None
    contains: str | None = None

    def instant(self, start: int) -> int:
        """Ns UTC, where the case begins at `start`."""
        return start + self.at if self.after_start else self.at


class Case(msgspec.Struct, frozen=True):
    """One test over one pair. `start` is ns UTC; `never` names rules that must not fire."""

    name: str
    line: int
    pair: Pair
    start: int
    given: Series | PriceFiles | Scenario
    expected: tuple[Expectation, ...]
    never: tuple[str, ...] = ()


class Suite(msgspec.Struct, frozen=True):
    """A file of tests, with the rules and the configuration that they are about."""

    path: Path
    config: Config
    rules: tuple[Rule, ...]
    cases: tuple[Case, ...]
