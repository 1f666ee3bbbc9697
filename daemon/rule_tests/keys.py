"""The keys of a file of rule tests."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from alerts.language import LanguageError, did_you_mean, parse_quantity
from alerts.transition import State
from config.keys import Keys
from config.references import KnownInstrument
from config.refusals import names, refused, refused_text
from daemon.rule_tests.case import ScenarioName
from streams.instrument import NS
from streams.metric import Unit

NEW_YORK = ZoneInfo("America/New_York")
DEFAULT_START = datetime(2026, 3, 18, 10, tzinfo=NEW_YORK)
"""A Wednesday, in a regular session."""


def _start(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise refused(
            f"'{value}' is no date and time", "write it as 2026-03-18 10:00 (New York)"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=NEW_YORK)


def _duration(value: str) -> int:
    """`4m`, `3m59s`."""
    parts = re.findall(r"[\d.]+[smhd]", value)
    try:
        seconds = (
            parse_quantity(part, Unit.DURATION)
            for part in (parts if "".join(parts) == value else [value])
        )
        return round(sum(seconds) * NS)
    except LanguageError as error:
        raise refused_text(error) from None


def _every(value: object) -> int:
    step = _duration(str(value))
    if not NS // 10 <= step <= 86_400 * NS:
        raise refused(f"'{value}' is out of range", "write from 0.1s to 1d")
    return step


def _at(value: object) -> int | time | datetime:
    """Nanoseconds after the start, New York's clock on its day, or a date and time."""
    text = str(value)
    if re.fullmatch(r"\d\d:\d\d(:\d\d)?", text):
        try:
            return time.fromisoformat(text)
        except ValueError:
            raise refused(f"'{text}' is no time of day", "write it as 10:04") from None
    return _start(text) if re.match(r"\d{4}-", text) else _duration(text)


def _zone(value: str) -> str:
    try:
        return str(ZoneInfo(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refused(f"'{value}' is no time zone", "write it as America/New_York") from None


def _known_pair(value: str, info: ValidationInfo) -> str:
    known = [pair.name for pair in names(info).pairs]
    if value not in known:
        raise refused(f"unknown pair '{value}'", did_you_mean(value, known))
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class ExpectKeys(BaseModel):
    """An instant; each other key is a rule's id, and the state it ought to be in."""

    model_config = ConfigDict(extra="allow", frozen=True, arbitrary_types_allowed=True)
    __pydantic_extra__: dict[str, State]

    at: Annotated[int | time | datetime, BeforeValidator(_at)]
    message: str | None = None
    contains: str | None = None

    @property
    def states(self) -> dict[str, State]:
        """Rule → state."""
        return self.__pydantic_extra__ or {}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.states:
            raise refused("no rule is named", "add the rule's id, and firing or another state")
        if len(self.states) > 1 and (self.message is not None or self.contains is not None):
            raise refused("a message of several rules", "write an item for each rule")
        return self


class TestKeys(Keys):
    """One test."""

    __test__ = False

    name: Annotated[str, Field(min_length=1, max_length=200)]
    pair: Annotated[str, AfterValidator(_known_pair)] | None = None
    start: Annotated[datetime, BeforeValidator(_start)] | None = None
    every: Annotated[int, BeforeValidator(_every)] = 60 * NS
    series: Annotated[dict[str, str], Field(min_length=1)] | None = None
    prices: dict[KnownInstrument, str] | None = None
    tz: Annotated[str, AfterValidator(_zone)] = "UTC"
    bar_stamp: Literal["start", "end"] = "start"
    scenario: ScenarioName | None = None
    seed: Annotated[int, Field(ge=0)] = 5
    expect: tuple[ExpectKeys, ...] = ()
    never: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(given is not None for given in (self.series, self.prices, self.scenario)) != 1:
            raise refused(
                "a test has one source", "give it one of 'series:', 'prices:' and 'scenario:'"
            )
        if self.scenario is not None and self.start is not None:
            raise refused("a scenario has a start of its own", "remove 'start:'")
        if not self.expect and not self.never:
            raise refused("nothing is expected", "add 'expect:' or 'never:'")
        return self

    @model_validator(mode="after")
    def _dated(self) -> Self:
        timed = any(isinstance(item.at, time) for item in self.expect)
        if timed and self.prices is not None and self.start is None:
            raise refused(
                "of which day is a time of day?", "add 'start:', or write 2026-03-18 10:04"
            )
        return self


class SuiteKeys(Keys):
    """A file of tests."""

    config: Annotated[str, Field(min_length=1)] | None = None
    rules: Annotated[str, Field(min_length=1)] | None = None
    tests: Annotated[tuple[TestKeys, ...], Field(min_length=1)]
