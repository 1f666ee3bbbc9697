from __future__ import annotations

from pathlib import Path

import pytest

from streams.context.series import read_series
from streams.history.prices import PriceFileError
from tests.daemon.claims.days import day_of


def written(folder: Path, text: str) -> Path:
    path = folder / "series.csv"
    path.write_text(text)
    return path


def test_holidays_are_left_out_and_days_put_in_order(tmp_path: Path) -> None:
    text = "observation_date,DGS2\n2024-01-04,4.4\n2024-01-02,4.3\n2024-01-03,\n2024-01-05,.\n"
    found = read_series(written(tmp_path, text), "DGS2")
    assert found.days.tolist() == [day_of("2024-01-02"), day_of("2024-01-04")]
    assert found.values.tolist() == [4.3, 4.4]


@pytest.mark.parametrize(
    ("name", "value"), [("VIX", 3.0), ("open", 1.0), ("classification_free", 3.0)]
)
def test_the_column_of_that_name_then_value_or_close_is_taken(
    tmp_path: Path, name: str, value: float
) -> None:
    path = written(tmp_path, "date,open,high,close,volume\n2024-01-02,1,2,3,9\n")
    assert read_series(path, name).values.tolist() == [value]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day,DFF\n2024-01-02,5\n", r":1: no column 'date'"),
        ("date,DFF\n2024-01-02,5\n2024-13-02,5\n", r":3: not a date"),
        ("date,DFF\n2024-01-02,five\n", r":2: not a figure"),
        ("date,DFF\n2024-01-02,nan\n", r":2: not a figure"),
        ("date,DFF\n2024-01-02,\n", "no values"),
        ("", "not a table"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(PriceFileError, match=said):
        read_series(written(tmp_path, text), "DFF")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PriceFileError, match=r"none\.csv"):
        read_series(tmp_path / "none.csv", "DFF")
