from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from rich.console import Console

from alerts.backdrop import backdrop_line
from alerts.notifiers.mqtt_metrics import Metrics as Pages
from config.load import load
from config.settings import Context
from config.shipped import CONFIG
from daemon.cli.board import status_board
from daemon.demo import demo_config
from daemon.metrics import Metrics
from daemon.polls import sources
from daemon.web.state import page_state
from daemon.web.status import status
from streams.context.poll import follow
from tests.daemon.asked import Publishers
from tests.daemon.web.running import Running

ALL = {
    "vix",
    "us2y",
    "fear_greed",
    "cut_odds",
    "fed_funds",
    "fed_target_low",
    "fed_target_high",
}


@pytest.fixture
async def publishers() -> AsyncIterator[Publishers]:
    async with Publishers() as running:
        yield running


async def after(running: Running, seconds: float) -> None:
    """Have everything asked for so long, and evaluated."""
    running.at(-2)
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(follow(running.app.polls), name="context")
        await asyncio.sleep(seconds)
        asking.cancel()
    for item in running.app.inbox.take(1000):
        running.app.watch.accept(item)
    running.at(round(seconds) + 1)


def values(running: Running) -> dict[str, object]:
    assert running.app.watch.snapshot is not None
    readings = running.app.watch.snapshot.readings
    return {name: readings[f"{name}()"].value for name in ALL}


async def test_what_is_configured_is_asked_and_read_by_rules(
    tmp_path: Path, publishers: Publishers
) -> None:
    running = Running(tmp_path, config=publishers.config)
    await after(running, 60)
    assert values(running) == {
        "vix": 27.4,
        "us2y": pytest.approx(0.0448),
        "fear_greed": 22.0,
        "cut_odds": pytest.approx(0.6020, abs=1e-4),
        "fed_funds": pytest.approx(0.0363),
        "fed_target_low": pytest.approx(0.035),
        "fed_target_high": pytest.approx(0.0375),
    }
    assert running.app.watch.snapshot is not None
    assert backdrop_line(running.app.watch.snapshot.readings) == (
        "VIX 27.4 (close of Mon, FRED) · 2-year 4.48% · fear & greed 22 · "
        "cut odds 60% (Kalshi 26MAR, 1 min old)"
    )


async def test_a_publisher_that_fails_keeps_nothing_else_from_coming(
    tmp_path: Path, publishers: Publishers
) -> None:
    publishers.down = {"fred"}
    running = Running(tmp_path, config=publishers.config)
    await after(running, 60)
    known = {name for name, value in values(running).items() if value is not None}
    assert known == {"fear_greed", "cut_odds"}


async def test_the_page_shows_each_with_its_age_or_why_there_is_none(
    tmp_path: Path, publishers: Publishers
) -> None:
    publishers.down = {"kalshi"}
    running = Running(tmp_path, config=publishers.config)
    await after(running, 60)
    found = {each.name: (each.value, each.detail) for each in page_state(running.sources).context}
    assert len(found) == len(ALL)
    assert found["VIX"] == ("27.4", "close of Mon, FRED")
    assert found["cut odds"] == (
        "n/a",
        "nothing from its source yet · last asked in vain: HTTP 503",
    )


async def test_where_nothing_is_asked_the_page_has_no_such_part(tmp_path: Path) -> None:
    running = Running(tmp_path, config="context: {}\n".join(_without_context()))
    running.at(0)
    running.at(1)
    assert page_state(running.sources).context == ()
    assert running.app.polls == ()


def _without_context() -> tuple[str, str]:
    head, _, rest = files("config").joinpath(CONFIG).read_text().partition("context:\n")
    return head, "\n# Who is told." + rest.partition("\n# Who is told.")[2]


async def test_prometheus_gets_values_ages_and_counts(
    tmp_path: Path, publishers: Publishers
) -> None:
    publishers.down = {"kalshi"}
    running = Running(tmp_path, config=publishers.config)
    await after(running, 3600)
    registry = CollectorRegistry()
    registry.register(Metrics(running.sources))
    text = generate_latest(registry).decode()
    assert "\ncomove_vix 27.4\n" in text
    assert "\ncomove_us2y_ratio 0.0448" in text
    assert "comove_cut_odds" not in text.replace("series=", "")
    # From Monday 16:00 in New York to Tuesday 11:00.
    assert '\ncomove_context_age_seconds{series="vix"} 68400.0\n' in text
    of = '{publisher="Kalshi",series="cut_odds"}'
    (polls,) = [line for line in text.splitlines() if line.startswith(_total("polls", of))]
    (failures,) = [
        line for line in text.splitlines() if line.startswith(_total("poll_failures", of))
    ]
    assert polls.split()[1] == failures.split()[1]
    assert float(polls.split()[1]) > 3


def _total(name: str, labels: str) -> str:
    return f"comove_context_{name}_total{labels} "


async def test_a_terminal_shows_it(tmp_path: Path, publishers: Publishers) -> None:
    running = Running(tmp_path, config=publishers.config)
    await after(running, 60)
    out = io.StringIO()
    Console(file=out, width=120).print(status_board(status(running.sources)))
    assert "VIX                27.4    close of Mon, FRED" in out.getvalue()


async def test_mqtt_has_a_topic_for_each(tmp_path: Path, publishers: Publishers) -> None:
    running = Running(tmp_path, config=publishers.config)
    await after(running, 60)
    assert running.app.watch.snapshot is not None
    pages = Pages(0).pages(running.app.watch.snapshot)
    assert pages.keys() >= ALL
    said = msgspec.json.decode(pages["vix"])
    assert (said["value"], said["note"]) == (27.4, "close of Mon, FRED")


def test_nobody_is_asked_by_the_demo() -> None:
    assert demo_config({"coinbase": "ws://c", "alpaca": "ws://a"}).context == Context()


def test_every_series_that_is_said_to_have_a_source_has_one() -> None:
    context = load(Path(str(files("config").joinpath(CONFIG)))).context
    assert tuple(source.name for source, _ in sources(context)) == context.names
    assert {*context.names} == ALL


async def test_other_sources_take_a_restart(tmp_path: Path, publishers: Publishers) -> None:
    running = Running(tmp_path, config=publishers.config)
    running.path.write_text(publishers.config.replace("/kalshi'", "/odds'"))
    reload = await running.reloader.reload()
    assert reload.ok
    assert "context take a restart" in reload.sentence
