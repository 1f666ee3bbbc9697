from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from config.settings import Record
from streams.instrument import NS
from tests.config.folder import RULE, config_with, faults, write

DAY = 86_400 * NS


def record(folder: Path, keys: str) -> Path:
    text = config_with("# state: comove.db", f"state: state/comove.db\nrecord: {keys}\n")
    return write(folder, text, RULE)


def test_nothing_is_recorded_where_nothing_is_said(tmp_path: Path) -> None:
    assert load(write(tmp_path, None, RULE)).record is None


def test_recordings_are_beside_the_state_for_a_month_and_a_tenth_of_the_disk(
    tmp_path: Path,
) -> None:
    expected = Record(tmp_path / "state" / "recordings", 30 * DAY, 0.1)
    assert load(record(tmp_path, "")).record == expected


def test_all_of_it_can_be_said(tmp_path: Path) -> None:
    path = record(tmp_path, "{folder: /srv/r, keep: 2d, disk: 50%}")
    assert load(path).record == Record(Path("/srv/r"), 2 * DAY, 0.5)


@pytest.mark.parametrize("keys", ["{keep: 1h}", "{disk: 0%}", "{disk: 120%}", "{folder: ''}"])
def test_what_makes_no_sense_is_a_fault(tmp_path: Path, keys: str) -> None:
    [fault] = faults(record(tmp_path, keys))
    assert fault.source_line.startswith("record:")


@pytest.mark.parametrize(("given", "expected"), [("5m", 300 * NS), ("never", 0)])
def test_how_long_statistics_stay_warm_can_be_said(
    tmp_path: Path, given: str, expected: int
) -> None:
    text = config_with("# warm: 20m                      # or never", f"warm: {given}")
    assert load(write(tmp_path, text, RULE)).warm == expected
    assert load(write(tmp_path, None, RULE)).warm == 1200 * NS
