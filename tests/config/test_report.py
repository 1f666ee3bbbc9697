from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.load import load
from config.settings import Report
from config.shipped import CONFIG, EVENTS, RULES, shipped


def loaded(folder: Path, text: str) -> Report:
    for name in (RULES, EVENTS):
        (folder / name).write_text(shipped(name), "utf-8")
    whole = shipped(CONFIG)
    begin = whole.index("\nreport:\n")
    end = whole.index("\n\n", begin + 1)
    (folder / CONFIG).write_text(f"{whole[:begin]}\n{text}{whole[end:]}", "utf-8")
    return load(folder / CONFIG).report


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("", Report(daily=True, weekly=True)),
        ("report:", Report(daily=True, weekly=True)),
        ("report: {weekly: false}", Report(daily=True, weekly=False)),
        ("report: {daily: false, notify: log}", Report(weekly=True, notify=("log",))),
        ("report: {notify: [log, all]}", Report(daily=True, weekly=True)),
    ],
)
def test_reports_are_made_for_all_unless_the_file_says_otherwise(
    tmp_path: Path, text: str, report: Report
) -> None:
    assert loaded(tmp_path, text) == report


def test_a_notifier_that_is_not_configured_is_a_fault_of_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="notifier 'telegram' is not configured"):
        loaded(tmp_path, "report: {notify: telegram}")
