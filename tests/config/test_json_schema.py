from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from config.json_schema import DIALECT, MODELS, json_schema
from config.names import NOTIFIERS, VENUES
from config.shipped import CONFIG, RULES, SCHEMAS, shipped
from daemon.cli.schema import text
from streams.metric import CATALOGUE
from tests.config.folder import RULE

NAMES = sorted(MODELS)


def read(yaml: str) -> Any:
    return YAML(typ="safe", pure=True).load(yaml)


def valid(name: str, yaml: str) -> bool:
    return jsonschema.Draft7Validator(json_schema(name)).is_valid(read(yaml))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_draft_07_of_which_editors_know(name: str) -> None:
    schema = json_schema(name)
    assert schema["$schema"] == DIALECT
    jsonschema.Draft7Validator.check_schema(schema)
    assert "$defs" not in text(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_schema_is_the_one_that_the_command_prints(name: str) -> None:
    hint = f"run: comove schema {name} > config/{SCHEMAS[name]}"
    assert shipped(SCHEMAS[name]) == text(name), hint


@pytest.mark.parametrize(("name", "file"), [("config", CONFIG), ("rules", RULES)])
def test_the_shipped_files_name_their_schema_and_hold_to_it(name: str, file: str) -> None:
    line = shipped(file).splitlines()[0]
    assert line == f"# yaml-language-server: $schema={SCHEMAS[name]}"
    jsonschema.Draft7Validator(json_schema(name)).validate(read(shipped(file)))


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_described(name: str) -> None:
    schema = json_schema(name)
    for group in (schema, *schema["definitions"].values()):
        assert group["description"]
        for key, value in group.get("properties", {}).items():
            assert value.get("description"), f"{key}: write a docstring below it"


def test_the_words_to_choose_from_are_offered() -> None:
    rules, config = text("rules"), text("config")
    assert all(name in rules for name in (*CATALOGUE, *NOTIFIERS, "critical", "mon"))
    assert all(venue in config for venue in VENUES)


def test_defaults_are_written_as_people_write_them() -> None:
    keys = json_schema("rules")["definitions"]["DefaultsKeys"]["properties"]
    assert keys["repeat_interval"]["default"] == "4h"
    assert keys["flapping"]["default"] == "4 in 1h"
    instrument = json_schema("config")["definitions"]["InstrumentKeys"]["properties"]
    assert instrument["max_spread"]["default"] == "0.5%"
    assert instrument["stale_after"]["default"] == "1m"


@pytest.mark.parametrize(
    "more",
    [
        "    for: 2m\n",
        "    for: .5 h\n",
        "    flapping: never\n",
        "    repeat_interval: never\n",
        "    notify: log\n",
        "    notify: [log, mqtt]\n",
        "    inhibited_by: []\n",
        "defaults:\n",
        "total_false_alarms: 1/month\n",
        "let: {half: 0.5, far: 4 sigma}\n",
        "    labels: {desk: 7}\n",
        "silences: [{id: a, during: {calendar: NYSE, first: 15m}}]\n",
        "silences: [{id: a, match: , during: {from: 22:00, to: 7:00, timezone: UTC}}]\n",
    ],
)
def test_what_is_written_soundly_passes(more: str) -> None:
    assert valid("rules", RULE + more)


@pytest.mark.parametrize(
    "more",
    [
        "    for: 2 minutes\n",
        "    clear:\n",
        "    flapping: 1/h\n",
        "    inhibited_by: 3\n",
        "silences: [{id: a, during: {calendar: NYSE, from: 1:00, to: 2:00, timezone: UTC}}]\n",
        "silences: [{id: a, during: {from: 1:00, to: 2:00}}]\n",
    ],
)
def test_what_is_not_does_not(more: str) -> None:
    assert not valid("rules", RULE + more)
