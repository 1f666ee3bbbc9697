"""The kinds of values in configuration: how each is written, and what is said if it is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, PlainValidator

from alerts.language import RESERVED, LanguageError, did_you_mean, parse_quantity
from alerts.rule import Flapping
from config import forms
from config.names import VENUES
from config.rate import parse_rate
from config.refusals import refused, refused_text
from streams.instrument import NS, Route
from streams.metric import Unit

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
            raise refused(f"'{value.strip()}' is out of range", f"write {bounds}")
        return round(seconds * NS)

    return parse


Step = Annotated[int, BeforeValidator(_duration(0.1, 60, "from 0.1s to 60s")), forms.DURATION]
Patience = Annotated[int, BeforeValidator(_duration(1, DAY, "from 1s to 1d")), forms.DURATION]
Hold = Annotated[int, BeforeValidator(_duration(0, 30 * DAY, "from 0s to 30d")), forms.DURATION]
Keep = Annotated[
    int, BeforeValidator(_duration(DAY, 3660 * DAY, "from 1d to 3660d")), forms.DURATION
]
FewDays = Annotated[
    int, BeforeValidator(_duration(DAY, 20 * DAY, "from 1d to 20d")), forms.DURATION
]
FarBack = Annotated[
    int, BeforeValidator(_duration(30 * DAY, 3660 * DAY, "from 30d to 3660d")), forms.DURATION
]
MetricInterval = Annotated[int, BeforeValidator(_duration(0, DAY, "from 0s to 1d")), forms.DURATION]

NEVER = 0
_interval = _duration(1, 366 * DAY, "from 1s to 366d, or never")


def _repeat(value: Any) -> int:
    return NEVER if value == "never" else _interval(value)


RepeatInterval = Annotated[int, BeforeValidator(_repeat), forms.REPEAT]
"""Nanoseconds, or NEVER."""


FLAPPING = r"\s*([1-9][0-9]?)\s+in\s+(\S.*)"
"""How often in how long."""
_within = _duration(60, 7 * DAY, "from 1m to 7d")


def _flapping(value: Any) -> Any:
    if value == "never":
        return value
    found = re.fullmatch(FLAPPING, value) if isinstance(value, str) else None
    if found is None or int(found[1]) < 2:
        raise refused("this does not say how often in how long", "write it as 4 in 1h, or never")
    # Blanks in place of what stands before, so that faults are where they are in the whole.
    return Flapping(times=int(found[1]), within=_within(" " * found.start(2) + found[2]))


FlappingOrNever = Annotated[Flapping | Literal["never"], PlainValidator(_flapping), forms.FLAPPING]
"""`4 in 1h`: a rule that fires as often folds."""


def _rate(value: Any) -> float:
    if not isinstance(value, str):
        raise refused("this is not a rate", "write it as 1/month")
    try:
        return parse_rate(value)
    except LanguageError as error:
        raise refused_text(error) from None


Rate = Annotated[float, BeforeValidator(_rate), forms.RATE]
"""False alarms a regular session."""


def _fraction(value: Any) -> float:
    fraction = _quantity(value, Unit.FRACTION)
    if not 0 < fraction <= 1:
        raise refused(f"'{value}' is out of range", "write from 0.01% to 100%")
    return fraction


Fraction = Annotated[float, BeforeValidator(_fraction), forms.FRACTION]


_SLUG = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"


def _slug(value: str) -> str:
    if re.fullmatch(_SLUG, value):
        return value
    raise refused(f"'{value}' cannot be a name", "use letters, digits, '-' and '_', 64 at most")


Slug = Annotated[str, AfterValidator(_slug), forms.text(f"^{_SLUG}$")]
"""Fit for topics, file names and identifiers."""


_TOPIC = r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*"


def _topic(value: str) -> str:
    if re.fullmatch(_TOPIC, value):
        return value
    raise refused(
        f"'{value}' cannot be a topic", "use words of letters and digits, with '/' between"
    )


Topic = Annotated[str, AfterValidator(_topic), forms.text(f"^{_TOPIC}$")]


_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,31}"


def _instrument_name(value: str) -> str:
    if not re.fullmatch(_NAME, value):
        raise refused(f"'{value}' cannot be an instrument's name", "use letters, digits and '_'")
    if value in RESERVED:
        raise refused(f"'{value}' is a word of the rule language", "choose another name")
    return value


InstrumentName = Annotated[str, AfterValidator(_instrument_name), forms.text(f"^{_NAME}$")]
"""Fit for expressions."""


def _route(value: Any) -> Route:
    venue, _, symbol = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not venue.strip() or not symbol.strip():
        raise refused("a feed is a venue and its symbol", "write it as coinbase:ETH-USD")
    if venue not in VENUES:
        raise refused(f"unknown venue '{venue}'", did_you_mean(venue, VENUES))
    return Route(venue, symbol.strip())


FeedRoute = Annotated[
    Route,
    BeforeValidator(_route),
    forms.text(rf"^({'|'.join(VENUES)}):\s*\S.*$", "coinbase:ETH-USD"),
]


_URL = r"(wss?|https?)://[^\s/]+\S*"


def _url(value: str) -> str:
    if re.fullmatch(_URL, value):
        return value
    raise refused("this is not an address", "write it as wss://host/path")


Url = Annotated[str, AfterValidator(_url), forms.text(f"^{_URL}$")]
