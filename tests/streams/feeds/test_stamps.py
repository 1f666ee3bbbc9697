from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.feeds.stamps import epoch, rfc3339

SECOND = 1783465097_000_000_000


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-07-07T22:58:17Z", SECOND),
        ("2026-07-07T22:58:17.1Z", SECOND + 100_000_000),
        ("2026-07-07T22:58:17.164892Z", SECOND + 164_892_000),
        ("2026-07-07T22:58:17.335689322Z", SECOND + 335_689_322),
        ("2026-07-07T22:58:17.3356893229Z", SECOND + 335_689_322),
        ("2026-07-07T18:58:17.5-04:00", SECOND + 500_000_000),
        ("2026-07-08T00:58:17+02:00", SECOND),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00.000000+14:00", None),
        ("9999-12-31T23:59:59Z", None),
    ],
)
def test_time_is_exact_and_no_time_is_none(text: str, ns: int | None) -> None:
    assert rfc3339(text) == ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Z",
        "2026-07-07T22:58:17",
        "2026-07-07T22:58:17xZ",
        "2026-07-07T22:58:17.Z",
        "2026-07-07T22:58:17,5Z",
        "2026-07-07T22:58:17.1_0Z",
        "2026-07-07T22:58:17.+1Z",
        "2026-07-07T22:58:17.\u0661Z",
        "2026-13-07T22:58:17Z",
        "2026-07-07T22:58:17+0200",
        "20260707T225817.123Z",
        "2026-08-09 21:05:48.5 +0000 UTC m=+1.5",
    ],
)
def test_what_is_not_rfc3339_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rfc3339(text)


def _offset(east: int) -> str:
    return f"{'-' if east < 0 else '+'}{abs(east) // 60:02d}:{abs(east) % 60:02d}"


@settings(max_examples=100, deadline=None)
@given(
    at=st.integers(400 * 86_400, 290 * 365 * 86_400),
    east=st.integers(-14 * 60, 14 * 60),
    nanosecond=st.integers(0, 999_999_999),
)
def test_any_offset_names_the_same_instant(at: int, east: int, nanosecond: int) -> None:
    local = datetime.fromtimestamp(at, timezone(timedelta(minutes=east)))
    text = f"{local:%Y-%m-%dT%H:%M:%S}.{nanosecond:09d}{_offset(east)}"
    assert rfc3339(text) == at * 1_000_000_000 + nanosecond


@pytest.mark.parametrize(
    ("count", "ns"),
    [
        (1783465157897, 1783465157897_000_000),
        (1783465157897123, 1783465157897_123_000),
        (0, None),
        (-62135596800000, None),
        (2**63, None),
    ],
)
def test_ms_and_us_are_told_apart(count: int, ns: int | None) -> None:
    assert epoch(count) == ns
