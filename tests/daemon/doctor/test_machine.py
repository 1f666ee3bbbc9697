"""Files, disks, tables and versions."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from config.load import load
from daemon.doctor import machine
from daemon.doctor.finding import Verdict
from daemon.doctor.secrets import credentials, guarded, secrets
from daemon.room import Room, room
from streams.instrument import NS
from streams.sessions import calendar
from tests.config.folder import config_with, write

DAY = 86_400 * NS


def test_what_comove_needs_is_installed_in_one_place() -> None:
    assert (machine.versions()).text.startswith("comove ")
    assert (machine.versions()).verdict is Verdict.OK
    assert (machine.packages()).verdict is Verdict.OK


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "requires", lambda _: ["msgspec>=0.20", "no-such-thing>=1; x"])
    finding = machine.versions()
    assert finding.verdict is Verdict.FAIL
    assert finding.text.endswith("missing: no-such-thing")


@pytest.mark.parametrize(
    ("left", "verdict"),
    [(31 * DAY, Verdict.OK), (29 * DAY, Verdict.WARN), (-DAY, Verdict.FAIL)],
)
def test_the_end_of_the_calendar_is_told_a_month_before(
    tmp_path: Path, left: int, verdict: Verdict
) -> None:
    end = calendar("NYSE").horizon_ns
    assert end is not None
    finding = machine.calendars(load(write(tmp_path)), end - left)
    assert finding.verdict is verdict
    assert "known until 2028-12-31" in finding.text


def test_a_market_without_holidays_has_no_calendar_to_run_out(tmp_path: Path) -> None:
    config = load(write(tmp_path))
    always = tuple(each for each in config.instruments if each.calendar == "24/7")
    alone = msgspec.structs.replace(config, instruments=always)
    assert (machine.calendars(alone, 2**62)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("free", "total", "was", "short"),
    [
        (6e9, 100e9, False, False),
        (4.9e9, 100e9, False, True),
        (5.5e9, 100e9, True, True),
        (6.1e9, 100e9, True, False),
        (190e6, 1e9, False, True),
        (210e6, 1e9, False, False),
    ],
)
def test_a_disk_is_short_below_a_share_or_a_size(
    *, free: float, total: float, was: bool, short: bool
) -> None:
    assert Room(int(free), int(total)).short(was=was) is short


def test_room_is_that_of_the_disk_on_which_a_file_would_lie(tmp_path: Path) -> None:
    assert room(tmp_path / "a" / "b" / "c.db").total == room(tmp_path).total


def test_a_disk_nearly_full_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "room", lambda _: Room(150_000_000, 10**12))
    finding = machine.disk(tmp_path / "comove.db")
    assert finding.verdict is Verdict.FAIL
    assert finding.text.startswith("150 MB free of 1000.0 GB (0.0%)")


def test_a_state_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "comove.db"
    assert (machine.state(path)).text == f"{path} is made at the first start"
    path.parent.mkdir()
    path.touch(0o600)
    assert (machine.state(path)).verdict is Verdict.OK
    path.chmod(0o644)
    finding = machine.state(path)
    assert (finding.verdict, finding.remedy) == (Verdict.WARN, f"chmod 600 {path}")


def test_a_state_file_that_cannot_be_written_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write anywhere, whatever the mode.
    monkeypatch.setattr(os, "access", lambda path, _: path != tmp_path)
    finding = machine.state(tmp_path / "comove.db")
    assert (finding.verdict, finding.text) == (Verdict.FAIL, f"{tmp_path} cannot be written")


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [(0o600, Verdict.OK), (0o400, Verdict.OK), (0o640, Verdict.WARN), (0o644, Verdict.FAIL)],
)
def test_a_secret_is_its_owners_alone(tmp_path: Path, mode: int, verdict: Verdict) -> None:
    path = tmp_path / "token"
    path.write_text("planted")
    path.chmod(mode)
    assert (guarded(path)).verdict is verdict


def test_every_file_of_a_secret_is_looked_at_and_no_other(tmp_path: Path) -> None:
    told = "telegram: {token_file: token, chats: [1]}\n  mqtt: {host: h, password_file: pass}"
    path = write(tmp_path, config_with("log: {}", told))
    found = [check.name for check in secrets(path, {})]
    assert found == ["token", "pass"]


@pytest.mark.parametrize(
    ("given", "wanted", "verdict", "said"),
    [
        (["token"], {"token"}, Verdict.OK, "1 from systemd, 1 named"),
        (["token", "idle"], {"token"}, Verdict.WARN, "not used: idle"),
    ],
)
def test_credentials_of_systemd_are_held_against_the_configuration(
    tmp_path: Path, given: list[str], wanted: set[str], verdict: Verdict, said: str
) -> None:
    for name in given:
        (tmp_path / name).touch(0o400)
    finding = credentials(wanted, str(tmp_path))
    assert finding.verdict is verdict
    assert said in finding.text


def test_credentials_without_systemd_fail() -> None:
    assert (credentials({"token"}, None)).verdict is Verdict.FAIL
