from __future__ import annotations

import msgspec
import pytest

from daemon.breakdown_drawing import draw_breakdown
from daemon.trail import Row, Track
from streams.detectors import Evidence
from streams.instrument import NS
from tests.daemon.drawn import size, words
from tests.daemon.tracks import MINUTE, OPEN, track

ONSET = OPEN + 40 * MINUTE
HOLDS = Evidence(3.1, 9.4, broken=False, since=ONSET)
BROKEN = Evidence(2.2, 8.3, broken=True, since=ONSET)


def climbing(broken_from: int = 60, warning: float | None = None) -> Track:
    """Two hours: a climb after 40 minutes, a break that is found."""

    def row(at: int, old: Row) -> Row:
        broken = at >= broken_from
        share = 0.1 if broken else max(0.0, (at - 40) / 20)
        onset = ONSET / NS if broken else None
        return msgspec.structs.replace(old, breakdown=share, onset=onset, warning=warning)

    rows = tuple(row(at, old) for at, old in enumerate(track(120).rows))
    return Track("ETH", "IWM", rows)


def test_while_the_link_holds_it_says_how_much_there_is_against_it() -> None:
    written = words(draw_breakdown(climbing(broken_from=999), HOLDS))
    assert "Evidence of a break: 3.1 of 9.4 at 11:29" in written
    for expected in ("alarm", "9.4", "half", "10:00", "New York"):
        assert expected in written
    for absent in ("onset", "broken", "return", "warning"):
        assert absent not in written


def test_a_break_is_marked_with_its_onset_and_evidence_is_that_of_the_return() -> None:
    written = words(draw_breakdown(climbing(), BROKEN))
    assert "Evidence of the link's return: 2.2 of 8.3 at 11:29" in written
    for expected in ("onset about 10:10", "broken", "of a break", "of the link's return"):
        assert expected in written
    assert "warning" not in written


def test_two_breaks_have_an_onset_each() -> None:
    rows = climbing().rows
    later = (OPEN + 90 * MINUTE) / NS
    second = [msgspec.structs.replace(row, onset=later) for row in rows[100:]]
    held = [msgspec.structs.replace(row, onset=None) for row in rows[80:100]]
    written = words(draw_breakdown(Track("ETH", "IWM", (*rows[:80], *held, *second)), BROKEN))
    assert "onset about 10:10" in written
    assert "onset about 11:00" in written


def test_a_faster_warning_is_drawn_where_there_is_one() -> None:
    assert "faster warning" in words(draw_breakdown(climbing(warning=0.4), HOLDS))


@pytest.mark.parametrize(("narrow", "pixels"), [(False, (620, 330)), (True, (430, 320))])
def test_it_has_the_size_that_the_page_leaves_room_for(
    narrow: bool,  # noqa: FBT001  # a case
    pixels: tuple[int, int],
) -> None:
    assert size(draw_breakdown(climbing(), BROKEN, narrow=narrow)) == pixels


def test_the_same_is_the_same_picture_and_a_dark_one_is_another() -> None:
    first = draw_breakdown(climbing(), BROKEN)
    assert first == draw_breakdown(climbing(), BROKEN)
    assert first != draw_breakdown(climbing(), BROKEN, dark=True)
    assert len(first) < 60_000


def test_rows_of_a_time_when_nothing_was_known_are_drawn_too() -> None:
    assert "Evidence of a break" in words(draw_breakdown(track(3), HOLDS))
