from __future__ import annotations

from math import exp, inf

import msgspec
import pytest

from daemon.lag_text import lag_text, veto_text
from daemon.lead_drawing import draw_lead
from streams.lead import LAGS, Profile
from tests.daemon.drawn import size, words

PROFILE = Profile(
    claim="no lead can be claimed before 18 days: 3 so far",
    points=tuple((lag, 0.21 * exp(-((lag - 3) ** 2) / 18)) for lag in LAGS),
    veto=2.1,
    peak=3.0,
    speaks=3.0,
    llr=1.8,
)


def drawn(profile: Profile = PROFILE, *, dark: bool = False, narrow: bool = False) -> bytes:
    return draw_lead(profile, "ETH", "IWM", "Tue 17 Mar", dark=dark, narrow=narrow)


def test_it_says_who_is_first_on_which_side_where_the_peak_is_and_what_says_nothing() -> None:
    written = words(drawn())
    for expected in (
        "Correlation of ETH and IWM by lag, Tue 17 Mar",
        "← IWM first · lag in seconds · ETH first →",
        ".21 at +3 s",
        "shaded: lags within ±2.1 s say nothing",
        "−30",
        "30",
    ):
        assert expected in written


@pytest.mark.parametrize("peak", [-30.0, -3.0, 0.0, 30.0])
def test_a_peak_at_any_lag_stands_with_its_figure_inside_of_the_picture(peak: float) -> None:
    points = tuple((lag, -0.1 if lag == peak else 0.01) for lag in LAGS)
    written = words(drawn(msgspec.structs.replace(PROFILE, points=points, peak=peak)))
    assert f"−.10 at {lag_text(peak)}" in written


@pytest.mark.parametrize(
    ("veto", "text"),
    [
        (2.14, "lags within ±2.1 s say nothing"),
        (inf, "no lag says anything on these feeds"),
        (42.0, "lags within ±42 s say nothing: all of these"),
    ],
)
def test_what_says_nothing_is_told_in_words(veto: float, text: str) -> None:
    profile = msgspec.structs.replace(PROFILE, veto=veto)
    assert veto_text(profile) == text
    assert f"shaded: {text}" in words(drawn(profile))


@pytest.mark.parametrize(("narrow", "pixels"), [(False, (620, 330)), (True, (430, 320))])
def test_it_has_the_size_that_the_page_leaves_room_for(
    narrow: bool,  # noqa: FBT001  # a case
    pixels: tuple[int, int],
) -> None:
    assert size(drawn(narrow=narrow)) == pixels


def test_the_same_is_the_same_picture_and_a_dark_one_is_another() -> None:
    assert drawn() == drawn()
    assert drawn() != drawn(dark=True)
    assert len(drawn()) < 60_000
