from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from alerts.notifiers.telegram_address import Address
from alerts.rule import Severity
from config.json_schema import json_schema
from config.load import load
from tests.config.folder import config_with, faults, marked, write

DESK = "{id: -100123, name: desk, thread: 17, users: [123, 456], info: off, warning: silent}"


def with_chats(folder: Path, chats: str) -> Path:
    (folder / "t").write_text("1:AA")
    return write(folder, config_with("log: {}", f"telegram: {{token_file: t, chats: {chats}}}"))


def addresses(folder: Path, chats: str) -> tuple[Address, ...]:
    telegram = load(with_chats(folder, chats)).notifiers.telegram
    assert telegram is not None
    return telegram.chats


def test_a_number_is_a_chat_with_nothing_said_of_it(tmp_path: Path) -> None:
    assert addresses(tmp_path, "[123, -100123]") == (Address(123), Address(-100123))


def test_infos_are_silent_and_the_rest_is_loud_unless_said(tmp_path: Path) -> None:
    (address,) = addresses(tmp_path, "[123]")
    assert [address.loudness(severity) for severity in Severity] == ["silent", "loud", "loud"]


def test_a_group_is_written_with_its_topic_and_users(tmp_path: Path) -> None:
    (address,) = addresses(tmp_path, f"[{DESK}]")
    assert address == Address(-100123, "desk", 17, (123, 456), info="off", warning="silent")


@pytest.mark.parametrize(
    ("chats", "under", "message", "remedy"),
    [
        ("[me]", "me", "'me' is not the number of a chat", "write to your bot"),
        ("[1.5]", "1.5", "not the number", "write to your bot"),
        ("[~]", "~", "is empty", "write a value"),
        ("[]", "[]", "empty", "name one"),
        ("[{name: desk}]", "{name", "'id' is missing", "add 'id"),
        ("[{id: -1, user: [2]}]", "user", "unknown key 'user'", "'users'?"),
        ("[{id: -1, info: quiet}]", "quiet", "not one of", "silent"),
        ("[{id: -1, users: [-2]}]", "[-2]", "positive", "name each"),
        ("[{id: -1, thread: 0}]", "0", "too small", "1 or more"),
        ("[{id: 5, users: [6]}]", "{id", "private chat", "negative"),
        ("[{id: 5, thread: 6}]", "{id", "private chat", "negative"),
        ("[5, 5]", "[5, 5]", "two chats are called '5'", "name"),
        ("[{id: -1, thread: 2}, {id: -1, thread: 3}]", "[{id", "two chats are called '-1'", "name"),
    ],
)
def test_a_fault_of_a_chat_is_said_where_it_is(
    chats: str, under: str, message: str, remedy: str, tmp_path: Path
) -> None:
    (fault,) = faults(with_chats(tmp_path, chats))
    assert marked(fault).startswith(under)
    assert message in fault.message
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("chat", "sound"),
    [
        (7, True),
        ({"id": -1, "name": "desk", "users": [2], "info": "off"}, True),
        ("7", False),
        ({"name": "desk"}, False),
        ({"id": -1, "info": "quiet"}, False),
    ],
)
def test_editors_know_both_ways_to_write_a_chat(chat: object, *, sound: bool) -> None:
    schema = json_schema("config")
    keys = {"$ref": "#/definitions/TelegramKeys", "definitions": schema["definitions"]}
    given = {"token_file": "t", "chats": [chat]}
    assert jsonschema.Draft7Validator(keys).is_valid(given) is sound
