from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from alerts.notifiers.notifier import Illustrator
from daemon.illustrator import Charts
from daemon.trail import Trail
from daemon.worker import Worker
from streams.detectors import Evidence
from streams.instrument import Pair
from streams.lead import Profile
from streams.snapshot import Reading, Snapshot
from tests.daemon.drawn import words
from tests.daemon.tracks import MINUTE, OPEN

pytestmark = pytest.mark.real_time

PAIR = Pair("ETH", "IWM")


@pytest.fixture
async def charts() -> AsyncIterator[Charts]:
    """With ten minutes to draw."""
    trail, worker = Trail([PAIR]), Worker()
    for minute in range(10):
        readings = {
            "price(ETH)": Reading(2000.0 + minute),
            "price(IWM)": Reading(200.0),
            "corr(ETH,IWM,1h)": Reading(0.5, low=0.4, high=0.6),
        }
        sessions = {"ETH": "regular", "IWM": "regular"}
        trail.look(Snapshot(OPEN + minute * MINUTE, readings, sessions))
    yield Charts(trail, worker)
    worker.close()


async def test_a_chart_is_drawn_elsewhere_as_png_and_as_svg(charts: Charts) -> None:
    illustrator: Illustrator = charts
    png = await illustrator.chart("ETH-IWM", 3600.0, mark=OPEN + MINUTE)
    assert png is not None
    assert png.startswith(b"\x89PNG")
    svg = await charts.svg("ETH-IWM", 3600.0, dark=True)
    assert svg is not None
    assert b"<svg" in svg


async def test_the_page_s_other_pictures_are_drawn_there_too(charts: Charts) -> None:
    found = Evidence(3.1, 9.4, broken=False, since=None)
    svg = await charts.breakdown("ETH-IWM", 3600.0, found, dark=True, narrow=True)
    assert svg is not None
    assert "3.1 of 9.4" in words(svg)
    profile = Profile("", points=((-1.0, 0.1), (0.0, 0.3), (1.0, 0.2)), veto=0.5)
    svg = await charts.lead(profile, "ETH", "IWM", "Tue 17 Mar", dark=False, narrow=False)
    assert ".30 at 0 s" in words(svg)


async def test_what_there_is_to_draw_is_of_a_minute(charts: Charts) -> None:
    assert charts.minute("ETH-IWM") == OPEN // MINUTE + 9
    assert charts.minute("BTC-SPY") is None


@pytest.mark.parametrize(("pair", "seconds"), [("BTC-SPY", 3600.0), ("ETH-IWM", 60.0)])
async def test_where_there_is_nothing_to_draw_no_process_is_started(
    charts: Charts, pair: str, seconds: float
) -> None:
    assert await charts.chart(pair, seconds) is None
    found = Evidence(3.1, 9.4, broken=False, since=None)
    assert await charts.breakdown(pair, seconds, found, dark=False, narrow=False) is None
    assert charts._worker.pid is None


def test_the_daemon_does_not_load_what_draws() -> None:
    program = (
        "import sys, daemon.illustrator, daemon.wiring\n"
        "sys.exit(bool({'matplotlib', 'polars'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
