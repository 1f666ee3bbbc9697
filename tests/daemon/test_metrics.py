from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from alerts.outbox import Outbox
from daemon.metrics import Metrics
from daemon.readings import reading_families
from streams.instrument import NS
from streams.metric import CATALOGUE, SLOW, Call
from streams.snapshot import Reading
from streams.tick import FeedState, Tick
from tests.daemon.web.running import START, Running

SYSTEMD = Path(__file__).parents[2] / "systemd"
DASHBOARD = SYSTEMD / "grafana-dashboard.json"
ALERTS = SYSTEMD / "comove-alerts.prometheus.yml"

Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
async def running(tmp_path: Path) -> Running:
    made = Running(tmp_path)
    made.fire()
    return made


async def scraped(running: Running) -> tuple[Samples, str]:
    text = (await running.get("/metrics")).text
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return samples, text


def at(samples: Samples, name: str, **labels: str) -> float:
    return samples[f"comove_{name}", tuple(sorted(labels.items()))]


async def test_counts_of_feeds_are_by_venue(running: Running) -> None:
    counts = running.app.feeds[0].counts
    counts.frames, counts.ticks, counts.errors = 10, 7, 2
    samples, _ = await scraped(running)
    venue = running.app.feeds[0].name
    assert at(samples, "frames_total", venue=venue) == 10
    assert at(samples, "ticks_total", venue=venue) == 7
    assert at(samples, "frame_errors_total", venue=venue) == 2
    assert at(samples, "connects_total", venue="yahoo") == 0


def trade(running: Running) -> None:
    """One trade of ETH, received a quarter of a second after its stamp; 2.75 s pass."""
    stamped = START + 5 * NS
    running.hear("coinbase", FeedState.LIVE)
    running.app.watch.accept(
        Tick("trade", "coinbase", "ETH-USD", 3e3, 1.0, None, None, stamped, stamped + NS // 4)
    )
    running.at(8)


async def test_feeds_tell_whether_they_are_up_used_and_how_old(running: Running) -> None:
    trade(running)
    samples, _ = await scraped(running)
    eth = {"instrument": "ETH", "venue": "coinbase"}
    assert at(samples, "feed_up", **eth) == 1
    assert at(samples, "feed_active", **eth) == 1
    assert at(samples, "feed_age_seconds", **eth) == 2.75
    assert at(samples, "feed_lag_seconds", **eth) == 0.25
    assert at(samples, "feed_up", instrument="ETH", venue="kraken") == 0
    assert at(samples, "price", instrument="ETH") == 3000
    assert at(samples, "session", instrument="IWM", session="regular") == 1
    assert at(samples, "session", instrument="IWM", session="closed") == 0


async def test_rules_are_in_one_state_each(running: Running) -> None:
    samples, _ = await scraped(running)
    for rule, state in (("blind", "firing"), ("apart", "inactive")):
        states = {
            dict(labels)["state"]: value
            for (name, labels), value in samples.items()
            if name == "comove_rule_state" and ("rule", rule) in labels
        }
        assert {name for name, value in states.items() if value} == {state}
    assert at(samples, "rule_unknown", rule="apart", pair="ETH-IWM") == 1
    assert at(samples, "rule_muted", rule="blind", pair="ETH-IWM") == 0
    await running.post("/api/silence", seconds=60)
    samples, _ = await scraped(running)
    assert at(samples, "rule_muted", rule="blind", pair="ETH-IWM") == 1


async def test_deliveries_are_counted_by_lane_and_outcome(running: Running) -> None:
    assert at((await scraped(running))[0], "outbox_alerts", lane="log") == 1
    await _run(running.app.outbox)
    samples, _ = await scraped(running)
    assert at(samples, "outbox_alerts", lane="log") == 0
    assert at(samples, "deliveries_total", lane="log", outcome="delivered") == 1
    assert at(samples, "deliveries_total", lane="log", outcome="failed") == 0
    assert at(samples, "lane_up", lane="log") == 1


async def _run(outbox: Outbox) -> None:
    async with asyncio.TaskGroup() as tasks:
        delivering = tasks.create_task(outbox.run(), name="outbox")
        await asyncio.sleep(1)
        delivering.cancel()


async def test_a_reload_is_told_with_its_time_and_success(running: Running) -> None:
    samples, _ = await scraped(running)
    assert at(samples, "config_last_reload_successful") == 1
    assert at(samples, "config_last_reload_timestamp_seconds") == START / NS
    running.rules.write_text("rules: [")
    await asyncio.sleep(60)
    await running.post("/api/reload")
    samples, _ = await scraped(running)
    assert at(samples, "config_last_reload_successful") == 0
    assert at(samples, "config_last_reload_timestamp_seconds") == START / NS + 60


async def test_how_far_evaluation_is_behind_is_told(running: Running) -> None:
    await asyncio.sleep(4)
    samples, _ = await scraped(running)
    assert at(samples, "evaluation_lag_seconds") == 4


async def test_before_the_first_evaluation_there_are_no_readings_and_no_fault(
    running: Running,
) -> None:
    running.app.watch.snapshot = None
    samples, _ = await scraped(running)
    assert at(samples, "start_time_seconds") == START / NS
    assert not [name for name, _ in samples if name in {"comove_correlation", "comove_feed_up"}]


def families(**readings: Reading) -> dict[str, list[tuple[dict[str, str], float]]]:
    by_key = {key.replace("_of_", "("): value for key, value in readings.items()}
    return {
        family.name: [(sample.labels, sample.value) for sample in family.samples]
        for family in reading_families(by_key)
    }


def test_a_correlation_comes_with_its_interval() -> None:
    key = Call("corr", ("ETH", "IWM"), 3600.0).key
    made = families(**{key: Reading(0.5, low=0.25, high=0.75)})
    labels = {"pair": "ETH-IWM", "window": "1h"}
    assert made == {
        "comove_correlation": [(labels, 0.5)],
        "comove_correlation_low": [(labels, 0.25)],
        "comove_correlation_high": [(labels, 0.75)],
    }


def test_what_is_unknown_is_absent_rather_than_0() -> None:
    assert families(**{"corr(ETH,IWM,1h)": Reading(None, "closed")}) == {}


@pytest.mark.parametrize(
    ("call", "name", "labels"),
    [
        (Call("beta", ("ETH", "IWM"), SLOW), "beta", {"pair": "ETH-IWM", "window": "4w"}),
        (
            Call("divergence", ("ETH", "IWM"), 3600.0),
            "divergence_sigmas",
            {"pair": "ETH-IWM", "window": "1h"},
        ),
        (
            Call("breakdown", ("ETH", "IWM"), rate=1 / 21),
            "breakdown",
            {"pair": "ETH-IWM", "budget": "1/month"},
        ),
        (
            Call("partial", ("ETH", "IWM", "SPY"), 86400.0),
            "partial",
            {"pair": "ETH-IWM", "control": "SPY", "window": "1d"},
        ),
        (
            Call("return", ("ETH",), days=1),
            "return_ratio",
            {"instrument": "ETH", "window": "1d"},
        ),
        (Call("lead", ("ETH", "IWM")), "lead_seconds", {"pair": "ETH-IWM"}),
        (Call("until", ("fomc",)), "until_seconds", {"event": "fomc"}),
    ],
)
def test_a_reading_is_named_and_labelled_by_its_call(
    call: Call, name: str, labels: dict[str, str]
) -> None:
    assert families(**{call.key: Reading(1.0)}) == {f"comove_{name}": [(labels, 1.0)]}


def test_a_reading_of_every_metric_has_a_name_of_its_own() -> None:
    readings = {}
    for metric in CATALOGUE.values():
        names = {"pair": ("X", "Y", "Z")[: 3 if metric.controlled else 2]}
        instruments = names.get(metric.over, ("X",))
        readings[Call(metric.name, instruments, metric.window, metric.rate).key] = Reading(1.0)
    made = families(**readings)
    assert len(made) == len(CATALOGUE) - len({"corr_low", "corr_high"})


async def test_names_are_as_prometheus_wants_them(running: Running) -> None:
    registry = CollectorRegistry()
    registry.register(Metrics(running.sources))
    for family in registry.collect():
        assert re.fullmatch(r"comove_[a-z0-9_]+", family.name), family.name
        assert family.documentation.endswith("."), family.name
        assert not re.search(r"_(total|count|ms|minutes|percent)$", family.name), family.name


async def test_dashboard_and_alerts_ask_only_for_what_there_is(running: Running) -> None:
    trade(running)
    there = {name for name, _ in (await scraped(running))[0]}
    there |= {f"comove_{each}" for each in _of_readings()}
    for file in (DASHBOARD, ALERTS):
        asked = set(re.findall(r"\bcomove_[a-z0-9_]+", " ".join(_expressions(file))))
        assert asked
        assert asked <= there, file


def _of_readings() -> set[str]:
    sides = ("", "_low", "_high")
    readings = {f"correlation{side}" for side in sides}
    return readings | {"beta", "divergence_sigmas", "breakdown", "price"}


def _expressions(file: Path) -> list[str]:
    if file is DASHBOARD:
        panels = json.loads(file.read_text())["panels"]
        return [target["expr"] for panel in panels for target in panel.get("targets", ())]
    groups = YAML(typ="safe", pure=True).load(file.read_text())["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def test_every_alert_says_what_to_do() -> None:
    groups = YAML(typ="safe", pure=True).load(ALERTS.read_text())["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"].keys() == {"summary", "description"}


def test_prometheus_takes_every_expression(tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool (package prometheus) is not installed")
    asked = "".join(
        f"  - record: panel:{number}\n    expr: {json.dumps(_filled(expression))}\n"
        for number, expression in enumerate(_expressions(DASHBOARD))
    )
    panels = tmp_path / "panels.yml"
    panels.write_text(f"groups:\n- name: panels\n  rules:\n{asked}")
    done = subprocess.run(
        ["promtool", "check", "rules", str(ALERTS), str(panels)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout


def _filled(expression: str) -> str:
    """With Grafana's variables put in."""
    return expression.replace("$__rate_interval", "1m").replace("$job", "a").replace("$pair", "b")


def test_every_panel_has_a_place_of_its_own() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    cells = [
        (x, y)
        for panel in panels
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)
