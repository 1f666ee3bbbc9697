"""The keys of `context:` in comove.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config import forms
from config.endpoints import SourceUrl
from config.keys import Keys, OrEmpty
from config.refusals import refused
from config.secrets import Credential, SecretFile
from streams.context.schedule import ScheduleError, fires


def _schedule(value: str) -> str:
    try:
        fires(value)(0)
    except ScheduleError as error:
        example = "write minute hour day month weekday, as '40 9,13 * * mon-fri'"
        raise refused(f"this is no schedule: {error}", example) from None
    return value


Schedule = Annotated[str, AfterValidator(_schedule), forms.text("", "40 9,13 * * mon-fri")]
"""When it is asked, as a crontab line by New York's clock."""


class FredKeys(Keys):
    """FRED, the Federal Reserve Bank of St. Louis: VIX at the close, policy rates, yields."""

    series: Annotated[
        tuple[Literal["vix", "fed_funds", "fed_target_low", "fed_target_high", "us2y"], ...],
        Field(min_length=1),
    ] = ("vix", "fed_funds", "fed_target_low", "fed_target_high", "us2y")
    """Which of its series are asked for."""
    key_file: SecretFile | None = None
    """The file that holds its API's key alone; without one, the table of its charts is read."""
    key_credential: Credential | None = None
    """The systemd credential that holds it, instead."""
    schedule: Schedule = "40 9,10,13,16,18 * * mon-fri"
    """When it is asked, besides at the start: a crontab line by New York's clock."""
    url: SourceUrl | None = None
    """Another address than its own."""


class FearGreedKeys(Keys):
    """Crypto fear & greed, of alternative.me."""

    schedule: Schedule = "20 */2 * * *"
    """When it is asked, besides at the start: a crontab line by New York's clock."""
    url: SourceUrl | None = None
    """Another address than its own."""


class KalshiKeys(Keys):
    """Odds of a rate cut at the next FOMC meeting, of the prediction market Kalshi."""

    series: Annotated[str, Field(min_length=1, max_length=64)] = "KXFEDDECISION"
    """Its series of decisions, an event a meeting, a market an outcome (H0, C25, C26, H25, H26)."""
    schedule: Schedule = "*/10 * * * *"
    """When it is asked, besides at the start: a crontab line by New York's clock."""
    url: SourceUrl | None = None
    """Another address than its own."""


class ContextKeys(Keys):
    """Slow series that rules may name and alerts show; each source is asked only if it is named."""

    fred: Annotated[FredKeys | None, OrEmpty] = None
    """vix, fed_funds, fed_target_low, fed_target_high, us2y; a key is of use, and not needed."""
    fear_greed: Annotated[FearGreedKeys | None, OrEmpty] = None
    """fear_greed; no key."""
    kalshi: Annotated[KalshiKeys | None, OrEmpty] = None
    """cut_odds; no key."""
