from __future__ import annotations

import struct
from xml.etree import ElementTree as ET

import msgspec
import pytest

from daemon.drawing import draw
from daemon.trail import Row, Track
from tests.daemon.drawn import SVG, words
from tests.daemon.tracks import DAY, MINUTE, OPEN, session, track, two_days


def svg(given: Track, *, mark: int | None = None) -> str:
    return words(draw(given, form="svg", mark=mark))


def blank(given: Track, **values: None) -> Track:
    """The track without some of its columns."""
    rows = tuple(msgspec.structs.replace(row, **values) for row in given.rows)
    return msgspec.structs.replace(given, rows=rows)


@pytest.mark.parametrize("dark", [False, True])
def test_it_is_a_png_of_900_by_600(*, dark: bool) -> None:
    data = draw(track(), dark=dark)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (900, 600)
    assert len(data) < 200_000


def test_the_same_track_is_the_same_picture_and_another_is_another() -> None:
    first = draw(track(), mark=OPEN)
    assert first == draw(track(), mark=OPEN)
    assert first != draw(track(), mark=OPEN + 30 * MINUTE)
    assert first != draw(track(), mark=OPEN, dark=True)


def test_it_says_in_words_what_it_shows() -> None:
    written = svg(track())
    for expected in (
        "ETH and IWM, Tue 17 Mar 09:30 to 11:29",
        "Correlation over 1h with its 95 % interval: .43 (.28 to .53) at 11:29",
        "Prices, first one in common = 100",
        "ETH 2,119.00",
        "IWM 198.81",
        "Divergence over 1h, ETH against what IWM implies: +1.0 σ at 11:29",
        "New York",
    ):
        assert expected in written


def test_the_marked_moment_is_named_and_its_figures_are_told() -> None:
    written = svg(track(), mark=OPEN + 40 * MINUTE)
    assert "marked: Tue 17 Mar 10:10" in written
    assert "at 10:10" in written
    assert "at 11:29" not in written


@pytest.mark.parametrize("mark", [OPEN - DAY, OPEN + DAY])
def test_a_moment_outside_of_the_track_is_marked_at_its_edge(mark: int) -> None:
    edge = "at 09:30" if mark < OPEN else "at 11:29"
    assert edge in svg(track(), mark=mark)


def test_two_days_stand_side_by_side_and_both_are_named() -> None:
    written = svg(two_days())
    assert "Tue 17 Mar 15:00 to Wed 18 Mar 10:29" in written
    assert "Tue 17" in written
    assert "Wed 18" in written


def test_where_trading_stopped_the_lines_are_broken() -> None:
    assert pieces(track()) == [1, 1, 1, 1]
    assert pieces(two_days()) == [2, 2, 2, 2]


def pieces(given: Track) -> list[int]:
    """Of how many pieces each of the lines consists that go through the whole picture."""
    root = ET.fromstring(draw(given, form="svg"))  # noqa: S314  # our own
    paths = [path.get("d", "") for path in root.iter(f"{SVG}path") if "fill: none" in style(path)]
    return [path.count("M") for path in paths if path.count("L") > len(given.rows) // 2]


def style(path: ET.Element) -> str:
    return path.get("style", "")


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ({"corr": None, "low": None, "high": None}, "not known in this stretch"),
        ({"divergence": None}, "not known in this stretch"),
        ({"y": None}, "no price of both in this stretch"),
    ],
)
def test_what_is_not_known_is_said(missing: dict[str, None], why: str) -> None:
    assert why in svg(blank(track(), **missing))


def test_a_correlation_without_an_interval_is_drawn_alone() -> None:
    written = svg(blank(track(), low=None, high=None))
    assert "interval: .43 at 11:29" in written


def test_two_rows_suffice() -> None:
    assert draw(Track("ETH", "IWM", session(0, 2)))


def test_rows_without_anything_are_drawn_too() -> None:
    empty = tuple(Row(OPEN + m * MINUTE, None, None, None, None, None, None) for m in range(5))
    assert draw(Track("ETH", "IWM", empty))
