"""Answers: JSON, and faults as a sentence in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

_JSON = "application/json"


def answer(value: Any, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(msgspec.json.encode(value), status, media_type=_JSON)


def fault(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """`{"error": sentence}`."""
    return Response(msgspec.json.encode({"error": sentence}), status, headers, _JSON)
