from __future__ import annotations

import json
from importlib.metadata import version

import pytest

from daemon.cli.app import app, run


def test_help_names_every_command_and_how_to_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    for command in app.registered_commands:
        assert f"\n  {command.name} " in out
    assert "comove demo" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dmo"], "No such command 'dmo'"),
        (["demo", "--sped", "2"], "No such option"),
        (["demo", "--speed", "fast"], "should be a valid number"),
        (["demo", "--speed", "0"], "should be greater than or equal to"),
        (["demo", "--speed", "nan"], "speed"),
        (["demo", "--seconds", "0"], "should be greater than or equal to"),
        (["run", "--config"], "requires an argument"),
        (["decode"], "Missing argument"),
    ],
)
def test_what_is_no_command_or_option_is_said_and_ends_in_64(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(arguments) == 64
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


def test_without_a_command_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    run([])
    said = capsys.readouterr()
    assert "Usage: " in said.out + said.err


def test_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"comove {version('comove')}"


def test_a_demo_of_a_minute_tells_people_how_the_link_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["demo", "--seconds", "60", "--speed", "inf"]) == 0
    out = capsys.readouterr().out
    assert "ETH–IWM correlation 1h ." in out
    assert "10:00:0" in out


def test_a_demo_of_a_minute_has_nothing_to_tell_machines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["demo", "--seconds", "60", "--speed", "inf", "--json"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == []
