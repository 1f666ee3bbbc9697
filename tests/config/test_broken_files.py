"""Broken files: every fault in one pass, at its line and column."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from config.errors import rendered
from config.json_schema import json_schema
from tests.config.broken_files import Case, cases, found

CASES = list(cases())
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}: {case.name}")


def test_there_are_sixty_at_least() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@EACH
def test_every_fault_is_found_at_its_place_and_no_other(case: Case, tmp_path: Path) -> None:
    told = found(case, tmp_path)
    places = [f"{fault.line}:{fault.column}" for fault in told]
    assert places == [expected.partition(" ")[0] for expected in case.faults]
    for fault, expected in zip(told, case.faults, strict=True):
        assert expected.partition(" ")[2] in fault.message
        assert "Traceback" not in rendered(fault)


@EACH
def test_the_schema_rejects_what_a_schema_can(case: Case) -> None:
    try:
        document = YAML(typ="safe", pure=True).load(case.text)
    except (YAMLError, RecursionError):
        assert not case.schema
        return
    schema = json_schema("config" if case.file == "config" else "rules")
    sound = jsonschema.Draft7Validator(schema).is_valid(document)
    assert sound is not case.schema
