"""A remark about one rule over one pair."""

from __future__ import annotations

import msgspec


class Hint(msgspec.Struct, frozen=True):
    """What is certainly not meant, and under which key of the rule.

    `span` is between two offsets of the text that stands there; None for all of it.
    """

    key: str
    message: str
    remedy: str
    span: tuple[int, int] | None = None
