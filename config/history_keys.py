"""The keys of `history:` in comove.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.fields import FarBack, FewDays
from config.keys import Keys
from streams.instrument import NS

_DAY = 86_400 * NS


class HistoryKeys(Keys):
    """The past, asked of the venues at the start and after each close, and kept."""

    fetch: bool = True
    """Whether venues are asked for it; without it statistics begin with what comes live."""
    folder: Annotated[str, Field(min_length=1)] | None = None
    """Where it is kept, relative to this file; without it, 'history' beside the state file."""
    minutes: FewDays = 5 * _DAY
    """Of how many trading days minutes are asked for."""
    closes: FarBack = 730 * _DAY
    """How far back daily closes go."""
