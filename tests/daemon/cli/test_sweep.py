"""`comove sweep` from its arguments to its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from daemon.cli.app import run

OPEN = 1_773_754_200
"""Tue 17 Mar 2026, 09:30 in New York."""
MINUTES = 380
FALLS = range(70, 300, 45)


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a comove.yaml of someone's own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Two sessions in step; in the second ETH falls alone again and again, and comes back."""
    rng = np.random.default_rng(5)
    eth, iwm = [], []
    for day in range(2):
        common, own = rng.normal(0, 6e-4, (2, MINUTES))
        alone = 0.3 * own
        for fall in FALLS if day else ():
            alone[fall : fall + 3] -= 0.003
            alone[fall + 8 : fall + 28] += 0.009 / 20
        eth.append(common + alone)
        iwm.append(common)
    for name, logs in (("ETH", eth), ("IWM", iwm)):
        prices = 100 * np.exp(np.cumsum(np.concatenate(logs)))
        stamps = [OPEN + 86_400 * day + 60 * n for day in range(2) for n in range(MINUTES)]
        rows = [f"{ts},{price}" for ts, price in zip(stamps, prices, strict=True)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["ts,close", *rows]), "utf-8")
    return [f"{name}={tmp_path / name}.csv" for name in ("ETH", "IWM")]


RULE = [
    *("eth-behind-small-caps", "--when", "divergence({w}) < -{far}"),
    *("--clear", "divergence({w}) > -1", "--jobs", "1"),
]
GRID = ["-g", "far=2,9", "-g", "w=15m,30m", "-g", "for=0s"]


def test_a_row_a_cell_is_printed(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sweep", *RULE, *GRID, *files]) == 0
    out = capsys.readouterr().out
    assert "eth-behind-small-caps on price files: 2.0 sessions of ETH-IWM" in out
    for head in ("far", "w", "alerts a day", "closed half the gap"):
        assert head in out
    assert out.count("│ 9   │") == 2
    assert "scorecard's measure" in out


def test_machines_get_an_object_a_cell(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sweep", *RULE, *GRID, "--json", *files]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["cell"] for row in rows] == [
        {"far": far, "w": window, "for": "0s"} for far in ("2", "9") for window in ("15m", "30m")
    ]
    near, *_, never = rows
    assert near["alerts"] == near["counted"] > 4
    assert near["share"] > 0.9, "it comes back within the hour each time"
    assert near["median_bp"] > 0
    assert near["measure"] == "convergence"
    assert (never["alerts"], never["counted"], never["share"]) == (0, 0, None)
    assert near["causes"] is None


def test_a_heat_map_is_drawn_where_asked(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "map.svg"
    assert run(["sweep", *RULE, *GRID, "--json", "--chart", str(target), *files]) == 0
    said = capsys.readouterr()
    assert "<svg" in target.read_text("utf-8")
    assert f"heat map: {target}" in said.err
    assert "heat map" not in said.out, "standard output is for machines"


def test_a_figure_of_the_rule_s_own_may_be_varied_without_writing_it_anew(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["sweep", "eth-behind-small-caps", "-g", "4=2,3", "--jobs", "1", "--json", *files]
    assert run(arguments) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["cell"] for row in rows] == [{"4": "2"}, {"4": "3"}]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["none", "{eth}", "{iwm}"], 64, "there is no rule 'none'"),
        (["risk-off"], 64, "over what? Name price files (ETH=eth.csv IWM=iwm.csv)"),
        (["risk-off", "{eth}", "{iwm}", "--scenario", "demo"], 64, "either --scenario or price"),
        (["risk-off", "--scenario", "crash"], 64, "--scenario crash: there are demo, calm"),
        (["risk-off", "{eth}", "{iwm}", "-g", "for"], 64, "write for instance threshold=3,3.5,4"),
        (["risk-off", "{eth}", "{iwm}", "-g", "x=1"], 64, "'x' stands neither in the rule's when"),
        (["risk-off", "{eth}", "{iwm}", "-g", "for=1x"], 64, "for=1x: unknown unit 'x'"),
        (["risk-off", "{eth}", "{iwm}", "--chart", "a.gif"], 64, "must end in .png or .svg"),
        (["risk-off", "{eth}", "{iwm}", "--chart", "a.png"], 64, "takes from 1 to 3 axes"),
        (["risk-off", "{eth}", "IWM=none.csv"], 65, "none.csv: No such file"),
        (["risk-off", "{eth}", "{iwm}", "-c", "none.yaml"], 78, "there is no such file"),
        (["risk-off", "{eth}", "{iwm}", "--step", "often"], 64, "write for instance 1s"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    files: list[str],
    arguments: list[str],
    code: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    eth, iwm = files
    assert run(["sweep", *(text.format(eth=eth, iwm=iwm) for text in arguments)]) == code
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert "Traceback" not in said.err


def test_help_teaches_by_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("sweep", "test", "replay"):
        assert run([command, "--help"]) == 0
        assert f"comove {command} " in capsys.readouterr().out
