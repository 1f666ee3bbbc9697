"""What is in recordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from streams.history.recording import Line, opened, parse_line


def texts(paths: Sequence[Path]) -> list[Line]:
    """All lines of the files; each must be in the recorder's form."""
    found = []
    for path in paths:
        with opened(path) as source:
            for text in source:
                line = parse_line(text)
                assert line is not None
                found.append(line)
    return found
