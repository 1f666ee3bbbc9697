from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daemon.cli.app import run
from daemon.cli.claims import Asked, claims
from tests.daemon.claims.days import correlated, csv, weekdays

CLAIMS = """claims:
  - id: together
    words: They move together.
    test: {statistic: correlation, of: ETH, against: IWM}
    supported: {above: 0.1}
    refuted: {below: 0.1}
    note: Both close at once.
  - id: rose
    words: It rose.
    test: {statistic: rise-from-low, of: IWM, year: 2023, rise: 0.01}
    supported: {above: 0.01}
    refuted: {below: 0.01}
  - id: fear
    words: Fear hits both.
    test: {statistic: common-driver, of: ETH, against: IWM, series: VIX, direction: opposite}
    supported: {below: 0}
    refuted: {above: 0}
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    days = weekdays(400)
    eth, iwm = correlated(400, 0.5)
    (tmp_path / "claims.yaml").write_text(CLAIMS)
    for name, moves in (("ETH", eth), ("IWM", iwm)):
        csv(tmp_path / f"{name}.csv", days, 100.0 * np.exp(moves.cumsum()), "close")
    csv(tmp_path / "VIX.csv", days, 20.0 - 100.0 * iwm.cumsum(), "VIX")
    return {name: str(tmp_path / f"{name}.csv") for name in ("ETH", "IWM", "VIX")} | {
        "claims": str(tmp_path / "claims.yaml")
    }


def asked(files: dict[str, str], **more: Any) -> Asked:
    sources = [f"eth={files['ETH']}", f"IWM={files['IWM']}"]
    return Asked(sources=sources, claims=Path(files["claims"]), **more)


def out_of(capsys: pytest.CaptureFixture[str], wanted: Asked) -> str:
    assert claims(wanted) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_people_get_a_verdict_a_claim_and_the_figures_beside(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = out_of(capsys, asked(files))
    assert "They move together." in out
    assert "supported" in out
    assert "needs the series VIX" in out
    assert "3 claims were tried: 2 supported, 0 refuted, 1 undecided. 1 rest on" in out
    assert "They move together. (correlation)" in " ".join(out.split())


def test_machines_get_one_object(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    wanted = asked(files, macro=[f"VIX={files['VIX']}"], as_json=True)
    form = json.loads(out_of(capsys, wanted))
    together, rose, fear = form["claims"]
    assert together["figure"]["low"] < 0.5 < together["figure"]["high"]
    assert (together["verdict"], together["firm"]) == ("supported", True)
    assert [row["label"] for row in together["rows"]] == ["2023", "2024"]
    assert (rose["figure"]["low"], rose["firm"]) == (None, None)
    assert fear["test"]["statistic"] == "common-driver"
    assert fear["verdict"] == "supported"
    assert (form["looks"], form["by_chance"]) == (2, 0.05)


def test_only_those_asked_for_are_tried(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    form = json.loads(out_of(capsys, asked(files, only="ros", as_json=True)))
    assert [claim["id"] for claim in form["claims"]] == ["rose"]


@pytest.mark.parametrize(
    ("form", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("html", b"<!DOCTYPE html>")]
)
def test_the_page_is_written_in_the_form_its_name_says(
    files: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    form: str,
    begins: bytes,
) -> None:
    page = tmp_path / f"page.{form}"
    assert f"page: {page}" in out_of(capsys, asked(files, page=page))
    assert page.read_bytes().startswith(begins)


def test_the_page_stands_alone_and_holds_verdicts_and_charts(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    out_of(capsys, asked(files, page=page))
    text = page.read_text()
    assert '<td class="supported">supported</td>' in text
    assert text.count("<svg") == 1
    assert "<script" not in text
    assert "Both close at once." in text
    assert "They move together. Supported." in text


def test_a_page_of_claims_without_any_figure_can_be_drawn(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "page.png"
    out_of(capsys, asked(files, only="fear", page=page))
    assert page.stat().st_size > 1000


def test_wrong_arguments_are_64(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"sources": ["ETH"]}, "'ETH' is not SYMBOL=FILE"),
        ({"macro": ["=x"]}, "'=x' is not NAME=FILE"),
        ({"macro": [f"VIX={files['VIX']}"] * 2}, "--macro VIX is given twice"),
        ({"sources": ["vix=vix.csv"]}, "VIX is a series, not a price: write --macro VIX=vix.csv"),
        ({"only": "nothing"}, "there are together, rose, fear"),
        ({"page": tmp_path / "page.pdf"}, ".html, .png or .svg"),
        ({"tz": "New York"}, "no such time zone"),
        ({"bar_stamp": "middle"}, "'start' or 'end'"),
    ]
    for arguments, text in wrong:
        given: dict[str, Any] = {"sources": (), "claims": Path(files["claims"])}
        assert claims(Asked(**(given | arguments))) == 64
        out, err = capsys.readouterr()
        assert (out, text in err, err.count("\n")) == ("", True, 1)


def test_unreadable_files_are_65_and_a_page_that_cannot_be_written_1(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    none = str(tmp_path / "none")
    assert claims(Asked(sources=[f"ETH={none}.csv"], claims=Path(files["claims"]))) == 65
    assert claims(Asked(sources=(), macro=[f"VIX={none}.csv"])) == 65
    assert claims(Asked(sources=(), claims=Path(f"{none}.yaml"))) == 65
    assert claims(asked(files, page=Path(none) / "page.png")) == 1
    assert capsys.readouterr().out == ""


def test_the_command_takes_the_articles_claims_and_asks_for_what_they_need(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["claims", "-k", "mega", "--json"]) == 64
    out, err = capsys.readouterr()
    (claim,) = json.loads(out)["claims"]
    assert err.startswith("No file was given to test them on")
    assert claim["reason"] == "needs IWM daily closes and QQQ daily closes"
