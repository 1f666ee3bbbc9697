from __future__ import annotations

import io
from datetime import date

import pytest
from matplotlib.image import imread
from msgspec.structs import replace

from alerts.transition import WEEKLY
from daemon.week_drawing import draw_week, sessions_of
from tests.alerts.report.told import report

WEEK = report(WEEKLY)


def test_a_session_is_drawn_as_the_report_s_figures_have_it() -> None:
    first, second = sessions_of(WEEK)
    assert first.day == date(2026, 3, 18)
    assert (first.corr, first.low, first.high) == (0.41, 0.3, 0.52)
    assert (first.x, first.y) == ((2000.0, 2050.0), (250.0, 251.0))
    assert (second.corr, second.y) == (None, (252.0, None))


def test_the_same_report_gives_the_same_picture_of_900_by_600() -> None:
    png = draw_week(WEEK)
    assert png == draw_week(WEEK)
    assert imread(io.BytesIO(png)).shape[:2] == (600, 900)


@pytest.mark.parametrize("missing", [".corr", "prior_close.", ".open.", "corr_usual"])
def test_what_is_not_known_is_left_out(missing: str) -> None:
    values = {key: None if missing in key else value for key, value in WEEK.values.items()}
    png = draw_week(replace(WEEK, values=values))
    assert png.startswith(b"\x89PNG")
    assert png != draw_week(WEEK)


def test_without_any_price_there_is_no_line_but_a_picture() -> None:
    values = {key: value for key, value in WEEK.values.items() if "corr" in key}
    assert draw_week(replace(WEEK, values=values)).startswith(b"\x89PNG")
