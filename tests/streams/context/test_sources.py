from __future__ import annotations

import pytest

from streams.context.fear_greed import FearGreed
from streams.context.fred import SERIES, Fred
from streams.context.kalshi import Kalshi
from streams.context.source import Source, UnreadableError
from streams.metric import CONTEXT
from streams.tick import ContextPoint
from tests.streams.context.answers import (
    CUT_LIKELY,
    MARCH,
    MIDNIGHT,
    MONDAYS_CLOSE,
    NOW,
    fear_and_greed,
    markets,
    meeting,
    observations,
    table,
)

FRIDAY, MONDAY = ("2026-03-13", "24.2"), ("2026-03-16", "27.4")


def test_every_series_of_the_context_has_a_source() -> None:
    assert {*SERIES, FearGreed.name, Kalshi.name} == set(CONTEXT)


# -- FRED


@pytest.mark.parametrize("key", [None, "secret"])
@pytest.mark.parametrize("rows", [(FRIDAY, MONDAY), (MONDAY, FRIDAY)])
def test_fred_gives_the_last_day_as_of_its_close(
    key: str | None, rows: tuple[tuple[str, str], ...]
) -> None:
    body = observations(*rows) if key else table("VIXCLS", *rows)
    point = Fred("vix", key=key).parse(body, NOW)
    assert point == ContextPoint("vix", 27.4, MONDAYS_CLOSE, NOW, "FRED")


@pytest.mark.parametrize("missing", ["", "."])
@pytest.mark.parametrize("key", [None, "secret"])
def test_a_day_without_a_figure_is_passed_over(key: str | None, missing: str) -> None:
    rows = (FRIDAY, ("2026-03-16", missing))
    body = observations(*rows) if key else table("VIXCLS", *rows)
    assert Fred("vix", key=key).parse(body, NOW).value == 24.2


def test_a_rate_is_a_fraction_by_the_same_product_as_in_rules() -> None:
    body = table("DFF", ("2026-03-16", "4.33"))
    assert Fred("fed_funds").parse(body, NOW).value == 4.33 * 0.01


def test_the_table_of_the_older_header_and_line_ends_is_read() -> None:
    body = b"DATE,DGS2\r\n2026-03-16,3.95\r\n"
    assert Fred("us2y").parse(body, NOW).value == pytest.approx(0.0395)


def test_a_figure_of_today_is_not_of_the_future() -> None:
    body = table("DFEDTARU", ("2026-03-17", "3.75"))
    assert Fred("fed_target_high").parse(body, NOW).ts_event == NOW


def test_without_a_key_the_charts_table_is_asked_for_the_last_weeks() -> None:
    request = Fred("us2y").request(NOW)
    assert request.url == "https://fred.stlouisfed.org/graph/fredgraph.csv"
    assert request.params == {"id": "DGS2", "cosd": "2026-02-24"}


def test_with_a_key_the_api_is_asked_and_the_address_does_not_hold_it() -> None:
    request = Fred("us2y", key="planted").request(NOW)
    assert request.url == "https://api.stlouisfed.org/fred/series/observations"
    assert request.params["api_key"] == "planted"
    assert request.params["series_id"] == "DGS2"


# -- fear and greed


def test_fear_and_greed_is_the_newest_days() -> None:
    body = fear_and_greed((MIDNIGHT, "22"), (MIDNIGHT - 86_400 * 10**9, "80"))
    point = FearGreed().parse(body, NOW)
    assert point == ContextPoint("fear_greed", 22.0, MIDNIGHT, NOW, "alternative.me")


# -- Kalshi


def test_the_odds_are_the_middles_of_both_cuts_over_those_of_all_outcomes() -> None:
    point = Kalshi().parse(markets(MARCH), NOW)
    assert point.value == pytest.approx((0.6 + 0.005) / (0.39 + 0.6 + 3 * 0.005))
    assert (point.ts_event, point.source) == (NOW, "Kalshi 26MAR")


def test_the_next_meeting_is_the_one_that_closes_next_and_is_not_over() -> None:
    calm = dict(CUT_LIKELY, H0=("0.9500", "0.9700"), C25=("0.0200", "0.0300"))
    january = meeting("KXFEDDECISION-26JAN", "2026-01-28T18:59:00Z")
    april = meeting("KXFEDDECISION-26APR", "2026-04-29T17:59:00Z", calm)
    body = markets(april, MARCH, january)
    assert Kalshi().parse(body, NOW).source == "Kalshi 26MAR"
    after_the_decision = NOW + 28 * 3600 * 10**9
    assert Kalshi().parse(body, after_the_decision).source == "Kalshi 26APR"


def test_another_series_may_be_asked() -> None:
    assert Kalshi(series="KXFOMC").request(NOW).params["series_ticker"] == "KXFOMC"


def without(outcome: str) -> bytes:
    return markets([each for each in MARCH if not each["ticker"].endswith(outcome)])


def quoted(**quotes: tuple[str, str]) -> bytes:
    return markets(meeting("KXFEDDECISION-26MAR", "2026-03-18T17:59:00Z", {**CUT_LIKELY, **quotes}))


@pytest.mark.parametrize(
    ("source", "body", "said"),
    [
        (Fred("vix"), b"", "no table of VIXCLS"),
        (Fred("vix"), b"<html>Access Denied</html>", "no table of VIXCLS"),
        (Fred("vix"), table("DFF", MONDAY), "no table of VIXCLS"),
        (Fred("vix"), table("VIXCLS"), "no VIXCLS of the last three weeks"),
        (Fred("vix"), table("VIXCLS", ("2026-03-13", ".")), "no VIXCLS of the last"),
        (Fred("vix"), table("VIXCLS", ("yesterday", "27")), "'yesterday' is no date"),
        (Fred("vix"), table("VIXCLS", ("2026-03-16", "high")), "'high' is no figure"),
        (Fred("vix"), table("VIXCLS", ("2026-03-16", "nan")), "nan cannot be a vix"),
        (Fred("vix"), table("VIXCLS", ("2026-03-16", "0")), "0 cannot be a vix"),
        (Fred("us2y"), table("DGS2", ("2026-03-16", "395")), "395 cannot be a us2y"),
        (Fred("vix", key="k"), b'{"error_code":400}', "no observations"),
        (Fred("vix", key="k"), b"\xff", "no observations"),
        (FearGreed(), b"{}", "no day"),
        (FearGreed(), fear_and_greed(), "no day"),
        (FearGreed(), b'{"data":[{"value":"22","timestamp":"soon"}]}', "no day"),
        (FearGreed(), fear_and_greed((MIDNIGHT, "")), "'' is no figure"),
        (FearGreed(), fear_and_greed((MIDNIGHT, "101")), "101 cannot be"),
        (Kalshi(), b"[]", "no markets"),
        (Kalshi(), markets(), "no meeting in it is open"),
        (Kalshi(), markets(meeting("K-26JAN", "2026-01-28T18:59:00Z")), "no meeting in it"),
        (Kalshi(), without("C26"), "KXFEDDECISION-26MAR has other outcomes"),
        (Kalshi(), quoted(T375=("0.5", "0.6")), "has other outcomes"),
        (Kalshi(), quoted(C25=("", "0.61")), "'' is no figure"),
        (Kalshi(), quoted(C25=("59", "61")), "59 cannot be a cut_odds"),
        (Kalshi(), quoted(C25=("0.50", "0.70")), "0.21 dollars apart"),
        (Kalshi(), quoted(C25=("0.61", "0.59")), "-0.01 dollars apart"),
        (Kalshi(), quoted(H26=("0.00", "1.00")), r"add up to 1\.50 dollars"),
    ],
)
def test_an_answer_without_the_figure_says_what_it_lacks(
    source: Source, body: bytes, said: str
) -> None:
    with pytest.raises(UnreadableError, match=said):
        source.parse(body, NOW)
