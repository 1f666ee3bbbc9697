"""The door: a file of rule tests in, cases out, or one ConfigError with every fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path

from pydantic import ValidationError

from alerts.rule import Rule
from config.document import Document
from config.errors import ConfigError
from config.load import load, load_rules, names_of, read
from config.sentences import faults_of
from config.settings import Config
from config.shipped import CONFIG, shipped_path
from daemon.rule_tests.case import Case, Expectation, PriceFiles, Scenario, Series, Suite
from daemon.rule_tests.keys import DEFAULT_START, NEW_YORK, ExpectKeys, SuiteKeys, TestKeys
from daemon.rule_tests.notation import parse_series
from daemon.rule_tests.unfit import Steps, measured, unfit
from streams.instrument import NS, Pair
from streams.simulator.hours import START_NS


def load_suite(path: Path) -> Suite:
    """The tests of a file; raises ConfigError with all faults of it and of what it is about."""
    document = read(path)
    config = load(_config_path(document, path))
    rules = _rules(document, path, config)
    faults = list(document.faults)
    keys: SuiteKeys | None = None
    try:
        keys = SuiteKeys.model_validate(document.root, context=names_of(config))
    except ValidationError as error:
        faults += faults_of(error, SuiteKeys, document)
    faults += unfit(document, config, rules)
    if faults or keys is None:
        raise ConfigError(faults)
    cases = (
        _case(test, index, document, path.parent, config) for index, test in enumerate(keys.tests)
    )
    return Suite(path=path, config=config, rules=rules, cases=tuple(cases))


def _config_path(document: Document, path: Path) -> Path:
    named = document.get("config")
    beside = path.parent / (named if isinstance(named, str) else CONFIG)
    if isinstance(named, str) and not beside.is_file():
        remedy = "name it relative to this file"
        fault = document.fault_at(("config",), f"{beside}: there is no such file", remedy)
        raise ConfigError([fault])
    return beside if beside.is_file() else shipped_path(CONFIG)


def _rules(document: Document, path: Path, config: Config) -> tuple[Rule, ...]:
    named = document.get("rules")
    if not isinstance(named, str):
        return config.rules
    beside = path.parent / named
    if not beside.is_file():
        remedy = "name it relative to this file"
        fault = document.fault_at(("rules",), f"{beside}: there is no such file", remedy)
        raise ConfigError([fault])
    return load_rules(beside, config)


def _case(test: TestKeys, index: int, document: Document, folder: Path, config: Config) -> Case:
    at: Steps = ("tests", index)
    pair = next((p for p in config.pairs if p.name == test.pair), config.pairs[0])
    start = _start(test)
    return Case(
        name=test.name,
        line=document.line((*at, "name")),
        pair=pair,
        start=_ns(start),
        given=_given(test, pair, folder, config),
        expected=tuple(_expected(test, start, document, at)),
        never=test.never,
    )


def _start(test: TestKeys) -> datetime:
    if test.scenario is not None:
        return datetime.fromtimestamp(START_NS // NS, NEW_YORK)
    return test.start or DEFAULT_START


def _given(
    test: TestKeys, pair: Pair, folder: Path, config: Config
) -> Series | PriceFiles | Scenario:
    if test.series is not None:
        metrics = [(measured(text, pair, config), values) for text, values in test.series.items()]
        readings = {m.calls[0]: parse_series(values, m.unit) for m, values in metrics}
        return Series(test.every, readings)
    if test.prices is not None:
        paths = {name: folder / file for name, file in test.prices.items()}
        start = None if test.start is None else _ns(test.start)
        return PriceFiles(paths, test.tz, test.bar_stamp, start)
    return Scenario(test.scenario or "demo", test.seed)


def _expected(
    test: TestKeys, start: datetime, document: Document, at: Steps
) -> Iterator[Expectation]:
    for index, item in enumerate(test.expect):
        instant, after_start = _instant(item, start)
        for rule, state in item.states.items():
            yield Expectation(
                line=document.line((*at, "expect", index, rule)),
                at=instant,
                after_start=after_start,
                rule=rule,
                state=state,
                message=item.message,
                contains=item.contains,
            )


def _instant(item: ExpectKeys, start: datetime) -> tuple[int, bool]:
    match item.at:
        case int() as offset:
            return offset, True
        case time() as clock:
            day = start.astimezone(NEW_YORK).date()
            return _ns(datetime.combine(day, clock, NEW_YORK)), False
        case moment:
            return _ns(moment), False


def _ns(moment: datetime) -> int:
    return round(moment.timestamp()) * NS
