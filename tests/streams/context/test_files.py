from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.context.files import NAMES, among, next_business_day, read_points
from streams.history.prices import PriceFileError
from streams.instrument import NS
from streams.tick import Beat, ContextPoint, Item


def at(text: str, zone: str = "America/New_York") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * NS


def points(folder: Path, name: str, *rows: str) -> list[ContextPoint]:
    path = folder / "series.csv"
    path.write_text("\n".join(["date,value", *rows]) + "\n")
    return read_points(path, name)


@pytest.mark.parametrize(
    ("name", "day", "known"),
    [
        ("vix", "2026-03-16", "2026-03-17 09:45"),
        ("vix", "2026-03-13", "2026-03-16 09:45"),
        ("vix", "2026-04-02", "2026-04-06 09:45"),  # Good Friday lies between
        ("us2y", "2026-03-16", "2026-03-17 16:45"),
        ("us2y", "2026-01-16", "2026-01-20 16:45"),  # Martin Luther King's day
        ("us2y", "2026-10-09", "2026-10-13 16:45"),  # Columbus: the exchange is open, banks not
        ("us2y", "2026-11-10", "2026-11-12 16:45"),  # Veterans
        ("us2y", "2018-11-09", "2018-11-13 16:45"),  # Veterans, on a Sunday
        ("fed_funds", "2026-03-14", "2026-03-16 16:45"),  # a Saturday has one, too
        ("fed_target_high", "2026-03-19", "2026-03-19 09:45"),
    ],
)
def test_a_days_figure_is_known_when_it_was_published(
    tmp_path: Path, name: str, day: str, known: str
) -> None:
    (point,) = points(tmp_path, name, f"{day},4.33")
    assert point.ts_recv == at(known)
    assert at(day) <= point.ts_event <= point.ts_recv


def test_fear_and_greed_is_known_as_its_day_begins(tmp_path: Path) -> None:
    (point,) = points(tmp_path, "fear_greed", "2026-03-17,22")
    assert point.ts_event == at("2026-03-17 00:00", "UTC")
    assert point.ts_recv == at("2026-03-17 00:15", "UTC")


def test_rates_are_fractions_and_indices_as_they_are(tmp_path: Path) -> None:
    assert points(tmp_path, "us2y", "2026-03-17,4.33")[0].value == 4.33 * 0.01
    assert points(tmp_path, "vix", "2026-03-17,27.4")[0].value == 27.4


def test_a_figure_that_cannot_be_one_is_told_with_file_and_day(tmp_path: Path) -> None:
    with pytest.raises(PriceFileError, match=r"series\.csv: 2026-03-17: 2740\.0 cannot be a vix"):
        points(tmp_path, "vix", "2026-03-17,2740")


@given(st.dates(date(2017, 1, 1), date(2028, 12, 1)))
@settings(max_examples=100, deadline=None)
def test_a_business_day_is_a_weekday_within_a_week(day: date) -> None:
    following = next_business_day(day)
    assert 1 <= (following - day).days <= 5
    assert following.weekday() < 5


def point(known: int, name: str = "vix", value: float = 20.0) -> ContextPoint:
    return ContextPoint(name, value, known - 5, known, "file")


def merged(items: list[Item], given: list[ContextPoint]) -> list[tuple[str, int]]:
    return [
        (f"{item.name} {item.value:g}" if isinstance(item, ContextPoint) else "-", item.ts_recv)
        for item in among(items, given)
    ]


def test_points_come_before_the_first_item_at_or_after_them() -> None:
    items: list[Item] = [Beat(10), Beat(20), Beat(30)]
    given = [point(30, value=3), point(20, value=1), point(21, value=2)]
    assert merged(items, given) == [
        ("-", 10),
        ("vix 1", 20),
        ("-", 20),
        ("vix 2", 21),
        ("vix 3", 30),
        ("-", 30),
    ]


def test_of_what_was_known_before_only_the_newest_comes_and_at_the_beginning() -> None:
    given = [point(1, value=1), point(5, value=2), point(3, "us2y", 0.04), point(40)]
    assert merged([Beat(10), Beat(30)], given) == [
        ("vix 2", 10),
        ("us2y 0.04", 10),
        ("-", 10),
        ("-", 30),
    ]
    (first, *_) = among([Beat(10)], given)
    assert isinstance(first, ContextPoint)
    assert first.ts_event == 0


@given(st.lists(st.integers(0, 100)), st.lists(st.integers(0, 100)))
@settings(max_examples=100, deadline=None)
def test_nothing_is_seen_before_it_is_known(known: list[int], beats: list[int]) -> None:
    found = list(among([Beat(ts) for ts in sorted(beats)], [point(ts) for ts in known]))
    assert [item.ts_recv for item in found] == sorted(item.ts_recv for item in found)
    for item in found:
        if isinstance(item, ContextPoint):
            assert item.ts_event + 5 <= item.ts_recv


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("vix", "FRED_VIXCLS_1990_2026-08.csv"),
        ("fed_funds", "FRED_DFF_2000_2025-10.csv"),
        ("us2y", "FRED_DGS2_2018_2025.csv"),
        ("fear_greed", "fear_greed_alternative-me_2018-02_2026-08.csv"),
    ],
)
def test_recorded_files_are_read(recorded: Path, name: str, file: str) -> None:
    assert name in NAMES
    found = read_points(recorded / "macro" / file, name)
    assert len(found) > 1900
    assert all(a.ts_recv <= b.ts_recv for a, b in pairwise(found))
