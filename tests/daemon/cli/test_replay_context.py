"""`comove replay --context`: slow series beside prices, each figure from when it was known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon.cli.app import run

OPEN = 1_773_754_200
"""Tue 17 Mar 2026, 09:30 in New York."""
RULES = """\
rules:
  - {id: afraid, title: Afraid, when: vix > 25, session: any, message: "VIX {vix}", notify: log}
  - {id: dear, title: Dear money, when: us2y > 4%, session: any, notify: log}
"""
CONFIG = """\
instruments:
  ETH: {calendar: 24/7, feeds: ['coinbase:ETH-USD']}
  IWM: {calendar: NYSE, feeds: ['yahoo:IWM']}
pairs: [{x: ETH, y: IWM}]
context: {kalshi: {}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An hour of minutes from the open on Tuesday, and Friday's and Monday's close of VIX."""
    monkeypatch.chdir(tmp_path)
    files = {
        "comove.yaml": CONFIG,
        "rules.yaml": RULES,
        "vix.csv": "observation_date,VIXCLS\n2026-03-12,30.0\n2026-03-13,20.0\n2026-03-16,27.4\n",
    }
    for name in ("ETH", "IWM"):
        rows = [f"{OPEN + 60 * n},{100 + n % 7}" for n in range(60)]
        files[f"{name}.csv"] = "\n".join(["ts,close", *rows]) + "\n"
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


PRICES = ["ETH=ETH.csv", "IWM=IWM.csv"]


def told(capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, object]]:
    assert run(["replay", "--json", *PRICES, *more]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("folder")
def test_a_close_is_known_on_the_morning_after_and_not_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = told(capsys, "--context", "vix=vix.csv")
    assert [(one["rule"], one["state"]) for one in found] == [("afraid", "firing")]
    fired = found[0]["ts"]
    assert isinstance(fired, int)
    # 09:45; bars are a minute long, and rules are looked at once a bar.
    assert 15 * 60 <= fired / 1e9 - OPEN <= 17 * 60
    assert found[0]["message"] == "VIX 27.40"


@pytest.mark.usefixtures("folder")
def test_without_a_file_nothing_is_known_of_a_series(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == []


@pytest.mark.usefixtures("folder")
def test_the_same_files_give_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--context", "vix=vix.csv")
    assert told(capsys, *given) == told(capsys, *given)


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ("vix.csv", 64, "is not NAME=FILE"),
        ("vux=vix.csv", 64, "did you mean 'vix'?"),
        ("cut_odds=vix.csv", 64, "there are files of vix, fed_funds"),
        ("vix=none.csv", 65, "none.csv"),
        ("us2y=ETH.csv", 65, "no column 'date'"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_taken_is_said(
    capsys: pytest.CaptureFixture[str], given: str, code: int, said: str
) -> None:
    assert run(["replay", *PRICES, "--context", given]) == code
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_series_given_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    twice = ["--context", "vix=vix.csv", "--context", "vix=vix.csv"]
    assert run(["replay", *PRICES, *twice]) == 64
    assert "twice" in capsys.readouterr().err
