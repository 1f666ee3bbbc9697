from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from tests.config.folder import config_with, faults, write


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/trader")


def test_unless_said_it_is_in_the_users_state_and_named_for_the_instance(tmp_path: Path) -> None:
    path = write(tmp_path, config_with("instance: comove", "instance: desk"))
    assert load(path).state == Path("/home/trader/.local/state/comove/desk.db")


def test_the_users_state_may_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/srv/state")
    assert load(write(tmp_path)).state == Path("/srv/state/comove/comove.db")


def test_systemd_decides_for_its_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/srv/state")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/comove:/var/lib/other")
    assert load(write(tmp_path)).state == Path("/var/lib/comove/comove.db")


@pytest.mark.parametrize(
    ("given", "expected"), [("here.db", "{folder}/here.db"), ("/srv/x.db", "/srv/x.db")]
)
def test_what_the_configuration_says_holds_and_is_relative_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, expected: str
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/comove")
    path = write(tmp_path, config_with("# state: comove.db", f"state: {given}"))
    assert load(path).state == Path(expected.format(folder=tmp_path))


def test_an_empty_name_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(write(tmp_path, config_with("# state: comove.db", "state: ''")))
    assert fault.source_line.startswith("state:")


def test_a_user_without_a_home_has_it_beside_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)
    assert load(write(tmp_path)).state == tmp_path / "comove.db"
