from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daemon.cli.study import study
from daemon.study.hours import DAY
from streams.history.prices import Prices
from tests.daemon.study.markets import csv, pair


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("prices")
    x, y = pair(4)
    wrong = x.price.copy()
    wrong[1000] *= 1.2
    kept = np.delete(np.arange(len(x.ts)), range(2000, 2010))
    eth = csv(folder / "ETH.csv", Prices(x.ts[kept], wrong[kept], x.bar))
    eth.write_text(eth.read_text() + eth.read_text().splitlines()[-1] + "\n")
    return eth, csv(folder / "IWM.csv", y)


def told(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], **more: Any) -> str:
    assert study(*map(str, files), **more) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def refused(capsys: pytest.CaptureFixture[str], *files: Path, **more: Any) -> tuple[int, str]:
    code = study(*map(str, files), **more)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return code, err


def test_people_get_sentences_and_tables(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out = told(files, capsys)
    assert "• The correlation of ETH and IWM at lag 0 is 0.5" in out
    assert "Correlation by day (New York)" in out
    assert "ETH: 10 bars are missing." in out
    assert "ETH: 1 bars came twice" in out
    assert "ETH: 1 prices jump away and straight back" in out


def test_machines_get_one_object(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    form = json.loads(told(files, capsys, as_json=True, x_name="E", y_name="I"))
    assert form["lead_lag"]["verdict"] == "no lead"
    assert form["corr"]["all"]["low"] < 0.5 < form["corr"]["all"]["high"]
    assert form["data"]["x"]["name"] == "E"
    assert form["data"]["x"]["duplicates"] == 1
    assert form["data"]["x"]["bad_prints"][0]["jump"] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(
    ("form", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("html", b"<!DOCTYPE html>")]
)
def test_chart_is_written_in_the_form_its_name_says(
    files: tuple[Path, Path],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    form: str,
    begins: bytes,
) -> None:
    chart = tmp_path / f"page.{form}"
    assert f"chart: {chart}" in told(files, capsys, chart=chart)
    assert chart.read_bytes().startswith(begins)


def test_wrong_arguments_are_64(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"tz": "New York"}, "no such time zone"),
        ({"bar_stamp": "middle"}, "'start' or 'end'"),
        ({"chart": tmp_path / "page.pdf"}, ".png, .svg or .html"),
        ({"x_name": "A", "y_name": "A"}, "--x-name"),
    ]
    for arguments, text in wrong:
        code, err = refused(capsys, *files, **arguments)
        assert code == 64
        assert text in err


def test_unreadable_and_unrelated_files_are_65(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("date,close\n2026-03-02,12\n2026-03-03,x\n")
    code, err = refused(capsys, bad, files[1])
    assert code == 65
    assert f"{bad}:3" in err
    code, err = refused(capsys, tmp_path / "none.csv", files[1])
    assert (code, "none.csv" in err) == (65, True)
    y = pair(4)[1]
    old = csv(tmp_path / "old.csv", Prices(y.ts - 365 * DAY, y.price, y.bar))
    code, err = refused(capsys, files[0], old)
    assert (code, "in common" in err) == (65, True)


def test_chart_that_cannot_be_written_is_1(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, err = refused(capsys, *files, chart=tmp_path / "none" / "page.svg")
    assert (code, "page.svg" in err) == (1, True)
