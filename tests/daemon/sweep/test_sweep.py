"""Variants side by side, held against one at a time, and rows made of what they did."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from msgspec.structs import replace

from config.shipped import CONFIG, RULES, shipped_path
from daemon.scenario import SCRIPTS
from daemon.scorecard import Measure, Score
from daemon.sweep.grid import Axis, Draft, cells
from daemon.sweep.sweep import row, split, sweep
from daemon.sweep.trial import Cause, Files, Simulated, Tally, Trial, causes, judged, run
from streams.instrument import NS
from streams.simulator.script import DEMO, Move, Script

OPEN = 1_773_754_200
"""Tue 17 Mar 2026, 09:30 in New York."""
MINUTE = 60 * NS
DAY = 23_400 * NS
GRID = [Axis("4", ("2.5", "3", "9")), Axis("for", ("0s", "2m")), Axis("60m", ("30m", "60m"))]


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Both in step for most of a session, until ETH falls alone for six minutes."""
    rng = np.random.default_rng(5)
    common, own = rng.normal(0, 6e-4, (2, 380))
    eth = common + 0.5 * own
    eth[240:246] -= 0.0025
    paths = {}
    for name, logs in (("ETH", eth), ("IWM", common)):
        rows = [f"{OPEN + 60 * n},{p}" for n, p in enumerate(100 * np.exp(np.cumsum(logs)))]
        paths[name] = tmp_path / f"{name}.csv"
        paths[name].write_text("\n".join(["ts,close", *rows]), "utf-8")
    draft = Draft(shipped_path(RULES), "eth-behind-small-caps")
    variants = tuple(draft.vary(cell) for cell in cells(GRID))
    files = Files(paths, "UTC", "start", 60 * NS)
    return Trial(shipped_path(CONFIG), "eth-behind-small-caps", variants, files)


def test_side_by_side_each_variant_does_as_alone(trial: Trial) -> None:
    together = run(trial)
    alone = [
        run(replace(trial, variants=(variant,)))[0]
        for variant in (trial.variants[0], trial.variants[-1])
    ]
    assert [together[0].alerts, together[-1].alerts] == [one.alerts for one in alone]
    assert together[0].alerts > together[-1].alerts == 0
    assert together[0].watched == alone[0].watched


def test_a_longer_for_and_a_higher_threshold_never_fire_more(trial: Trial) -> None:
    alerts = dict(zip(cells(GRID), (tally.alerts for tally in run(trial)), strict=True))
    for (threshold, hold, window), count in alerts.items():
        assert alerts[threshold, ("for", "2m"), window] <= alerts[threshold, ("for", "0s"), window]
        assert count >= alerts[("4", "9"), hold, window]
        assert alerts[("4", "9"), hold, window] == 0
    assert max(alerts.values()) >= 1


def test_processes_find_what_one_finds(trial: Trial) -> None:
    parts = split(trial, 2)
    assert [len(part.variants) for part in parts] == [6, 6]
    done: list[bool] = []
    shared = sweep(parts, jobs=2, progress=lambda: done.append(True))
    assert [tally for part in shared for tally in part] == run(trial)
    assert len(done) == 2


def test_a_trial_is_split_into_no_more_parts_than_variants(trial: Trial) -> None:
    assert len(split(replace(trial, variants=trial.variants[:3]), 8)) == 3
    assert split(trial, 1) == [trial]


# -- causes


def test_the_demo_s_causes_are_those_a_rule_may_speak_of() -> None:
    behind = causes(DEMO, 0, "eth-behind-small-caps")
    assert [(c.start // MINUTE, c.end // MINUTE, c.own) for c in behind] == [
        (12, 20, True),
        (90, 150, False),
    ]
    assert [c.own for c in causes(DEMO, 0, "small-caps-breakdown")] == [True]
    assert [c.start // MINUTE for c in causes(DEMO, 0, "risk-off")] == [205]


def test_a_new_rule_may_speak_of_all_causes() -> None:
    assert [c.own for c in causes(DEMO, 0, "mine")] == [True, True, True]


KNOWN = [Cause(100 * MINUTE, 110 * MINUTE, own=True), Cause(200 * MINUTE, 260 * MINUTE, own=False)]


def test_an_alert_is_right_from_its_cause_until_half_an_hour_past_its_end() -> None:
    fired = [99 * MINUTE, 100 * MINUTE, 140 * MINUTE, 141 * MINUTE, 230 * MINUTE]
    tally = judged(fired, KNOWN, DAY)
    assert (tally.alerts, tally.right, tally.causes) == (5, 3, 1)
    assert tally.delays == (0,)


def test_a_cause_that_was_not_found_has_no_delay() -> None:
    tally = judged([230 * MINUTE], KNOWN, DAY)
    assert (tally.causes, tally.delays, tally.right) == (1, (), 1)


# -- rows


def test_tallies_of_several_seeds_become_one_row() -> None:
    tallies = [
        Tally(watched=DAY, alerts=3, causes=1, delays=(4 * MINUTE,), right=2),
        Tally(watched=DAY, alerts=1, causes=1, delays=(8 * MINUTE,), right=1),
        Tally(watched=2 * DAY, alerts=0, causes=1),
    ]
    found = row((("4", "3"),), tallies, day=DAY)
    assert found.cell == {"4": "3"}
    assert (found.alerts, found.days, found.alerts_a_day) == (4, 4.0, 1.0)
    assert (found.causes, found.found, found.delay, found.right) == (3, 2, 6.0, 0.75)


def test_without_an_alert_there_is_no_share_and_no_delay() -> None:
    found = row((), [Tally(watched=DAY, alerts=0, causes=1)], day=DAY)
    assert (found.delay, found.right, found.found) == (None, None, 0)


def test_of_files_the_scorecard_s_measure_is_told() -> None:
    score = Score("0", "ETH-IWM", Measure.CONVERGENCE, 8, 6, hits=3, median=12.0)
    found = row((), [Tally(watched=4 * DAY, alerts=8, score=score)], day=DAY)
    assert (found.measure, found.counted, found.share) == (Measure.CONVERGENCE, 6, 0.5)
    assert (found.median_bp, found.alerts_a_day, found.right) == (12.0, 2.0, None)
    restored = replace(score, measure=Measure.RESTORATION, counted=4, hits=None, median=None)
    few = row((), [Tally(watched=DAY, alerts=8, score=restored)], day=DAY)
    assert (few.share, few.median_bp, few.counted) == (None, None, 4)


SHORT = Script(
    duration=1500.0,
    phases=(
        Move(
            name="ETH falls", instrument="ETH", against="IWM", sigma=-9, start=600.0, duration=300.0
        ),
    ),
)


def test_a_scenario_is_run_with_its_causes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast("dict[str, Script]", SCRIPTS), "short", SHORT)
    draft = Draft(shipped_path(RULES), "eth-behind-small-caps")
    variants = (draft.vary((("4", "4"),)), draft.vary((("4", "20"),)))
    source = Simulated("short", seed=5)
    usual, never = run(Trial(shipped_path(CONFIG), "eth-behind-small-caps", variants, source))
    assert (usual.causes, usual.right, usual.alerts) == (1, 1, 1)
    assert 0 < usual.delays[0] < 15 * MINUTE
    assert (never.alerts, never.delays) == (0, ())
    assert usual.watched == pytest.approx(25 * MINUTE, rel=0.01)
