"""The keys of `report:` in comove.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.keys import Keys
from config.references import Notify


class ReportKeys(Keys):
    """What a day and a week were like for each pair, told at the close."""

    daily: bool = True
    """One at the close of the pair's market: 16:00 New York, 13:00 on half days."""
    weekly: bool = True
    """One after the last session of a week, with a chart where there is a bot."""
    notify: Annotated[Notify, Field(min_length=1)] = ("all",)
    """Who is told: all, or names of notifiers."""
