from __future__ import annotations

import msgspec
import pytest

from alerts.backdrop import backdrop, backdrop_line, series_text
from alerts.context import context_lines, readings_text
from alerts.rule import Expression
from streams.metric import CONTEXT, Call, Unit
from streams.snapshot import Reading, Snapshot
from tests.alerts.rules import rule

KNOWN = {
    "vix()": Reading(27.4, note="close of Fri, FRED"),
    "us2y()": Reading(0.0448, note="Thu, FRED"),
    "fear_greed()": Reading(22.0, note="Mon, alternative.me"),
    "cut_odds()": Reading(0.609, note="Kalshi 26MAR, 12 min old"),
    "fed_funds()": Reading(0.0433, note="Thu, FRED"),
}
LINE = (
    "VIX 27.4 (close of Fri, FRED) · 2-year 4.48% · fear & greed 22 · "
    "cut odds 61% (Kalshi 26MAR, 12 min old)"
)


def test_the_line_tells_the_four_that_matter_and_how_old_those_are_that_move() -> None:
    assert backdrop_line(KNOWN) == LINE


def test_what_is_not_known_is_left_out_of_the_line() -> None:
    readings = KNOWN | {"vix()": Reading(None, "too old: FRED, 7 d old")}
    del readings["cut_odds()"]
    assert backdrop_line(readings) == "2-year 4.48% · fear & greed 22"
    assert backdrop_line({}) == ""


def test_every_series_that_is_watched_has_a_label() -> None:
    readings = {f"{name}()": Reading(None, "r") for name in CONTEXT}
    labels = {label for _, label, _ in backdrop(readings)}
    assert len(labels) == len(CONTEXT)
    assert [name for name, *_ in backdrop(KNOWN)][:2] == ["vix", "us2y"]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("vix", 9.96, "10.0"),
        ("us2y", 0.04, "4.00%"),
        ("fed_funds", -0.0005, "−0.05%"),
        ("fear_greed", 22.0, "22"),
        ("cut_odds", 0.005, "0%"),
        ("vix", None, "n/a"),
    ],
)
def test_each_is_written_as_it_is_quoted(name: str, value: float | None, text: str) -> None:
    assert series_text(name, value) == text


def test_an_alert_has_the_line_once_and_not_the_note_of_a_series_in_its_rule() -> None:
    when = Expression("vix > 25", (Call("vix", ()),), Unit.TRUTH, lambda *_: True)
    afraid = msgspec.structs.replace(rule(), when=when)
    lines = context_lines(afraid, Snapshot(ts=0, readings=KNOWN, sessions={}))
    assert [line for line in lines if "FRED" in line] == [LINE]


def test_what_a_rule_decides_by_is_named_without_a_pair() -> None:
    when = Expression("vix > 25", (Call("vix", ()),), Unit.TRUTH, lambda *_: True)
    afraid = msgspec.structs.replace(rule(), when=when)
    at = Snapshot(ts=0, readings=KNOWN, sessions={})
    assert readings_text(afraid, at).startswith("Now vix 27.4")
