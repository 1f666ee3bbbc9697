from __future__ import annotations

import io
import json

import pytest

from config.shipped import SCHEMAS, shipped
from daemon.cli.app import run
from daemon.cli.schema import schema


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_it_prints_what_is_shipped(name: str) -> None:
    out = io.StringIO()
    assert schema(name, out=out) == 0
    assert out.getvalue() == shipped(SCHEMAS[name])


def test_without_a_name_it_is_that_of_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert "total_false_alarms" in json.loads(capsys.readouterr().out)["properties"]


def test_another_name_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "alerts"]) == 64
    assert "'rules'" in capsys.readouterr().err
