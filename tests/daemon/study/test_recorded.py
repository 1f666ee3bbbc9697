"""The files that others recorded, whose faults are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.study.candles import flat_share
from daemon.study.claims import claims
from daemon.study.quality import Source
from daemon.study.study import Study, study
from streams.history.prices import read_prices


def source(folder: Path, name: str, file: str) -> Source:
    path = folder / "prices" / file
    return Source(name, file, read_prices(path), flat_share(path))


def of(folder: Path, eth: str, iwm: str) -> Study:
    return study(source(folder, "ETH", eth), source(folder, "IWM", iwm))


def said(found: Study) -> str:
    return " ".join(claim.text for claim in claims(found))


def test_minutes_of_tiingo_are_linked_at_lag_0(recorded: Path) -> None:
    found = of(recorded, "ETH-USD_1m.ff37e57.csv", "IWM_1m.bd41802.csv")
    assert found.whole.value == pytest.approx(0.52, abs=0.02)
    assert (found.lead_lag.verdict, found.lead_lag.lag) == ("no lead", 0)
    assert found.y.stamped == "start"


def test_minutes_of_yahoo_are_called_late_and_no_lead(recorded: Path) -> None:
    found = of(recorded, "ETH-USD_1m.bd41802.csv", "IWM_1m.bd41802.csv")
    assert found.lead_lag.verdict == "stamping offset"
    assert found.lead_lag.suspect == "ETH"
    assert (found.x.flat_share, found.x.missing) == (1.0, 461)
    assert "Not a lead." in said(found)
    assert "open = high = low = close" in said(found)
    assert "ETH is stamped 1m late" in said(found)


def test_two_files_of_one_coin_show_which_is_late(recorded: Path) -> None:
    late = source(recorded, "Yahoo", "ETH-USD_1m.bd41802.csv")
    found = study(late, source(recorded, "Tiingo", "ETH-USD_1m.ff37e57.csv")).lead_lag
    assert (found.verdict, found.suspect) == ("stamping offset", "Yahoo")
    assert float(found.at_peak.value or 0.0) > 0.8


def test_five_minutes_are_linked_at_lag_0(recorded: Path) -> None:
    found = of(recorded, "ETH-USD_5m.csv", "IWM_5m.csv")
    assert found.whole.value == pytest.approx(0.42, abs=0.02)
    assert found.lead_lag.lag == 0
    assert found.lead_lag.verdict in {"no lead", "stamping offset"}


@pytest.mark.parametrize(
    ("file", "reached"), [("daily_IWM.csv", "2025-10-14"), ("IWM_1d.csv", "2025-10-15")]
)
def test_low_of_2025_and_the_rise_from_it(recorded: Path, file: str, reached: str) -> None:
    found = of(recorded, "daily_ETH_USD.csv", file)
    (low,) = (low for low in found.lows["IWM"] if low.year == "2025")
    assert (low.day, low.reached) == ("2025-04-08", reached)
    assert f"a rise of 42% was first reached on {reached}" in said(found)


def test_closes_at_different_hours_are_told_and_no_lead_is(recorded: Path) -> None:
    found = of(recorded, "daily_ETH_USD.csv", "daily_IWM.csv")
    assert found.lead_lag.verdict == "clocks differ"
    change = found.breaks.constancy
    assert change is not None
    assert change.changed
    assert change.before == pytest.approx(0.06, abs=0.02)
    assert change.after == pytest.approx(0.40, abs=0.02)
