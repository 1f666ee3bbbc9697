"""The kinds of values in configuration: how each is written, and what is said if it is not.

Validators see the file's `Names` as their context.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError

from alerts.language import (
    LanguageError,
    compile_expression,
    compile_message,
    did_you_mean,
    parse_quantity,
)
from config.names import VENUES, Names
from streams.instrument import NS, Pair, Route
from streams.metric import CATALOGUE, Unit

DAY = 86400


def refused(message: str, remedy: str) -> PydanticCustomError:
    """The error of a value that is not as it should be."""
    return PydanticCustomError("refused", "{message}", {"message": message, "remedy": remedy})


def names(info: ValidationInfo) -> Names:
    """The context."""
    return cast("Names", info.context)


def _quantity(value: Any, unit: Unit) -> float:
    if not isinstance(value, str):
        what, example = ("duration", "30s") if unit == Unit.DURATION else ("percentage", "0.5%")
        raise refused(f"this must be a {what}", f"write it as {example}")
    try:
        return parse_quantity(value, unit)
    except LanguageError as error:
        raise _language(error) from None


def _language(error: LanguageError) -> PydanticCustomError:
    return PydanticCustomError("language", "{text}", {"text": str(error), "faults": error.faults})


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


def _known_instrument(value: str, info: ValidationInfo) -> str:
    known = names(info).instruments
    if value not in known:
        raise refused(f"unknown instrument '{value}'", did_you_mean(value, known))
    return value


KnownInstrument = Annotated[str, AfterValidator(_known_instrument)]


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


def _secret_file(value: Any, info: ValidationInfo) -> SecretStr:
    if not isinstance(value, str):
        raise refused("this must be the name of a file", "one that holds the secret alone")
    return _secret(names(info).folder / value)


def _credential(value: Any, info: ValidationInfo) -> SecretStr:
    folder = names(info).credentials
    if not isinstance(value, str) or "/" in value:
        raise refused("this must be a credential's name", "as in LoadCredential=name:path")
    if folder is None:
        remedy = "give LoadCredential= in the unit, or name a file instead of a credential"
        raise refused("systemd gave no credentials ($CREDENTIALS_DIRECTORY is not set)", remedy)
    return _secret(folder / value)


def _secret(path: Path) -> SecretStr:
    try:
        text = path.read_text("utf-8").strip()
    except FileNotFoundError:
        remedy = "write the secret into it, and let only the service read it (chmod 600)"
        raise refused(f"there is no file {path}", remedy) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise refused(f"{path} cannot be read: {reason}", "see to its owner and mode") from None
    if not text or not text.isprintable():
        what = "more than one line" if text else "nothing"
        raise refused(f"{path} holds {what}", "put the secret alone into it, on one line")
    return SecretStr(text)


SecretFile = Annotated[SecretStr, BeforeValidator(_secret_file)]
"""The content of a file, its name relative to the configuration's folder."""

Credential = Annotated[SecretStr, BeforeValidator(_credential)]
"""A credential given by systemd, by its name."""

_ANY_PAIR = Pair("ETH", "IWM")


def _pair(info: ValidationInfo) -> Pair:
    """A pair to check against: what is a fault for one pair is so for all."""
    return next(iter(names(info).pairs), _ANY_PAIR)


def _truth(value: str, info: ValidationInfo) -> str:
    try:
        compile_expression(value, _pair(info), names(info).instruments, truth=True)
    except LanguageError as error:
        raise _language(error) from None
    return value


Truth = Annotated[str, AfterValidator(_truth)]
"""An expression that is a yes or no."""


def _message(value: str, info: ValidationInfo) -> str:
    try:
        compile_message(value, _pair(info), names(info).instruments)
    except LanguageError as error:
        raise _language(error) from None
    return value


MessageText = Annotated[str, AfterValidator(_message)]

ALL = "all"


def _listed(value: Any) -> Any:
    """One name may stand without brackets."""
    return [value] if isinstance(value, str) else value


def _known_notifier(value: str, info: ValidationInfo) -> str:
    known = names(info).notifiers
    if value not in {*known, ALL}:
        raise refused(f"notifier '{value}' is not configured", did_you_mean(value, [*known, ALL]))
    return value


def _known_pair(value: str, info: ValidationInfo) -> str:
    known = [pair.name for pair in names(info).pairs]
    if value not in known:
        raise refused(f"unknown pair '{value}'", did_you_mean(value, known))
    return value


Notify = Annotated[
    tuple[Annotated[str, AfterValidator(_known_notifier)], ...], BeforeValidator(_listed)
]
"""Names of notifiers, or `all`."""

PairNames = Annotated[
    tuple[Annotated[str, AfterValidator(_known_pair)], ...], BeforeValidator(_listed)
]


def _nothing_is_empty(value: Any) -> Any:
    """`log:` alone is `log: {}`."""
    return {} if value is None else value


OrEmpty = BeforeValidator(_nothing_is_empty)
