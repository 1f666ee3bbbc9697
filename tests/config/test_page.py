from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from config.settings import Page
from tests.config.folder import RULE, config_with, faults, write

TOKEN = "0123456789abcdef"  # noqa: S105  # of this test alone


def page(folder: Path, keys: str) -> Path:
    return write(folder, config_with("page:\n  port: 8080\n", f"page: {keys}\n"), RULE)


def test_it_is_served_to_this_machine_alone_where_nothing_is_said(tmp_path: Path) -> None:
    assert load(page(tmp_path, "")).page == Page("127.0.0.1", 8080)
    without = write(tmp_path, config_with("page:\n  port: 8080\n", ""), RULE)
    assert load(without).page == Page("127.0.0.1", 8080)


def test_it_can_be_left_out(tmp_path: Path) -> None:
    assert load(page(tmp_path, "{serve: false, host: 0.0.0.0}")).page is None


EVERYWHERE = ("0.0.0.0", '"::"')  # noqa: S104  # nothing is bound


@pytest.mark.parametrize("host", [*EVERYWHERE, "192.168.1.5", "comove.example", '"::2"'])
def test_an_address_that_others_reach_needs_a_token(host: str, tmp_path: Path) -> None:
    [fault] = faults(page(tmp_path, f"{{host: {host}}}"))
    assert "can be reached by others" in fault.message
    assert "token_file" in fault.remedy
    (tmp_path / "token").write_text(TOKEN)
    given = load(page(tmp_path, f"{{host: {host}, token_file: token}}")).page
    assert given is not None
    assert given.token is not None
    assert given.token.get_secret_value() == TOKEN


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", '"::1"'])
def test_an_address_of_this_machine_alone_needs_none(host: str, tmp_path: Path) -> None:
    assert load(page(tmp_path, f"{{host: {host}}}")).page is not None


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("{host: 'http://x'}", "not a host's name"),
        ("{hosts: ['comove.example:80']}", "not a host's name"),
        ("{port: 0}", "too small"),
        ("{token_file: short}", "shorter than 16"),
        ("{token: abcdefghijklmnop}", "unknown key 'token'"),
    ],
)
def test_what_cannot_be_is_refused_and_no_secret_shown(
    keys: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "short").write_text("s3cr3t")
    [fault] = faults(page(tmp_path, keys))
    assert said in fault.message
    assert "s3cr3t" not in str(fault)
    assert "ghijklmnop" not in str(fault)
