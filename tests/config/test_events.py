from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from config.document import Document
from config.errors import ConfigError, Fault
from config.event_file import calendar_events, shipped_calendar
from config.json_schema import json_schema
from config.load import inspect, load, names_of
from config.shipped import EVENTS, RULES, shipped
from streams.instrument import NS
from streams.schedule import Event
from tests.config.folder import config_with, faults, marked, write

DAY = 86_400 * NS


def calendar(text: str) -> tuple[Event, ...]:
    return calendar_events(Document(EVENTS, text.encode()))


def found(text: str) -> tuple[Fault, ...]:
    with pytest.raises(ConfigError) as error:
        calendar(text)
    return error.value.faults


def one(dates: str, more: str = "") -> str:
    return f"events:\n  talk:\n    title: Talk\n    source: me\n{more}    confirmed: [{dates}]\n"


def utc(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts // NS, UTC):%Y-%m-%d %H:%M:%S}"


def test_the_shipped_calendar_has_the_dates_that_its_sources_published() -> None:
    events = {event.name: event for event in shipped_calendar().events}
    assert list(events) == ["fomc", "cpi", "jobs", "russell", "earnings", "eth_upgrade"]
    fomc = events["fomc"]
    assert [utc(ts) for ts in fomc.instants[:3]] == [
        "2026-01-28 19:00:00",
        "2026-03-18 18:00:00",
        "2026-04-29 18:00:00",
    ]
    assert {utc(ts)[:4] for ts in fomc.tentative} == {"2027"}
    assert len(fomc.instants) == 16
    for name in ("cpi", "jobs"):
        assert len(events[name].instants) == 12
        assert {utc(ts)[:4] for ts in events[name].instants} == {"2026"}, "2027 is not published"
        assert {utc(ts)[11:] for ts in events[name].instants} == {"12:30:00", "13:30:00"}
    assert events["eth_upgrade"].instants == (1_767_747_671 * NS,)


def test_every_date_of_the_shipped_calendar_is_a_weekday_in_new_york() -> None:
    for event in shipped_calendar().events:
        for ts in event.instants:
            assert datetime.fromtimestamp(ts // NS, UTC).weekday() < 5, (event.name, utc(ts))


@pytest.mark.parametrize(
    ("dates", "more", "instants"),
    [
        ("2026-03-06 08:30, 2026-03-09 08:30", "", ["2026-03-06 13:30:00", "2026-03-09 12:30:00"]),
        (
            "2026-10-30, 2026-11-02",
            '    time: "16:00"\n',
            ["2026-10-30 20:00:00", "2026-11-02 21:00:00"],
        ),
        ("2026-11-01 01:30", "", ["2026-11-01 05:30:00"]),
        ("2026-06-01 09:00:30", "    timezone: Europe/Berlin\n", ["2026-06-01 07:00:30"]),
        (
            "2026-06-02 10:00, 2026-06-01",
            '    time: "9:00"\n',
            ["2026-06-01 13:00:00", "2026-06-02 14:00:00"],
        ),
    ],
    ids=["summer begins", "summer ends", "an hour twice", "another clock", "out of order"],
)
def test_dates_are_by_the_clock_of_their_place(dates: str, more: str, instants: list[str]) -> None:
    (event,) = calendar(one(dates, more))
    assert [utc(ts) for ts in event.instants] == instants


@pytest.mark.parametrize(
    ("text", "message", "mark"),
    [
        (one("2026-03-08 02:30"), "jumps over", "2026-03-08 02:30"),
        (one("2026-03-09"), "no time of day", "2026-03-09"),
        (one("2026-02-30 09:00"), "there is no '2026-02-30 09:00'", "2026-02-30 09:00"),
        (one("18 March"), "not a date", "18 March"),
        (one("2026-03-09 09:00, 2026-03-09 09:00"), "stands twice", "2026-03-09 09:00"),
        (one("2026-03-09 09:00", "    timezone: Mars\n"), "unknown time zone", "Mars"),
        (one("2026-03-09 09:00", "    tilte: x\n"), "unknown key 'tilte'", "tilte"),
        (one("2026-03-09 09:00").replace("talk:", "until:"), "word of the rule", "until"),
        (one("2026-03-09 09:00").replace("talk:", "a-b:"), "cannot be an event's", "a-b"),
        (one("2026-03-09 09:00").replace("    source: me\n", ""), "'source' is missing", ""),
    ],
)
def test_a_fault_is_told_where_it_stands(text: str, message: str, mark: str) -> None:
    (fault,) = found(text)
    assert message in fault.message
    assert fault.file == EVENTS
    if mark:
        assert marked(fault) == mark


def test_all_faults_are_told_at_once() -> None:
    assert len(found(one("2026-03-09, 2026-03-08 02:30, 2026-03-10"))) == 3


def test_an_event_without_a_date_is_known_by_name() -> None:
    (event,) = calendar("events:\n  talk: {title: Talk, source: me}\n")
    assert event.instants == ()


def rules(when: str) -> str:
    return f"rules:\n  - id: near\n    title: Near\n    when: {when}\n"


def test_rules_may_name_the_events_of_the_calendar(tmp_path: Path) -> None:
    config = load(write(tmp_path, rules=rules("within(fomc, 2h) and until(cpi) < 1d")))
    assert names_of(config).events == tuple(event.name for event in config.events)
    assert config.rules[0].events == config.events
    assert config.events_path == tmp_path / EVENTS


def test_without_the_key_it_is_the_calendar_that_comes_with_comove(tmp_path: Path) -> None:
    path = write(tmp_path, config_with("events: events.yaml\n", ""), rules("within(fomc, 2h)"))
    (tmp_path / EVENTS).unlink()
    assert load(path).events == shipped_calendar().events


def test_an_unknown_event_is_told_with_the_one_that_is_meant(tmp_path: Path) -> None:
    (fault,) = faults(write(tmp_path, rules=rules("until(fmoc) < 1h")))
    assert (fault.message, fault.remedy) == ("unknown event 'fmoc'", "did you mean 'fomc'?")


def test_own_events_stand_in_the_file_that_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, rules=rules("within(talk, 2h)"))
    (tmp_path / EVENTS).write_text(one("2026-03-09 09:00"))
    assert [event.name for event in load(path).events] == ["talk"]


def test_faults_of_a_calendar_are_told_with_the_others_and_bring_none_of_their_own(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, rules=rules("within(talk, 2h) and stael(ETH)"))
    (tmp_path / EVENTS).write_text(one("2026-03-09"))
    told = {Path(fault.file).name: fault.message for fault in faults(path)}
    assert list(told) == [EVENTS, "rules.yaml"]
    assert "stael" in told["rules.yaml"]


def test_a_calendar_that_is_not_there_is_a_fault_of_its_line(tmp_path: Path) -> None:
    (fault,) = faults(write(tmp_path, config_with("events: events.yaml", "events: mine.yaml")))
    assert "there is no such file" in fault.message
    assert marked(fault) == "mine.yaml"


@pytest.mark.parametrize(
    ("days", "said"),
    [(31, None), (29, "the calendar of 'jobs' ends"), (-1, "the calendar of 'jobs' ended")],
)
def test_a_rule_is_warned_of_before_its_calendar_runs_out(
    days: int, said: str | None, tmp_path: Path
) -> None:
    path = write(tmp_path, rules=rules("within(jobs, 2h) or stale(ETH)"))
    jobs = next(event for event in shipped_calendar().events if event.name == "jobs")
    _, warnings = inspect(path, jobs.instants[-1] - days * DAY)
    assert [w.message.rpartition(" ")[0] for w in warnings] == ([] if said is None else [said])
    if said is not None:
        assert "2026-12-04" in warnings[0].message
        assert marked(warnings[0]) == "within(jobs, 2h) or stale(ETH)"


def test_the_shipped_calendar_holds_to_its_schema() -> None:
    document = Document(EVENTS, shipped(EVENTS).encode()).root
    validator = jsonschema.Draft7Validator(json_schema("events"))
    validator.validate(document)
    document["events"]["fomc"]["confirmed"] = ["soon"]
    assert not validator.is_valid(document)


def test_the_example_in_the_shipped_rules_is_sound(tmp_path: Path) -> None:
    head, begin, rest = shipped(RULES).partition("  # - id: fomc-divergence\n")
    example, end, tail = rest.partition("\n\n")
    lines = (begin + example).replace("\n  #", "\n ").replace("  # -", "  -", 1)
    config, warnings = inspect(write(tmp_path, rules=head + lines + end + tail))
    assert "fomc-divergence" in {rule.id for rule in config.rules}
    assert warnings == ()
