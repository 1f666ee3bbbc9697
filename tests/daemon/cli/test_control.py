"""The commands that talk to the daemon, each as typed, against one that runs."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from daemon.cli import caller
from daemon.cli.app import run
from daemon.web.auth import CONTROL
from daemon.web.server import Site, make_app
from daemon.web.sockets import listen_on
from streams.tick import FeedState
from tests.config.folder import config_with
from tests.daemon.web.running import Running

CONFIG = config_with("# state: comove.db", "state: comove.db")


class Operator:
    """Types commands; what came out and the exit code."""

    def __init__(self, running: Running, capsys: pytest.CaptureFixture[str]) -> None:
        self.running = running
        self._capsys = capsys

    async def __call__(self, *words: str) -> tuple[int, str, str]:
        """With the daemon named by its configuration."""
        arguments = [*words, "-c", str(self.running.path)]
        code = await asyncio.to_thread(run, arguments)
        said = self._capsys.readouterr()
        return code, said.out, said.err


@asynccontextmanager
async def _served(running: Running) -> AsyncIterator[None]:
    at = listen_on(running.config.state.with_suffix(".sock"))
    site = Site([(at, make_app(running.sources, CONTROL))])
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(site.run(), name="site")
        yield
        serving.cancel()


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No daemon of this machine is meant."""
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setattr(caller, "SYSTEM", tmp_path / "none.sock")


@pytest.fixture
async def operator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Operator]:
    running = Running(tmp_path, config=CONFIG)
    running.fire()
    async with _served(running):
        yield Operator(running, capsys)


async def test_status_shows_link_feeds_rules_and_sinks(operator: Operator) -> None:
    operator.running.hear("kraken", FeedState.DOWN, "timed out")
    code, out, err = await operator("status")
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0].startswith("comove 0.1.0 · up 0 s · evaluated 0.0 s ago")
    assert any(line.startswith("! ETH has no live feed (") for line in lines)
    assert any(line.startswith("ETH–IWM regular n/a (IWM: no price yet) ") for line in lines)
    assert "kraken down timed out" in lines
    assert any(line.startswith("blind firing ") for line in lines)
    assert any(line.startswith("apart unknown ") for line in lines)
    assert "log ready 1 0" in lines
    assert "Traceback" not in out


async def test_the_feed_that_prices_come_from_is_marked_while_they_do(operator: Operator) -> None:
    for state, marked in ((FeedState.LIVE, True), (FeedState.DOWN, False)):
        operator.running.hear("coinbase", state)
        _, out, _ = await operator("status")
        rows = [line.split() for line in out.splitlines() if not line.startswith("!")]
        # Of ETH and of BTC.
        feeds = [row for row in rows if "coinbase" in row]
        assert [("▶" in row) for row in feeds] == [marked, marked]


async def test_status_for_machines_is_the_document(operator: Operator) -> None:
    code, out, _ = await operator("status", "--json")
    assert code == 0
    assert json.loads(out)["instance"] == "comove"


async def test_status_tells_what_a_refused_reload_said(operator: Operator) -> None:
    operator.running.rules.write_text("rules:\n  - {id: x, title: X, when: stael(ETH)}\n")
    await operator.running.reloader.reload()
    _, out, _ = await operator("status")
    assert "nothing was changed: 1 fault" in out
    assert "unknown metric 'stael'" in out


async def test_what_fires_is_listed_explained_and_acknowledged(operator: Operator) -> None:
    _, out, _ = await operator("alerts")
    assert "critical" in out
    assert "blind/ETH-IWM/" in out
    _, out, _ = await operator("why", "blind")
    assert "when: stale(ETH)" in out.splitlines()
    code, out, _ = await operator("ack", "blind/ETH-IWM")
    assert code == 0
    assert f"acknowledged by {getpass.getuser()}" in out
    _, out, _ = await operator("alerts")
    assert "acknowledged by" in out


async def test_where_nothing_fires_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = Running(tmp_path, config=CONFIG)
    quiet.at(0)
    async with _served(quiet):
        assert await Operator(quiet, capsys)("alerts") == (0, "nothing is firing\n", "")


async def test_what_fires_is_snoozed_for_a_duration(operator: Operator) -> None:
    code, out, _ = await operator("snooze", "blind", "--for", "90m")
    assert code == 0
    assert "11:30 New York" in out


async def test_a_silence_is_made_listed_and_ended(operator: Operator) -> None:
    code, out, _ = await operator(
        *("silence", "--rule", "blind", "--severity", "critical", "--pair", "ETH-IWM"),
        *("--for", "2h", "--why", "exchange maintenance"),
    )
    assert (code, out) == (0, "Silence s1 holds until 12:00 New York.\n")
    _, out, _ = await operator("silences")
    assert "rule blind, pair ETH-IWM, severity critical" in out
    assert "exchange maintenance" in out
    code, out, _ = await operator("unsilence", "s1")
    assert (code, "Silence s1 is ended by" in out) == (0, True)
    assert await operator("silences") == (0, "nothing is silenced\n", "")


async def test_a_silence_by_label_matches_it(operator: Operator) -> None:
    assert (await operator("silence", "--label", "desk=crypto", "--for", "1h"))[0] == 0
    [silence] = operator.running.app.desk.silences()
    assert silence.matcher.labels == {"desk": "crypto"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["ack", "apart"], 1, "'apart' is not firing now; what is: blind/ETH-IWM"),
        (["silence", "--rule", "blnd", "--for", "1h"], 1, "did you mean 'blind'?"),
        (["unsilence", "s7"], 1, "There is no silence 's7'"),
        (["why", "nonsense"], 1, "There is no rule 'nonsense'; what is firing: blind"),
        (["silence", "--rule", "blind"], 64, "Missing option '--for'"),
        (["silence", "--for", "soon"], 64, "--for"),
        (["silence", "--label", "desk", "--for", "1h"], 64, "key=value"),
        (["snooze", "blind", "--for", "5"], 64, "--for"),
    ],
)
async def test_what_cannot_be_done_is_said_and_changes_nothing(
    operator: Operator, words: list[str], code: int, said: str
) -> None:
    before = operator.running.stand
    got, out, err = await operator(*words)
    assert (got, out) == (code, "")
    assert said in err
    assert operator.running.stand == before


async def test_a_reload_is_done_or_every_fault_shown(operator: Operator) -> None:
    assert await operator("reload") == (0, "Rules are taken over.\n", "")
    operator.running.rules.write_text("rules:\n  - {id: x, title: X, when: stael(ETH)}\n")
    code, out, err = await operator("reload")
    assert (code, out) == (78, "")
    assert "rules.yaml:2:29: unknown metric 'stael'" in err
    assert "Nothing was changed: 1 fault." in err


async def test_another_socket_can_be_named(operator: Operator) -> None:
    code, out, _ = await operator(
        "status", "--json", "--socket", str(operator.running.config.state.with_suffix(".sock"))
    )
    assert (code, json.loads(out)["version"]) == (0, "0.1.0")


@pytest.mark.parametrize("words", [["status"], ["alerts"], ["reload"], ["ack", "x"]])
def test_where_no_daemon_runs_that_is_said_with_where_it_was_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    place = tmp_path / "comove.sock"
    (tmp_path / "comove.yaml").write_text("state: comove.db\n")
    assert run([*words, "-c", str(tmp_path / "comove.yaml")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        f"no comove is running here: nobody listens at {place} (-c or --socket says where)\n"
    )


def test_a_socket_that_one_may_not_open_is_said_to_be_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "s"
    place.write_text("")

    def denied(_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(caller, "_connected", denied)
    # Root may read anything: as if it could not.
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert run(["status", "--socket", str(place)]) == 1
    assert f"permission denied: {place}" in capsys.readouterr().err


def test_a_configuration_that_cannot_be_read_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["status", "-c", str(tmp_path / "none.yaml")]) == 78
    assert "there is no such file" in capsys.readouterr().err


async def test_a_daemon_that_does_not_speak_http_is_said_to_be_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def mumble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"mumble\r\n")
        writer.close()

    place = tmp_path / "s"
    async with await asyncio.start_unix_server(mumble, place):
        code = await asyncio.to_thread(run, ["status", "--socket", str(place)])
    assert code == 1
    assert f"comove does not answer at {place}" in capsys.readouterr().err


def test_the_daemon_of_systemd_s_directory_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{tmp_path}{os.pathsep}/other")
    assert run(["status"]) == 1
    assert str(tmp_path / "control.sock") in capsys.readouterr().err
