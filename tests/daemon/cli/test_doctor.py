from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import pytest

from daemon.cli.app import run
from daemon.cli.doctor import Board, doctor
from daemon.clock import Clock
from daemon.doctor.finding import Check, ok, warn
from streams.simulator.market import SimulatedMarket
from streams.simulator.servers.coinbase import CoinbaseServer
from tests.config.folder import config_with, write
from tests.stand_ins.broker import free_port

CONFIG = """\
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD]}}
  BTC: {{calendar: 24/7, feeds: [coinbase:BTC-USD]}}
pairs: [{{x: ETH, y: BTC}}]
feeds: {{coinbase: {{url: 'ws://127.0.0.1:{port}'}}}}
state: comove.db
"""
RULES = "rules:\n  - {id: blind, title: No prices, when: stale(ETH)}\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def tried(path: Path, *, as_json: bool = False, out: io.StringIO | None = None) -> tuple[int, str]:
    out = out or io.StringIO()
    return doctor(path, as_json=as_json, proxy=False, out=out), out.getvalue()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Where nobody listens."""
    monkeypatch.setenv("RES_OPTIONS", "")
    return free_port()


def test_a_venue_that_is_gone_ends_in_1_with_a_remedy(tmp_path: Path, port: int) -> None:
    code, out = tried(write(tmp_path, CONFIG.format(port=port), RULES))
    assert code == 1
    lines = out.splitlines()
    (feed,) = (number for number, line in enumerate(lines) if line.startswith("feed"))
    assert "coinbase" in lines[feed]
    assert "fail  connection refused" in lines[feed]
    assert lines[feed + 1].strip().startswith("→ see whether a firewall")
    assert lines[-1].strip().startswith("11 checks: 2 failed, ")


def test_machines_get_an_object_a_line(tmp_path: Path, port: int) -> None:
    code, out = tried(write(tmp_path, CONFIG.format(port=port), RULES), as_json=True)
    assert code == 1
    found = {(line["area"], line["name"]): line for line in map(json.loads, out.splitlines())}
    assert set(found["feed", "coinbase"]) == {"area", "name", "verdict", "text", "remedy"}
    assert found["feed", "coinbase"]["verdict"] == "fail"
    assert found["machine", "calendar"]["verdict"] == "ok"


def test_a_terminal_is_shown_the_same_table(tmp_path: Path, port: int) -> None:
    terminal = Terminal()
    assert tried(write(tmp_path, CONFIG.format(port=port), RULES), out=terminal)[0] == 1
    assert "connection refused" in terminal.getvalue()


def test_a_faulty_configuration_ends_in_78(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, config_with("step: 1s", "stepp: 1s"))
    assert run(["doctor", "-c", str(path), "--json"]) == 78
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "stepp" in captured.err


@pytest.mark.usefixtures("port")
def test_all_well_ends_in_0(tmp_path: Path) -> None:
    async def served() -> tuple[int, str]:
        market = SimulatedMarket(seed=5)
        clock = Clock(asyncio.get_running_loop(), market.start_ns)
        async with CoinbaseServer(market, clock.now) as server:
            where = server.url.rpartition(":")[2]
            path = write(tmp_path, CONFIG.format(port=where), RULES)
            # The command has a loop of its own.
            return await asyncio.to_thread(tried, path)

    code, out = asyncio.run(served())
    assert code == 0, out
    assert "ETH-USD in " in out
    assert "right, as far as they can tell (Date headers of 1 venue" in out
    assert not (tmp_path / "comove.db").exists()


def test_the_table_tells_what_is_under_way() -> None:
    async def never() -> None:
        raise AssertionError

    checks = [Check("a", name, never) for name in ("one", "two")]  # type: ignore[arg-type]  # not looked at
    board = Board(checks)
    assert board._summary() == "2 of 2 checks under way"
    board.take(0, ok("fine"))
    assert board._summary() == "1 of 2 checks under way"
    board.take(1, ok("fine"))
    assert board._summary() == "all 2 checks are well"
    board.take(1, warn("soon", "do it"))
    assert board._summary() == "2 checks: 0 failed, 1 to look at"
