"""How far a detector is from its threshold, as it goes through a session."""

from __future__ import annotations

import pytest

from streams.detectors import Evidence
from streams.instrument import NS
from tests.streams.bars import DAY, MONTH, OPEN, Player

BOTH = ("breakdown", "breakdown_warning")


def taught(minutes: int = 0) -> Player:
    """Seven sessions of one-minute bars known, the eighth `minutes` old."""
    player = Player()
    player.sessions(7)
    player.open()
    player.play(4 * minutes)
    return player


def found(player: Player, metric: str = "breakdown", rate: float = MONTH) -> Evidence:
    evidence = player.apart.evidence(metric, rate)
    assert evidence is not None
    return evidence


@pytest.mark.parametrize("metric", BOTH)
def test_while_nothing_is_learned_there_is_no_evidence(metric: str) -> None:
    player = Player()
    player.open()
    player.play(400)
    assert player.apart.evidence(metric, MONTH) is None


@pytest.mark.parametrize("metric", BOTH)
def test_evidence_of_a_break_climbs_from_its_onset_to_the_threshold(metric: str) -> None:
    player = taught(60)
    seen = [found(player, metric)]
    while not seen[-1].broken:
        player.play(4, rho=-0.5)
        seen.append(found(player, metric))
    *climb, alarm = seen
    assert max(each.share for each in climb) > 0.7
    assert all(0.0 <= each.total < each.threshold for each in seen)
    assert alarm.since is not None
    # What was found to be the onset is where the last climb was said to begin.
    assert alarm.since == climb[-1].since
    hour = OPEN + player.day * DAY + 60 * 60 * NS
    assert abs(alarm.since - hour) < 15 * 60 * NS


def test_once_broken_it_is_evidence_of_the_links_return_and_ends_with_it() -> None:
    player = taught(60)
    while not found(player).broken:
        player.play(4, rho=-0.5)
    onset = found(player).since
    shares = []
    while (now := found(player)).broken:
        shares.append(now.share)
        assert now.since == onset
        player.play(4, rho=0.95)
    assert shares[0] < 0.2
    assert max(shares) > 0.7
    assert found(player).share < 0.2


def test_where_nothing_speaks_for_a_break_no_climb_is_said_to_have_begun() -> None:
    player = taught(30)
    while found(player).total > 0.0:
        player.play(4, rho=0.95)
    assert found(player).since is None


def test_of_a_budget_that_nobody_asked_for_another_stands_in_and_none_is_made() -> None:
    player = taught(20)
    assert found(player, rate=1.0) == found(player)
    for detectors in player.apart._detectors.values():
        detectors._warning.clear()
    assert player.apart.evidence("breakdown_warning", MONTH) is None
    assert not any(detectors.warned for detectors in player.apart._detectors.values())
