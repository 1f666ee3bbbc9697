"""The kinds of values in configuration: how each is written, and what is said if it is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from alerts.language import LanguageError, did_you_mean, parse_quantity
from config.names import VENUES
from config.refusals import refused, refused_text
from streams.instrument import NS, Route
from streams.metric import CATALOGUE, Unit

DAY = 86400


def _quantity(value: Any, unit: Unit) -> float:
    if not isinstance(value, str):
        what, example = ("duration", "30s") if unit == Unit.DURATION else ("percentage", "0.5%")
        raise refused(f"this must be a {what}", f"write it as {example}")
    try:
        return parse_quantity(value, unit)
    except LanguageError as error:
        raise refused_text(error) from None


def _duration(low: float, high: float, bounds: str) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        seconds = _quantity(value, Unit.DURATION)
        if not low <= seconds <= high:
            raise refused(f"'{value}' is out of range", f"write {bounds}")
        return round(seconds * NS)

    return parse


Step = Annotated[int, BeforeValidator(_duration(0.1, 60, "from 0.1s to 60s"))]
Patience = Annotated[int, BeforeValidator(_duration(1, DAY, "from 1s to 1d"))]
Hold = Annotated[int, BeforeValidator(_duration(0, 30 * DAY, "from 0s to 30d"))]

NEVER = 0
_interval = _duration(1, 366 * DAY, "from 1s to 366d, or never")


def _repeat(value: Any) -> int:
    return NEVER if value == "never" else _interval(value)


RepeatInterval = Annotated[int, BeforeValidator(_repeat)]
"""Nanoseconds, or NEVER."""


def _fraction(value: Any) -> float:
    fraction = _quantity(value, Unit.FRACTION)
    if not 0 < fraction <= 1:
        raise refused(f"'{value}' is out of range", "write from 0.01% to 100%")
    return fraction


Fraction = Annotated[float, BeforeValidator(_fraction)]


def _slug(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", value):
        return value
    raise refused(f"'{value}' cannot be a name", "use letters, digits, '-' and '_', 64 at most")


Slug = Annotated[str, AfterValidator(_slug)]
"""Fit for topics, file names and identifiers."""


def _topic(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", value):
        return value
    raise refused(
        f"'{value}' cannot be a topic", "use words of letters and digits, with '/' between"
    )


Topic = Annotated[str, AfterValidator(_topic)]

_TAKEN = {"and", "or", "not", "pair", "abs", "min", "max", *CATALOGUE}


def _instrument_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,31}", value):
        raise refused(f"'{value}' cannot be an instrument's name", "use letters, digits and '_'")
    if value in _TAKEN:
        raise refused(f"'{value}' is a word of the rule language", "choose another name")
    return value


InstrumentName = Annotated[str, AfterValidator(_instrument_name)]
"""Fit for expressions."""


def _route(value: Any) -> Route:
    venue, _, symbol = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not venue.strip() or not symbol.strip():
        raise refused("a feed is a venue and its symbol", "write it as coinbase:ETH-USD")
    if venue not in VENUES:
        raise refused(f"unknown venue '{venue}'", did_you_mean(venue, VENUES))
    return Route(venue, symbol.strip())


FeedRoute = Annotated[Route, BeforeValidator(_route)]


def _url(value: str) -> str:
    if re.fullmatch(r"(wss?|https?)://[^\s/]+\S*", value):
        return value
    raise refused(f"'{value}' is not an address", "write it as wss://host/path")


Url = Annotated[str, AfterValidator(_url)]


def _nothing_is_empty(value: Any) -> Any:
    """`log:` alone is `log: {}`."""
    return {} if value is None else value


OrEmpty = BeforeValidator(_nothing_is_empty)
