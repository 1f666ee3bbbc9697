"""The article's claims on the files that others recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.claims.data import Data
from daemon.claims.document import read_claims, shipped
from daemon.claims.trial import Tried, run
from daemon.study.candles import flat_share
from daemon.study.quality import Source
from streams.context.series import read_series
from streams.history.prices import read_prices

PRICES = {
    "ETH": (
        "daily_ETH_USD.csv",
        "ETH-USD_1m.ff37e57.csv",
        "ETH-USD_1m.bd41802.csv",
        "ETH-USD_5m.csv",
    ),
    "IWM": ("daily_IWM.csv", "IWM_1d.csv", "IWM_1m.bd41802.csv", "IWM_5m.csv"),
    "SPY": ("SPY_1m.bd41802.csv",),
}
MACRO = {
    "DFF": "FRED_DFF_2000_2025-10.csv",
    "DGS2": "FRED_DGS2_2018_2025.csv",
    "VIX": "FRED_VIXCLS_1990_2026-08.csv",
    "FEAR_GREED": "fear_greed_alternative-me_2018-02_2026-08.csv",
}


@pytest.fixture(scope="module")
def tried(recorded: Path) -> dict[str, Tried]:
    sources = {
        name: [source(name, recorded / "prices" / file) for file in files]
        for name, files in PRICES.items()
    }
    series = {name: read_series(recorded / "macro" / file, name) for name, file in MACRO.items()}
    trial = run(read_claims(shipped()), Data(sources, series))
    return {one.statement.id: one for one in trial.claims}


def source(name: str, path: Path) -> Source:
    return Source(name, path.name, read_prices(path), flat_share(path))


def test_the_rise_of_42_comes_with_its_dates(tried: dict[str, Tried]) -> None:
    found = tried["small-caps-rose-42"]
    assert found.verdict.word == "supported"
    assert "on 2025-04-08, +42 % first on 2025-10-14" in found.finding.note
    raw = {row.label: row.note for row in found.finding.rows}["IWM_1d.csv"]
    assert "+42 % first on 2025-10-15" in raw


def test_correlation_has_an_interval_a_year(tried: dict[str, Tried]) -> None:
    rows = tried["move-together"].finding.rows
    assert [row.label for row in rows] == [str(year) for year in range(2017, 2027)]
    assert all(row.estimate and row.estimate.interval() for row in rows)
    assert tried["move-together"].verdict.word == "supported"


def test_a_late_file_and_a_shift_on_purpose_lead_falsely_and_aligned_minutes_do_not(
    tried: dict[str, Tried],
) -> None:
    rows = {row.label: row for row in tried["small-caps-lead-minutes"].finding.rows}
    assert "a FALSE lead of IWM" in rows["1m, ETH stamped late by its vendor"].note
    assert "a FALSE lead of IWM" in rows["1m, ETH stamped 1m late on purpose"].note
    aligned = rows["1m, same instants"].estimate
    assert aligned is not None
    low, high = aligned.interval() or (0.0, 0.0)
    assert low < 0.0 < high
    assert tried["small-caps-lead-minutes"].verdict.word == "undecided"


def test_easing_is_told_with_its_days(tried: dict[str, Tried]) -> None:
    found = tried["easing-binds"].finding
    assert found.basis == "360 days before and 360 after 3 first cuts"
    assert [row.label for row in found.rows[::2]] == [
        f"before the cut of {day}" for day in ("2019-08-01", "2024-09-19", "2025-09-18")
    ]


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("mega-caps-dominate", "QQQ"),
        ("small-cap-technology-record", "PSCT"),
        ("eth-strength", "BTC"),
    ],
)
def test_what_is_not_there_is_asked_for(tried: dict[str, Tried], name: str, needs: str) -> None:
    assert tried[name].verdict.reason == f"needs {needs} daily closes"
    assert tried[name].verdict.word == "undecided"


def test_most_of_the_link_is_the_market(tried: dict[str, Tried]) -> None:
    found = tried["small-caps-not-market"].finding
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(0.11, abs=0.02)
