from __future__ import annotations

import struct
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from daemon.charts import draw
from daemon.study.study import Study
from tests.daemon.study.markets import pair, studied

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def found() -> Study:
    return studied(*pair(4, late=1))


def test_picture_is_a_png_of_a_page(found: Study) -> None:
    data = draw(found, "png")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert 900 < width < 1600
    assert 900 < height < 1600


def test_drawing_says_in_words_what_it_shows_and_is_the_same_twice(found: Study) -> None:
    data = draw(found, "svg")
    assert data == draw(found, "svg")
    root = ET.fromstring(data)  # noqa: S314  # our own
    words = " | ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    for expected in (
        "ETH and IWM: correlation",
        "Prices, first one in common = 100",
        "Correlation over 1h with 95 % interval",
        "Lead-lag profile with 95 % intervals: stamping offset",
        "Divergence over 1h",
        "← IWM first · lag in minutes · ETH first →",
        ", IWM first by 1m",
        "2026-03-03",
    ):
        assert expected in words


def test_matplotlib_is_loaded_only_for_a_chart() -> None:
    program = "import sys, daemon.cli.study; sys.exit('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == 0
