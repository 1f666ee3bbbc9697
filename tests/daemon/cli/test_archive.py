"""`comove archive`, and the commands that take prices from one."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from msgspec.structs import replace as settings

from config.load import load
from config.settings import History, Record
from daemon.cli.app import run
from daemon.cli.source import shipped_config
from tests.daemon.archive.shelved import WEEK, closes, minutes, ticks


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    archive = tmp_path / "archive"
    ticks(archive, "ETH/coinbase", WEEK[:2])
    minutes(archive, "ETH/coinbase", WEEK)
    minutes(archive, "IWM/alpaca-sip", WEEK, seed=7)
    return str(archive)


def test_people_get_a_table_and_machines_lines(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["archive", "list", "-f", folder]) == 0
    told = capsys.readouterr().out
    assert "alpaca-sip" in told
    assert "1,950" in told
    assert run(["archive", "list", "-f", folder, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["symbol"], row["kind"], row["rows"]) for row in rows] == [
        ("ETH", "ticks", 10),
        ("ETH", "1m", 1950),
        ("IWM", "1m", 1950),
    ]


def test_an_archive_with_nothing_in_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["archive", "list", "-f", str(tmp_path)]) == 0
    assert "nothing is archived yet" in capsys.readouterr().out
    assert run(["archive", "check", "-f", str(tmp_path)]) == 65
    assert "nothing of comove's archive" in capsys.readouterr().err


def test_a_sound_archive_is_0_and_a_damaged_one_65(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["archive", "check", "-f", folder]) == 0
    assert "12 files, all sound" in capsys.readouterr().out
    path = Path(folder) / "ETH" / "coinbase" / "1m" / f"{WEEK[4]}.parquet"
    path.write_bytes(b"x")
    assert run(["archive", "check", "-f", folder, "--json"]) == 65
    (fault,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert fault["file"] == str(path)
    assert run(["archive", "check", "-f", folder, "--repair"]) == 0
    assert f"is now {path.name}.bad" in capsys.readouterr().err
    assert run(["archive", "check", "-f", folder]) == 0


def test_what_is_missing_stays_a_fault_when_repaired(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(folder) / "ETH" / "coinbase" / "1m" / f"{WEEK[1]}.parquet").unlink()
    assert run(["archive", "check", "-f", folder, "--repair"]) == 65
    assert "not there; it is fetched at the next start" in capsys.readouterr().out


def test_one_file_is_written(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    day = str(WEEK[2])
    asked = ["archive", "export", "ETH:1m", "-f", folder, "--from", day, "--to", day]
    assert run(asked) == 0
    assert "ETH-coinbase-1m.csv: 390 rows of ETH@coinbase:1m" in capsys.readouterr().out
    assert len(Path("ETH-coinbase-1m.csv").read_text("utf-8").splitlines()) == 391
    assert run([*asked, "--venue", "coinbase", "--out", "e.parquet"]) == 0
    assert Path("e.parquet").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["export", "BTC"], 65, "BTC is not in"),
        (["export", "ETH", "--venue", "yahoo"], 65, "ETH@yahoo is not in"),
        (["export", "ETH", "--from", "monday"], 65, "write it as 2026-11-23"),
        (["export", "ETH", "--out", "eth.xlsx"], 64, "must end in .csv or .parquet"),
        (["export", "ETH", "--out", "none/eth.csv"], 1, "No such file or directory"),
    ],
)
def test_what_cannot_be_exported_is_a_sentence(
    folder: str, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert run(["archive", *arguments, "-f", folder]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", ["list", "check"])
def test_where_nothing_is_kept_the_folder_must_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    kept = settings(load(shipped_config()), history=None, record=None)
    with patch("daemon.cli.archive.load_or_explain", return_value=kept):
        assert run(["archive", command]) == 64
    assert "--folder" in capsys.readouterr().err
    assert run(["archive", command, "-f", str(tmp_path / "none")]) == 65
    assert "no such folder" in capsys.readouterr().err


def test_what_is_configured_is_looked_at_together_as_far_as_it_is_there(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = History(tmp_path / "history", 1, 1)
    kept = settings(load(shipped_config()), history=history, record=Record(tmp_path, 1, 0.1))
    with patch("daemon.cli.archive.load_or_explain", return_value=kept):
        assert run(["archive", "check"]) == 0
        assert "12 files, all sound" in capsys.readouterr().out
        closes(history.folder, "IWM/yahoo", WEEK)
        assert run(["archive", "list", "--json"]) == 0
        venues = [json.loads(line)["venue"] for line in capsys.readouterr().out.splitlines()]
        assert venues == ["coinbase", "coinbase", "alpaca-sip", "yahoo"]
        assert run(["archive", "export", "IWM:1d"]) == 0
    assert "IWM-yahoo-1d.csv: 5 rows" in capsys.readouterr().out
    assert str(tmp_path / "archive") == folder


# -- the commands that take prices from one


def test_study_calibrate_and_replay_take_symbols(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["study", "ETH", "IWM", "--archive", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["corr"]
    assert run(["calibrate", "ETH", "IWM", "--archive", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pair"] == "ETH-IWM"
    assert run(["replay", "ETH@coinbase:1m", "IWM", "--archive", folder]) == 0
    assert "ETH: 1,950 bars of 1m" in capsys.readouterr().out


def test_a_file_may_stand_beside_a_symbol(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["archive", "export", "ETH:1m", "-f", folder, "--out", "eth.csv"])
    capsys.readouterr()
    assert run(["study", "eth.csv", "IWM", "--archive", folder, "--json"]) == 0
    first = capsys.readouterr().out
    assert run(["study", "ETH:1m", "IWM", "--x-name", "eth", "--archive", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["corr"] == json.loads(first)["corr"]
    assert run(["replay", "ETH=eth.csv", "IWM", "--archive", folder]) == 0


@pytest.mark.parametrize("command", ["study", "calibrate", "replay"])
def test_a_symbol_that_is_not_there_is_a_sentence(
    folder: str, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run([command, "ETH", "QQQ", "--archive", folder]) == 65
    assert f"QQQ is not in {folder}; there is ETH@coinbase:ticks, " in capsys.readouterr().err


RULES = """rules:
  - {id: together, title: Together, when: 'corr(20d) > -1', session: any}
"""


def test_a_replay_knows_the_daily_closes_of_the_archive(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [WEEK[0] - timedelta(days=n) for n in range(45, 0, -1)]
    days = [day for day in before if day.weekday() < 5]
    run(["init", str(tmp_path / "conf")])
    (tmp_path / "conf" / "rules.yaml").write_text(RULES, "utf-8")
    asked = ["replay", "ETH:1m", "IWM:1m", "-c", str(tmp_path / "conf"), "--archive", folder]
    capsys.readouterr()
    assert run(asked) == 0
    told = capsys.readouterr().out
    assert "0 alerts" in told
    assert "together (corr(ETH,IWM,20d): warming up 3/20 closes)" in told
    for seed, name in enumerate(("ETH/coinbase", "IWM/alpaca-sip")):
        closes(Path(folder), name, days, seed)
    assert run([*asked, "--json"]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["rule"] == "together"
    assert "corr(ETH,IWM,20d)" in first["values"]
