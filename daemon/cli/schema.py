"""`comove schema`: what editors know of the files by."""

from __future__ import annotations

import json
import sys
from typing import TextIO

from config.json_schema import json_schema


def schema(name: str, *, out: TextIO | None = None) -> int:
    """Print the JSON Schema of `config`, `events` or `rules`; 0."""
    (out or sys.stdout).write(text(name))
    return 0


def text(name: str) -> str:
    """As it is shipped."""
    return json.dumps(json_schema(name), indent=2, ensure_ascii=False) + "\n"
