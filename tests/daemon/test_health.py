from __future__ import annotations

from collections.abc import Mapping

import pytest

from alerts.lane import Counts
from daemon.health import alive, troubles
from streams.instrument import NS
from streams.snapshot import FeedStatus, Snapshot

NOW = 1_773_756_000 * NS


@pytest.mark.parametrize(
    ("core", "started", "step", "lives"),
    [
        (NOW - 9 * NS, 0, NS, True),
        (NOW - 11 * NS, 0, NS, False),
        (NOW + 11 * NS, 0, NS, False),
        (0, NOW - 5 * NS, NS, True),
        (0, NOW - 15 * NS, NS, False),
        (NOW - 70 * NS, 0, 60 * NS, True),
        (NOW - 130 * NS, 0, 60 * NS, False),
    ],
    ids=["recent", "stuck", "clock set back", "starting", "never began", "slow step", "slow stuck"],
)
def test_it_lives_while_core_time_is_with_the_clock(
    core: int, started: int, step: int, *, lives: bool
) -> None:
    assert alive(core, now=NOW, started=started, step=step) is lives


def found(
    *feeds: FeedStatus, session: str = "regular", lanes: Mapping[str, Counts] | None = None
) -> list[str]:
    snapshot = Snapshot(NOW, {}, {"IWM": session}, feeds)
    return list(troubles(snapshot, lanes or {}, faulty=False))


def feed(venue: str, state: str, *, active: bool = False, reason: str = "") -> FeedStatus:
    return FeedStatus("IWM", venue, state, active, None, reason)


def test_an_instrument_is_ready_where_the_feed_in_use_is_live() -> None:
    assert found(feed("alpaca", "down"), feed("yahoo", "live", active=True)) == []


def test_without_a_live_feed_each_is_named_with_its_reason() -> None:
    down = feed("alpaca", "down", active=True, reason="timed out")
    assert found(down, feed("yahoo", "stale")) == [
        "IWM has no live feed (alpaca down: timed out; yahoo stale)"
    ]


def test_a_closed_market_needs_no_feed() -> None:
    assert found(feed("yahoo", "closed", active=True), session="closed") == []


def test_a_sink_that_fails_is_named_with_what_waits() -> None:
    live = feed("yahoo", "live", active=True)
    lanes = {"mqtt": Counts(queued=3, failing=True), "log": Counts(queued=2)}
    assert found(live, lanes=lanes) == ["mqtt does not deliver, 3 alerts wait"]


def test_before_the_first_evaluation_nothing_is_ready() -> None:
    assert list(troubles(None, {}, faulty=False)) == ["nothing was evaluated yet"]


def test_a_state_file_that_cannot_be_written_is_told() -> None:
    [told] = troubles(Snapshot(NOW, {}, {}), {}, faulty=True)
    assert "cannot be written" in told
