"""The broken files of the tables in `broken/`, and what is expected to be said of each."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from config.document import Document
from config.errors import ConfigError, Fault
from config.load import load
from config.shipped import CONFIG, EVENTS, RULES, shipped
from tests.config.folder import RULE

_TABLES = Path(__file__).with_name("broken")


class Case(msgspec.Struct, frozen=True):
    """A broken file: `comove.yaml` or a rule file, each fault as `line:column part of the message`.

    `schema`: a JSON Schema can tell. `prometheus` is the comparable rule file of Prometheus.
    """

    table: str
    name: str
    text: str
    faults: tuple[str, ...]
    file: str = "rules"
    schema: bool = False
    prometheus: str = ""


def cases() -> Iterator[Case]:
    """All of them, by table."""
    for path in sorted(_TABLES.glob("*.yaml")):
        for case in Document(path.name, path.read_bytes()).groups("cases"):
            yield _case(path.stem, case)


def _case(table: str, given: dict[str, Any]) -> Case:
    return Case(
        table=table,
        name=given["name"],
        text=given["text"] + "[" * int(given.get("deep", 0)),
        faults=tuple(given.get("faults", ())),
        file=given.get("file", "rules"),
        schema=given.get("schema") == "true",
        prometheus=given.get("prometheus", ""),
    )


def found(case: Case, folder: Path) -> tuple[Fault, ...]:
    """What loading says of it, beside sound files; empty where nothing is said."""
    texts = {CONFIG: shipped(CONFIG), RULES: RULE, EVENTS: shipped(EVENTS)}
    broken = CONFIG if case.file == "config" else RULES
    for name, text in (texts | {broken: case.text}).items():
        (folder / name).write_text(text, "utf-8")
    try:
        load(folder / CONFIG)
    except ConfigError as error:
        return tuple(fault for fault in error.faults if Path(fault.file).name == broken)
    return ()


def told(case: Case) -> tuple[Fault, ...]:
    """The same in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return found(case, Path(folder))
