from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from daemon.scorecard import Measure
from daemon.sweep.grid import Axis, cells
from daemon.sweep.heatmap import draw
from daemon.sweep.sweep import Row

SVG = "{http://www.w3.org/2000/svg}"

FAR, WINDOW, FOR = (
    Axis("far", ("3", "4")),
    Axis("60m", ("30m", "60m", "2h")),
    Axis("for", ("0s", "2m")),
)


def rows(*axes: Axis, right: float | None = 0.5) -> list[Row]:
    return [
        Row(
            cell=dict(cell),
            alerts=n,
            days=1.0,
            alerts_a_day=float(n),
            causes=1,
            found=1,
            delay=None if n == 0 else 10.0 + n,
            right=right,
        )
        for n, cell in enumerate(cells(axes))
    ]


def texts(*axes: Axis, made: list[Row] | None = None) -> list[str]:
    data = draw("a rule", axes, rows(*axes) if made is None else made, "svg")
    root = ET.fromstring(data)  # noqa: S314  # our own
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("axes", [(FAR,), (FAR, WINDOW), (FAR, WINDOW, FOR)])
def test_each_cell_is_written_in_its_map(axes: tuple[Axis, ...]) -> None:
    found = texts(*axes)
    assert found.count("a rule") == 1
    for row in rows(*axes):
        assert f"{row.alerts_a_day:.2f}" in found
    assert found.count("50%") == len(rows(*axes))


def test_axes_are_named_as_in_the_table_and_the_third_goes_side_by_side() -> None:
    found = texts(FAR, WINDOW, FOR)
    assert {"far", "in place of 60m"} <= set(found)
    for title in ("alerts a day; for 0s", "delay, minutes; for 2m", "right; for 2m"):
        assert title in found


def test_an_axis_of_one_value_is_none() -> None:
    found = texts(FAR, Axis("for", ("2m",)), WINDOW, made=rows(FAR, Axis("for", ("2m",)), WINDOW))
    assert "in place of 60m" in found
    assert "for" not in found


def test_what_is_not_known_is_a_dash() -> None:
    assert texts(FAR).count("–") == 1, "the delay of the cell that never fired"
    assert texts(FAR, made=rows(FAR, right=None)).count("–") == 3


def test_of_price_files_what_followed_is_drawn() -> None:
    made = [
        Row(dict(cell), 5, 1.0, 5.0, measure=Measure.CONVERGENCE, counted=5, share=0.4)
        for cell in cells([FAR])
    ]
    found = texts(FAR, made=made)
    assert "closed half the gap" in found
    assert found.count("40%") == 2
    assert not any("delay" in text for text in found)


def test_the_same_rows_give_the_same_bytes_and_png_is_png() -> None:
    axes = (FAR, WINDOW)
    assert draw("t", axes, rows(*axes), "svg") == draw("t", axes, rows(*axes), "svg")
    assert draw("t", axes, rows(*axes), "png")[:8] == b"\x89PNG\r\n\x1a\n"
