from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from config.event_import import Wanted
from config.shipped import EVENTS, shipped
from daemon.cli.app import run
from daemon.cli.events import Coming, events, take
from streams.instrument import NS
from tests.config.folder import write

NOW = 1_796_000_000 * NS
"""Sun 29 Nov 2026."""

ICS = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
SUMMARY:CPI
DTSTART:20270113T133000Z
END:VEVENT
END:VCALENDAR
"""


def test_the_next_dates_are_shown_with_where_each_calendar_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert events(write(tmp_path), count=4, as_json=False, now=NOW) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[1].startswith("Fri 04 Dec 2026 08:30")
    assert "US jobs report" in shown[1]
    assert "tentative" in shown[4]
    assert "cpi 2026-12-10" in shown[5]
    assert shown[6] == f"calendar: {tmp_path / EVENTS}"


def test_for_machines_it_is_an_object_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert events(write(tmp_path), count=2, as_json=True, now=NOW) == 0
    lines = capsys.readouterr().out.splitlines()
    jobs, fomc = (msgspec.json.decode(line, type=Coming) for line in lines)
    assert (jobs.event, jobs.at, jobs.status) == ("jobs", "2026-12-04T08:30:00-0500", "confirmed")
    assert fomc.ts == 1_796_842_800 * NS


def test_where_nothing_is_to_come_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert events(write(tmp_path), count=4, as_json=False, now=2 * NOW) == 0
    assert "nothing is to come" in capsys.readouterr().out


def test_dates_are_taken_from_a_calendar_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, file = write(tmp_path), tmp_path / "bls.ics"
    file.write_bytes(ICS)
    arguments = ["events", "import", str(file), "--as", "cpi", "-c", str(path)]
    assert run(arguments) == 0
    assert capsys.readouterr().out == f"{tmp_path / EVENTS}: 1 date of cpi added\n"
    assert "2026-12-10, 2027-01-13]" in (tmp_path / EVENTS).read_text()
    assert run(arguments) == 0
    assert "0 dates of cpi added, 1 stood there already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("cpi", b"x", "no calendar file"),
        ("a b", ICS, "cannot be an event's name"),
        ("cpi", None, "No such file"),
    ],
)
def test_what_cannot_be_taken_changes_nothing(
    name: str, data: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, file = write(tmp_path), tmp_path / "bls.ics"
    if data is not None:
        file.write_bytes(data)
    assert take(file, path, Wanted(name)) == 65
    assert said in capsys.readouterr().err
    assert (tmp_path / EVENTS).read_text() == shipped(EVENTS)


def test_the_calendar_that_comes_with_comove_is_never_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "bls.ics"
    file.write_bytes(ICS)
    before = shipped(EVENTS)
    assert take(file, None, Wanted("cpi")) == 1
    assert "comove init DIR" in capsys.readouterr().err
    assert shipped(EVENTS) == before
