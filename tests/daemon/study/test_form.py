from __future__ import annotations

import json
from html.parser import HTMLParser

import msgspec
import pytest

from daemon.study.form import study_json
from daemon.study.page import page
from daemon.study.sheets import sheets
from daemon.study.study import Study
from tests.daemon.study.markets import pair, studied


@pytest.fixture(scope="module")
def found() -> Study:
    return studied(*pair(4, late=1))


def test_object_has_the_form_that_others_rely_on(found: Study) -> None:
    form = json.loads(study_json(found))
    assert list(form) == ["corr", "lead_lag", "divergences", "breaks", "claims", "data"]
    assert {"value", "low", "high", "n"} <= set(form["corr"]["all"])
    assert set(form["corr"]) == {"all", "1h", "1d"}
    assert form["lead_lag"]["lag_seconds"] == -60.0
    assert form["lead_lag"]["verdict"] == "stamping offset"
    assert {"llr", "p_value"} <= set(form["lead_lag"])
    assert all({"text", "sure"} == set(claim) for claim in form["claims"])
    assert form["data"]["x"]["bar_seconds"] == 60.0
    assert form["data"]["x"]["first"] == "2026-03-02T00:02:00Z"
    assert len(form["lead_lag"]["profile"]) == 41


def test_no_link_is_null_and_not_a_figure() -> None:
    form = json.loads(study_json(studied(*pair(4, rho=0.0))))
    assert form["lead_lag"]["lag_seconds"] is None
    assert form["lead_lag"]["verdict"] == "no link"


def test_rows_are_as_long_as_their_heads(found: Study) -> None:
    listed = sheets(found)
    titles = [sheet.title for sheet in listed]
    assert titles[0] == "Correlation by window"
    assert titles[-1] == "Data"
    assert "Correlation by year" not in titles
    assert all(len(row) == len(sheet.head) for sheet in listed for row in sheet.rows)


class _Outside(HTMLParser):
    """What a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.rows = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.rows += tag == "tr"
        if tag in {"script", "link", "iframe", "img"}:
            self.found.append(tag)
        self.found += [value for name, value in attrs if name in {"src", "href"} and value]


def test_page_holds_everything_itself(found: Study) -> None:
    text = page(found, b'<?xml version="1.0"?><svg><text>a &amp; b</text></svg>')
    outside = _Outside()
    outside.feed(text)
    assert outside.found == []
    assert outside.rows == sum(len(sheet.rows) + 1 for sheet in sheets(found))
    assert "<?xml" not in text
    assert "Not a lead." in text


def test_names_are_no_markup(found: Study) -> None:

    named = msgspec.structs.replace(found, x=msgspec.structs.replace(found.x, name="<b>E&T"))
    text = page(named, b"<svg></svg>")
    assert "<b>E" not in text
    assert "&lt;b&gt;E&amp;T" in text
