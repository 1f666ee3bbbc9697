"""The keys of `record:` in comove.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.fields import Fraction, Keep
from config.keys import Keys
from streams.instrument import NS

_DAY = 86_400 * NS


class RecordKeys(Keys):
    """All that the feeds send and receive, kept for 'comove replay' and 'comove decode'."""

    folder: Annotated[str, Field(min_length=1)] | None = None
    """Where, relative to this file; without it, 'recordings' beside the state file."""
    keep: Keep = 30 * _DAY
    """What is older is deleted."""
    disk: Fraction = 0.1
    """The share of the disk that recordings may take; the oldest go first."""
