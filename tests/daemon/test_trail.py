from __future__ import annotations

import pytest

from daemon.trail import Row, Trail, trail_calls
from streams.detectors import Evidence
from streams.instrument import NS, Pair
from streams.metric import Call
from streams.snapshot import Reading, Snapshot

START = 1_773_756_000 * NS
"""Tue 17 Mar 2026, 10:00 in New York."""
PAIR = Pair("ETH", "IWM", ("SPY",))


def snapshot(second: float, *, session: str = "regular", **values: float | None) -> Snapshot:
    given = {"x": 2000.0, "y": 200.0, "corr": 0.5, "divergence": -1.0} | values
    return Snapshot(
        ts=START + round(second * NS),
        readings={
            "price(ETH)": Reading(given["x"]),
            "price(IWM)": Reading(given["y"]),
            "corr(ETH,IWM,1h)": Reading(given["corr"], low=0.4, high=0.6),
            "divergence(ETH,IWM,1h)": Reading(given["divergence"]),
        },
        sessions={"ETH": "regular", "IWM": session},
    )


def rows(trail: Trail, seconds: float = 86_400.0) -> tuple[Row, ...]:
    track = trail.track("ETH-IWM", seconds)
    assert track is not None
    return track.rows


def test_the_newest_snapshot_of_a_minute_is_its_row() -> None:
    trail = Trail([PAIR])
    for second in range(0, 181, 7):
        trail.look(snapshot(second, x=2000.0 + second))
    found = rows(trail)
    assert [(row.ts - START) // NS for row in found] == [56, 119, 175]
    assert [row.x for row in found] == [2056.0, 2119.0, 2175.0]


def test_a_row_has_all_that_is_drawn_and_none_where_there_was_nothing() -> None:
    trail = Trail([PAIR])
    trail.look(snapshot(0))
    trail.look(snapshot(60, x=None, corr=None, divergence=None))
    first, second = rows(trail)
    assert first == Row(START, 2000.0, 200.0, 0.5, 0.4, 0.6, -1.0)
    assert (second.x, second.corr, second.divergence) == (None, None, None)


@pytest.mark.parametrize("session", ["extended", "closed"])
def test_outside_regular_hours_there_are_no_rows(session: str) -> None:
    trail = Trail([PAIR])
    trail.look(snapshot(0))
    trail.look(snapshot(60, session=session))
    trail.look(snapshot(120))
    assert [(row.ts - START) // NS for row in rows(trail)] == [0, 120]


def test_the_newest_rows_are_kept_and_as_many_are_given_as_are_asked_for() -> None:
    trail = Trail([PAIR], capacity=5)
    for minute in range(9):
        trail.look(snapshot(60 * minute))
    assert [(row.ts - START) // (60 * NS) for row in rows(trail)] == [4, 5, 6, 7, 8]
    assert [(row.ts - START) // (60 * NS) for row in rows(trail, 120)] == [7, 8]
    assert not rows(trail, 0)
    assert not rows(trail, -60)


def test_of_a_pair_that_is_not_watched_there_is_no_track() -> None:
    assert Trail([PAIR]).track("BTC-SPY", 60) is None


def test_what_was_not_computed_is_none() -> None:
    trail = Trail([PAIR])
    trail.look(Snapshot(START, {}, {"ETH": "regular", "IWM": "regular"}))
    assert rows(trail) == (Row(START, None, None, None, None, None, None),)


@pytest.mark.parametrize(
    ("found", "share", "onset"),
    [
        (None, None, None),
        (Evidence(0.0, 8.0, broken=False, since=None), 0.0, None),
        (Evidence(2.0, 8.0, broken=False, since=START), 0.25, None),
        (Evidence(6.0, 8.0, broken=True, since=START), 0.75, START / NS),
    ],
)
def test_evidence_of_a_break_is_kept_as_a_share_and_with_the_onset_of_a_break(
    found: Evidence | None, share: float | None, onset: float | None
) -> None:
    asked: list[Call] = []

    def evidence(call: Call) -> Evidence | None:
        asked.append(call)
        return found if call.metric == "breakdown" else None

    trail = Trail([PAIR], evidence=evidence)
    trail.look(snapshot(0))
    (row,) = rows(trail)
    assert (row.breakdown, row.onset) == (share, onset)
    assert (row.warning, row.warned) == (None, None)
    assert {call.key for call in asked} == {
        "breakdown(ETH,IWM,1/month)",
        "breakdown_warning(ETH,IWM,1/month)",
    }


def test_it_asks_for_what_it_keeps() -> None:
    assert {call.key for call in trail_calls([PAIR])} == snapshot(0).readings.keys()
