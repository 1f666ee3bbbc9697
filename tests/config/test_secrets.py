"""What faults show of a line that holds a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import rendered
from tests.config.folder import config_with, faults, marked, write


def test_a_secret_written_into_the_file_is_not_shown(tmp_path: Path) -> None:
    text = config_with("log: {}", "telegram: {token: '123:SECRET', chats: [1]}")
    found = faults(write(tmp_path, text))
    fault = next(fault for fault in found if marked(fault) == "token")
    assert "token_file" in fault.remedy
    assert not any("SECRET" in rendered(each) for each in found)


@pytest.mark.parametrize(
    "telegram",
    [
        "{token: 123:SECRET, chats: []}",
        "{chats: [x], token: '123:SECRET', thread: 1}",
        '{"token": "123 SECRET", chats: [1',
        "{token: SECRET1, token: SECRET2}",
        "{token:  SECRET, !x chats: [1]}",
    ],
)
def test_no_fault_of_its_line_shows_a_secret(telegram: str, tmp_path: Path) -> None:
    found = faults(write(tmp_path, config_with("log: {}", f"telegram: {telegram}")))
    assert found
    assert not any("SECRET" in rendered(each) for each in found)


@pytest.mark.parametrize(
    "heartbeat",
    [
        '{url: "htps://hc.example/SECRET", every: 60s}',
        "{url: hc.example/SECRET, every: 60s}",
        '{ulr: "https://hc.example/SECRET", every: 60s}',
        '{url: "https://hc.example/SECRET", every: 60x}',
        '{url: "https://hc.example?key=SECRET, every: 60s}',
        '{"url": "https://me:SECRET@hc.example", every: 60x}',
        "{url: 'https:/SECRET@hc.example/SECRET', 'url': 'x/SECRET', every: 60x}",
    ],
)
def test_of_an_address_no_more_is_shown_than_its_host(heartbeat: str, tmp_path: Path) -> None:
    found = faults(write(tmp_path, f"{config_with('x', 'x')}\nheartbeat: {heartbeat}\n"))
    assert found
    assert not any("SECRET" in rendered(each) for each in found)
    assert any("hc.example…" in rendered(each) or "@hc.example" in rendered(each) for each in found)
    assert all(len(each.source_line) in {0, len(f"heartbeat: {heartbeat}")} for each in found)


@pytest.mark.parametrize(
    "notifier", ["webhook: {url: SECRET}", "webhook: {url: 'htp://hook.example/SECRET'}"]
)
def test_an_address_that_is_none_is_not_repeated(notifier: str, tmp_path: Path) -> None:
    found = faults(write(tmp_path, config_with("log: {}", f"log: {{}}\n  {notifier}")))
    assert any(each.message == "this is not an address" for each in found)
    assert not any("SECRET" in f"{each.message}{each.remedy}" for each in found)


def test_where_a_secret_is_kept_is_shown(tmp_path: Path) -> None:
    text = config_with("log: {}", "telegram: {token_file: none, chats: [1]}")
    (fault,) = faults(write(tmp_path, text))
    assert "token_file: none" in rendered(fault)
