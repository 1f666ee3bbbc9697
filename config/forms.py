"""How values are written, as JSON Schema says it to editors."""

from __future__ import annotations

from typing import Any

from pydantic import WithJsonSchema

_NUMBER = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
DURATION_PATTERN = rf"^\s*{_NUMBER}\s*[smhdw]\s*$"
REPEAT_PATTERN = rf"^(never|\s*{_NUMBER}\s*[smhdw]\s*)$"
FLAPPING_PATTERN = rf"^(never|\s*[1-9][0-9]?\s+in\s+{_NUMBER}\s*[smhdw]\s*)$"
FRACTION_PATTERN = rf"^\s*{_NUMBER}\s*(%|bp)\s*$"
RATE_PATTERN = rf"^\s*{_NUMBER}\s*/\s*(session|day|week|month|year)\s*$"


def text(pattern: str = "", *examples: str, **more: Any) -> WithJsonSchema:
    """A text of that pattern."""
    form: dict[str, Any] = {"type": "string", **more}
    if pattern:
        form["pattern"] = pattern
    if examples:
        form["examples"] = list(examples)
    return WithJsonSchema(form)


def one_or_more(item: dict[str, Any], least: int = 0) -> WithJsonSchema:
    """A list, or one item without brackets."""
    several: dict[str, Any] = {"type": "array", "items": item}
    if least:
        several["minItems"] = least
    return WithJsonSchema({"anyOf": [item, several]})


DURATION = text(DURATION_PATTERN, "30s", "2m", "1h", "1d")
REPEAT = text(REPEAT_PATTERN, "4h", "never")
FLAPPING = text(FLAPPING_PATTERN, "4 in 1h", "never")
FRACTION = text(FRACTION_PATTERN, "0.5%", "20bp")
RATE = text(RATE_PATTERN, "1/month", "1/year")
EXPRESSION = text(minLength=1, maxLength=4000)
MESSAGE = text(minLength=1)
FILE_NAME = text(minLength=1)
SCALAR = WithJsonSchema({"type": ["string", "number", "boolean"]})
"""A text that YAML's other readers may take for a number."""
WORD: dict[str, Any] = {"type": "string", "minLength": 1}
