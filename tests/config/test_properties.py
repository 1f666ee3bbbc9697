"""Damaged files: faults with places, and never another exception."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ConfigError, Fault, rendered
from config.load import load
from config.shipped import CONFIG, RULES, shipped

SCRAPS = (
    *("\t", ":", " ", "- ", "{", "}", "[", "]", "'", '"', "|", ">", "&a ", "*a", "!x ", "#", "%"),
    *(
        "null",
        "\n",
        "---\n",
        "? ",
        "<<: *a",
        "\x00",
        "é",
        "\ud800",
        "5%",
        "rules:\n",
        "  - id: x\n",
    ),
)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> bytes:
    """The text with a few scraps put in place of others."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 12))
        scrap = draw(st.sampled_from(SCRAPS) | st.text(max_size=4))
        text = text[:at] + scrap + text[at + length :]
    return text.encode("utf-8", "surrogatepass")


def check(config: bytes, rules: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / CONFIG
        path.write_bytes(config)
        path.with_name(RULES).write_bytes(rules)
        found = _faults(path)
    for fault in found:
        assert fault.message
        assert rendered(fault).replace("\n", "").isprintable()
        assert fault.line is None or 1 <= fault.line <= 2 + (config + rules).count(b"\n")


def _faults(path: Path) -> tuple[Fault, ...]:
    try:
        load(path)
    except ConfigError as error:
        return error.faults
    return ()


def bare(name: str) -> str:
    """A shipped file without its comments, where damage would do nothing."""
    lines = shipped(name).splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


@settings(max_examples=60, deadline=None)
@given(damaged(bare(CONFIG)), damaged(bare(RULES)))
def test_damaged_files_are_told_in_faults(config: bytes, rules: bytes) -> None:
    check(config, rules)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_garbage_is_told_in_faults(garbage: bytes) -> None:
    check(garbage, garbage)
    check(bare(CONFIG).encode(), garbage)
