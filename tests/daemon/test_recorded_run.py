"""A run of the daemon that is recorded, and the replay of what it recorded."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from alerts.transition import Transition
from config.settings import Config, Record
from daemon.app import App
from daemon.clock import Clock, run_paced
from daemon.demo import Demo, closes
from daemon.replay import play_recorded, recorded
from daemon.texts import transition_json
from daemon.watch import Watch
from daemon.wiring import make_engine, make_market
from streams.history.shelf import files
from streams.instrument import NS
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import MINUTE, Move, Outage, Script
from streams.simulator.servers.alpaca import KEY, SECRET
from tests.streams.history.lines import texts

SCRIPT = Script(
    duration=8 * MINUTE,
    phases=(
        Move(
            name="ETH alone falls",
            instrument="ETH",
            against="IWM",
            sigma=-8.0,
            start=3 * MINUTE,
            duration=2 * MINUTE,
        ),
        Outage(name="Coinbase is down", venue="coinbase", start=6.5 * MINUTE, duration=MINUTE / 2),
    ),
)


class Recorded(Demo):
    """A simulated day whose feeds are recorded."""

    config: Config

    def __init__(self, folder: Path) -> None:
        super().__init__(market=SimulatedMarket(seed=5, script=SCRIPT))
        self._folder = folder

    def _build(self, config: Config, clock: Clock) -> App:
        kept = Record(self._folder, keep=86_400 * NS, share=0.5)
        self.config = msgspec.structs.replace(config, record=kept)
        return super()._build(self.config, clock)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recorded, Path]:
    folder = tmp_path_factory.mktemp("recordings")
    player = Recorded(folder)
    run_paced(player.run())
    return player, folder


def _replayed(player: Recorded, folder: Path) -> list[Transition]:
    found: list[Transition] = []
    market = make_market(player.config)
    market.learn(closes(player.simulated.history()))
    watch = Watch(market, make_engine(player.config), on_transition=found.append)
    play_recorded(watch, recorded(player.config, [folder]))
    return found


def test_its_recording_replays_to_the_same_transitions(run: tuple[Recorded, Path]) -> None:
    player, folder = run
    end = player.simulated.start_ns + int(SCRIPT.duration * NS)
    found = [t for t in _replayed(player, folder) if t.ts < end]
    assert [transition_json(t) for t in found] == [transition_json(t) for t in player.transitions]
    assert "firing" in {t.state.value for t in player.transitions}


def test_it_records_every_venue_from_its_opening_to_its_end(run: tuple[Recorded, Path]) -> None:
    _, folder = run
    paths = files(folder)
    assert [path.parent.name for path in paths] == ["alpaca", "coinbase", "kraken"]
    for path in paths:
        lines = texts([path])
        kinds = [line.t for line in lines]
        assert kinds[:2] in (["connect", "send"], ["connect", "recv"])
        assert (lines[-1].t, lines[-1].data) == ("close", "stopped")


def test_no_secret_is_in_it(run: tuple[Recorded, Path]) -> None:
    _, folder = run
    sent = [line.data or "" for line in texts(files(folder)) if line.t == "send"]
    assert any('"auth"' in text for text in sent)
    everything = "".join(str(msgspec.structs.asdict(line)) for line in texts(files(folder)))
    assert KEY not in everything
    assert SECRET not in everything
