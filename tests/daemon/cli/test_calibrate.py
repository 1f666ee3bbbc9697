from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from daemon.cli.calibrate import calibrate


def write(path: Path, column: np.ndarray) -> str:
    """Minutes of five sessions, stamped at their start."""
    rows, level = ["timestamp,close"], 0.0
    for day, returns in zip((16, 17, 18, 19, 20), column, strict=True):
        for minute, r in enumerate(returns.tolist()):
            level += r
            at = 13 * 60 + 30 + minute
            stamp = f"2026-03-{day}T{at // 60:02}:{at % 60:02}:00Z"
            rows.append(f"{stamp},{100 * np.exp(level):.8f}")
    path.write_text("\n".join(rows) + "\n")
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    free = np.random.default_rng(2).standard_normal((2, 5, 390)) * 1e-3
    x = 0.8 * free[1] + 0.6 * free[0]
    return [
        f"ETH={write(tmp_path / 'a.csv', x)}",
        f"IWM={write(tmp_path / 'b.csv', free[1])}",
    ]


def test_price_files_to_json(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate(files, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pair"] == "ETH-IWM"
    assert told["learned"]["bar"] == 60
    assert told["learned"]["sessions"] == 5
    assert told["learned"]["p0"] == pytest.approx(0.5 + np.arcsin(0.8) / np.pi, abs=0.03)
    rows = [(row["detector"], row["budget"]) for row in told["thresholds"]]
    assert rows == [
        ("breakdown", "1/month"),
        ("breakdown_warning", "1/month"),
        ("breakdown", "1/year"),
        ("breakdown_warning", "1/year"),
    ]


def test_the_table_is_for_people(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate(files, budgets=["2/month"]) == 0
    out = capsys.readouterr().out
    assert "ETH-IWM" in out
    assert "2/month" in out
    assert "provisional" in out


def test_without_files_the_market_is_simulated(capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate(budgets=["1/month"], as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["learned"]["bar"] == 15
    assert told["learned"]["sessions"] >= 20
    assert 6.5 < told["thresholds"][0]["h"] < 9.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"budgets": ["monthly"]}, "write for instance 1/month"),
        ({"budgets": ["0/month"]}, "write for instance 1/month"),
        ({"budgets": ["1/fortnight"]}, "write for instance 1/month"),
        ({"budgets": ["3/day"]}, "more than one false alarm a session"),
        ({"sources": ["ETH=a.csv"]}, "two price files"),
        ({"sources": ["a.csv", "b.csv"], "tz": "Mars"}, "no such time zone"),
        ({"sources": ["a.csv", "b.csv"], "bar_stamp": "middle"}, "'start' or 'end'"),
    ],
)
def test_what_cannot_be_taken_is_said(
    arguments: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(**arguments) == 64  # type: ignore[arg-type]  # a test's own table
    assert message in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate([f"ETH={tmp_path}/no.csv", f"IWM={tmp_path}/no.csv"]) == 65
    assert "no.csv" in capsys.readouterr().err
