"""`comove replay` from its arguments to its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from alerts.engine import Engine
from alerts.notifiers.log import block
from alerts.transition import Transition
from config.load import load
from config.shipped import CONFIG as CONFIG_FILE
from config.shipped import EVENTS, RULES, shipped_path
from daemon.cli.app import run
from daemon.replay import common_span, on_files, play
from daemon.watch import Watch
from daemon.wiring import make_market
from streams.history.prices import read_prices
from streams.instrument import NS

OPEN = 1_773_754_200
"""Tue 17 Mar 2026, 09:30 in New York."""
MINUTES, FALL = 380, 240


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a comove.yaml of someone's own."""
    monkeypatch.chdir(tmp_path)


def bars(folder: Path, name: str, closes: list[float], *, start: int = OPEN) -> str:
    path = folder / f"{name}.csv"
    rows = [f"{start + 60 * n},{close:.6f}" for n, close in enumerate(closes)]
    path.write_text("\n".join(["ts,close", *rows]) + "\n", "utf-8")
    return f"{name}={path}"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Both in step for most of a session, until ETH falls alone for six minutes."""
    rng = np.random.default_rng(5)
    common, own = rng.normal(0, 6e-4, (2, MINUTES))
    eth = common + 0.5 * own
    eth[FALL : FALL + 6] -= 0.0025
    return [
        bars(tmp_path, "ETH", (2000 * np.exp(np.cumsum(eth))).tolist()),
        bars(tmp_path, "IWM", (250 * np.exp(np.cumsum(common))).tolist()),
    ]


def test_a_rule_fires_where_its_condition_holds_and_each_line_is_an_object(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["replay", "--json", *files]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    behind = [one for one in told if one["rule"] == "eth-behind-small-caps"]
    assert [one["state"] for one in behind] == ["pending", "firing", "resolved"]
    assert FALL < (behind[0]["ts"] / 1e9 - OPEN) / 60 < FALL + 6
    assert behind[1]["values"]["divergence(ETH,IWM,1h)"] < -4
    assert behind[1]["message"].startswith("ETH-IWM: ETH is −")


def test_the_same_files_give_the_same_bytes(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(["replay", "--json", *files])
    first = capsys.readouterr().out
    assert first
    run(["replay", "--json", *files])
    assert capsys.readouterr().out == first


def test_the_same_recorded_prices_give_the_same_bytes(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "replay",
        "--json",
        f"ETH={recorded / 'prices' / 'ETH-USD_1m.ff37e57.csv'}",
        f"IWM={recorded / 'prices' / 'IWM_1m.bd41802.csv'}",
    ]
    assert run(arguments) == 0
    first = capsys.readouterr().out
    assert first
    assert run(arguments) == 0
    assert capsys.readouterr().out == first


def test_people_are_shown_the_files_the_sessions_and_the_alerts(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["replay", *files]) == 0
    out = capsys.readouterr().out
    assert "ETH: 380 bars of 1m" in out
    assert "2026-03-17" in out
    assert "ETH is behind what small caps imply" in out
    assert "1 alert in 1 session" in out


def test_messages_are_shown_as_the_log_gets_them(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The same core, its transitions written by the notifier itself."""
    settings = load(shipped_path(CONFIG_FILE))
    prices = {name: read_prices(Path(path)) for name, _, path in (f.partition("=") for f in files)}
    settings = on_files(settings, prices, 60 * NS)
    found: list[Transition] = []
    watch = Watch(make_market(settings), Engine(settings.rules), on_transition=found.append)
    play(watch, prices, common_span(prices, settings.pairs[0]))
    assert run(["replay", "--messages", *files]) == 0
    out = capsys.readouterr().out
    blocks = [block(transition) for transition in found if transition.notify]
    assert len(blocks) == 2
    for text in blocks:
        assert f"to log:\n{text}\n" in out


def test_what_is_silenced_is_not_shown_but_counted(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = shipped_path(RULES).read_text("utf-8") + SILENCE
    (tmp_path / RULES).write_text(rules, "utf-8")
    (tmp_path / CONFIG_FILE).write_text(shipped_path(CONFIG_FILE).read_text("utf-8"), "utf-8")
    (tmp_path / EVENTS).write_text(shipped_path(EVENTS).read_text("utf-8"), "utf-8")
    assert run(["replay", *files]) == 0
    out = capsys.readouterr().out
    assert "ETH is behind" not in out
    assert "0 alerts (1 firing not told: silenced, inhibited or flapping) in 1 session" in out


SILENCE = """
silences:
  - id: all-day
    match: {rules: [eth-behind-small-caps]}
    during: {from: "00:00", to: "23:59", timezone: America/New_York}
"""


def test_the_scorecard_comes_last_and_for_machines_only_where_asked(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["replay", *files]) == 0
    assert "1 alert: too few to judge" in capsys.readouterr().out
    assert run(["replay", "--json", *files]) == 0
    plain = capsys.readouterr().out
    assert "scorecard" not in plain
    assert run(["replay", "--json", "--scorecard", *files]) == 0
    *told, last = capsys.readouterr().out.splitlines()
    assert told == plain.splitlines()
    card = json.loads(last)
    assert card["kind"] == "scorecard"
    (behind,) = (one for one in card["rules"] if one["rule"] == "eth-behind-small-caps")
    assert (behind["measure"], behind["alerts"], behind["counted"]) == ("convergence", 1, 1)


def test_naive_times_and_the_end_of_bars_are_understood_as_told(
    tmp_path: Path, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(["replay", "--json", *files])
    expected = capsys.readouterr().out
    naive = []
    for source in files:
        name, _, path = source.partition("=")
        stamps = np.datetime64("2026-03-17T09:31") + np.arange(MINUTES)
        rows = Path(path).read_text("utf-8").splitlines()[1:]
        lines = [f"{ts},{row.split(',')[1]}" for ts, row in zip(stamps, rows, strict=True)]
        target = tmp_path / f"{name}-naive.csv"
        target.write_text("\n".join(["Datetime,Close", *lines]) + "\n", "utf-8")
        naive.append(f"{name}={target}")
    zone = ["--tz", "America/New_York", "--bar-stamp", "end"]
    assert run(["replay", "--json", *zone, *naive]) == 0
    assert capsys.readouterr().out == expected


USAGE, UNREADABLE, CONFIG = 64, 65, 78


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ETHX={eth}", "IWM={iwm}"], USAGE, "Did you mean ETH?"),
        (["ETH={eth}"], USAGE, "a file is needed for IWM too: IWM=FILE"),
        (["{eth}", "IWM={iwm}"], USAGE, "is not SYMBOL=FILE; write for instance ETH="),
        (["ETH={eth}", "IWM={iwm}", "--tz", "New York"], USAGE, "--tz New York: no such time zone"),
        (["ETH={eth}", "IWM={iwm}", "--bar-stamp", "mid"], USAGE, "it is 'start' or 'end'"),
        (["ETH={eth}", "IWM={iwm}", "--step", "fast"], USAGE, "write for instance 1s, 30s or 5m"),
        (["ETH={eth}", "IWM={iwm}", "--step", "0s"], USAGE, "write for instance 1s, 30s or 5m"),
        (["--quickly"], USAGE, "No such option"),
        ([], USAGE, "Missing argument"),
        (["ETH=none.csv", "IWM={iwm}"], UNREADABLE, "none.csv: No such file or directory"),
        (["ETH={eth}", "IWM=."], UNREADABLE, ".: Is a directory"),
        (["ETH={eth}", "IWM=words.csv"], UNREADABLE, "words.csv:3: not a price: 'much'"),
        (["ETH={eth}", "IWM=columns.csv"], UNREADABLE, "columns.csv:1: no price column"),
        (["ETH={eth}", "IWM=none", "--config", "none.yaml"], CONFIG, "there is no such file"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    files: list[str],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    Path("words.csv").write_text(f"ts,close\n{OPEN},250\n{OPEN + 60},much\n", "utf-8")
    Path("columns.csv").write_text(f"ts,volume\n{OPEN},250\n", "utf-8")
    eth, iwm = (source.partition("=")[2] for source in files)
    assert run(["replay", *(text.format(eth=eth, iwm=iwm) for text in arguments)]) == code
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert "Traceback" not in said.err


def test_files_that_have_no_time_in_common_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    eth = bars(tmp_path, "ETH", [2000.0, 2001.0, 2002.0])
    iwm = bars(tmp_path, "IWM", [250.0, 251.0, 252.0], start=OPEN + 86_400)
    assert run(["replay", "--json", eth, iwm]) == UNREADABLE
    assert "no time in common" in capsys.readouterr().err
