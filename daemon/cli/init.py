"""`comove init`: commented files to start from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from config.shipped import CONFIG, EVENTS, RULES, SCHEMAS, TESTS, shipped


def init(directory: Path, *, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Write comove.yaml, rules, their tests and events into a folder, say what comes next; 0, or 1.

    Nothing is written where one of them stands already.
    """
    out, err = out or sys.stdout, err or sys.stderr
    targets = [directory / name for name in (CONFIG, RULES, TESTS, EVENTS, *SCHEMAS.values())]
    for target in targets:
        if target.exists():
            err.write(f"{target} stands already, and is left as it is: name another folder\n")
            return 1
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for target in targets:
            with target.open("x", encoding="utf-8") as file:
                file.write(shipped(target.name))
    except OSError as error:
        err.write(f"{error.filename or directory} cannot be written: {error.strerror}\n")
        return 1
    out.write(_next_steps(directory))
    return 0


def _next_steps(directory: Path) -> str:
    config, tests = directory / CONFIG, directory / TESTS
    return (
        f"{config} and {RULES} are written. They run as they are, without a key.\n"
        f"  comove check {config}     says what is wrong after a change\n"
        f"  comove test {tests}     shows that the rules still do what they ought to\n"
        f"  comove run -c {config}    runs it\n"
    )
