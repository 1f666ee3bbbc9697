from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from config.settings import History
from streams.instrument import NS
from tests.config.folder import RULE, config_with, faults, write

DAY = 86_400 * NS


def history(folder: Path, keys: str) -> Path:
    text = config_with("# state: comove.db", "state: state/comove.db")
    head, rest = text.split("history:\n", 1)
    tail = rest.split("closes: 730d\n", 1)[1]
    return write(folder, f"{head}history: {keys}\n{tail}", RULE)


def feeds(folder: Path, keys: str) -> Path:
    return write(folder, config_with("feeds: {}", f"feeds: {keys}"), RULE)


def test_five_days_of_minutes_and_two_years_of_closes_are_kept_beside_the_state(
    tmp_path: Path,
) -> None:
    expected = History(tmp_path / "state" / "history", 5, 730 * DAY)
    assert load(history(tmp_path, "{}")).history == expected
    assert load(history(tmp_path, "")).history == expected


def test_all_of_it_can_be_said(tmp_path: Path) -> None:
    path = history(tmp_path, "{folder: past, minutes: 2d, closes: 90d}")
    assert load(path).history == History(tmp_path / "past", 2, 90 * DAY)


def test_nobody_needs_to_be_asked(tmp_path: Path) -> None:
    assert load(history(tmp_path, "{fetch: false}")).history is None


@pytest.mark.parametrize("keys", ["{minutes: 12h}", "{minutes: 40d}", "{closes: 2d}", "{ask: no}"])
def test_what_makes_no_sense_is_a_fault(tmp_path: Path, keys: str) -> None:
    [fault] = faults(history(tmp_path, keys))
    assert fault.source_line.startswith("history:")


def test_a_venue_has_another_address_for_its_history(tmp_path: Path) -> None:
    path = feeds(tmp_path, "{coinbase: {rest: 'http://127.0.0.1:81'}, yahoo: {rest: 'https://y'}}")
    config = load(path)
    assert config.venue("coinbase").rest == "http://127.0.0.1:81"
    assert config.venue("yahoo").rest == "https://y"
    assert config.venue("kraken").rest is None


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("http://elsewhere.example", "keys are not sent unencrypted to other machines"),
        ("wss://elsewhere.example", "this is not an address"),
        ("https://elsewhere.example?a=b", "what is asked for is put behind the address"),
    ],
)
def test_an_address_that_cannot_be_asked_is_a_fault(tmp_path: Path, rest: str, said: str) -> None:
    [fault] = faults(feeds(tmp_path, f"{{kraken: {{rest: '{rest}'}}}}"))
    assert fault.message == said


def test_who_has_no_history_has_no_address_for_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("x", "utf-8")
    keys = "{finnhub: {token_file: token, rest: 'https://f'}}"
    [fault] = faults(feeds(tmp_path, keys))
    assert "rest" in fault.message
