from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from streams.instrument import NS
from tests.config.folder import config_with, faults, write


def given(folder: Path, text: str) -> Path:
    return write(folder, config_with("# warm:", f"heartbeat: {text}\n# warm:"))


def test_without_the_key_there_is_none(tmp_path: Path) -> None:
    assert load(write(tmp_path)).heartbeat is None


def test_it_beats_every_minute_unless_said_and_its_address_is_not_shown(tmp_path: Path) -> None:
    config = load(given(tmp_path, "{url: 'https://hc-ping.com/planted'}"))
    assert config.heartbeat is not None
    assert config.heartbeat.url.get_secret_value() == "https://hc-ping.com/planted"
    assert config.heartbeat.every == 60 * NS
    assert "planted" not in repr(config)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{every: 60s}", "url"),
        ("{url: hc-ping.com/x}", "this is not an address"),
        ("{url: 'wss://hc-ping.com/x'}", "this is not an address"),
        ("{url: 'https://hc-ping.com/x', every: 0s}", "out of range"),
        ("{url: 'https://hc-ping.com/x', evry: 9s}", "evry"),
        ("", "'heartbeat' is empty"),
    ],
)
def test_what_is_no_heartbeat_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (fault,) = faults(given(tmp_path, text))
    assert said in fault.message
